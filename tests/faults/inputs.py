"""What the cells of the matrix ask for, and all that the world has of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.simulator import World
from tests.simulator.signing import OPEN

WORLD = World(seed=1, creators=3, videos=95, signing=OPEN)
CONFIG = f'cookie: "{WORLD.login_cookie}"\n'  # else a list of comments ends at the login wall
OTHER_SERVICES = ("tiktok_web", "tiktok_app", "douyin_web")
_ONE, _BUSY = WORLD.video(0, 0), WORLD.video(0, 1)
_SPACE = f"https://space.bilibili.com/{WORLD.creator(1).mid}"
_TIKTOK, _DOUYIN = WORLD.tiktok.video(0, 0), WORLD.douyin.video(0, 0)


@dataclass(frozen=True)
class Given:
    """One form of input.

    :ivar keys: the keys of all records that the world has of it
    :ivar room: bytes after which an output of it takes no more: before its end, and if it can be, after its beginning
    """

    spider: str
    words: tuple[str, ...]
    keys: frozenset[str]
    room: int


def _videos(creator: int) -> frozenset[str]:
    return frozenset(f"bilibili:video:{bvid}" for bvid in WORLD.bvids(creator))


def _discussion() -> frozenset[str]:
    roots = list(WORLD.comment_ids(_BUSY))
    replies = (reply for root in roots for reply in WORLD.reply_ids(_BUSY, root))
    return frozenset(f"bilibili:comment:{rpid}" for rpid in (*roots, *replies))


INPUTS: Mapping[str, Given] = {
    "one input": Given("bilibili", (f"url={_ONE.bvid}",), frozenset({f"bilibili:video:{_ONE.bvid}"}), 1_000),
    "list": Given("bilibili", (f"url={_SPACE}",), _videos(1), 100_000),
    "tree": Given(
        "bilibili",
        (f"url={_BUSY.bvid}", "with=comments,replies"),
        frozenset({f"bilibili:video:{_BUSY.bvid}"}) | _discussion(),
        40_000,
    ),
    "hybrid": Given(
        "hybrid",
        (
            f"url={WORLD.tiktok.url(_TIKTOK)} {_SPACE} https://www.douyin.com/video/{_DOUYIN.id} "
            f"https://www.bilibili.com/video/{_ONE.bvid}",
        ),
        _videos(1) | {f"tiktok:video:{_TIKTOK.id}", f"douyin:video:{_DOUYIN.id}", f"bilibili:video:{_ONE.bvid}"},
        100_000,
    ),
}
