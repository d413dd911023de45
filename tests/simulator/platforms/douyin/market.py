"""Who gives most in a broadcast, and what is sold there."""

from __future__ import annotations

from typing import Any

from tests.simulator.messages import Answer, Request, json_answer
from tests.simulator.platforms.douyin import failures
from tests.simulator.platforms.douyin.aweme import avatar
from tests.simulator.platforms.douyin.gate import Gate
from tests.simulator.platforms.douyin.paging import now_ms, number
from tests.simulator.worlds.douyin import DouyinWorld
from tests.simulator.worlds.realm import Maker

GIVERS, PRODUCTS = 30, 25
ENDED = {"status_code": 30003, "data": {"message": "room has finished", "prompts": "直播已结束"}}


def ranking(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """Who gives most; the third of them hides."""
    maker = world.on_air(request.query.get("room_id", ""))
    if maker is None:
        return json_answer(ENDED)
    ranks = [_giver(world, maker, place) for place in range(1, GIVERS + 1)]
    return json_answer({"status_code": 0, "data": {"ranks": ranks, "total": GIVERS}, "extra": {"now": now_ms(world)}})


def products(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """What is sold, to those who are logged in."""
    maker = world.on_air(request.query.get("room_id", ""))
    if not gate.logged_in(request):
        return failures.coded(8)
    if maker is None or request.query.get("author_id") != maker.uid:
        return failures.coded(5)
    start = number(request, "offset")
    sold = [product(world, place) for place in range(start, min(start + number(request, "limit"), PRODUCTS))]
    return json_answer({"status_code": 0, "promotions": sold, "total": PRODUCTS, "extra": {"now": now_ms(world)}})


def counter(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """The same, all at once."""
    return products(world, gate, request.asking_only(request.query | {"offset": "0", "limit": str(PRODUCTS)}))


def product(world: DouyinWorld, place: int) -> dict[str, Any]:
    """One of the products."""
    return {
        "promotion_id": str(3_400_000_000_000_000_000 + world.seed % 1000 * 1000 + place),
        "product_id": str(3_500_000_000_000_000_000 + world.seed % 1000 * 1000 + place),
        "title": f"商品{place}",
        "min_price": 1000 + place,
        "max_price": 2000 + place,
        "cover": "https://p3-aio.ecombdimg.com/obj/cover.jpeg",
        "detail_url": f"https://haohuo.jinritemai.com/ecommerce/trade/detail/index.html?id={place}",
        "shop_id": 7000 + place,
        "status": 0,
        "in_stock": place % 5 > 0,
        "campaign_info": {"left_stock": place * 10},
    }


def _giver(world: DouyinWorld, maker: Maker, place: int) -> dict[str, Any]:
    giver, hides = world.shelves.stranger(maker, place), place == 3
    user = {
        "id_str": "0" if hides else giver.uid,
        "sec_uid": "" if hides else giver.sec_uid,
        "nickname": "神秘人" if hides else giver.name,
        "display_id": "" if hides else giver.handle,
        "avatar_thumb": avatar(giver, "100x100"),
        "fans_club": {"data": {"level": place % 20}},
    }
    return {"rank": place, "score": 10_000 - place, "delta": 0, "is_hidden": hides, "user": user}
