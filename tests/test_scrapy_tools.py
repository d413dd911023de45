"""Scrapy's own commands and a spider of the user's work in this project as in any other, and leave ours alone."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from scrapy.commands import view
from scrapy.settings import Settings

from scraper.platform.registry import platforms_of
from tests import in_process
from tests.crawling import ROOT, crawl
from tests.in_process import Result
from tests.simulator import World

WORLD = World(seed=1, creators=1, videos=3)
LINK = f"https://www.bilibili.com/video/{WORLD.video(0, 0).bvid}"
PARTS = ("fetch", "view", "shell", "parse")
FOREIGN = '''
from dataclasses import dataclass

import scrapy


class Title(scrapy.Item):
    text = scrapy.Field()


@dataclass
class Count:
    number: int


class ForeignSpider(scrapy.Spider):
    name = "foreign"
    platforms = ["television"]  # a name that spiders of the project use as well
    custom_settings = {"ROBOTSTXT_OBEY": True, "USER_AGENT": "foreign/1.0", "RETRY_TIMES": 1}

    async def start(self):
        # the first one only: of those that wait for its robots.txt, Scrapy 2.19 forbids none
        for path in ("/private", "/moved", "/busy", "/set", "/missing"):
            yield scrapy.Request(self.site + path, self.parse, errback=self.failed)

    def parse(self, response):
        """Read a page.

        @url SITE/page
        @returns items 1 3
        """
        path = "/" + response.url.split("/", 3)[3]
        yield {"path": path, "text": "Ünï\\u2028code"}
        yield Title(text=path)
        yield Count(number=len(path))
        if path == "/set":
            yield scrapy.FormRequest(response.urljoin("/form"), formdata={"a": "1"}, callback=self.parse)

    def failed(self, failure):
        response = getattr(failure.value, "response", None)
        yield {"failed": type(failure.value).__name__, "status": response.status if response else None}
'''


class Site(ThreadingHTTPServer):
    """A site over plain HTTP; it keeps what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.seen: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.seen]

    def headers(self, path: str) -> dict[str, str]:
        return next(headers for seen, headers, _ in self.seen if seen == path)


class Page(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        is_first = self.path not in self.server.paths()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        statuses = {"/moved": 302, "/missing": 404, "/busy": 503 if is_first else 200}
        self.send_response(statuses.get(self.path, 200))
        if self.path == "/moved":
            self.send_header("Location", "/arrived")
        if self.path == "/set":
            self.send_header("Set-Cookie", "seen=1")
        text = "User-agent: *\nDisallow: /private\n" if self.path == "/robots.txt" else "<title>A page</title>"
        self.send_header("Content-Type", "text/plain" if self.path == "/robots.txt" else "text/html")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def foreign(tmp_path: Path, site: Site) -> Path:
    """A package of spiders besides ours: `SPIDER_MODULES` names both."""
    package = tmp_path / "theirs"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "foreign.py").write_text(FOREIGN.replace("SITE", site.url), "utf-8")
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    own = {"CONFIG_DIR": f"{folder}/config", "OUTPUT_DIR": f"{folder}/output", "STATE_DIR": f"{folder}/state"}
    # Scrapy's cookie middleware asks for the public-suffix list over the network; without it, it uses its own copy.
    return {**kept, **own, "PYTHONPATH": str(folder), "https_proxy": "http://127.0.0.1:9", "no_proxy": "127.0.0.1"}


def run(folder: Path, *words: str) -> Result:
    """Run a command in this process, where the user's package of spiders is known."""
    named = ("-s", "SPIDER_MODULES=spiders,theirs")
    return in_process.run([*words, *named], env=environment(folder))


def run_process(folder: Path, *words: str) -> Result:
    """Run a command in a process of its own: with Twisted's reactor, as a user does."""
    command = [sys.executable, "-m", "scrapy", *words, "-s", "SPIDER_MODULES=spiders,theirs"]
    env = environment(folder)
    env["PYTHONPATH"] = os.pathsep.join((str(folder), str(ROOT)))
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    return Result(done.returncode, done.stdout, done.stderr)


def test_a_spider_of_the_users_crawls_as_in_any_project(foreign: Path, site: Site) -> None:
    words = ("-a", f"site={site.url}", "-O", f"{foreign}/out.jsonl", "-O", f"{foreign}/out.json")
    done = run_process(foreign, "crawl", "foreign", *words)
    # Scrapy's cookie middleware asks for the public-suffix list, which no test machine can reach, and logs why not.
    assert done.code == 0 and "[scrapy.core.scraper] ERROR" not in done.err and "'log_count/ERROR'" not in done.err, (
        done.err
    )
    items: list[dict[str, Any]] = [
        json.loads(line) for line in (foreign / "out.jsonl").read_text("utf-8").split("\n") if line
    ]
    read = sorted(each["path"] for each in items if "path" in each)
    assert read == ["/arrived", "/busy", "/form", "/set"]
    assert sorted(each["text"] for each in items if "path" not in each and "text" in each) == read
    assert sorted(each["number"] for each in items if "number" in each) == sorted(map(len, read))
    assert {each["text"] for each in items if "path" in each} == {"Ünï\u2028code"}
    failed = {(each["failed"], each["status"]) for each in items if "failed" in each}
    assert failed == {("HttpError", 404), ("IgnoreRequest", None)}
    same = json.loads((foreign / "out.json").read_text("utf-8"))
    assert sorted(map(str, same)) == sorted(map(str, items))
    assert f"'item_scraped_count': {len(items)}" in done.err

    assert site.paths().count("/busy") == 2 and "/private" not in site.paths()
    assert site.headers("/form")["cookie"] == "seen=1" and site.headers("/form")["referer"].endswith("/set")
    assert {headers["user-agent"] for _, headers, _ in site.seen} == {"foreign/1.0"}
    assert [body for path, _, body in site.seen if path == "/form"] == [b"a=1"]


