"""A crawler that never ends: many callers at once, each with wants of its own, each answered once, nothing kept."""

import asyncio
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from scraper.crawling.long_lived import CrawlerStoppedError, LongLivedCrawler
from scraper.output.envelope import Envelope
from scraper.responses.exceptions import ArgumentError
from tests.long_lived import WORLD, answers

ROUTER = "/api/bilibili/web"
VIDEO, COMMENTS, LIST = (
    f"{ROUTER}/fetch_one_video",
    f"{ROUTER}/fetch_video_comments",
    f"{ROUTER}/fetch_user_post_videos",
)
HYBRID = "/api/hybrid/video_data"


def keys(envelopes: list[Envelope]) -> list[str]:
    return [str(envelope.data.meta.key) for envelope in envelopes]


def test_each_caller_gets_its_own_answers(live: Any) -> None:
    """200 calls by 10 callers; 20 of them ask at the same time for one link, each in its own way."""
    shared, own = WORLD.creator(0), WORLD.creator(1)

    async def caller(crawler: LongLivedCrawler, number: int) -> list[tuple[dict[str, Any], list[Envelope]]]:
        link = f"https://space.bilibili.com/{shared.mid}"
        wants: list[dict[str, Any]] = [
            {"url": link, "max_items": number + 1, "count": 10 + number},
            {"url": link, "pn": "2", "max_items": number + 1, "answer_router": HYBRID},
        ]
        together = await asyncio.gather(*(answers(crawler, **arguments) for arguments in wants))
        done = list(zip(wants, together, strict=True))
        for place in range(18):
            video = WORLD.video(1, (number * 18 + place) % 60).bvid
            want: dict[str, Any] = {"url": f"https://www.bilibili.com/video/{video}"}
            want |= {"answer_router": HYBRID} if place % 2 else {"router": "fetch_one_video"}
            done.append((want, await answers(crawler, **want)))
        return done

    async def run() -> list[list[tuple[dict[str, Any], list[Envelope]]]]:
        async with live() as crawler:
            return await asyncio.gather(*(caller(crawler, number) for number in range(10)))

    calls = [call for done in asyncio.run(run()) for call in done]
    assert len(calls) == 200 and own.mid != shared.mid
    for want, envelopes in calls:
        assert [envelope.code for envelope in envelopes] == [200] * want.get("max_items", 1), want
        assert len(set(keys(envelopes))) == len(envelopes)
        usual = LIST if "max_items" in want else VIDEO
        assert {envelope.router for envelope in envelopes} == {want.get("answer_router", usual)}
        assert {envelope.data.meta.target for envelope in envelopes} == {want["url"]}
    firsts = [keys(envelopes)[0] for want, envelopes in calls if "count" in want]
    seconds = [keys(envelopes)[0] for want, envelopes in calls if "pn" in want]
    assert len(set(firsts)) == len(set(seconds)) == 1 and firsts[0] != seconds[0], "each began at its own cursor"


def test_what_an_earlier_page_found_out_takes_no_turn(live: Any) -> None:
    """Each page of a creator needs the id behind the handle, which only the first one has to request."""
    link = f"https://www.tiktok.com/@{WORLD.tiktok.creator(0).handle}"

    async def run() -> None:
        with live.simulator() as (sim, settings):
            async with LongLivedCrawler(settings) as crawler:
                lists: list[dict[str, Any]] = []
                call = {"url": link, "max_pages": "1", "lists": lists}
                for _ in range(4):
                    assert {envelope.code for envelope in await answers(crawler, **call)} == {200}
                    call["cursor"] = lists[-1]["arguments"]["cursor"]
                sent = [request for request in sim.requests if "tiktok" in request.host]
                assert crawler.crawler.stats.get_value("downloader/request_count") == len(sent)

    asyncio.run(run())


def test_the_tags_of_a_caller_are_in_its_envelopes(live: Any) -> None:
    link = f"https://www.bilibili.com/video/{WORLD.video(0, 0).bvid}"

    async def run() -> tuple[list[Envelope], list[Envelope]]:
        async with live() as crawler:
            return await asyncio.gather(
                answers(crawler, url=f"{link}\nBV1xx411c7mD", follow=["comments"], max_items=2, tags={"team": "red"}),
                answers(crawler, url=link),
            )

    tagged, plain = asyncio.run(run())
    assert sorted(envelope.code for envelope in tagged) == [200, 200, 200, 404]
    assert [envelope.data.meta.tags for envelope in tagged] == [{"team": "red"}] * 4
    assert [envelope.data.meta.tags for envelope in plain] == [None]


