"""Warm pages: how many, and when one is opened anew. These are made up; test_crawl_browser.py has real ones."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Error

from scraper.network.browser.page import WarmPage
from scraper.network.browser.page_pool import PagePool

HOME = "https://www.site.test/"


class Page:
    """As much of a page as its tab sees.

    :ivar fails: what it raises when it is asked, in order
    """

    def __init__(self) -> None:
        self.listeners: dict[str, Callable[[Any], None]] = {}
        self.closed = False
        self.fails: list[Exception] = []
        self.asked = 0
        self.hangs = False

    def on(self, event: str, listener: Callable[[Any], None]) -> None:
        self.listeners[event] = listener

    def is_closed(self) -> bool:
        return self.closed

    async def close(self) -> None:
        await asyncio.sleep(0)
        self.closed = True

    async def evaluate(self, script: str, argument: Any) -> Any:
        self.asked += 1
        await asyncio.sleep(0)
        if self.fails:
            raise self.fails.pop(0)
        if self.hangs:
            await asyncio.sleep(60)
        return argument

    async def wait_for_function(self, script: str, *, arg: Any, timeout: float) -> None:
        pass


class Opened:
    """Opens pages, and remembers them."""

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self.now = 0.0
        self.generation = 0

    async def __call__(self, home: str) -> WarmPage:
        self.pages.append(Page())
        return WarmPage(self.pages[-1], home, self.generation, lambda: self.now)  # type: ignore[arg-type]

    @property
    def alive(self) -> int:
        return sum(not page.closed for page in self.pages)


def run(steps: Callable[[Opened, PagePool], Awaitable[None]], most: int = 2) -> Opened:
    opened = Opened()
    asyncio.run(steps(opened, PagePool(opened, most)))
    return opened


async def ask(tabs: PagePool, generation: int = 0, home: str = HOME) -> Any:
    async with tabs.borrow(home, lambda: generation) as tab:
        return await tab.run("script", 1, 5)


def test_a_page_is_used_again() -> None:
    async def steps(opened: Opened, tabs: PagePool) -> None:
        for _ in range(20):
            assert await ask(tabs) == 1

    assert len(run(steps).pages) == 1


def test_there_are_no_more_pages_than_may_be() -> None:
    async def steps(opened: Opened, tabs: PagePool) -> None:
        await asyncio.gather(*(ask(tabs) for _ in range(20)))

    assert len(run(steps, most=3).pages) == 3


def test_pages_of_several_homes_share_the_places() -> None:
    async def steps(opened: Opened, tabs: PagePool) -> None:
        for number in range(6):
            await ask(tabs, home=f"https://{number}.site.test/")
            assert opened.alive <= 2

    run(steps, most=2)


def test_a_page_is_opened_anew_by_count_and_by_age() -> None:
    async def steps(opened: Opened, tabs: PagePool) -> None:
        for _ in range(200):
            await ask(tabs)
        assert len(opened.pages) == 1
        await ask(tabs)
        assert len(opened.pages) == 2
        opened.now = 10_000.0
        await ask(tabs)
        assert len(opened.pages) == 3
        assert opened.alive == 1

    run(steps)


def test_a_page_that_crashed_or_was_closed_is_not_asked_again() -> None:
    async def steps(opened: Opened, tabs: PagePool) -> None:
        await ask(tabs)
        opened.pages[0].listeners["crash"](opened.pages[0])
        await ask(tabs)
        opened.pages[1].closed = True
        await ask(tabs)
        assert [page.asked for page in opened.pages] == [1, 1, 1]

    run(steps)


def test_a_page_that_is_refused_again_and_again_is_opened_anew() -> None:
    async def refused(tabs: PagePool, empty_or_denied: bool) -> None:
        async with tabs.borrow(HOME, lambda: 0) as tab:
            tab.note(empty_or_denied)

    async def steps(opened: Opened, tabs: PagePool) -> None:
        for empty_or_denied in (True, False, True):
            await refused(tabs, empty_or_denied)
        assert len(opened.pages) == 1
        await refused(tabs, True)
        await refused(tabs, False)
        assert len(opened.pages) == 2

    run(steps)


def test_pages_of_older_keys_are_opened_anew() -> None:
    async def steps(opened: Opened, tabs: PagePool) -> None:
        await ask(tabs, generation=0)
        await ask(tabs, generation=1)
        assert [page.closed for page in opened.pages] == [True, True]  # what is opened in this test is of generation 0

    run(steps)


def test_a_navigation_in_mid_call_is_waited_for_once() -> None:
    async def steps(opened: Opened, tabs: PagePool) -> None:
        await ask(tabs)
        page = opened.pages[0]
        page.fails = [Error("Execution context was destroyed, most likely because of a navigation")]
        assert await ask(tabs) == 1
        page.fails = [Error("most likely because of a navigation")] * 2
        try:
            await ask(tabs)
        except Error:
            return
        raise AssertionError("it was asked a third time")

    assert run(steps).pages[0].asked == 5


def test_what_fails_otherwise_is_not_tried_here() -> None:
    async def steps(opened: Opened, tabs: PagePool) -> None:
        await ask(tabs)
        opened.pages[0].fails = [Error("Target crashed")]
        try:
            await ask(tabs)
        except Error:
            return
        raise AssertionError("nothing was raised")

    assert run(steps).pages[0].asked == 2


def test_closing_leaves_no_page() -> None:
    async def steps(opened: Opened, tabs: PagePool) -> None:
        await asyncio.gather(ask(tabs), ask(tabs))
        await tabs.close()
        assert not opened.alive

    run(steps)


def test_pages_that_are_spent_together_are_closed_by_one_and_missed_by_none() -> None:
    async def steps(opened: Opened, tabs: PagePool) -> None:
        await asyncio.gather(*(ask(tabs) for _ in range(3)))
        opened.now = 10_000.0
        assert await asyncio.gather(*(ask(tabs) for _ in range(3))) == [1, 1, 1]
        assert opened.alive <= 3

    run(steps, most=3)


def test_a_page_that_gives_no_sign_is_not_asked_again() -> None:
    async def steps(opened: Opened, tabs: PagePool) -> None:
        await ask(tabs)
        opened.pages[0].hangs = True
        with pytest.raises(TimeoutError):
            async with tabs.borrow(HOME, lambda: 0) as tab:
                await tab.run("script", 1, 0.01)
        await ask(tabs)
        assert [(page.closed, page.asked) for page in opened.pages] == [(True, 2), (False, 1)]

    run(steps)


def test_a_page_that_is_newer_than_who_waited_for_it_is_kept() -> None:
    async def steps(opened: Opened, tabs: PagePool) -> None:
        opened.generation = 1
        await ask(tabs, generation=1)
        await ask(tabs, generation=0)
        assert len(opened.pages) == opened.alive == 1

    run(steps)
