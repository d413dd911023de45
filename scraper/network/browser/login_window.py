"""A person logs in by hand, in a browser that is opened for it. Nothing is typed, clicked or solved for them."""

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, cast

from playwright.async_api import Browser, BrowserContext, Error, Page, Playwright, ProxySettings, async_playwright

from scraper.network.browser import page_scripts
from scraper.platform.service import Service
from scraper.responses.exceptions import verdict_of

_POLL_S, _SETTLED_S, _LATE_S, _CLOSE_S = 0.5, 2.0, 15.0, 5.0
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
_OTHER_WAY = "log in with a browser elsewhere, and give its cookie to `scrapy update_cookie`"

_NO_DISPLAY = (
    "logging in needs a window, and there is no display: set DISPLAY, or use `xvfb-run` with a way to see that screen;"
    f" or {_OTHER_WAY}"
)


class GaveUp(Exception):
    """Nobody logged in; the message says what ended the wait."""


class NoSignIn(Exception):
    """There is no login page in front of a person; the message says why, and what to do."""


class Taken(NamedTuple):
    """A session.

    :param cookies: as a browser's context gives them: name, value, domain, path, expires …
    """

    cookies: list[Mapping[str, Any]]
    user_agent: str


def need_display(environ: Mapping[str, Any]) -> None:
    """Go on where a window can be opened.

    :raises NoSignIn: where none can
    """
    if sys.platform.startswith("linux") and not any(environ.get(name) for name in _DISPLAYS):
        raise NoSignIn(_NO_DISPLAY)


class SignIn:
    """One wait at the login page of a service.

    :param limit_s: how long a person has
    :param options: what a browser of our own is launched with
    :param proxy: that of its context
    :param cdp: by which a browser that runs already is driven; it is used instead, and left running
    """

    def __init__(
        self, service: Service, limit_s: float, options: dict[str, Any], proxy: dict[str, str] | None, cdp: str = ""
    ):
        self._service, self._limit_s = service, limit_s
        self._options, self._proxy, self._cdp = options, proxy, cdp

    async def run(self) -> Taken:
        """Open the page, wait, and return the session. No browser that was started is left.

        :raises GaveUp: where the window was closed, or the time was over
        :raises NoSignIn: where no page could be shown
        """
        async with async_playwright() as playwright:
            browser = await self._browser(playwright)
            try:
                return await self._attend(browser)
            except Error as error:
                if not browser.is_connected():
                    raise GaveUp("the browser was closed") from None
                raise NoSignIn(f"{self._service.login_page}: {_words(error)}") from None
            finally:
                await _closed(browser)

    async def _browser(self, playwright: Playwright) -> Browser:
        try:
            if self._cdp:
                return await playwright.chromium.connect_over_cdp(self._cdp)
            return await playwright.chromium.launch(**self._options)
        except Error as error:
            said = _NO_DISPLAY if "XServer" in error.message else f"the browser could not be used; {_OTHER_WAY}"
            raise NoSignIn(said) from None

    async def _attend(self, browser: Browser) -> Taken:
        proxy = cast(ProxySettings | None, self._proxy)
        context = browser.contexts[0] if self._cdp else await browser.new_context(proxy=proxy, no_viewport=True)
        talk = await browser.new_browser_cdp_session()
        agent = str((await talk.send("Browser.getVersion"))["userAgent"])
        page = await context.new_page()
        try:
            await page.goto(self._service.login_page, wait_until="commit")
            return Taken(await self._wait(context, page), agent)
        except Error:
            if page.is_closed():
                raise GaveUp("the window was closed") from None
            raise
        finally:
            if self._cdp:
                await _closed(page)

    async def _wait(self, context: BrowserContext, page: Page) -> list[Mapping[str, Any]]:
        """Return the cookies once a login is among them, and no further one has come for a moment.

        :raises GaveUp: where none came
        """
        end = time.monotonic() + self._limit_s
        while not self._is_login(found := await self._cookies(context)):
            if page.is_closed() and (self._cdp or not context.pages):
                raise GaveUp("the window was closed")
            if time.monotonic() >= end:
                raise GaveUp(f"nobody logged in within {self._limit_s:g} s")
            await asyncio.sleep(_POLL_S)
        settled, late = time.monotonic() + _SETTLED_S, time.monotonic() + _LATE_S
        while time.monotonic() < min(settled, late):
            await asyncio.sleep(_POLL_S)
            newer = await self._cookies(context)
            if _names(newer) - _names(found):
                settled = time.monotonic() + _SETTLED_S
            found = newer if self._is_login(newer) else found
        return found

    async def _cookies(self, context: BrowserContext) -> list[Mapping[str, Any]]:
        """Return the cookies that requests to the service would carry; no others are asked for."""
        return list(await context.cookies([f"https://{host}/" for host in self._service.hosts]))

    def _is_login(self, cookies: Sequence[Mapping[str, Any]]) -> bool:
        return any(each["name"] in self._service.login_cookies and each["value"] for each in cookies)


async def _closed(what: Browser | Page) -> None:
    """Close it, where that takes no longer than is worth while: what drives a browser ends it as well when it ends."""
    with suppress(Error, TimeoutError):
        await asyncio.wait_for(what.close(), _CLOSE_S)


def _names(cookies: Sequence[Mapping[str, Any]]) -> set[str]:
    return {each["name"] for each in cookies}


def _words(error: Error) -> str:
    return verdict_of(page_scripts.translated(error.message)).message