def test_its_items_can_be_a_table(foreign: Path, site: Site) -> None:
    done = run(
        foreign,
        "crawl",
        "foreign",
        "-a",
        f"site={site.url}",
        "-O",
        f"{foreign}/out.csv",
        "-s",
        "FEED_EXPORT_FIELDS=path",
    )
    rows = list(csv.DictReader(io.StringIO((foreign / "out.csv").read_text("utf-8"))))
    assert done.code == 0 and {row["path"] for row in rows} >= {"/arrived", "/form"}


@pytest.mark.parametrize(
    "words, shown",
    [
        (("fetch", "--nolog", "SITE/page"), "A page"),
        (("fetch", "--nolog", "--headers", "SITE/moved"), "< "),
        (("fetch", "--nolog", "--spider=foreign", "SITE/page"), "A page"),
        (("shell", "--nolog", "SITE/page", "-c", "response.css('title::text').get()"), "A page"),
        (("parse", "--nolog", "--spider=foreign", "SITE/page"), "'path': '/page'"),
    ],
)
def test_tools_on_a_foreign_site(foreign: Path, site: Site, words: tuple[str, ...], shown: str) -> None:
    done = run_process(foreign, *(word.replace("SITE", site.url) for word in words))
    assert done.code == 0 and shown in done.out and "Traceback" not in done.err, done.err


def test_view_opens_the_page_in_the_browser(foreign: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(view, "open_in_browser", lambda response: opened.append(response.text))
    done = run(foreign, "view", f"{site.url}/page")
    assert done.code == 0 and opened == ["<title>A page</title>"]


def test_the_shell_on_a_platforms_page() -> None:
    done = crawl(command=("shell", "--nolog", LINK, "-c", "response.url"), feed=None, world=WORLD, process=True)
    assert done.code == 0 and LINK in done.out, "plain requests go over https as well"


@pytest.mark.parametrize(
    "tool, name",
    [("fetch", "bilibili"), ("view", "tiktok"), ("shell", "douyin"), ("parse", "bilibili"), ("parse", "hybrid")],
)
def test_a_tool_with_a_spider_of_ours_says_what_to_do(tool: str, name: str) -> None:
    done = crawl(command=(tool, f"--spider={name}", LINK), feed=None, world=WORLD)
    assert done.code == 2 and f"scrapy crawl {name} -a url={LINK}" in done.out + done.err
    assert not done.requests


@pytest.mark.parametrize("tool", PARTS)
def test_a_tool_with_a_spider_that_there_is_none_of(tool: str, tmp_path: Path) -> None:
    done = in_process.run([tool, "--spider=nobody", LINK], env=environment(tmp_path))
    assert done.code == 2 and "unknown spider nobody" in done.out + done.err and "Traceback" not in done.err


def test_it_is_listed_and_checked_and_run_from_its_file(foreign: Path, site: Site) -> None:
    assert run(foreign, "list").out.split() == ["bilibili", "douyin", "foreign", "hybrid", "tiktok"]
    checked = run_process(foreign, "check")  # it replaces `start` of every spider class
    assert checked.code == 0 and "Ran 1 contract" in checked.err, checked.err
    assert "/page" in site.paths()
    file = str(foreign / "theirs" / "foreign.py")
    ran = run(foreign, "runspider", file, "-a", f"site={site.url}", "-O", f"{foreign}/run.jsonl")
    assert ran.code == 0 and "/arrived" in (foreign / "run.jsonl").read_text("utf-8"), ran.err


def test_genspider_puts_a_new_one_where_spiders_are(tmp_path: Path) -> None:
    package = tmp_path / "drafts"
    package.mkdir()
    (package / "__init__.py").touch()
    words = ["genspider", "fresh", "example.com", "-s", "NEWSPIDER_MODULE=drafts"]
    done = in_process.run(words, env=environment(tmp_path))
    assert done.code == 0 and "class FreshSpider(scrapy.Spider)" in (package / "fresh.py").read_text()
    default = in_process.run(["settings", "--get", "NEWSPIDER_MODULE"], env=environment(tmp_path))
    assert default.out.strip() == "spiders"


def test_it_is_no_part_of_ours(foreign: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(foreign))
    settings = Settings({"SPIDER_MODULES": ["spiders", "theirs"]})
    assert [each.name for each in platforms_of(settings)] == ["bilibili", "douyin", "tiktok"]
    ours = run(foreign, "routes", "--json")
    assert ours.code == 0 and "foreign" not in ours.out and "television" not in ours.out
    resolved = run(foreign, "resolve", LINK)
    assert resolved.code == 0 and "foreign" not in resolved.out


@pytest.mark.parametrize("name", ["bilibili", "hybrid"])
def test_our_crawls_go_on_beside_it(foreign: Path, name: str) -> None:
    settings = {"SPIDER_MODULES": "spiders,theirs"}
    done = crawl(
        f"url={LINK}", command=("crawl", name), world=WORLD, settings=settings, env={"PYTHONPATH": str(foreign)}
    )
    assert (done.code, done.codes) == (0, [200]), done.err
