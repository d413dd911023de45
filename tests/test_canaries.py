"""No secret is in anything that a crawl writes, whatever fails and whatever echoes it; and records are as they came."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from scraper.captures.raw_answers import zstd
from scraper.identities import masked_log
from scraper.output import emitter
from scraper.platform import Endpoint
from tests import canaries
from tests.canaries import LINKED, PROXY, echo, faults, leaks
from tests.crawling import Crawl, crawl
from tests.long_lived import answers
from tests.simulator import Fault, World
from tests.simulator.signing import OPEN
from tests.tiktok import go

WORLD = World(seed=1, creators=2, videos=20, signing=OPEN)
VIDEOS = [WORLD.video(0, place) for place in range(10)]
LINKS = [f"https://www.bilibili.com/video/{video.bvid}?token={LINKED}" for video in VIDEOS]
VIEW, API = "/x/web-interface/view", "https://api.bilibili.com/"
SECRET = canaries.header(WORLD.login_cookie)
COOKIE = f"{SECRET}; user_session={quote(VIDEOS[9].title)}"  # which a record is to show
CONFIG: dict[str, dict[str, object]] = {"direct": {}, "impersonate": {"impersonate": True}}
DEBUG = {"LOG_LEVEL": "DEBUG", "RETRY_TIMES": 0, "RAW_CAPTURE": 1, "AWS_SECRET_ACCESS_KEY": canaries.KEY}
USERS = f"""
from scraper.output.exporters import JsonLinesExporter

ECHO = {echo(COOKIE)!r}


class Pipeline:
    def process_item(self, item):
        if item.code == 200 and item.data.video_id == {VIDEOS[0].bvid!r}:
            raise ValueError(ECHO)
        return item


class Exporter(JsonLinesExporter):
    def export_page(self, items):
        raise LookupError(ECHO)

    def export_item(self, item):
        if item.code == 200:
            raise LookupError(ECHO)
        super().export_page([item])
