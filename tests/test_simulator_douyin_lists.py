"""The simulated Douyin's lists: computed both ways, and told to signed requests alone."""

from __future__ import annotations

import pytest

from tests.simulator import Simulator, World
from tests.simulator.browser import visit
from tests.simulator.platforms.douyin.signed import SIGNED
from tests.simulator.reading.douyin import KNOWN, SITE, body
from tests.simulator.signing import OPEN
from tests.simulator.worlds.douyin import MAKERS, DouyinWorld


@pytest.fixture
def world(sim: Simulator) -> DouyinWorld:
    sim.faults = []
    return sim.world.douyin


def test_comments_are_computed_both_ways(world: DouyinWorld) -> None:
    talk = world.talk
    for work in (world.special_work("busy"), *(world.video(0, place) for place in range(5))):
        idents = list(talk.idents(work))
        assert len(set(idents)) == len(idents) == talk.count(work)
        assert sorted(index for ident in idents if (index := talk.index_of(work, ident)) is not None) == list(
            range(talk.count(work))
        )
        replies = [ident for index in range(talk.count(work)) for ident in talk.reply_idents(work, index)]
        assert talk.all(work) == len({*idents, *replies}) and all(
            talk.index_of(work, reply) is None for reply in replies
        )
    assert talk.index_of(world.video(0, 0), "1") is talk.index_of(world.video(0, 0), "x") is None
    assert talk.count(world.special_work("comments_closed")) == 0


def test_mixes_sounds_and_hashtags_are_computed_both_ways(world: DouyinWorld) -> None:
    shelves = world.shelves
    for index in range(world.creators + len(MAKERS)):
        maker = world.creator(index)
        for place in range(shelves.mixes(maker)):
            mix = shelves.mix(maker, place)
            assert shelves.mix_of(world.mix_id(mix.number)) == mix
        assert shelves.mix_of(world.mix_id(shelves.mix(maker, shelves.mixes(maker)).number)) is None
    work = world.video(1, 3)
    assert shelves.sound_of(str(int(work.id) - 1_000_000)) == work and shelves.sound_of("7") is None
    assert shelves.hashtag_maker("1599999999999999") is shelves.hashtag_maker("x") is shelves.mix_of("x") is None


@pytest.mark.parametrize("path", SIGNED)
def test_nothing_in_the_table_is_told_unsigned(sim: Simulator, world: DouyinWorld, path: str) -> None:
    host = "https://live.douyin.com" if path.startswith(("/webcast/", "/live/")) else SITE
    [reply] = visit(sim, f"{host}{path}?device_platform=webapp&aid=6383", Referer=f"{SITE}/", **KNOWN)
    assert reply.body == b""


def test_pages_of_a_list() -> None:
    with Simulator(World(creators=2, videos=40, signing=OPEN)) as sim:
        world = sim.world.douyin
        url = f"{SITE}/aweme/v1/web/aweme/post/?sec_user_id={world.creator(0).sec_uid}&count=18&max_cursor="
        cursor, idents, pages = 0, [], 0
        while True:
            page = body(visit(sim, f"{url}{cursor}", **KNOWN)[0])
            idents += [work["aweme_id"] for work in page["aweme_list"]]
            pages, cursor = pages + 1, page["max_cursor"]
            if not page["has_more"]:
                break
        assert (pages, idents) == (3, list(world.ids(0)))
