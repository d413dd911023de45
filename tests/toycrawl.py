"""Whole crawls of the platform of no site, by the real engine, with answers from a script."""

import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from scraper.crawling.spider import PlatformSpider
from tests import in_process
from tests.toys import API, PLATFORM


class ToySpider(PlatformSpider):
    name = "toy"
    platforms = (PLATFORM,)


class Scripted(BaseDownloadHandler):
    """Answers each request by its path, query and form with what the script says; one that it does not know has 599.

    The script maps `path?query form` to an answer, or to a list of them, the last of which is given again and again.
    """

    lazy = True

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        self._folder = Path(crawler.settings["SCRIPT"])
        self._answers = json.loads((self._folder / "script.json").read_text("utf-8"))
        self._came: Counter[str] = Counter()

    async def download_request(self, request: Request) -> Response:
        asked = f"{request.url.removeprefix(API)} {request.body.decode()}".strip()
        with (self._folder / "asked.txt").open("a", encoding="utf-8") as log:
            log.write(asked + "\n")
        answers = self._answers.get(asked)
        answers = answers if isinstance(answers, list) else [answers]
        answer = answers[min(self._came[asked], len(answers) - 1)]
        self._came[asked] += 1
        request.meta["download_latency"] = 0.0
        body = answer if isinstance(answer, str) else json.dumps(answer)
        return Response(request.url, status=599 if answer is None else 200, body=body.encode())

    async def close(self) -> None:
        pass


class Crawl:
    """What came of a crawl.

    :ivar asked: the requests, in order
    :ivar lists: the lines that tell how each list ended
    """

    def __init__(self, folder: Path, script: dict[str, Any], *words: str, **environment: str):
        service = folder / "config" / PLATFORM.service.name
        service.mkdir(parents=True)
        (service / "config.yaml").write_text("pace: {delay_s: 0, concurrency: 4}\n", "utf-8")
        (folder / "script.json").write_text(json.dumps(script), "utf-8")
        settings = {
            "CONFIG_DIR": folder / "config",
            "STATE_DIR": folder / "state",
            "OUTPUT_DIR": folder / "output",
            "SCRIPT": folder,
            "TRANSPORTS": {"direct": "tests.toycrawl.Scripted"},
            "SPIDER_MODULES": ["tests.toycrawl"],
            "FEEDS": {folder / "out.jsonl": {"format": "jsonlines"}},
            "RETRY_TIMES": 1,
        }
        given = [part for word in words for part in ("-a", word)]
        done = in_process.run(["crawl", "toy", *given], env={**os.environ, **environment}, settings=settings)
        assert "Traceback" not in done.err, done.err
        self.log = done.err
        self.envelopes = _lines(folder / "out.jsonl")
        self.asked = (folder / "asked.txt").read_text("utf-8").splitlines()
        (report,) = (folder / "output").glob("*/*.run.json")
        self.report = json.loads(report.read_text("utf-8"))
        self.listings = self.report["lists"]["rows"]
        summaries = [line for line in done.err.splitlines() if ": declared " in line]
        self.lists = [re.split("INFO: |WARNING: ", line)[-1] for line in summaries]

    @property
    def values(self) -> list[str]:
        return [
            envelope["data"]["value"]
            for envelope in self.envelopes
            if envelope["code"] == 200 and "value" in envelope["data"]
        ]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the records of a type."""
        records = [envelope["data"] for envelope in self.envelopes if envelope["code"] == 200]
        return [record for record in records if record["meta"]["record_type"] == kind]

    @property
    def errors(self) -> list[tuple[str, str]]:
        failed = [envelope["data"]["error"] for envelope in self.envelopes if envelope["code"] != 200]
        return [(error["name"], error["message"]) for error in failed]


def _lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
