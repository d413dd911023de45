"""One more request goes out only after an answer was read; nobody is locked out for ever."""

import asyncio

from scrapy.http import Request

from scraper.identities.gate import Gate

URL = "https://site.test/"


def test_a_request_is_inside_until_its_answer_was_read() -> None:
    gate, first, second, third = Gate(), Request(URL), Request(URL), Request(URL)
    gate.enter(first)
    gate.enter(first)
    assert gate.admits(first, 1) and not gate.admits(second, 1) and gate.admits(second, 2)
    gate.enter(second)
    assert not gate.admits(third, 2)
    gate.leave(first)
    gate.leave(first)
    assert not gate.admits(third, 1) and gate.admits(third, 2), "an answer that is read twice frees one place"


def test_a_request_that_nobody_answers_leaves_when_it_is_gone() -> None:
    gate, request = Gate(), Request(URL)
    gate.enter(request)
    del request
    assert gate.admits(Request(URL), 1)


def test_who_waits_is_woken_by_the_one_that_leaves() -> None:
    async def check() -> None:
        gate, request = Gate(), Request(URL)
        gate.enter(request)
        waiting = asyncio.ensure_future(gate.wait(60))
        await asyncio.sleep(0)
        gate.leave(request)
        await asyncio.wait_for(waiting, 5)

    asyncio.run(check())