def test_what_one_caller_follows_no_other_gets(live: Any) -> None:
    link = f"https://www.bilibili.com/video/{WORLD.video(0, 0).bvid}"

    async def run() -> tuple[list[Envelope], list[Envelope], list[Envelope]]:
        async with live() as crawler:
            return await asyncio.gather(
                answers(crawler, url=link, follow=["comments"], max_pages=1),
                answers(crawler, url=link),
                answers(crawler, url=f"{link} {link}"),
            )

    followed, plain, twice = asyncio.run(run())
    assert {envelope.router for envelope in followed} == {VIDEO, COMMENTS}
    assert [envelope.router for envelope in plain] == [VIDEO]
    assert [envelope.code for envelope in twice] == [200, 200], "one input twice in an ask is answered twice"


def test_inputs_that_make_no_request_are_answered(live: Any) -> None:
    async def run() -> list[Envelope]:
        async with live() as crawler:
            with pytest.raises(ArgumentError, match="unknown argument nonsense"):
                await answers(crawler, url="x", nonsense="1")
            return await answers(crawler, url="no link at all")

    (envelope,) = asyncio.run(run())
    assert envelope.code == 400


def test_a_caller_that_leaves_costs_the_others_nothing(live: Any) -> None:
    async def run() -> tuple[list[Envelope], int]:
        async with live() as crawler:
            link = f"https://space.bilibili.com/{WORLD.creator(0).mid}"
            async for _ in crawler.ask(url=link):
                break
            video = await answers(crawler, url=WORLD.video(1, 0).bvid)
            for _ in range(200):
                if not (left := crawler.open_asks):
                    break
                await asyncio.sleep(0.02)
            return video, left

    video, left = asyncio.run(run())
    assert [envelope.code for envelope in video] == [200] and left == 0


def test_who_waits_when_the_crawler_stops_is_told(live: Any) -> None:
    async def run() -> None:
        async with live() as crawler:
            waiting = asyncio.ensure_future(answers(crawler, url=" ".join(WORLD.video(0, n).bvid for n in range(60))))
            await asyncio.sleep(0.05)
            await crawler.stop(now=True)
            with pytest.raises(CrawlerStoppedError):
                await waiting

    asyncio.run(run())


def test_danmaku_become_files_while_the_crawler_runs(live: Any, tmp_path: Path) -> None:
    """It is never idle, but at times nobody waits for an answer."""
    link = f"https://www.bilibili.com/video/{WORLD.video(0, 0).bvid}"
    settings = {"MEDIA": "danmaku", "MEDIA_DANMAKU": "xml", "MEDIA_STORE": str(tmp_path / "store")}

    async def run() -> list[list[Path]]:
        async with live(**settings) as crawler:
            seen = []
            for _ in range(2):
                got = await answers(crawler, url=link, follow=["danmaku"])
                assert {envelope.code for envelope in got} <= {200, 206}
                for _ in range(500):
                    if files := [*(tmp_path / "store").rglob("*.xml")]:
                        break
                    await asyncio.sleep(0.02)
                seen.append(files)
                for file in files:
                    file.unlink()
            return seen

    first, second = asyncio.run(run())
    assert len(first) == 1 and first == second


def grown(calls: int, live: Any) -> float:
    """Return by how many megabytes memory grows over the second half of some calls."""

    async def run() -> float:
        async with live() as crawler:
            half = calls // 2

            async def caller(number: int) -> None:
                for place in range(half // 10):
                    link = WORLD.video(number % 2, place % 60).bvid
                    (envelope,) = await answers(crawler, url=link)
                    assert envelope.code == 200

            await asyncio.gather(*map(caller, range(10)))
            tracemalloc.start()
            before = tracemalloc.get_traced_memory()[0]
            await asyncio.gather(*map(caller, range(10)))
            after = tracemalloc.get_traced_memory()[0]
            tracemalloc.stop()
            assert crawler.open_asks == 0
            return (after - before) / 2**20

    return asyncio.run(run())


@pytest.mark.nightly
def test_nothing_is_kept_of_an_ask_that_is_done(live: Any) -> None:
    assert grown(400, live) <= 5


@pytest.mark.nightly
def test_memory_is_flat_over_many_calls(live: Any) -> None:
    assert grown(2000, live) <= 2
