"""One more request goes out only after an answer was read; nobody is locked out for ever."""

import asyncio

from scrapy.http import Request

from scraper.identities.in_flight import InFlight

URL = "https://site.test/"


def test_a_request_is_inside_until_its_answer_was_read() -> None:
    in_flight, first, second, third = InFlight(), Request(URL), Request(URL), Request(URL)
    in_flight.enter(first)
    in_flight.enter(first)
    assert in_flight.admits(first, 1) and not in_flight.admits(second, 1) and in_flight.admits(second, 2)
    in_flight.enter(second)
    assert not in_flight.admits(third, 2)
    in_flight.leave(first)
    in_flight.leave(first)
    assert not in_flight.admits(third, 1) and in_flight.admits(third, 2), "an answer that is read twice frees one place"


def test_a_request_that_nobody_answers_leaves_when_it_is_gone() -> None:
    in_flight, request = InFlight(), Request(URL)
    in_flight.enter(request)
    del request
    assert in_flight.admits(Request(URL), 1)


def test_who_waits_is_woken_by_the_one_that_leaves() -> None:
    async def check() -> None:
        in_flight, request = InFlight(), Request(URL)
        in_flight.enter(request)
        waiting = asyncio.ensure_future(in_flight.wait(60))
        await asyncio.sleep(0)
        in_flight.leave(request)
        await asyncio.wait_for(waiting, 5)

    asyncio.run(check())
