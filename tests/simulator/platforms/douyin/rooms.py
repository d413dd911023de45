"""A live room."""

from __future__ import annotations

from typing import Any

from tests.simulator.platforms.douyin.aweme import avatar
from tests.simulator.randomness import hex_of, words
from tests.simulator.worlds.douyin import DouyinWorld
from tests.simulator.worlds.realm import Maker

LIVE, ENDED = 2, 4
NAMES = ("FULL_HD1", "HD1", "SD1", "SD2")


def room(world: DouyinWorld, maker: Maker) -> dict[str, Any]:
    """The room of a creator; it is on air for one of them alone."""
    number = world.room(maker)
    live = maker.kind == "user_live"
    made: dict[str, Any] = {
        "id_str": number,
        "status": LIVE if live else ENDED,
        "status_str": str(LIVE if live else ENDED),
        "title": words(maker.hash, 3),
        "user_count_str": "1.2万",
        "create_time": int(number) >> 32,
        "cover": avatar(maker, "720x720"),
        "owner": {
            "id_str": maker.uid,
            "web_rid": world.web_rid(maker),
            "sec_uid": maker.sec_uid,
            "nickname": maker.name,
            "avatar_thumb": avatar(maker, "100x100"),
        },
        "stats": {"total_user_str": "5万+", "user_count_str": "1.2万", "like_count": maker.hash % 90_000},
    }
    if live:
        made["stream_url"] = _streams(world, number)
    return made


def _streams(world: DouyinWorld, number: str) -> dict[str, Any]:
    expire = int(world.now()) + 86_400
    tail = f"expire={expire}&sign={hex_of(number)}&unique_id=stream-{number}"
    base = f"http://pull-flv-l11.douyincdn.com/stage/stream-{number}"
    return {
        "flv_pull_url": {name: f"{base}_{name.lower()}.flv?{tail}" for name in NAMES},
        "hls_pull_url_map": {name: f"{base}_{name.lower()}.m3u8?{tail}" for name in NAMES},
        "hls_pull_url": f"{base}.m3u8?{tail}",
        "default_resolution": "HD1",
        "stream_orientation": 1,
    }
