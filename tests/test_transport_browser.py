"""The transport by a browser, where there is no browser to speak of; test_crawl_browser.py has a real one."""

import asyncio
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.async_api import Error
from playwright.async_api import TimeoutError as PageTimeoutError
from scrapy.http import HtmlResponse
from scrapy.settings import Settings
from scrapy.utils.test import get_crawler
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from scraper.identities.holding import InMemory
from scraper.identities.request_budget import RequestBudget
from scraper.identities.service_config import Pace
from scraper.network.browser import launcher, transport
from scraper.network.browser.launcher import BrowserLauncher
from scraper.network.browser.session import BrowserSession
from scraper.network.browser.session_limit import BrowserSessions
from scraper.network.browser.transport import Browser
from scraper.responses.exceptions import Closing, Refused
from spiders.bilibili.spider import BilibiliSpider

SECRET = "wss://user:hunter2@127.0.0.1:9/devtools?token=hunter2"


class Handler:
    """As much of scrapy-playwright's as starting a browser takes.

    :param error: what the start raises
    """

    def __init__(self, error: Exception):
        self.error, self.closed = error, 0
        self.config = SimpleNamespace()

    async def _launch(self) -> None:
        raise self.error

    async def close(self) -> None:
        self.closed += 1


def started(settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> Handler:
    handler = Handler(error or Error("must not be reached"))
    if error:
        monkeypatch.setattr(launcher, "build_from_crawler", lambda *args: handler)
    else:

        def refuse(kind: type, crawler: Any) -> Any:
            assert kind is ScrapyPlaywrightDownloadHandler
            raise ValueError("Expecting value: hunter2")

        monkeypatch.setattr(launcher, "build_from_crawler", refuse)
    made = BrowserLauncher(SimpleNamespace(settings=Settings(settings)))  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(Refused) as raised:
            asyncio.run(made.handler())
        verdict = raised.value.verdict
        assert verdict.unavailable and verdict.final and "hunter2" not in verdict.message
        handler.message = verdict.message  # type: ignore[attr-defined]
    return handler


@pytest.mark.parametrize(
    "error", [Error(f"connect_over_cdp: {SECRET} 403"), OSError("hunter2"), TypeError("hunter2"), Error("")]
)
def test_a_browser_that_does_not_start_is_said_once_and_without_a_secret(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    handler = started({"PLAYWRIGHT_CDP_URL": SECRET}, monkeypatch, error)
    assert handler.closed == 1
    assert "127.0.0.1:9" in handler.message and "PLAYWRIGHT_CDP_URL" in handler.message  # type: ignore[attr-defined]
    own = [record for record in caplog.records if record.name != "asyncio"]  # which tells of what other tests left
    levels = [record.levelname for record in own if record.levelno > logging.DEBUG]
    assert levels == ["WARNING"] and "hunter2" not in caplog.text
    assert not logging.getLogger("scrapy-playwright").isEnabledFor(logging.INFO)


def test_ill_formed_settings_keep_it_from_starting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = {"STATE_DIR": str(tmp_path), "PLAYWRIGHT_LAUNCH_OPTIONS": "{"}
    assert "must be a JSON object" in started(settings, monkeypatch).message  # type: ignore[attr-defined]
    settings = {"PLAYWRIGHT_CDP_URL": "ws://127.0.0.1:9", "PLAYWRIGHT_LAUNCH_OPTIONS": "{"}
    assert "PLAYWRIGHT_" in started(settings, monkeypatch).message  # type: ignore[attr-defined]


PATIENCE_S = 60


class Held:
    """The session of an identity, in a browser that is none; it notes when it is closed."""

    def __init__(self, serial: int, log: list[str], pool: Any):
        self.serial, self._log, self._pool, self.users = serial, log, pool, 0
        log.append(f"open {serial}")

    def is_obsolete(self) -> bool:
        return self.serial not in self._pool and not self.users

    async def close(self) -> None:
        self._log.append(f"close {self.serial}")


class Browsing:
    """Requests of identities, each of which lasts until it is told to end."""

    def __init__(self, most: int) -> None:
        self.log: list[str] = []
        self.configured = set(range(100))
        self.sessions, self._ends = BrowserSessions(most), dict[int, asyncio.Event]()

    async def ask(self, serial: int) -> None:
        identity: Any = SimpleNamespace(serial=serial)
        new: Any = lambda: Held(serial, self.log, self.configured)  # noqa: E731
        async with self.sessions.borrow(identity, new):
            self._ends[serial] = asyncio.Event()
            await self._ends[serial].wait()

    async def start(self, *serials: int) -> list[asyncio.Task[None]]:
        tasks = [asyncio.create_task(self.ask(serial)) for serial in serials]
        await self._settle()
        return tasks

    async def end(self, *serials: int) -> None:
        for serial in serials:
            self._ends.pop(serial).set()
        await self._settle()

    async def _settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)


def test_an_identity_that_was_configured_anew_is_closed_when_nobody_uses_it() -> None:
    async def steps() -> list[str]:
        browsing = Browsing(most=9)
        await browsing.start(7)
        browsing.configured.remove(7)
        await browsing.start(8)
        await browsing.end(8)
        assert browsing.log == ["open 7", "open 8"]
        await browsing.end(7)
        return browsing.log

    assert asyncio.run(steps()) == ["open 7", "open 8", "close 7"]


def test_few_identities_are_in_the_browser_at_once_however_many_there_are() -> None:
    """The one used least recently makes room; one that is in use does not."""

    async def steps() -> None:
        browsing = Browsing(most=2)
        await browsing.start(1, 2, 3)
        assert browsing.log == ["open 1", "open 2"], "the third waits: both places are in use"
        await browsing.end(1)
        assert browsing.log == ["open 1", "open 2", "close 1", "open 3"]
        await browsing.end(2)
        await browsing.start(2)
        await browsing.end(2, 3)
        await browsing.start(4)
        assert browsing.log[4:] == ["close 3", "open 4"], "2 was used later"

    asyncio.run(steps())


@pytest.mark.parametrize("identities", [5, 80])
def test_every_request_is_answered_in_the_end(identities: int) -> None:
    async def ask(browsing: Browsing, serial: int) -> None:
        new: Any = lambda: Held(serial, browsing.log, browsing.configured)  # noqa: E731
        async with browsing.sessions.borrow(SimpleNamespace(serial=serial), new):  # type: ignore[arg-type]
            await asyncio.sleep(0)

    async def steps() -> list[str]:
        browsing = Browsing(most=3)
        await asyncio.wait_for(asyncio.gather(*(ask(browsing, n % identities) for n in range(400))), PATIENCE_S)
        return browsing.log

    is_open, most = set[str](), 0
    for what, serial in map(str.split, asyncio.run(steps())):
        (is_open.add if what == "open" else is_open.remove)(serial)
        most = max(most, len(is_open))
    assert most == 3


def test_few_pages_load_at_once(tmp_path: Path) -> None:
    """Of all identities together: on a small machine they would all be too late."""
    loading: list[int] = []
    most = 0

    async def download(request: Any) -> HtmlResponse:
        nonlocal most
        loading.append(1)
        most = max(most, len(loading))
        await asyncio.sleep(0)
        loading.pop()
        request.meta["playwright_page"] = SlowPage()
        return HtmlResponse(HOME)

    async def steps() -> None:
        opening = asyncio.Semaphore(2)
        sessions = [session_of(f"site:{number}", download, set(), opening) for number in range(8)]
        await asyncio.gather(*(session._open(HOME) for session in sessions))

    asyncio.run(steps())
    assert most == 2


def test_the_session_of_an_identity_that_this_process_lost_is_closed_when_nobody_uses_it() -> None:
    class Lost(InMemory):
        def is_held(self, identity: Any) -> bool:
            return False

    session = session_of("site:a", None, set(), asyncio.Semaphore(1))
    assert not session.is_obsolete()
    session.pool.holding = Lost()
    assert session.is_obsolete()
    session.users = 1
    assert not session.is_obsolete()


def session_of(slot: str, download: Any, scriptless: set[str], opening: asyncio.Semaphore) -> BrowserSession:
    """Return the session of an identity whose pages are downloaded by a function."""
    credentials = SimpleNamespace(user_agent="", proxy=None)
    verdicts: Any = SimpleNamespace(of_page=lambda *args: None)
    identity: Any = SimpleNamespace(
        slot=slot, serial=1, jar=None, generation=0, login_cookie=False, credentials=credentials,
    )  # fmt: skip
    pool: Any = SimpleNamespace(
        identities=[identity], headers={}, take=lambda sender, budget: None, holding=InMemory(), pace=Pace()
    )
    handler: Any = SimpleNamespace(download_request=download)
    return BrowserSession(handler, identity, pool, verdicts, 20.0, 1, scriptless, opening, RequestBudget())


class SlowPage:
    """A page whose script never comes; it notes how long it was waited for."""

    def __init__(self) -> None:
        self.waited: list[float] = []
        self.url = HOME
        self.page = self

    def on(self, event: str, handler: Any) -> None:
        pass

    def is_closed(self) -> bool:
        return False

    async def wait_for_load_state(self, state: str, timeout: float) -> None:
        pass

    async def wait_for_function(self, script: str, arg: str, timeout: float) -> None:
        self.waited.append(timeout / 1000)
        raise PageTimeoutError("no script")

    async def content(self) -> str:
        return "<html></html>"


HOME = "https://www.site.test/"


def test_a_home_page_without_its_script_is_waited_for_once_in_a_crawl() -> None:
    page, scriptless = SlowPage(), set[str]()

    async def download(request: Any) -> HtmlResponse:
        request.meta["playwright_page"] = page
        return HtmlResponse(HOME)

    for slot in ("site:one", "site:two"):
        session = session_of(slot, download, scriptless, asyncio.Semaphore(1))
        for _ in range(2):
            asyncio.run(session._open(HOME))
    assert scriptless == {HOME}
    assert page.waited[0] == 20.0 and len(page.waited) == 4 and sum(page.waited[1:]) < 20.0 / 4


def test_a_stop_does_not_wait_for_a_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    browser = Browser(get_crawler(BilibiliSpider, {"CONFIG_DIR": str(tmp_path)}))
    cancelled: list[bool] = []

    async def hang() -> Any:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(True)

    async def steps() -> None:
        with pytest.raises(Closing):
            await browser._until_stopped(hang())
        await asyncio.sleep(0)

    monkeypatch.setattr(transport, "_STOPPING_S", 0.05)
    monkeypatch.setattr(transport, "is_closing", lambda crawler: True)
    asyncio.run(steps())
    assert cancelled == [True]
