"""Open a browser window in which a person logs in by hand. Nothing is typed, clicked or solved for them."""

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

_POLL_S, _CLOSE_S = 0.5, 5.0
_SETTLE_S, _MAX_SETTLE_S = 2.0, 15.0  # a login sets several cookies, one after the other
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
_OTHER_WAY = "log in with a browser elsewhere, and store its cookie with `scrapy update_cookie`"

_NO_DISPLAY = (
    "logging in needs a window, but there is no display: set DISPLAY, or run `xvfb-run` with a way to see its screen,"
    f" or {_OTHER_WAY}"
)


class LoginAbortedError(Exception):
    """Nobody logged in; the message says what ended the wait."""


class NoLoginPageError(Exception):
    """The login page could not be shown; the message says why, and what to do."""


class LoginSession(NamedTuple):
    """The session of a person who has logged in.

    :param cookies: as Playwright returns them, with the keys name, value, domain, path, expires …
    """

    cookies: list[Mapping[str, Any]]
    user_agent: str


def need_display(environ: Mapping[str, Any]) -> None:
    """Check that a window can be opened.

    :raises NoLoginPageError: if there is no display
    """
    if sys.platform.startswith("linux") and not any(environ.get(name) for name in _DISPLAYS):
        raise NoLoginPageError(_NO_DISPLAY)


class LoginWindow:
    """A window with the login page of a service.

    :param limit_s: how long to wait for the login
    :param options: launch options of the browser
    :param proxy: Playwright's proxy options for its context
    :param cdp: address of a running browser, which is used instead and left running
    """

    def __init__(
        self, service: Service, limit_s: float, options: dict[str, Any], proxy: dict[str, str] | None, cdp: str = ""
    ):
        self._service, self._limit_s = service, limit_s
        self._options, self._proxy, self._cdp = options, proxy, cdp

    async def run(self) -> LoginSession:
        """Open the page, wait for the login, and return the session. A launched browser is always closed.

        :raises LoginAbortedError: if the window was closed, or time ran out
        :raises NoLoginPageError: if the page could not be shown
        """
        async with async_playwright() as playwright:
            browser = await self._browser(playwright)
            try:
                return await self._show_page(browser)
            except Error as error:
                if not browser.is_connected():
                    raise LoginAbortedError("the browser was closed") from None
                raise NoLoginPageError(f"{self._service.login_page}: {_reason(error)}") from None
            finally:
                await _close(browser)

    async def _browser(self, playwright: Playwright) -> Browser:
        try:
            if self._cdp:
                return await playwright.chromium.connect_over_cdp(self._cdp)
            return await playwright.chromium.launch(**self._options)
        except Error as error:
            message = _NO_DISPLAY if "XServer" in error.message else f"the browser could not be used; {_OTHER_WAY}"
            raise NoLoginPageError(message) from None

    async def _show_page(self, browser: Browser) -> LoginSession:
        proxy = cast(ProxySettings | None, self._proxy)
        context = browser.contexts[0] if self._cdp else await browser.new_context(proxy=proxy, no_viewport=True)
        cdp_session = await browser.new_browser_cdp_session()
        agent = str((await cdp_session.send("Browser.getVersion"))["userAgent"])
        page = await context.new_page()
        try:
            await page.goto(self._service.login_page, wait_until="commit")
            return LoginSession(await self._wait(context, page), agent)
        except Error:
            if page.is_closed():
                raise LoginAbortedError("the window was closed") from None
            raise
        finally:
            if self._cdp:
                await _close(page)

    async def _wait(self, context: BrowserContext, page: Page) -> list[Mapping[str, Any]]:
        """Wait for a login cookie, then until no new cookies come, and return all cookies.

        :raises LoginAbortedError: if no login cookie came
        """
        end = time.monotonic() + self._limit_s
        while not self._is_login(cookies := await self._cookies(context)):
            if page.is_closed() and (self._cdp or not context.pages):
                raise LoginAbortedError("the window was closed")
            if time.monotonic() >= end:
                raise LoginAbortedError(f"nobody logged in within {self._limit_s:g} s")
            await asyncio.sleep(_POLL_S)
        settled, latest = time.monotonic() + _SETTLE_S, time.monotonic() + _MAX_SETTLE_S
        while time.monotonic() < min(settled, latest):
            await asyncio.sleep(_POLL_S)
            newer = await self._cookies(context)
            if _names(newer) - _names(cookies):
                settled = time.monotonic() + _SETTLE_S
            cookies = newer if self._is_login(newer) else cookies
        return cookies

    async def _cookies(self, context: BrowserContext) -> list[Mapping[str, Any]]:
        """Return only the cookies that requests to the service would carry."""
        return list(await context.cookies([f"https://{host}/" for host in self._service.hosts]))

    def _is_login(self, cookies: Sequence[Mapping[str, Any]]) -> bool:
        return any(cookie["name"] in self._service.login_cookies and cookie["value"] for cookie in cookies)


async def _close(opened: Browser | Page) -> None:
    """Close a browser or a page, but wait only briefly: Playwright's driver ends the browser when it exits."""
    with suppress(Error, TimeoutError):
        await asyncio.wait_for(opened.close(), _CLOSE_S)


def _names(cookies: Sequence[Mapping[str, Any]]) -> set[str]:
    return {cookie["name"] for cookie in cookies}


def _reason(error: Error) -> str:
    return verdict_of(page_scripts.to_exception(error.message)).message
