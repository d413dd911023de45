"""What flies over works, and what is searched for most."""

from __future__ import annotations

from typing import Any

from tests.simulator.messages import Answer, Request, json_answer
from tests.simulator.platforms.douyin import failures
from tests.simulator.platforms.douyin.aweme import images_of
from tests.simulator.platforms.douyin.gate import Gate
from tests.simulator.platforms.douyin.paging import around, number
from tests.simulator.platforms.douyin.streams import duration
from tests.simulator.randomness import hex_of, mix, words
from tests.simulator.worlds.douyin import DouyinWorld
from tests.simulator.worlds.realm import EPOCH, WORD, Work

STEP_MS, LONGEST_MS, QUIET = 4000, 32_000, 5
HOT = 50


def danmaku(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """A window of what flies over a work."""
    work = gate.find(request, request.query.get("item_id", ""))
    start, end = number(request, "start_time"), number(request, "end_time")
    if work is None or work.kind in world.hidden:
        return failures.coded(2053)
    if end - start > LONGEST_MS or number(request, "duration") != length(work):
        return failures.coded(5)
    flown = [_flown(work, at) for at in moments(work) if start <= at < end]
    body = {"status_code": 0, "danmaku_list": flown or None, "start_time": start, "end_time": end}
    return json_answer(body | {"total": len(moments(work))} | around(world, f"{work.id}/{start}"))


def length(work: Work) -> int:
    """The length of a work; a note has none."""
    return 0 if images_of(work) else duration(work)


def moments(work: Work) -> list[int]:
    """When something flies over a work: all the time, but for some windows."""
    every = range(0, length(work), STEP_MS)
    return [at for at in every if mix(work.hash, at // LONGEST_MS) % QUIET]


def danmaku_id(work: Work, at: int) -> str:
    """The id of what flies at this moment."""
    return str(((work.created + at // 1000) << 32) | mix(work.hash, at) % WORD)


def _flown(work: Work, at: int) -> dict[str, Any]:
    bits = mix(work.hash, at)
    return {
        "danmaku_id": danmaku_id(work, at),
        "item_id": work.id,
        "user_id": str(1_500_000_000 + bits % 1000),
        "text": words(bits, 2),
        "offset_time": at,
        "danmaku_type": 0,
        "digg_count": bits % 90,
        "status": 1,
        "score": 0.5,
        "from_copy": False,
        "is_ad": 0,
    }


def hot(world: DouyinWorld, request: Request) -> Answer:
    """The words that are searched for most; no signature is wanted."""
    hot_words = [_word(world, place) for place in range(1, HOT + 1)]
    return json_answer({"status_code": 0, "data": {"word_list": hot_words, "trending_list": []}} | around(world, "hot"))


def _word(world: DouyinWorld, place: int) -> dict[str, Any]:
    bits = mix(world.seed, place)
    cover = f"https://p3.douyinpic.com/img/{hex_of(place)}~noop.jpeg"
    return {
        "position": place,
        "sentence_id": str(2_000_000 + place),
        "word": f"{words(bits, 2)}{place}",
        "video_count": bits % 90,
        "event_time": EPOCH - place,
        "view_count": bits % 90_000,
        "hot_value": 12_000_000 - place * 1000,
        "label": bits % 4,
        "word_cover": {"uri": hex_of(place), "url_list": [cover]},
    }
