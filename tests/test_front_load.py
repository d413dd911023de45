"""Ten thousand calls with faults: each is answered once, and the server keeps nothing of them."""

import asyncio
from pathlib import Path

import aiohttp
import psutil
import pytest

from tests.long_lived import WORLD
from tests.simulator import Fault
from tests.test_command_serve import serving

CALLS, CLIENTS, SAME = 10_000, 16, 10
FAULTS = [Fault(every=50, do="status", status=502), Fault(every=75, do="reset"), Fault(every=90, do="truncate")]


@pytest.mark.nightly
def test_memory_and_file_descriptors_stay_flat_over_many_calls(tmp_path: Path) -> None:
    words = ["-s", "SERVE_CALLS_PER_MINUTE=0", "-s", "LOG_LEVEL=ERROR", "-s", "RATE_LIMIT_WAIT=0"]

    async def send(url: str, numbers: range) -> dict[int, int]:
        codes: dict[int, int] = {}
        waiting = iter(numbers)

        async def client(session: aiohttp.ClientSession) -> None:
            for number in waiting:
                place = number // 5 % SAME if number % 5 == 0 else number % 90
                post = WORLD.video(number % 2 if number % 5 else 0, place).bvid
                async with session.get(f"{url}/api/bilibili/web/fetch_one_video", params={"bv_id": post}) as answer:
                    body = await answer.json()
                if answer.status == 200:
                    assert body["data"]["video_id"] == post
                assert body["code"] in (200, 502)
                codes[body["code"]] = codes.get(body["code"], 0) + 1

        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*(client(session) for _ in range(CLIENTS)))
        return codes

    with serving(tmp_path, *words, faults=FAULTS) as (server, url, _):
        process = psutil.Process(server.pid)
        first = asyncio.run(send(url, range(CALLS // 2)))
        memory, files = process.memory_info().rss, process.num_fds()
        second = asyncio.run(send(url, range(CALLS // 2, CALLS)))
        grown = (process.memory_info().rss - memory) / 2**20
        assert sum(first.values()) + sum(second.values()) == CALLS
        assert second[200] > 0.9 * CALLS / 2
        assert grown <= 10, f"{grown:.1f} MB"
        assert process.num_fds() <= files + 2, "connections to the platform may be opened anew"
