"""Requests that are not ours: a plain spider of the user and Scrapy's own tools work as Scrapy's users expect."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.crawling import ROOT
from tests.simulator import World

WORLD = World(seed=1, creators=1, videos=2)
SPIDER = """
import json
from pathlib import Path

import scrapy

class PlainSpider(scrapy.Spider):
    name = "plain"

    async def start(self):
        for path in ("/moved", "/missing", "/busy", "/set", "/set"):
            yield scrapy.Request(self.url + path, self.parse)

    def parse(self, response):
        seen = {"path": response.url.removeprefix(self.url), "status": response.status, "agent": response.text}
        with Path(self.out).open("a") as file:
            file.write(json.dumps(seen) + "\\n")
        if response.url.endswith("/set"):
            yield response.follow("/cookie", self.parse)
"""


class Site(ThreadingHTTPServer):
    """A site over plain HTTP that redirects, fails once, sets a cookie, and shows what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.asked: list[tuple[str, dict[str, str]]] = []


class Page(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        is_first = self.path not in [path for path, _ in self.server.asked]
        self.server.asked.append((self.path, headers))
        statuses = {"/moved": 302, "/missing": 404, "/busy": 503 if is_first else 200}
        self.send_response(statuses.get(self.path, 200))
        if self.path == "/moved":
            self.send_header("Location", "/arrived")
        if self.path == "/set":
            self.send_header("Set-Cookie", "seen=1")
        self.end_headers()
        self.wfile.write(headers.get("user-agent", "").encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    server = Site()
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


@pytest.fixture(scope="module")
def items(site: Site, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    folder = tmp_path_factory.mktemp("plain")
    (folder / "plain.py").write_text(SPIDER)
    url, feed = f"http://127.0.0.1:{site.server_port}", folder / "out.jsonl"
    words = [
        "runspider",
        str(folder / "plain.py"),
        "-a",
        f"url={url}",
        "-a",
        f"out={feed}",
        "-s",
        f"STATE_DIR={folder}",
    ]
    # Scrapy's cookie middleware asks for the public-suffix list over the network; without it, it uses its own copy.
    environ = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environ |= {"https_proxy": "http://127.0.0.1:9", "no_proxy": "127.0.0.1"}
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", *words], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0 and "spider_exceptions" not in done.stderr, done.stderr
    return [json.loads(line) for line in feed.read_text().splitlines()]


def test_a_plain_spider_gets_what_scrapys_users_expect(site: Site, items: list[dict[str, object]]) -> None:
    assert sorted(str(item["path"]) for item in items) == ["/arrived", "/busy", "/cookie", "/set"]
    assert {item["status"] for item in items} == {200}, "a redirect is followed, 503 is tried again, 404 is left out"
    assert all(str(item["agent"]).startswith("Scrapy/") for item in items)


def test_its_cookies_are_kept_and_equal_requests_are_sent_once(site: Site, items: list[dict[str, object]]) -> None:
    assert items
    paths = [path for path, _ in site.asked]
    assert (paths.count("/set"), paths.count("/busy")) == (1, 2)
    assert dict(site.asked)["/cookie"]["cookie"] == "seen=1"
    assert dict(site.asked)["/cookie"]["referer"].endswith("/set")
