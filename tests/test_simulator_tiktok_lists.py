"""The simulated TikTok: its lists, through a real client."""

from __future__ import annotations

import pytest

from tests.simulator import Simulator, World
from tests.simulator.browser import Reply, visit
from tests.simulator.platforms.tiktok.signed import SIGNED
from tests.simulator.reading.tiktok import SITE, body
from tests.simulator.signing import OPEN
from tests.simulator.worlds.tiktok import TiktokWorld


@pytest.fixture
def open_sim() -> Simulator:
    with Simulator(World(seed=1, creators=3, videos=80, comments=60, signing=OPEN), []) as sim:
        yield sim


def asked(sim: Simulator, path: str, login: bool = False, **query: object) -> Reply:
    words = "&".join(f"{name}={value}" for name, value in query.items())
    cookie = {"Cookie": sim.world.tiktok.login_cookie} if login else {}
    return visit(sim, f"{SITE}{path}?{words}", **cookie)[0]


@pytest.mark.parametrize("path", SIGNED)
def test_nothing_that_wants_a_signature_is_told_without_one(sim: Simulator, path: str) -> None:
    sim.faults = []
    refused = visit(sim, f"{SITE}{path}?aid=1988&cursor=0&count=20")[0]
    assert (refused.body, refused.headers["tt_orcas_res"]) == (b"", "1")


def test_lists_by_how_many_came_before(open_sim: Simulator) -> None:
    world: TiktokWorld = open_sim.world.tiktok
    path, who = "/api/repost/item_list/", world.creator(0).sec_uid
    pages = [body(asked(open_sim, path, secUid=who, count=30, cursor=cursor)) for cursor in (0, 30, 60, 75)]
    assert [len(page.get("itemList", [])) for page in pages] == [30, 30, 15, 0]
    assert [page["hasMore"] for page in pages] == [True, True, False, False]
    assert [page["cursor"] for page in pages] == ["30", "60", "75", "75"]
    assert body(asked(open_sim, path, secUid=who, count=50, cursor=0))["statusCode"] == 10201
    assert body(asked(open_sim, path, secUid="MS4wLjABAAAAnobody", count=30, cursor=0))["statusCode"] == 10202


def test_posts_by_time(open_sim: Simulator) -> None:
    world: TiktokWorld = open_sim.world.tiktok
    asks = {"secUid": world.creator(0).sec_uid, "count": 35}
    first = body(asked(open_sim, "/api/post/item_list/", cursor=0, **asks))
    second = body(asked(open_sim, "/api/post/item_list/", cursor=first["cursor"], **asks))
    idents = [work["id"] for page in (first, second) for work in page["itemList"]]
    assert idents == list(world.ids(0))[:70] and second["hasMore"] is True
    closed = {**asks, "secUid": world.special_creator("user_private_counted").sec_uid}
    assert "itemList" not in body(asked(open_sim, "/api/post/item_list/", cursor=0, **closed))
    assert body(asked(open_sim, "/api/post/item_list/", cursor=0, **{**asks, "count": 15}))["statusCode"] == 10201


def test_comments_end_in_null_and_are_fewer_than_declared(open_sim: Simulator) -> None:
    world: TiktokWorld = open_sim.world.tiktok
    work = world.special_work("busy")
    last = body(asked(open_sim, "/api/comment/list/", aweme_id=work.id, count=50, cursor=50))
    beyond = body(asked(open_sim, "/api/comment/list/", aweme_id=work.id, count=50, cursor=60))
    assert (len(last["comments"]), last["has_more"], beyond["comments"]) == (10, 0, None)
    assert last["total"] == world.talk.all(work) > 60
    assert body(asked(open_sim, "/api/comment/list/", aweme_id=work.id, count=51, cursor=0))["status_code"] == 10201


def test_users_are_told_to_a_login(open_sim: Simulator) -> None:
    maker = open_sim.world.tiktok.creator(0)
    asks = {"secUid": maker.sec_uid, "scene": 67, "count": 30, "minCursor": 0, "maxCursor": 0}
    assert body(asked(open_sim, "/api/user/list/", **asks))["userList"] == []
    first = body(asked(open_sim, "/api/user/list/", login=True, **asks))
    again = {**asks, "minCursor": first["minCursor"], "maxCursor": first["minCursor"]}
    second = body(asked(open_sim, "/api/user/list/", login=True, **again))
    assert (first["total"], len(first["userList"]), first["hasMore"]) == (65, 30, True)
    users = [entry["user"]["id"] for page in (first, second) for entry in page["userList"]]
    assert len(set(users)) == 60
