"""What a hostile link, redirect, answer or file must not achieve, and where secrets must never be found."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from scrapy.http import Request

from scraper.identities.service_config import ConfigFile
from scraper.inputs.share_text import find
from scraper.inputs.short_links import follow
from scraper.network.middlewares import guard
from scraper.platform.platform import Platform
from scraper.platform.targets import SHORT_LINK, UNKNOWN, Target, parse_link
from scraper.responses import Answer
from scraper.responses.exceptions import ArgumentError, Refused
from scraper.responses.outcomes import Outcome
from spiders.bilibili.spider import BILIBILI
from tests.commands import Shell
from tests.crawling import Crawl, crawl, together
from tests.simulator import Fault, World

WORLD = World(seed=1, creators=3, videos=40)
VIDEO = f"/video/{WORLD.video(0, 0).bvid}"
VIEW, API = "/x/web-interface/view", "api.bilibili.com"
SECRETS = [WORLD.sessdata, *(pair.partition("=")[2] for pair in WORLD.login_cookie.split("; ") if len(pair) > 24)]
INSIDE = [
    "127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "0", "localhost", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1",
    "172.16.0.1", "192.168.1.1", "169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "metadata.google.internal",
    "100.100.100.200", "kubernetes.default.svc",
]  # fmt: skip
TRICKS = [
    "https://{host}@evil.example{path}", "https://{host}:443@evil.example{path}", "https://user:pw@{host}{path}",
    "https://evil.example/{host}{path}", "https://evil.example?{host}{path}", "https://evil.example#@{host}{path}",
    "https://{host}.evil.example{path}", "https://evil{host}{path}", "https://evil.example\\@{host}{path}",
    "https://{host}\\.evil.example{path}", "https://{host}%2eevil.example{path}", "https://{host}%00.evil.example{path}",
    "https://{host}:22{path}", "http://{host}:8080{path}", "https://xn--{host}{path}", "https://{host}-xn--9a.com{path}",
    "file://{host}{path}", "file:///etc/passwd", "data:text/html,{host}{path}", "javascript:location='//{host}'",
    "ftp://{host}{path}", "gopher://{host}:70/_x", "//evil.example/{host}{path}", "https://[{host}{path}",
]  # fmt: skip
LOOK_ALIKES = ["і", "i\u0307", "ı", "ⅼ", "ｉ"]  # what may be taken for an i or an l


def hostile(platform: Platform) -> list[str]:
    """Addresses that are none of the platform's, though they do what they can to look so."""
    pattern = next(pattern for pattern in platform.patterns if pattern.kind != SHORT_LINK)
    host, path = pattern.hosts[0], "/" + pattern.example.split("/", 3)[3]
    urls = [f"{scheme}://{inside}{path}" for inside in INSIDE for scheme in ("http", "https")]
    urls += [trick.format(host=host, path=path) for trick in TRICKS]
    urls += [
        f"https://{host.replace(letter, odd, 1)}{path}" for odd in LOOK_ALIKES for letter in "il" if letter in host
    ]
    return [*urls, f"https://{host}。evil.example{path}", f"https://evil.example。{host}{path}"]


def test_a_redirect_to_anything_else_is_refused_without_a_request(platform: Platform) -> None:
    for short in platform.short_hosts:
        target = Target(SHORT_LINK, "AbCd123", f"https://{short}/AbCd123", platform=platform.name)
        for location in hostile(platform):
            hop = follow(Answer(302, {"location": location}, b""), target.given, 1, target, platform)
            assert hop.verdict and hop.verdict.outcome is Outcome.BAD_INPUT and not hop.url and not hop.target, location


def test_a_hostile_link_points_at_nothing(platform: Platform) -> None:
    for text in hostile(platform):
        targets = list(find(text, platform.patterns, platform.bare_ids, platform.link_hosts))
        # what is left may be a whole link of the platform, which stood in the text by itself
        links = [parse_link(target.given) for target in targets if target.kind != UNKNOWN]
        assert all(link and link.host in platform.link_hosts for link in links), (text, targets)


@pytest.mark.parametrize("url", ["http://{host}/", "https://evil.example/", "file:///etc/passwd", "https://127.0.0.1/"])
def test_no_request_gets_past_the_last_guard(platform: Platform, url: str) -> None:
    for service in platform.services:
        with pytest.raises(Refused, match="not requested"):
            guard(Request(url.format(host=service.hosts[0])), SimpleNamespace(service=service))


