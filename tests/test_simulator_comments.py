"""The simulated comments: whole with a login, walled without, replies open to everyone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from tests.simulator import Simulator, World
from tests.simulator.browser import Browser, browse

COMMENTS = "/x/v2/reply/wbi/main"


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator(World(seed=1, creators=1, videos=40, comments=65)) as running:
        yield running


async def _comments(browser: Browser, oid: int, mode: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    pages: list[dict[str, Any]] = []
    offset = ""
    while True:
        wanted = orjson.dumps({"offset": offset}).decode()
        data = (await browser.signed(COMMENTS, type=1, oid=oid, mode=mode, pagination_str=wanted))["data"]
        pages.append(data)
        if data["cursor"]["is_end"] or not data["replies"]:
            return [reply for page in pages for reply in page["replies"] or []], pages
        offset = data["cursor"]["pagination_reply"]["next_offset"]


@pytest.mark.parametrize(("mode", "sort"), [(3, "hot"), (2, "time")])
@pytest.mark.parametrize("comments", [60, 65])
def test_all_comments_with_a_login(mode: int, sort: str, comments: int) -> None:
    with Simulator(World(comments=comments)) as sim:
        video = sim.world.video_by_bvid(str(sim.world.special["busy"]))
        assert video is not None

        async def talk(browser: Browser) -> None:
            idents, pages = await _comments(browser, video.aid, mode)
            assert [reply["rpid"] for reply in idents] == list(sim.world.comment_ids(video, sort))
            assert len(pages) == 4
            pinned = sim.world.pinned(video)
            assert [page["top"]["upper"] and page["top"]["upper"]["rpid"] for page in pages] == [
                pinned,
                None,
                None,
                None,
            ]
            assert pages[0]["top_replies"][0]["rpid"] == pinned
            total = sum(1 + reply["count"] for reply in idents)
            assert pages[0]["cursor"]["all_count"] == total

        browse(sim, talk, sim.world.login_cookie)


def test_the_wall_for_anonymous_callers(sim: Simulator) -> None:
    video = sim.world.video_by_bvid(str(sim.world.special["busy"]))
    assert video is not None

    async def talk(browser: Browser) -> None:
        idents, pages = await _comments(browser, video.aid, 3)
        assert len(idents) == 20
        cursor = pages[1]["cursor"]
        assert (cursor["is_end"], cursor["next"], cursor["name"], pages[1]["replies"]) == (False, 0, "", None)
        assert pages[1]["upper"]["mid"] == 0
        paged = [await browser.get("/x/v2/reply", type=1, oid=video.aid, sort=1, pn=page) for page in (1, 2)]
        assert [page["data"]["page"]["num"] for page in paged] == [1, 0]

    browse(sim, talk)


def test_replies_are_open_and_come_in_twenties(sim: Simulator) -> None:
    video = sim.world.video_by_bvid(str(sim.world.special["busy"]))
    assert video is not None
    root = max(sim.world.comment_ids(video), key=lambda rpid: sim.world.replies(video, rpid))

    async def talk(browser: Browser) -> None:
        path, query = "/x/v2/reply/reply", {"type": 1, "oid": video.aid, "root": root, "ps": 49}
        pages = [(await browser.get(path, **query, pn=page))["data"] for page in (1, 2, 3)]
        assert [page["page"]["size"] for page in pages] == [20, 20, 20]
        idents = [reply["rpid"] for page in pages for reply in page["replies"] or []]
        assert idents == list(sim.world.reply_ids(video, root))
        assert len(idents) == pages[0]["page"]["count"] == 25

    browse(sim, talk)