"""


def run(transport: str, *words: str, more: dict[str, object] | None = None, **options: Any) -> Crawl:
    config = canaries.config(COOKIE, {**CONFIG[transport], **(more or {})})
    settings = {**DEBUG, **options.pop("settings", {})}
    return crawl(*words, **{"world": WORLD, "config": config, "settings": settings, "may_raise": True, **options})


def echoed(transport: str, folder: Path) -> Crawl:
    """Crawl through a proxy with a password, where everything echoes."""
    code, dead = (str(WORLD.special[name]) for name in ("b23_video", "b23_dead"))
    short = [
        Fault(host="b23.tv", path=f"/{code}", do="redirect", location=f"{LINKS[9]}&echo={quote(echo(COOKIE))}"),
        Fault(
            host="b23.tv", path=f"/{dead}", times=1, do="redirect", location=f"https://b23.tv/x?{quote(echo(COOKIE))}"
        ),
    ]
    broken = faults(VIEW, "bvid", (video.bvid for video in VIDEOS[:6]), API, COOKIE)
    links = [*LINKS[:6], LINKS[8], f"https://b23.tv/{code}", f"https://b23.tv/{dead}"]
    return run(
        transport,
        f"url={' '.join(links)}",
        more={"proxy": PROXY.replace("127.0.0.1:1", "{simulator}")},
        settings={"DATABASE_URL": f"sqlite:///{folder}/crawl.db", "SUMMARY": "on"},
        faults=[*short, *broken],
        folder=folder,
    )


@pytest.mark.parametrize("transport", CONFIG)
def test_an_echo_of_the_platform_shows_no_secret(transport: str, tmp_path: Path) -> None:
    done = echoed(transport, tmp_path)
    assert leaks(done, SECRET) == []
    names = {failure["error"]["name"] for failure in done.failures}
    assert names == {"UPSTREAM", "UPSTREAM_CHANGED", "NOT_FOUND"} and len(done.failures) == 7, done.codes
    assert any("not accepted: SESSDATA=…" in failure["error"]["message"] for failure in done.failures)
    assert "DEBUG" in done.err and "example record: " in done.err and "crawl.db" in done.files and done.rows == []
    titles = {record["video_id"]: record["title"] for record in done.records}
    assert titles == {video.bvid: video.title for video in VIDEOS[8:]}, (
        "redirects lead on, and records are as they came"
    )


@pytest.mark.parametrize("transport", CONFIG)
def test_a_page_for_people_shows_no_secret(transport: str) -> None:
    page = f"<html><title>{echo(COOKIE)}</title><a href='/?{quote(echo(COOKIE))}'>{echo(COOKIE)}</a></html>"
    done = run(transport, f"url={' '.join(LINKS)}", faults=[Fault(path=VIEW, do="html", body=page)])
    assert set(done.codes) == {423} and leaks(done, SECRET) == []


@pytest.mark.parametrize("transport", CONFIG)
def test_a_crash_shows_no_secret(transport: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*args: object) -> None:
        raise RuntimeError(echo(COOKIE))

    with monkeypatch.context() as patch:
        patch.setattr(Endpoint, "read", read)
        parser = run(transport, f"url={LINKS[0]}")
    (tmp_path / "canary_users.py").write_text(USERS)
    users = run(
        transport,
        f"url={LINKS[0]} {LINKS[1]}",
        feed="out.mine",
        folder=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        settings={
            "ITEM_PIPELINES": json.dumps({"canary_users.Pipeline": 1}),
            "FEED_EXPORTERS": json.dumps({"mine": "canary_users.Exporter"}),
        },
    )
    for name in [name for name in users.files if "canary_users." in name]:  # the user's own file, and its bytecode
        del users.files[name]
    for done, error in ((parser, "RuntimeError: not"), (users, "ValueError: not"), (users, "LookupError: not")):
        assert done.code == 1 and "Traceback" in done.err and f"{error} accepted: SESSDATA=…" in done.err
        assert leaks(done, SECRET) == []
    assert users.files["out.mine"].count(b"not accepted: SESSDATA=\xe2\x80\xa6") == 2


@pytest.mark.parametrize("transport", CONFIG)
def test_a_connection_that_fails_shows_no_secret(transport: str) -> None:
    certificate = run(transport, f"url={LINKS[0]}", env={"SSL_CERT_FILE": None})
    proxy = run(transport, f"url={LINKS[0]}", more={"proxy": PROXY})
    from_environment = run(transport, f"url={LINKS[0]}", env={"https_proxy": PROXY, "HTTPS_PROXY": PROXY})
    late = [Fault(path=VIEW, do="slow", delay=60)]
    timeout = run(transport, f"url={LINKS[0]}", faults=late, settings={"DOWNLOAD_TIMEOUT": 1})
    for done, name in ((timeout, "UPSTREAM"), (certificate, "UPSTREAM"), (proxy, "PROXY"), (from_environment, "PROXY")):
        assert done.only()["data"]["error"]["name"] == name
        assert leaks(done, SECRET) == []


def test_a_wrong_call_shows_no_secret() -> None:
    for done in (
        run("direct", f"cookie={COOKIE}"),
        run("direct", f"url={LINKS[0]}", more={"pace": COOKIE}),
        run("direct", f"url={LINKS[0]}", settings={"DATABASE_URL": f"nothing{PROXY.removeprefix('http')}/x"}),
        run("direct", f"url={LINKS[0]}", feed=None, settings={"FEEDS": json.dumps({f"ftp{PROXY[4:]}/x.jsonl": {}})}),
    ):
        assert done.code in (1, 2, 7)
        assert leaks(done, SECRET) == []


def test_a_crawl_from_python_shows_no_secret(live: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """In the handlers of the caller, who configured logging before."""
    shown, secrets = io.StringIO(), [SECRET, echo(SECRET)]
    handler, logger = logging.StreamHandler(shown), logging.getLogger()
    make, level = logging.getLogRecordFactory(), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    live.configure("bilibili_web", canaries.config(SECRET))
    body = {"code": 99999, "message": secrets[1]}
    try:
        envelopes = asyncio.run(_ask(live, [Fault(path=VIEW, do="json", body=body)]))
        logging.getLogger("theirs").error("of the caller: %s", secrets)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logging.setLogRecordFactory(make)
    text = shown.getvalue() + envelopes[0].data.error.message
    assert "not accepted: SESSDATA=…" in text and "of the caller: " in text and "Crawled (200)" in text
    assert [form for secret in canaries.secrets(SECRET) for form in canaries.forms(secret) if form in text] == []


async def _ask(live: Any, faults: list[Fault]) -> list[Any]:
    async with live(faults, RETRY_TIMES=0) as crawler:
        return await answers(crawler, url=LINKS[0])


@pytest.mark.parametrize("place", ["log", "message"])
def test_the_search_finds_a_secret_where_nothing_is_masked(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = {"log": masked_log, "message": emitter}[place]
    monkeypatch.setattr(module, "mask", lambda text: text)
    places = {name for name, _ in leaks(echoed("direct", tmp_path), SECRET)}
    if place == "log":
        assert places == {"stderr"}
    else:
        assert "out.jsonl" in places and any(name.endswith(".run.json") for name in places), places


ECHOES: dict[str, Callable[[str], dict[str, Any]]] = {
    "json": lambda secret: {
        "do": "json",
        "body": {"code": 99999, "status_code": 99999, "message": secret, "status_msg": secret},
    },
    "html": lambda secret: {"do": "html", "body": f"<html><title>{secret}</title>{secret}</html>"},
    "script": lambda secret: {"do": "html", "body": f"<html><script>x={json.dumps({secret: secret})}</script></html>"},
    "location": lambda secret: {"do": "redirect", "location": f"/login?{quote(secret)}"},
    "header": lambda secret: {"do": "status", "status": 403, "headers": {"X-Echo": secret}, "body": secret},
    "text": lambda secret: {"do": "status", "status": 200, "body": secret},
}
SITES: dict[str, tuple[str, str, str]] = {
    "bilibili": ("bilibili_web", WORLD.login_cookie, f"{LINKS[0]} https://space.bilibili.com/{WORLD.creator(0).mid}"),
    "douyin": (
        "douyin_web", WORLD.douyin.login_cookie,
        f"https://www.douyin.com/video/{WORLD.douyin.video(0, 0).id} "
        f"https://www.douyin.com/user/{WORLD.douyin.creator(0).sec_uid}",
    ),
    "tiktok": (
        "tiktok_web", WORLD.tiktok.login_cookie,
        f"{WORLD.tiktok.url(WORLD.tiktok.video(0, 0))} https://www.tiktok.com/@{WORLD.tiktok.creator(0).handle}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("site", SITES)
def test_no_platform_gets_a_secret_into_a_text(site: str) -> None:
    service, login, links = SITES[site]
    cookie = canaries.header(login)
    outcomes = set()
    for echoes in ECHOES.values():
        done = go(
            f"url={links}", "with=comments,author", world=WORLD, command=("crawl", site), settings=DEBUG,
            configs={service: canaries.config(cookie)}, faults=[Fault(**echoes(echo(cookie)))],
        )  # fmt: skip
        assert done.failures and leaks(done, cookie) == []
        outcomes |= {failure["error"]["name"] for failure in done.failures}
    assert len(outcomes) >= 3, outcomes


def platforms() -> dict[str, tuple[Any, str]]:
    """Return for each platform its crawl with a cookie, and the text in a record that the cookie equals."""
    douyin, tiktok = WORLD.douyin, WORLD.tiktok
    work, shown = douyin.video(0, 0), tiktok.video(0, 0)
    handle = tiktok.creator(0).handle
    return {
        "douyin": (
            lambda more: crawl(
                f"url=https://www.douyin.com/video/{work.id}", world=WORLD, command=("crawl", "douyin"), settings=DEBUG,
                configs={"douyin_web": canaries.config(f"sessionid={quote(work.title)}", more)},
            ), work.title,
        ),
        "tiktok": (
            lambda more: go(
                f"url=https://www.tiktok.com/@{handle}/video/{shown.id}", world=WORLD, settings=DEBUG,
                configs={"tiktok_web": canaries.config(f"sessionid={handle}", more), "tiktok_app": ""},
            ), handle,
        ),
        "bilibili": (
            lambda more: crawl(
                f"url={LINKS[0]}", world=WORLD, settings=DEBUG,
                config=canaries.config(f"SESSDATA={quote(VIDEOS[0].title)}", more),
            ), VIDEOS[0].title,
        ),
    }  # fmt: skip


@pytest.mark.parametrize("transport", CONFIG)
@pytest.mark.parametrize("site", ["bilibili", "douyin", "tiktok"])
def test_a_record_that_equals_a_cookie_is_as_it_came(site: str, transport: str) -> None:
    work, text = platforms()[site]
    done = work(CONFIG[transport])
    record = done.records[0]
    shown = json.dumps(record, ensure_ascii=False)
    assert text in shown and "…" not in shown and text not in done.err


def test_captures_hold_answers_without_secrets(tmp_path: Path) -> None:
    done = echoed("direct", tmp_path)
    bodies = [zstd.decompress(body).decode() for name, body in done.files.items() if name.endswith(".zst")]
    assert any("not accepted: SESSDATA=…" in body for body in bodies), "the echo is captured, but for its secrets"
    index = next(body.decode() for name, body in done.files.items() if name.endswith(".index.jsonl"))
    assert '"url":"https://api.bilibili.com/x/web-interface/view' in index and "set-cookie" not in index
    again = crawl(
        f"-O{tmp_path}/new.jsonl", command=("renormalize", str(tmp_path / "output")), folder=tmp_path, world=WORLD
    )
    assert leaks(again, SECRET) == [] and again.code == 0, again.err
    assert "1 changed" in again.out and "bilibili:video:" in again.out, "the title that is also a cookie"
