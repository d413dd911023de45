"""The JSON routes of the web."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any
from urllib.parse import urlsplit

from tests.simulator.messages import Answer, Request, json_answer, whole
from tests.simulator.platforms.tiktok import failures, profile
from tests.simulator.platforms.tiktok.gate import Gate
from tests.simulator.platforms.tiktok.item import item_struct
from tests.simulator.platforms.tiktok.pages import video_detail
from tests.simulator.platforms.tiktok.paging import log
from tests.simulator.worlds.realm import Maker, Work
from tests.simulator.worlds.tiktok import SITE, TiktokWorld

PAGE, MOST = 15, 35
WEEK_S = 7 * 86_400
CLOSED = ("user_private", "user_private_counted")


def item_detail(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """One work."""
    work = gate.find(request, request.query.get("itemId", ""))
    refusal = work and failures.refused(work.kind)
    return refusal or json_answer({**video_detail(world, work), **log(request)})


def user_detail(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """A creator."""
    query = request.query
    maker = world.creator_by_handle(query.get("uniqueId", "")) or world.creator_of(query.get("secUid", ""))
    return json_answer({**profile.answer(world, maker), **log(request)})


def creator_items(world: TiktokWorld, request: Request) -> Answer:
    """The works of a creator that are older than the cursor; nothing is signed.

    A device whose number ends in 0 is shown the newest ones again and again.
    """
    maker = world.creator_of(request.query.get("secUid", ""))
    if maker is None or maker.kind in profile.GONE:
        return failures.coded(10202)
    cursor = whole(request.query.get("cursor"))
    if cursor is None:
        return failures.coded(10201)
    stuck = request.query.get("device_id", "0").endswith("0") and world.strict
    total = world.count(maker)
    start = 0 if stuck else bisect_right(range(total), -cursor, key=lambda place: -_created(world, maker, place))
    size = min(whole(request.query.get("count")) or PAGE, MOST)
    end = min(start + size, total)
    answer: dict[str, Any] = {"hasMoreLatest": start > 0, "statusCode": 0, **log(request)}
    if maker.kind in CLOSED or not total:
        return json_answer({**answer, "hasMorePrevious": False})
    if _paused(world, maker, start, cursor):
        return json_answer({**answer, "hasMorePrevious": True})
    works = [world.listed(maker, place) for place in range(start, end)]
    answer |= {"hasMorePrevious": end < total, "itemList": [_listed(world, work) for work in works]}
    return json_answer(answer)


def oembed(world: TiktokWorld, request: Request) -> Answer:
    """A few words about a work for other sites."""
    parts = [part for part in urlsplit(request.query.get("url", "")).path.split("/") if part.isdigit()]
    work = world.work_of(parts[-1]) if parts else None
    if work is None or work.kind in world.hidden:
        return json_answer({"code": 400, "message": "Something went wrong"}, 400)
    maker = world.creator(work.owner)
    return json_answer(
        {
            "version": "1.0",
            "type": "video",
            "title": work.title,
            "author_url": f"{SITE}/@{maker.handle}",
            "author_name": maker.name,
            "author_unique_id": maker.handle,
            "embed_product_id": work.id,
            "thumbnail_url": item_struct(world, work)["video"]["cover"],
            "html": f'<blockquote class="tiktok-embed" cite="{world.url(work)}"></blockquote>',
        }
    )


def _created(world: TiktokWorld, maker: Maker, place: int) -> int:
    return world.listed(maker, place).created * 1000


def _paused(world: TiktokWorld, maker: Maker, start: int, cursor: int) -> bool:
    """Whether the cursor stands in the weeks in which one creator made nothing."""
    if maker.kind != "user_holes" or not 0 < start < world.count(maker):
        return False
    return cursor - _created(world, maker, start) > WEEK_S * 1000


def _listed(world: TiktokWorld, work: Work) -> dict[str, Any]:
    made = item_struct(world, work)
    if work.hash % 11 == 0:
        made["video"].pop("bitrateInfo", None)
    return made
