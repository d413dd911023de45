"""The crawls that are killed: every sink, every kind of input, every platform."""

from __future__ import annotations

import json
from pathlib import Path

from tests.crawling import Crawl, crawl
from tests.kills.histories import Scenario
from tests.mixed import mixed
from tests.simulator import World
from tests.simulator.signing import OPEN
from tests.test_crawl_hybrid import logins
from tests.tiktok import UNSIGNED

_LATENCY = (0.02, 0.0)
WORLD = World(seed=5, creators=3, videos=40, page_latency=_LATENCY)
OPEN_WORLD = World(seed=1, creators=3, videos=80, comments=30, replies=8, signing=OPEN, page_latency=_LATENCY)
MIXED_WORLD = World(seed=2, creators=3, videos=40, page_latency=_LATENCY)
LOGIN = {"bilibili_web": f'cookie: "{WORLD.login_cookie}"\n'}
EARLIER = '{"code": 200, "router": "", "data": {"title": "of an earlier crawl"}}\n'


class Appending(Scenario):
    """A crawl that appends to feeds, the last line of which is incomplete."""

    def start(self, folder: Path, end_at: str = "") -> Crawl:
        for name in self.feeds:
            (folder / name).write_text(f"{EARLIER}{EARLIER}{EARLIER[:20]}", "utf-8")
        feeds = [f"-o{folder / name}" for name in self.feeds]
        words = self.given(folder)
        return crawl(*words, *feeds, feed=None, command=("crawl", self.spider), **self.ways(folder, end_at))


def _video(creator: int, place: int) -> str:
    return f"https://www.bilibili.com/video/{WORLD.video(creator, place).bvid}"


def _user(number: int) -> str:
    return f"https://space.bilibili.com/{WORLD.creator(number).mid}"


def _far_apart() -> str:
    """Return inputs that come again long after their first answer."""
    first = [_video(0, 0), _video(1, 1)]
    others = [_video(number % 3, number // 3) for number in range(6, 90)]
    short = f"https://b23.tv/{WORLD.video(0, 3).bvid}"
    return "\n".join([*first, *others, *first, _user(1), short, _user(1), "nothing in it", first[0]]) + "\n"


def _rows() -> str:
    """Return rows with priorities, limits and tags."""
    rows = [{"url": _video(2, place), "priority": place % 4, "tags": {"n": f"t{place}"}} for place in range(40)]
    rows += [
        {"url": _user(0), "max_items": 31, "with": "comments", "priority": 9},
        {"url": _user(1), "max_items": 7},
        {"url": _video(2, 0), "tags": {"n": "t0"}},
    ]
    return json.dumps(rows)


_USERS = "url=" + " ".join(map(_user, range(3)))
_TREE = (_USERS, "with=comments,replies", "max_items=12")
_OPEN_TREE = ("with=comments,replies", "max_items=30")
_TIKTOK = "url=" + " ".join(
    f"https://www.tiktok.com/@{OPEN_WORLD.tiktok.creator(number).handle}" for number in range(3)
)
_DOUYIN = "url=" + " ".join(
    f"https://www.douyin.com/user/{OPEN_WORLD.douyin.creator(number).sec_uid}" for number in range(3)
)

_LISTS = [
    Scenario("lines", _TREE, WORLD, configs=LOGIN),
    Scenario("table", _TREE, WORLD, configs=LOGIN, feeds=("out.csv",)),
    Scenario("compressed", _TREE, WORLD, configs=LOGIN, feeds=("out.jsonl.zst", "b.jsonl.gz", "c.xlsx")),
    Scenario("all sinks", _TREE, WORLD, configs=LOGIN, feeds=("a.jsonl", "b.jsonl", "c.csv"), database=True),
    Appending("appending", _TREE, WORLD, configs=LOGIN, earlier=2),
    Scenario("extras", (_USERS, "with=comments,replies,author,danmaku,subtitles", "max_items=4"), WORLD, configs=LOGIN),
]
_INPUTS = [
    Scenario("far apart", ("file={folder}/t.txt", "max_items=5"), WORLD, configs=LOGIN, files={"t.txt": _far_apart()}),
    Scenario(
        "rows", ("file={folder}/t.yaml", "max_items=3"), WORLD, configs=LOGIN, files={"t.yaml": _rows()}, database=True
    ),
    Scenario("standard input", ("file=-", "max_items=5"), WORLD, configs=LOGIN, stdin=_far_apart()),
]
_PLATFORMS = [
    Scenario(
        "tiktok", (_TIKTOK, *_OPEN_TREE), OPEN_WORLD, spider="tiktok", settings=UNSIGNED, database=True,
        configs={"tiktok_web": "", "tiktok_app": ""},
    ),
    Scenario(
        "douyin", (_DOUYIN, *_OPEN_TREE), OPEN_WORLD, spider="douyin", settings=UNSIGNED, database=True,
        configs={"douyin_web": ""},
    ),
    Scenario(
        "hybrid", ("file={folder}/t.txt",), MIXED_WORLD, spider="hybrid", session=40, database=True,
        files={"t.txt": "".join(f"{entry.line}\n" for entry in mixed(MIXED_WORLD, 90))},
        configs={**logins(MIXED_WORLD), "tiktok_app": ""},
    ),
]  # fmt: skip
_SERVER = [
    Scenario("server", _TREE, WORLD, configs=LOGIN, feeds=("a.jsonl", "b.csv"), database=True, server=True),
    Scenario(
        "server and rows", ("file={folder}/t.yaml", "max_items=3"), WORLD, configs=LOGIN, files={"t.yaml": _rows()},
        database=True, server=True,
    ),
]  # fmt: skip
GROUPS = {"server": _SERVER, "lists": _LISTS, "inputs": _INPUTS, "platforms": _PLATFORMS}