def codes(count: int) -> list[str]:
    return [f"Hostile{number:03d}" for number in range(count)]


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Crawl]:
    folder = tmp_path_factory.mktemp("failing")
    places = [place for place in hostile(BILIBILI) if place.isascii()]
    redirects = [
        Fault(host="b23.tv", path=f"/{code}", do="redirect", location=location)
        for code, location in zip(codes(len(places)), places, strict=True)
    ]
    login = f"cookie: '{WORLD.login_cookie}'\n"
    videos = [WORLD.video(0, number).bvid for number in range(8)]
    echo = {"code": -101, "message": f"SESSDATA={WORLD.sessdata} is not accepted"}
    repeated = f"of {WORLD.login_cookie}: {WORLD.sessdata}, {WORLD.sessdata.replace('%2C', ',')}"
    repeating = [
        Fault(path=VIEW, nth=1, do="json", body={"code": 99999, "message": repeated}),
        Fault(path=VIEW, nth=2, do="redirect", location=f"https://api.bilibili.com/?{WORLD.sessdata}"),
    ]
    faults = [
        Fault(path=VIEW, nth=1, do="garbage"), Fault(path=VIEW, nth=2, do="json", body=echo),
        Fault(path=VIEW, nth=3, do="unknown_code"), Fault(path=VIEW, nth=4, do="reset"),
        Fault(path=VIEW, nth=5, do="redirect", location="https://evil.example/"), Fault(path=VIEW, nth=7, do="risk"),
    ]  # fmt: skip
    return together(
        links=lambda: crawl(
            "file=-", stdin="\n".join(hostile(BILIBILI)), world=WORLD, config=login, settings={"LOG_LEVEL": "DEBUG"}
        ),
        redirects=lambda: crawl(
            f"url={' '.join(f'https://b23.tv/{code}' for code in codes(len(places)))}",
            world=WORLD, config=login, faults=redirects,
        ),
        echo=lambda: crawl(
            f"url={' '.join(videos[:2])}", world=WORLD, config=login, faults=repeating, gzip=True,
            settings={"LOG_LEVEL": "DEBUG", "RETRY_TIMES": 0, "SUMMARY": "off"},
            folder=tmp_path_factory.mktemp("echo"),
        ),
        failing=lambda: crawl(
            f"url={' '.join(videos)}", "with=comments", world=WORLD, config=login, faults=faults,
            settings={"LOG_LEVEL": "DEBUG", "RETRY_TIMES": 0, "DATABASE_URL": f"sqlite:///{folder}/crawl.db"},
            env={"SUMMARY": "on"}, folder=folder,
        ),
    )  # fmt: skip


def test_hostile_links_lead_to_no_foreign_request(crawls: dict[str, Crawl]) -> None:
    done = crawls["links"]
    assert done.refused == [] and {request.host for request in done.requests} <= {API}
    assert all(failure["error"]["name"] in ("BAD_INPUT", "NOT_FOUND") for failure in done.failures)
    assert len(done.envelopes) >= len(hostile(BILIBILI))


def test_hostile_redirects_end_at_the_short_link(crawls: dict[str, Crawl]) -> None:
    done = crawls["redirects"]
    assert done.refused == [] and {request.host for request in done.requests} == {"b23.tv"}
    assert set(done.codes) == {400} and len(done.codes) == len(done.requests) > 50
    assert not any("cookie" in request.headers for request in done.requests)


def test_cookies_are_seen_by_the_platform_only(crawls: dict[str, Crawl]) -> None:
    for done in crawls.values():
        for request in done.requests:
            assert ("cookie" in request.headers) is (request.host == API) and request.secure


def test_no_secret_is_in_logs_feeds_stats_errors_or_the_database(crawls: dict[str, Crawl]) -> None:
    done = crawls["failing"]
    names = {failure["error"]["name"] for failure in done.failures}
    assert {"UPSTREAM", "COOKIE_EXPIRED", "UPSTREAM_CHANGED", "CHALLENGE"} <= names and done.records
    echo = crawls["echo"]
    message = echo.failures[0]["error"]["message"]
    assert "SESSDATA=…; bili_jct=…" in message and message.endswith(": …, …)")
    assert "DEBUG" in done.err and "Dumping Scrapy stats" in done.err and "identities/bilibili_web/" in done.err
    assert "crawl.db" in done.files and len(done.files["out.jsonl"]) > 1000
    shown = {name: body for name, body in done.files.items() if not name.startswith("config/")}
    shown |= {"log": done.err.encode(), "out": done.out.encode(), "names": " ".join(done.files).encode()}
    shown |= {f"echo {name}": body for name, body in echo.files.items() if not name.startswith("config/")}
    shown |= {"echo log": echo.err.encode(), "echo out": echo.out.encode()}
    for secret in SECRETS:
        assert len(secret) >= 16
        for form in (secret, json.dumps(secret), secret.replace("%2C", ",").replace("%2A", "*")):
            assert [name for name, body in shown.items() if form.strip('"').encode() in body] == []


TAGS = [
    "cookie: !!python/object/apply:os.system ['touch {mark}']\n",
    "cookie: !!python/object/new:subprocess.Popen [[touch, '{mark}']]\n",
    "headers: !!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path ['{mark}']]\n",
    "? !!python/name:os.system\n: a\n", "cookie: !!python/module:os\n", "cookie: !own x\n",
]  # fmt: skip


@pytest.mark.parametrize("text", TAGS)
def test_yaml_runs_nothing(text: str, tmp_path: Path) -> None:
    mark, path = tmp_path / "ran", tmp_path / BILIBILI.service.name / "config.yaml"
    path.parent.mkdir()
    path.write_text(written := text.format(mark=mark))
    with pytest.raises(ArgumentError, match="is not valid YAML"):
        ConfigFile(BILIBILI.service, tmp_path, {})
    shell = Shell(tmp_path)
    assert shell("cookies").code == 1
    assert shell("update_cookie", "--service", BILIBILI.service.label, "--cookie", "a=1").code == 2
    assert not mark.exists() and path.read_text() == written
