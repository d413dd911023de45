"""Crawls with the handshake of a browser: the same envelopes and outcomes, and another client on the wire."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from tests.crawling import Crawl, crawl, together
from tests.simulator import Fault, World
from tests.tap import Hello, Tap

WORLD = World(seed=1, creators=3, videos=60)
ONE = f"url={WORLD.video(0, 0).bvid}"
EACH = [
    f"url={WORLD.video(0, 0).bvid} https://space.bilibili.com/{WORLD.creator(0).mid} "
    f"https://b23.tv/{WORLD.special['b23_video']}",
    "with=comments",
]
VIEW = "/x/web-interface/view"
ON = "impersonate: true\n"
LOGIN = f'cookie: "{WORLD.login_cookie}"\n'
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:154.0) Gecko/20100101 Firefox/154.0"
MISSING = """
import sys


class Without:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == {name!r}:
            raise ModuleNotFoundError("No module named " + name, name=name)


sys.meta_path.insert(0, Without())
"""
# What the view of a video answers, further settings, and the outcome, how often it is asked for, and what is said.
FAULTS: dict[str, tuple[dict[str, Any], dict[str, Any], str, int, str]] = {
    "reset": ({"do": "reset"}, {}, "UPSTREAM", 3, "the connection broke"),
    "truncated": ({"do": "truncate"}, {}, "UPSTREAM", 3, "truncated"),
    "late": ({"do": "slow", "delay": 60}, {"DOWNLOAD_TIMEOUT": 1}, "UPSTREAM", 3, "in time"),
    "large": ({"do": "html", "body": "x" * 40_000}, {"DOWNLOAD_MAXSIZE": 30_000}, "UPSTREAM_CHANGED", 1, "larger than"),
    "redirect": ({"do": "redirect", "location": "https://ads.example.com/"}, {}, "UPSTREAM_CHANGED", 1, "302"),
}


@pytest.fixture(scope="module")
def hellos() -> dict[str, list[Hello]]:
    """How the connections of a crawl began, which the fixture `crawls` runs."""
    return {}


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory, hellos: dict[str, list[Hello]]) -> dict[str, Crawl]:
    def tapped(name: str, config: str) -> Crawl:
        with Tap() as tap:
            one_by_one = {"delay_s": 0, "concurrency": 1}
            proxy = f"proxy: http://127.0.0.1:{tap.port}\n"
            done = crawl(*EACH, world=WORLD, config=config + proxy, pace=one_by_one, meanwhile=tap.before)
        hellos[name] = tap.hellos
        return done

    def faulty(fault: dict[str, Any], more: dict[str, Any]) -> Crawl:
        settings = {"RETRY_TIMES": 2, "LOG_LEVEL": "DEBUG", **more}
        return crawl(ONE, world=WORLD, config=ON, settings=settings, faults=[Fault(path=VIEW, **fault)])

    def without(package: str, config: str = ON, **more: Any) -> Crawl:
        folder = tmp_path_factory.mktemp("without")
        (folder / "sitecustomize.py").write_text(MISSING.format(name=package))
        return crawl(ONE, world=WORLD, config=config, env={"PYTHONPATH": str(folder)}, process=True, **more)

    return together(
        plain=lambda: tapped("plain", LOGIN),
        chrome=lambda: tapped("chrome", ON + LOGIN),
        firefox=lambda: tapped("firefox", f"{ON}user_agent: '{FIREFOX}'\n"),
        packed=lambda: crawl(ONE, world=WORLD, config=ON, gzip=True),
        no_ca=lambda: crawl(ONE, world=WORLD, config=ON + LOGIN, env={"SSL_CERT_FILE": None}),
        no_proxy=lambda: crawl(
            ONE, world=WORLD, config=ON + "proxy: 'http://me:hunter2@127.0.0.1:1'\n", settings={"LOG_LEVEL": "DEBUG"}
        ),
        no_curl=lambda: without("curl_cffi"),
        no_handler=lambda: without("scrapy_download_handlers_incubator"),
        plain_alone=lambda: without("curl_cffi", config=""),
        no_browser=lambda: without("playwright"),
        **{name: lambda row=row: faulty(row[0], row[1]) for name, row in FAULTS.items()},
    )


def compared(crawl: Crawl) -> list[str]:
    """The envelopes without what differs from run to run, sorted, since more than one connection was asked."""
    passing = ("fetched_at", "run_id", "seen_time")
    parts = [part for envelope in crawl.envelopes for part in (envelope["data"], envelope["data"]["meta"])]
    assert all(part.pop(name) for part in parts for name in passing if name in part)
    return sorted(re.sub(r"\b\d{10}\b", steady, json.dumps(envelope, sort_keys=True)) for envelope in crawl.envelopes)


def steady(match: re.Match[str]) -> str:
    """The same for each moment of these days, such as when an address expires."""
    return "soon" if abs(int(match[0]) - time.time()) < 3 * 86_400 else match[0]


def test_the_envelopes_are_the_same(crawls: dict[str, Crawl]) -> None:
    plain, chrome = crawls["plain"], crawls["chrome"]
    assert plain.code == chrome.code and len(chrome.records) > 60
    assert compared(plain) == compared(chrome)
    assert crawls["packed"].codes == [200] and crawls["packed"].code == 0


def sent(crawl: Crawl) -> list[tuple[object, ...]]:
    """What was asked, and the headers but client hints, with the names of the cookies, sorted."""
    requests = []
    for request in crawl.requests:
        headers = {name: value for name, value in request.headers.items() if not name.startswith("sec-ch-ua")}
        headers |= {"cookie": sorted(request.cookies)}
        requests.append((request.host, request.path, sorted(request.query.keys()), sorted(headers.items())))
    return sorted(requests, key=str)


def test_headers_and_cookies_are_the_same(crawls: dict[str, Crawl]) -> None:
    assert sent(crawls["plain"]) == sent(crawls["chrome"])
    platforms = {request.headers["sec-ch-ua-platform"] for request in crawls["chrome"].requests}
    assert platforms == {'"Windows"'}, "as the user agent says"
    assert not any(name.startswith("sec-") for request in crawls["firefox"].requests for name in request.headers)
    hosts = {(request.host, request.cookies.get("SESSDATA")) for request in crawls["chrome"].requests}
    assert hosts == {("api.bilibili.com", WORLD.sessdata), ("b23.tv", None)}


def test_the_handshake_is_that_of_the_browser(crawls: dict[str, Crawl], hellos: dict[str, list[Hello]]) -> None:
    plain, chrome, firefox = (hellos[name][0] for name in ("plain", "chrome", "firefox"))
    assert plain.protocols == []
    assert chrome.protocols == firefox.protocols == [b"h2", b"http/1.1"]
    assert (plain.greased, chrome.greased, firefox.greased) == (False, True, False)
    assert chrome.ciphers[:3] == [0x1301, 0x1302, 0x1303] and firefox.ciphers[:3] == [0x1301, 0x1303, 0x1302]
    compression, record_size = 27, 28
    assert {compression, record_size} & chrome.extensions.keys() == {compression}
    assert {compression, record_size} & firefox.extensions.keys() == {compression, record_size}
    assert not {compression, record_size} & plain.extensions.keys()
    assert {request.headers["user-agent"] for request in crawls["firefox"].requests} == {FIREFOX}


def test_connections_are_kept(crawls: dict[str, Crawl], hellos: dict[str, list[Hello]]) -> None:
    assert len(crawls["chrome"].requests) > 20
    assert len(hellos["chrome"]) == len(hellos["plain"]) == 2, "one for each host"


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_called_what_it_is(crawls: dict[str, Crawl], name: str) -> None:
    _, _, outcome, sends, message = FAULTS[name]
    error = crawls[name].only()["data"]["error"]
    assert error["name"] == outcome and message in error["message"], error
    assert len(crawls[name].asked(VIEW)) == sends


def test_a_certificate_that_is_not_known_ends_it_before_anything_is_sent(crawls: dict[str, Crawl]) -> None:
    done = crawls["no_ca"]
    assert done.requests == [] and (done.only()["code"], done.code) == (502, 3)
    error = done.only()["data"]["error"]
    assert error["name"] == "UPSTREAM" and "SSL_CERT_FILE" in error["message"]
    assert "unable to get local issuer certificate" in error["message"]


def test_a_proxy_that_is_down(crawls: dict[str, Crawl]) -> None:
    done = crawls["no_proxy"]
    envelope = done.only()
    assert (envelope["code"], envelope["data"]["error"]["name"], done.code) == (503, "PROXY", 3)
    assert done.requests == [] and "hunter2" not in done.err + json.dumps(envelope)


@pytest.mark.parametrize("name", ["no_curl", "no_handler"])
def test_without_the_extra_it_says_how_to_get_it(crawls: dict[str, Crawl], name: str) -> None:
    done = crawls[name]
    assert (done.code, done.requests) == (2, [])
    usage = done.err.partition("error:")[2]
    assert "impersonate: true" in usage and 'pip install -e ".[impersonate]"' in usage
    assert str(Path("bilibili_web") / "config.yaml") in usage


@pytest.mark.parametrize("name", ["plain_alone", "no_browser"])
def test_what_is_not_wanted_is_not_missed(crawls: dict[str, Crawl], name: str) -> None:
    assert crawls[name].codes == [200] and crawls[name].code == 0
