"""The simulated Douyin: its works on every route, through a real client."""

from __future__ import annotations

import re

import pytest

from tests.simulator import Simulator
from tests.simulator.browser import AGENT, visit
from tests.simulator.reading.douyin import (
    DETAIL,
    KNOWN,
    LOOKS,
    PHONE,
    PLAYER,
    PROFILE,
    SITE,
    body,
    player,
    router_data,
    seen,
    share,
    slides,
)
from tests.simulator.worlds.douyin import CODES, HALF, MAKERS, REASONS, REFUSED, VISIBLE, DouyinWorld


@pytest.fixture
def world(sim: Simulator) -> DouyinWorld:
    sim.faults = []
    return sim.world.douyin


def test_ids_are_computed_both_ways(world: DouyinWorld) -> None:
    for index in range(world.creators + len(MAKERS)):
        maker = world.creator(index)
        assert re.fullmatch(r"MS4wLjABAAAA(?:[\w-]{43}|[\w-]{64})", maker.sec_uid)
        assert world.creator_of(maker.sec_uid) == maker
        for ident in world.ids(index):
            work = world.work_of(ident)
            assert work is not None
            assert (work.owner == index, len(ident)) == (True, 19)
            assert int(ident) >> 32 == work.created
            assert world.work_of(str(int(ident) + 1)) is None
    assert world.creator_of("MS4wLjABAAAA" + "A" * 43) is world.creator_of("nonsense") is world.work_of("x") is None


def test_visible_works(sim: Simulator, world: DouyinWorld) -> None:
    for name in (*VISIBLE, ""):
        ident = world.special.get(name) or world.video(0, 0).id
        works = seen(sim, ident)
        assert [work["aweme_id"] for work in works] == [ident] * 3, name
        assert works[2]["author"]["sec_uid"] == world.creator(world.work_of(ident).owner).sec_uid  # type: ignore[union-attr]
    shown = {name: seen(sim, world.special[name])[2] for name in VISIBLE}
    assert [image["clip_type"] for image in shown["mixed"]["images"]] == [2, 5, 2]
    assert shown["live_photo"]["images"][0]["video"]["play_addr"]["url_list"]
    assert all(rate["is_h265"] for rate in shown["h265_only"]["video"]["bit_rate"])
    assert (shown["no_bit_rate"]["video"]["bit_rate"], shown["null_bit_rate"]["video"]["bit_rate"]) == ([], None)
    assert "create_time" not in shown["no_create_time"]
    assert shown["null_lists"]["text_extra"] is None
    assert shown["nested"]["duet_origin_item"]["aweme_id"] == world.video(0, 0).id
    assert shown["in_mix"]["mix_info"]["mix_id"] == world.special["mix_id"]


def test_works_that_only_some_routes_show(sim: Simulator, world: DouyinWorld) -> None:
    for name in HALF:
        shown = [answer is not None and answer != [] and answer != b"" for answer in seen(sim, world.special[name])]
        assert shown == ([False, True, True] if name.startswith("page_") else [True, True, False]), name


def test_filtered_works(sim: Simulator, world: DouyinWorld) -> None:
    idents = {name: world.special[name] for name in REASONS}
    pages = visit(sim, *map(share, idents.values()), User_Agent=PHONE)
    some = visit(sim, *map(slides, idents.values()))
    ones = visit(sim, *map(player, idents.values()), **PLAYER)
    for name, page, many, one in zip(idents, pages, some, ones, strict=True):
        [lost] = router_data(page)["videoInfoRes"]["filter_list"]
        assert (body(one)["status_code"], body(one)["aweme_detail"]) == (0, None)
        assert body(many)["aweme_details"] == []
        filtered = [lost, body(many)["filter_list"][0], body(one)["filter_detail"]]
        assert [lost["filter_reason"] for lost in filtered] == [REASONS[name]] * 3
        assert {lost["aweme_id"] for lost in filtered} == {idents[name]}
    [unknown] = visit(sim, player(world.special["unknown_id"]), **PLAYER)
    assert body(unknown)["filter_detail"]["filter_reason"] == "SYSTEM_ITEM_NOT_EXIST"


def test_codes(sim: Simulator, world: DouyinWorld) -> None:
    idents = [world.special[name] for name in CODES]
    assert [body(reply)["status_code"] for reply in visit(sim, *map(player, idents), **PLAYER)] == list(CODES.values())
    assert [body(reply)["status_code"] for reply in visit(sim, *map(slides, idents))] == list(CODES.values())
    pages = visit(sim, *map(share, idents), User_Agent=PHONE)
    assert [router_data(page)["videoInfoRes"]["status_code"] for page in pages] == list(CODES.values())
    assert [body(reply)["status_code"] for reply in visit(sim, player("x"), **PLAYER)] == [5]


@pytest.mark.parametrize("name", REFUSED)
def test_refused_works(sim: Simulator, world: DouyinWorld, name: str) -> None:
    ident = world.special[name]
    assert LOOKS[name](visit(sim, player(ident), **PLAYER)[0])
    assert LOOKS[name](visit(sim, slides(ident))[0])
    [page] = visit(sim, share(ident), User_Agent=PHONE)
    if b"_ROUTER_DATA" in page.body:
        info = router_data(page).get("videoInfoRes")
        assert info == {"empty_object": {}, "status_only": {"status_code": 0}}.get(name)
    else:
        assert LOOKS[name](page)


def test_signatures(sim: Simulator, world: DouyinWorld) -> None:
    ident, user = world.video(0, 0).id, world.creator(0).sec_uid
    query = f"device_platform=webapp&aid=6383&aweme_id={ident}"
    urls = [f"{DETAIL}?{query}", f"{DETAIL}?aid=6383&aweme_id={ident}", f"{DETAIL}?{query}&a_bogus=made-up"]
    replies = visit(sim, *urls, Referer=f"{SITE}/", **KNOWN)
    assert [reply.body for reply in replies] == [b"", b'{"status_code":0}', b"sign invalid"]
    assert [(violation.kind, violation.what) for violation in sim.violations] == [("imitation", "a_bogus")]
    notary = sim.notaries["douyin"]
    token = notary.open("1").token
    session = {"Cookie": f"ttwid=1; msToken={token}"}
    sealed = f"{DETAIL}?{notary.sign(query, AGENT, token)}"
    assert body(visit(sim, sealed, **session)[0])["aweme_detail"]["aweme_id"] == ident
    query = f"sec_user_id={user}&aid=6383"
    assert visit(sim, f"{PROFILE}?{query}", Cookie=world.login_cookie, **PLAYER)[0].body == b""
    [signed] = visit(sim, f"{PROFILE}?{notary.sign(query, AGENT, token)}", **session)
    assert body(signed)["user"]["sec_uid"] == user
    sim.forget()
    assert sim.violations == []


def test_the_old_application_number_shows_no_images(sim: Simulator, world: DouyinWorld) -> None:
    urls = [f"{DETAIL}?aweme_id={world.special['images_base']}&aid={number}" for number in (1128, 6383)]
    old, new = (body(reply) for reply in visit(sim, *urls, **PLAYER))
    assert old["filter_detail"]["filter_reason"] == "images_base"
    assert new["aweme_detail"]["images"]
