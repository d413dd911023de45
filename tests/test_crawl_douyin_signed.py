"""Douyin's endpoints where nothing is answered unsigned: by its own page, in a real Chromium."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.browsers import chromium
from tests.crawling import crawl
from tests.simulator import Fault, World
from tests.simulator.signing import Signing

WORLD = World(seed=1, creators=3, videos=50, comments=70, replies=3)
DOUYIN = WORLD.douyin
USER, BUSY, STAR = DOUYIN.creator(0).sec_uid, DOUYIN.special["busy"], DOUYIN.special_creator("user_live")
ROOM = DOUYIN.special["room"]


@pytest.mark.parametrize(
    "words, count",
    [
        ([f"url={USER}"], 50),
        pytest.param(
            [f"url={USER}", "router=handler_user_profile,fetch_user_followers"], 46, marks=pytest.mark.nightly
        ),
        ([f"url={BUSY}", "router=fetch_video_comments"], 70),
        pytest.param(
            ["url=https://www.douyin.com/search/%E7%8C%AB", "router=fetch_general_search,fetch_user_search"], 90,
            marks=pytest.mark.nightly,
        ),
        pytest.param(["router=fetch_user_collection_videos"], 50, marks=pytest.mark.nightly),
        pytest.param(
            [f"room_id={ROOM}", f"author_id={STAR.uid}", "router=fetch_live_room_product_result"], 25,
            marks=pytest.mark.nightly,
        ),
    ],
    ids=["posts", "users", "comments", "search", "favourites", "products"],
)  # fmt: skip
def test_it_is_signed_by_the_page(words: Sequence[str], count: int) -> None:
    chromium()
    login = {"douyin_web": f'cookie: "{DOUYIN.login_cookie}"\n'}
    done = crawl(*words, world=WORLD, command=("crawl", "douyin"), configs=login, process=True)
    assert (done.code, done.failures, len(done.records)) == (0, [], count)
    assert {record["meta"]["surface"] for record in done.records} <= {"browser", "page"}
    signed = [request for request in done.requests if "a_bogus" in request.query]
    assert signed and {request.status for request in signed} == {200}
    for request in signed:
        assert request.query["browser_version"] in request.headers["user-agent"]


REFUSED = Fault(path="/aweme/v1/web/comment/list/", do="sign", text="Signature Not Found")
CHECKED = Fault(path="/aweme/v1/web/query/user/", do="captcha", json=True)


@pytest.mark.parametrize(
    "faults, code, words",
    [
        ([REFUSED], 403, "the session works elsewhere"),
        pytest.param([REFUSED, CHECKED], 423, "not only this endpoint", marks=pytest.mark.nightly),
    ],
)
def test_where_the_page_is_refused_as_well_the_session_is_asked_after(
    faults: Sequence[Fault], code: int, words: str
) -> None:
    chromium()
    done = crawl(
        f"url={BUSY}", "router=fetch_video_comments", world=WORLD, command=("crawl", "douyin"),
        configs={"douyin_web": ""}, faults=faults, process=True,
    )  # fmt: skip
    failure = done.only()
    assert failure["code"] == code and words in failure["data"]["error"]["message"]
    asked = [bool(request.query.get("a_bogus")) for request in done.asked(REFUSED.path)]
    assert asked == [False, True, True], "unsigned, then by the page, and by a page that was opened anew"
    assert len(done.asked(CHECKED.path)) == 1


def test_nothing_is_lost_while_the_way_to_sign_changes() -> None:
    chromium()
    world = World(seed=1, creators=3, videos=50, comments=70, signing={"douyin": Signing(rotate_after=3)})
    maker = world.douyin.creator(0)
    done = crawl(
        f"url={maker.sec_uid}",
        "count=5",
        world=world,
        command=("crawl", "douyin"),
        configs={"douyin_web": ""},
        process=True,
    )
    assert (done.code, done.failures) == (0, [])
    assert [record["video_id"] for record in done.records] == list(world.douyin.ids(0))
    assert [request.status for request in done.requests if "a_bogus" in request.query].count(403) >= 3
