"""What an estimate says, held against the crawl itself: both are counted by the simulator, not by the code."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scraper.crawling.estimate import duration_s
from scraper.identities.pool import Pool
from scraper.identities.service_config import ConfigFile
from spiders.bilibili.spider import BILIBILI
from tests.crawling import FAST, Crawl, Running, crawl, quiet_now
from tests.simulator import Fault, World
from tests.simulator.signing import OPEN
from tests.tiktok import _TRANSPORTS

WORLD = World(seed=1, creators=3, videos=130, comments=75, replies=25, signing=OPEN)
USERS = [f"https://space.bilibili.com/{WORLD.creator(number).mid}" for number in range(3)]
VIDEOS = [f"https://www.bilibili.com/video/{WORLD.video(0, number).bvid}" for number in range(4)]
TIKTOKS = f"https://www.tiktok.com/@{WORLD.tiktok.creator(0).handle}"
DOUYINS = f"https://www.douyin.com/user/{WORLD.douyin.creator(0).sec_uid}"
NONE = "https://www.bilibili.com/video/BV1xx411c7mD"
SHORT = f"https://b23.tv/{WORLD.special['b23_video']}"
OPTIONS: dict[str, Any] = {
    "world": WORLD,
    "config": f"cookie: '{WORLD.login_cookie}'\n",
    "configs": {
        "tiktok_web": f"cookie: '{WORLD.tiktok.login_cookie}'\n",
        "tiktok_app": "",
        "douyin_web": f"cookie: '{WORLD.douyin.login_cookie}'\n",
    },
    "settings": {"TRANSPORTS": json.dumps(_TRANSPORTS)},
}


def text(*inputs: str) -> str:
    return "url=" + "\n".join(inputs)


def estimated(spider: str, *words: str, **more: Any) -> tuple[Crawl, dict[str, Any]]:
    """An estimate, and what it says."""
    done = crawl(*words, "--json", command=("estimate", spider), feed=None, **{**OPTIONS, **more})
    return done, json.loads(done.out)


@pytest.mark.parametrize(
    "name, words, most_asked, ratio",
    [
        ("bilibili", [text(USERS[0])], 3, 1.0),
        ("bilibili", [text(*USERS), "max_items=45"], 5, 1.0),
        ("bilibili", [text(*USERS), "max_pages=2"], 5, 1.0),
        ("bilibili", [text(*VIDEOS)], 5, 1.1),  # keys are asked for with the streams, which a dry run leaves out
        ("bilibili", [text(*VIDEOS), "with=comments"], 10, 1.1),
        ("bilibili", [text(USERS[0]), "with=comments,author"], 5, 1.5),
        ("bilibili", [text(USERS[0]), "with=comments,replies", "max_items=30"], 5, 2.5),
        ("tiktok", [text(TIKTOKS)], 2, 1.0),
        ("tiktok", [text(TIKTOKS), "with=comments,author", "max_items=20"], 4, 1.2),
        ("douyin", [text(DOUYINS), "with=comments,replies", "max_items=20"], 3, 2.0),
        ("hybrid", [text(SHORT, USERS[0], TIKTOKS)], 7, 1.2),
        ("bilibili", [text(NONE, "nothing")], 2, 1.0),
    ],
)
def test_an_estimate_is_near_what_the_crawl_asks(name: str, words: list[str], most_asked: int, ratio: float) -> None:
    done, estimate = estimated(name, *words)
    whole = crawl(*words, command=("crawl", name), **OPTIONS)
    assert len(done.requests) == estimate["sent"] <= most_asked
    assert len(whole.requests) / ratio <= estimate["requests"] <= len(whole.requests) * ratio, estimate
    assert not estimate["is_least"]
    assert done.code == whole.code
    assert {row["input"] for row in estimate["inputs"]} <= set(words[0].removeprefix("url=").split("\n"))
    assert estimate["requests"] == sum(service["requests"] for service in estimate["services"])
    assert estimate["requests"] >= sum(row["requests"] for row in estimate["inputs"])


def test_a_list_that_declares_nothing_is_said_to_be_longer() -> None:
    done, estimate = estimated("douyin", text(DOUYINS))
    assert estimate["is_least"] and estimate["inputs"][0]["is_least"] and estimate["requests"] == len(done.requests)
    shown = crawl(text(DOUYINS), command=("estimate", "douyin"), feed=None, **OPTIONS)
    assert "The whole crawl: at least 1 request" in shown.out and " 1+ " in shown.out


def test_failures_are_named_and_the_exit_code_is_that_of_a_crawl() -> None:
    refused = {"faults": [Fault(path="/x/space/wbi/arc/search", do="risk")]}
    done, estimate = estimated("bilibili", text(USERS[0]), **refused)
    assert done.code == 4 and [row["outcome"] for row in estimate["inputs"]] == ["CHALLENGE"]
    nothing, estimate = estimated("bilibili", text("https://youtu.be/abc"))
    assert nothing.code == 2 and [row["outcome"] for row in estimate["inputs"]] == ["BAD_INPUT"]
    assert not nothing.requests and estimate["requests"] == 0


def test_bytes_are_those_that_came() -> None:
    quick = {**OPTIONS, "gzip": True}
    _, plain = estimated("bilibili", text(USERS[0]))
    _, zipped = estimated("bilibili", text(USERS[0]), gzip=True)
    assert 0 < zipped["bytes"] < plain["bytes"] / 2
    whole = crawl(text(USERS[0]), command=("crawl", "bilibili"), **quick)
    assert f"'downloader/response_count': {zipped['requests']}" in whole.err


@pytest.mark.parametrize("command", ["crawl", "estimate"])
def test_nothing_is_written(command: str, tmp_path: Path) -> None:
    feed, database = tmp_path / "out.jsonl", tmp_path / "crawl.db"
    feed.write_text("before\n")
    settings = {**OPTIONS["settings"], "DATABASE_URL": f"sqlite:///{database}"}
    words = [text(*USERS), "dry_run=1"] if command == "crawl" else [text(*USERS)]
    options = {**OPTIONS, "settings": settings, "folder": tmp_path}
    done = crawl(*words, command=(command, "bilibili"), feed=None, **options, env={"LOG_LEVEL": "INFO"})
    again = crawl(*words, f"--overwrite-output={feed}", command=(command, "bilibili"), feed=None, **options)
    assert (done.code, again.code) == (0, 0) and feed.read_text() == "before\n" and not database.exists()
    written = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {"config.yaml", "out.jsonl"}
    if command == "crawl":
        assert "dry_run=1: no feed and no database is written" in done.err
        assert "The whole crawl: about 17 requests" in done.err
    else:
        assert "The whole crawl: about 17 requests" in done.out


def test_a_terminal_shows_it_below_the_summary() -> None:
    done = crawl(text(USERS[0]), "dry_run=1", env={"SUMMARY": "on"}, **OPTIONS)
    assert "The whole crawl: about 7 requests" in done.err and done.out == "" and done.code == 0


def test_what_makes_a_crawl_shorter_is_named() -> None:
    _, estimate = estimated("bilibili", text(USERS[0]), "since=last", "due=1")
    assert estimate["ignored"] == ["since", "due"] and estimate["requests"] == 7
    shown = crawl(text(USERS[0]), "until=2020-01-01", command=("estimate", "bilibili"), feed=None, **OPTIONS)
    assert "are counted whole: until may make the crawl much shorter" in shown.out
    assert estimated("bilibili", text(USERS[0]))[1]["ignored"] == []


def test_an_estimate_tells_that_it_waits_even_without_a_log() -> None:
    def stop(running: Running) -> None:
        running.until(lambda: bool(running.sim.requests))
        running.interrupt()

    config = f"{OPTIONS['config']}pace: {{delay_s: 0, quiet_hours: {quiet_now()}}}\n"
    done = crawl(text(USERS[0], TIKTOKS), "--nolog", command=("estimate", "hybrid"), feed=None, meanwhile=stop,
                 **{**OPTIONS, "config": config})  # fmt: skip
    assert "bilibili_web sends nothing until" in done.err and "INFO" not in done.err
    assert not done.asked("/x/space/wbi/arc/search")


def test_a_budget_holds_for_a_dry_run() -> None:
    done, estimate = estimated("bilibili", text(*USERS), "max_requests=3", pace={"delay_s": 0, "concurrency": 1})
    assert done.code == 3 and len(done.requests) == 3 == estimate["sent"]


@pytest.mark.parametrize(
    "pace, requests, seconds",
    [
        ("{delay_s: 0}", 100, 100 * 0.2),
        ("{delay_s: 0, concurrency: 4}", 100, 100 * 0.2 / 4),
        ("{delay_s: 4}", 100, 100 * 5),  # delays vary by a fifth, so that 4 s is the least
        ("{delay_s: 0, per_hour: 100}", 40, 40 * 0.2),
        ("{delay_s: 0, per_hour: 100}", 100, 3600),
        ("{delay_s: 0, per_hour: 100}", 300, 3 * 3600),
        ("{delay_s: 8, quiet_hours: '13:00-20:00 UTC'}", 180, 1800),
        ("{delay_s: 8, quiet_hours: '13:00-20:00 UTC'}", 720, 7200 + 7 * 3600),
        ("{delay_s: 8, per_hour: 100, quiet_hours: '13:00-20:00 UTC'}", 300, 10800 + 7 * 3600),
    ],
)
def test_the_time_is_that_of_the_pace(pace: str, requests: int, seconds: float, tmp_path: Path) -> None:
    path = tmp_path / BILIBILI.service.name / "config.yaml"
    path.parent.mkdir()
    path.write_text(f"pace: {pace}\n")
    pool = Pool(BILIBILI.service, ConfigFile(BILIBILI.service, tmp_path, {}))
    noon = datetime(2026, 1, 5, 12, tzinfo=UTC).timestamp()
    assert duration_s(requests, pool, 0.2, noon) == pytest.approx(seconds)


def test_the_pace_of_the_configuration_is_in_the_estimate() -> None:
    _, fast = estimated("bilibili", text(USERS[0]), pace=FAST)
    assert fast["seconds"] < 60
    _, hourly = estimated("bilibili", text(USERS[0]), pace={"delay_s": 0, "concurrency": 1, "per_hour": 6})
    assert hourly["requests"] == 7 and hourly["seconds"] == pytest.approx(7 / 6 * 3600, abs=1)
