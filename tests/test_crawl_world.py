"""Whole worlds: every creator of three platforms, with all works, comments and replies, in one crawl."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browsers import chromium
from tests.crawling import Crawl, Running, crawl
from tests.parts import CREATORS
from tests.simulator import World
from tests.simulator.signing import OPEN, Signing
from tests.simulator.worlds.realm import Realm

EACH = CREATORS // 3
VIDEOS, SAID, ANSWERED = 8, 6, 2
PLAIN = dict.fromkeys(("bilibili_web", "douyin_web", "tiktok_web", "tiktok_app"), "")


def links(world: World, first: int = 0, last: int = EACH) -> Iterator[str]:
    """The creators, one of each platform after the other."""
    for index in range(first, last):
        yield f"https://space.bilibili.com/{world.creator(index).mid}"
        yield f"https://www.douyin.com/user/{world.douyin.creator(index).sec_uid}"
        yield f"https://www.tiktok.com/@{world.tiktok.creator(index).handle}"


def of_realm(realm: Realm, platform: str, users: range) -> Iterator[tuple[str, str, str]]:
    """What a realm holds: platform, type of record, id."""
    talk = realm.talk
    for index in users:
        for place in range(VIDEOS):
            work = realm.video(index, place)
            yield platform, "video", work.id
            for number in range(talk.count(work)):
                yield platform, "comment", talk.ident(work, number)
                for reply in talk.reply_idents(work, number):
                    yield platform, "comment", reply


def held(world: World, users: range) -> Counter[tuple[str, str, str]]:
    """Everything that a world holds of some creators."""
    keys = Counter(of_realm(world.douyin, "douyin", users)) + Counter(of_realm(world.tiktok, "tiktok", users))
    for index in users:
        for place in range(VIDEOS):
            video = world.video(index, place)
            keys["bilibili", "video", video.bvid] += 1
            for rpid in world.comment_ids(video):
                keys["bilibili", "comment", str(rpid)] += 1
                keys.update(("bilibili", "comment", str(reply)) for reply in world.reply_ids(video, rpid))
    return keys


def given(done: Crawl) -> Counter[tuple[str, str, str]]:
    """Everything that a crawl gave; a list with nothing in it is a line as well, and no record of the world."""
    return Counter(
        (data["meta"]["platform"], data["meta"]["record_type"], data.get("comment_id") or data["video_id"])
        for data in done.records
        if data["meta"]["record_type"] != "listing"
    )


def resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


def test_a_whole_world(tmp_path: Path) -> None:
    world = World(seed=5, creators=EACH, videos=VIDEOS, comments=SAID, replies=ANSWERED, signing=OPEN)
    login = {"bilibili_web": f"cookie: '{world.login_cookie}'\n"}
    targets, sizes = tmp_path / "targets.txt", []
    targets.write_text("\n".join(links(world)), "utf-8")

    def watch(running: Running) -> None:
        expected = sum(1 for key in held(world, range(EACH)) if key[1] == "video")
        for share in (0.25, 0.9):  # of the requests, of which there are more than two for a work
            running.until(lambda share=share: len(running.sim.requests) >= share * 2 * expected)
            sizes.append(resident_mb(running.process.pid))

    done = crawl(
        f"file={targets}", "with=comments,replies", world=world, command=("crawl", "hybrid"),
        configs={**PLAIN, **login}, meanwhile=watch, settings={"LOG_LEVEL": "WARNING"}, process=True,
    )  # fmt: skip
    assert (done.code, done.failures) == (0, [])
    assert given(done) == held(world, range(EACH))
    assert sizes[1] - sizes[0] < 40, sizes


@pytest.mark.parametrize("name", ["douyin", pytest.param("tiktok", marks=pytest.mark.nightly)])
def test_some_of_it_where_nothing_is_told_unsigned(name: str) -> None:
    chromium()
    sealed = {"douyin": Signing(), "tiktok": Signing()}
    world = World(seed=5, creators=EACH, videos=VIDEOS, comments=SAID, replies=ANSWERED, signing=sealed)
    realm: Realm = getattr(world, name)
    targets = " ".join(link for link in links(world, 0, 2) if name in link)
    done = crawl(f"url={targets}", "with=replies", world=world, command=("crawl", name), configs=PLAIN, process=True)
    assert (done.code, done.failures) == (0, [])
    assert given(done) == Counter(of_realm(realm, name, range(2)))
    assert "browser" in {record["meta"]["surface"] for record in done.records}
