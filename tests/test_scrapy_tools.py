"""Scrapy's own commands and a spider of the user's work in this project as in any other, and leave ours alone."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
from ast import literal_eval
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from scrapy.commands import view
from scrapy.settings import Settings

from scraper.platform.registry import platforms_of
from tests import in_process
from tests.crawling import ROOT, Crawl, crawl
from tests.in_process import Result
from tests.simulator import Fault, World

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
        return next(headers for requested, headers, _ in self.seen if requested == path)


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
    read = sorted(item["path"] for item in items if "path" in item)
    assert read == ["/arrived", "/busy", "/form", "/set"]
    assert sorted(item["text"] for item in items if "path" not in item and "text" in item) == read
    assert sorted(item["number"] for item in items if "number" in item) == sorted(map(len, read))
    assert {item["text"] for item in items if "path" in item} == {"Ünï\u2028code"}
    failed = {(item["failed"], item["status"]) for item in items if "failed" in item}
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
    "start, words, shown",
    [
        (run_process, ("fetch", "--nolog", "SITE/page"), "A page"),
        (run, ("fetch", "--nolog", "--headers", "SITE/moved"), "< "),
        (run, ("fetch", "--nolog", "--spider=foreign", "SITE/page"), "A page"),
        (run_process, ("shell", "--nolog", "SITE/page", "-c", "response.css('title::text').get()"), "A page"),
        (run, ("parse", "--nolog", "--spider=foreign", "SITE/page"), "'path': '/page'"),
    ],
)
def test_tools_on_a_foreign_site(
    foreign: Path, site: Site, start: Callable[..., Result], words: tuple[str, ...], shown: str
) -> None:
    done = start(foreign, *(word.replace("SITE", site.url) for word in words))
    assert done.code == 0 and shown in done.out and "Traceback" not in done.err, done.err


def test_view_opens_the_page_in_the_browser(foreign: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(view, "open_in_browser", lambda response: opened.append(response.text))
    done = run(foreign, "view", f"{site.url}/page")
    assert done.code == 0 and opened == ["<title>A page</title>"]


COOKIE = "SESSDATA=secret-of-the-shell%2C1; buvid3=one"
FETCH_AGAIN = "(response.url, fetch(request.url) or [response.status, request.meta['dispatch'].identity])"


@pytest.mark.parametrize("option", [(), ("--spider=bilibili",), ("--spider=hybrid",)])
def test_the_shell_sends_a_url_as_the_platforms_identity(option: tuple[str, ...]) -> None:
    """Without `--spider` as well: one spider handles the host."""
    words = ("shell", "--nolog", *option, LINK, "-c", FETCH_AGAIN)
    done = crawl(command=words, feed=None, world=WORLD, process=True, config=f'cookie: "{COOKIE}"')
    assert (done.code, done.out.strip()) == (0, str((LINK, [200, "default"]))), done.err
    pages = done.asked(f"/video/{WORLD.video(0, 0).bvid}")
    assert len(pages) == 2 and {page.cookies.get("buvid3") for page in pages} == {"one"}


@pytest.mark.parametrize("tool", ["fetch", "view"])
def test_a_url_is_sent_as_the_platforms_identity(tool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(view, "open_in_browser", lambda response: opened.append(response.text))
    done = crawl(
        command=(tool, "--spider=bilibili", LINK), feed=None, world=WORLD, config=f'cookie: "{COOKIE}"', may_raise=False
    )
    (page,) = done.asked(f"/video/{WORLD.video(0, 0).bvid}")
    assert done.code == 0 and page.cookies.get("buvid3") == "one" and "<html" in (done.out + "".join(opened)).lower()
    assert "secret-of-the-shell" not in done.out + done.err


def parsed(*words: str, **more: Any) -> tuple[list[dict[str, Any]], list[str], Crawl]:
    """Return the items and the URLs of the requests that `scrapy parse` prints."""
    done = crawl(command=("parse", "--nolog", *words), feed=None, world=WORLD, **more)
    items, requests = done.out.partition("# Scraped Items")[2].split("# Requests")
    records = literal_eval(items.partition("\n")[2])
    return records, re.findall(r"<(?:GET|POST) ([^>]+)>", requests), done


@pytest.mark.parametrize("name", ["bilibili", "hybrid", None])
def test_parse_shows_the_records_of_a_link(name: str | None) -> None:
    records, requests, done = parsed(*([f"--spider={name}"] if name else []), LINK)
    router = "/api/hybrid/video_data" if name == "hybrid" else "/api/bilibili/web/fetch_one_video"
    assert [(item["code"], item["router"]) for item in records] == [(200, router)] and not requests, done.err
    assert records[0]["data"]["video_id"] == WORLD.video(0, 0).bvid and records[0]["data"]["video_data"]["streams"]
    assert done.code == 0 and all(file.startswith("config/") for file in done.files), "nothing is recorded"


def test_parse_goes_as_deep_as_it_is_asked() -> None:
    creator = WORLD.creator(0)
    space = f"https://space.bilibili.com/{creator.mid}"
    world = ("--spider=bilibili", "-a", "with=comments", "-a", "count=1", "-a", "max_pages=2")
    first, requests, _ = parsed(*world, space)
    ids = [WORLD.video(0, place).bvid for place in range(3)]
    assert [item["data"]["meta"]["record_type"] for item in first] == ["video"]
    assert {True, False} == {"/reply/" in url for url in requests}, "the next page, and the comments of the first video"
    deeper, _, _ = parsed(*world, "--depth=2", space)
    types = {item["data"]["meta"]["record_type"] for item in deeper}
    videos = {item["data"]["video_id"] for item in deeper if item["data"]["meta"]["record_type"] == "video"}
    assert types >= {"video", "comment"} and len(videos) == 2 and videos < set(ids)


def test_parse_shows_failures_and_has_the_exit_code_of_a_crawl() -> None:
    records, requests, done = parsed("--spider=bilibili", "https://www.bilibili.com/video/BV1xx411c7mD")
    assert [item["code"] for item in records] == [404] and not requests and done.code == 0
    records, _, done = parsed("--spider=bilibili", "https://www.bilibili.com/audio/am1")
    assert [item["code"] for item in records] == [400] and done.code == 2 and not done.requests
    fault = Fault(host="api.bilibili.com", do="reset")
    records, _, done = parsed("--spider=bilibili", LINK, faults=[fault], settings={"RETRY_TIMES": 1})
    assert [item["code"] for item in records] == [502] and done.code == 3, "what an errback yields is shown too"


def test_parse_with_pipelines_and_a_feed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/crawl.db"
    words = ("--spider=bilibili", "--pipelines", LINK)
    _, _, done = parsed(*words, settings={"DATABASE_URL": url})
    with closing(sqlite3.connect(tmp_path / "crawl.db")) as database:
        assert [*database.execute("select video_id from video")] == [(WORLD.video(0, 0).bvid,)], done.err
    parsed("--spider=bilibili", "-o", f"{tmp_path}/out.jsonl", LINK)
    assert [json.loads(line)["code"] for line in (tmp_path / "out.jsonl").read_text().splitlines()] == [200]


@pytest.mark.parametrize(
    "words, says",
    [
        (("--spider=bilibili", "-c", "nobody", LINK), "bilibili has no callback nobody"),
        (("--spider=bilibili", "-a", "tempo=1", LINK), "unknown argument tempo"),
        (("https://www.youtube.com/watch",), "no spider handles www.youtube.com"),
    ],
)
def test_parse_refuses_what_it_cannot_do(words: tuple[str, ...], says: str) -> None:
    done = crawl(command=("parse", *words), feed=None, world=WORLD)
    assert done.code == 2 and says in done.out + done.err and not done.requests


CHILD = """
from spiders.bilibili.spider import BilibiliSpider


class Child(BilibiliSpider):
    name = "child"

    def parse_size(self, response, unit="bytes"):
        yield {"path": response.url.partition("?")[0], "unit": unit, "size": len(response.body)}
"""


def test_parse_with_a_callback_of_the_users(tmp_path: Path) -> None:
    """As somebody who extends one of our spiders tries it."""
    package = tmp_path / "extended"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "child.py").write_text(CHILD)
    words = ("--spider=child", "-c", "parse_size", "--cbkwargs", '{"unit": "octets"}', LINK)
    more = {"settings": {"SPIDER_MODULES": "extended"}, "env": {"PYTHONPATH": str(tmp_path)}}
    records, _, done = parsed(*words, **more)
    assert [(item["unit"], item["size"] > 1000) for item in records] == [("octets", True)], done.err


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
    assert [platform.name for platform in platforms_of(settings)] == ["bilibili", "douyin", "tiktok"]
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
