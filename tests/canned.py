"""A transport that answers from a file: whole crawls that depend on the very bytes of their answers."""

import json
from pathlib import Path

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes


class Canned(BaseDownloadHandler):
    """Answers each URL, without its query, with what the file CANNED says, and notes what it was asked.

    The file maps a URL to a list of answers {status, headers, body}; the last is given again and again. What is not in
    it has status 599.
    """

    lazy = True

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        self._file = Path(crawler.settings["CANNED"])
        self._answers = json.loads(self._file.read_text("utf-8"))

    async def download_request(self, request: Request) -> Response:
        headers = {name.decode(): values[0].decode() for name, values in request.headers.items()}
        with self._file.with_suffix(".seen").open("a", encoding="utf-8") as log:
            log.write(json.dumps({"url": request.url, "headers": headers}) + "\n")
        left = self._answers.get(request.url.partition("?")[0], [{"status": 599}])
        answer = left.pop(0) if len(left) > 1 else left[0]
        body, request.meta["download_latency"] = answer.get("body", "").encode(), 0.0
        given = Headers(answer.get("headers", {}))
        kind = responsetypes.from_args(headers=given, url=request.url, body=body)
        return kind(request.url, status=answer.get("status", 200), headers=given, body=body)

    async def close(self) -> None:
        pass
