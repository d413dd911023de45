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

from scraper.network.browser import launcher, transport
from scraper.network.browser.launcher import BrowserLauncher
from scraper.network.browser.session import BrowserSession
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
        monkeypatch.setattr(launcher, "build_from_crawler", lambda *given: handler)
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
        handler.said = verdict.message  # type: ignore[attr-defined]
    return handler


@pytest.mark.parametrize(
    "error", [Error(f"connect_over_cdp: {SECRET} 403"), OSError("hunter2"), TypeError("hunter2"), Error("")]
)
def test_a_browser_that_does_not_start_is_said_once_and_without_a_secret(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    handler = started({"PLAYWRIGHT_CDP_URL": SECRET}, monkeypatch, error)
    assert handler.closed == 1
    assert "127.0.0.1:9" in handler.said and "PLAYWRIGHT_CDP_URL" in handler.said  # type: ignore[attr-defined]
    told = [each.levelname for each in caplog.records if each.levelno > logging.DEBUG]
    assert told == ["WARNING"] and "hunter2" not in caplog.text
    assert not logging.getLogger("scrapy-playwright").isEnabledFor(logging.INFO)


def test_ill_formed_settings_keep_it_from_starting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = {"STATE_DIR": str(tmp_path), "PLAYWRIGHT_LAUNCH_OPTIONS": "{"}
    assert "must be a JSON object" in started(settings, monkeypatch).said  # type: ignore[attr-defined]
    settings = {"PLAYWRIGHT_CDP_URL": "ws://127.0.0.1:9", "PLAYWRIGHT_LAUNCH_OPTIONS": "{"}
    assert "PLAYWRIGHT_" in started(settings, monkeypatch).said  # type: ignore[attr-defined]


class Context:
    def __init__(self) -> None:
        self.closed = 0

    async def close(self) -> None:
        self.closed += 1


def test_the_place_of_an_identity_that_was_configured_anew_is_closed_when_nobody_uses_it(tmp_path: Path) -> None:
    context = Context()
    identity: Any = SimpleNamespace(slot="site:default", serial=7, jar=None, generation=0)
    pool: Any = SimpleNamespace(identities=[identity])
    handler: Any = SimpleNamespace(context_wrappers={"site:default:7": SimpleNamespace(context=context)})
    crawler = get_crawler(BilibiliSpider, {"PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 1, "CONFIG_DIR": str(tmp_path)})
    browser = Browser(crawler)
    session = BrowserSession(handler, identity, pool, None, 1.0, 1, set())  # type: ignore[arg-type]
    browser._sessions[7] = session

    async def steps() -> list[int]:
        found = []
        await browser._close_obsolete()
        found.append(context.closed)
        pool.identities = []
        session.pages._users = 1
        await browser._close_obsolete()
        found.append(context.closed)
        session.pages._users = 0
        await browser._close_obsolete()
        return [*found, context.closed]

    assert asyncio.run(steps()) == [0, 0, 1]
    assert browser._sessions == {}


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

    credentials = SimpleNamespace(user_agent="", proxy=None)
    verdicts: Any = SimpleNamespace(of_page=lambda *given: None)
    for slot in ("site:one", "site:two"):
        identity: Any = SimpleNamespace(
            slot=slot, serial=1, jar=None, generation=0, login_cookie=False, credentials=credentials,
        )  # fmt: skip
        pool: Any = SimpleNamespace(identities=[identity], headers={})
        handler: Any = SimpleNamespace(download_request=download)
        session = BrowserSession(handler, identity, pool, verdicts, 20.0, 1, scriptless)
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
