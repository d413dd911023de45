"""The cookies of an identity and those of its context in a browser, which are to be the same."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from playwright.async_api import BrowserContext, Error

from scraper.identities.cookie_jar import Jar

_Key = tuple[str, str, str]
_State = tuple[str, int]


class CookieSync:
    """Gives each side what is new on the other. What only looks new, since the other has changed, goes nowhere."""

    def __init__(self, jar: Jar):
        self._jar = jar
        self._context: BrowserContext | None = None
        self._known: dict[_Key, _State] = {}
        self._changes = -1
        self._lock = asyncio.Lock()

    def is_due(self, context: BrowserContext) -> bool:
        """Say whether the identity has cookies that came by other routes since, or the context is a new one."""
        return context is not self._context or self._changes != self._jar.changes

    async def run(self, context: BrowserContext) -> None:
        """Give the identity what the page was given, and then the page what came by other routes.

        :raises playwright.async_api.Error: where the context is gone
        """
        async with self._lock:
            if context is not self._context:
                self._context, self._known = context, {}
            held = list(await context.cookies())
            self._jar.absorb(each for each in held if self._known.get(_key(each)) != _state(each))
            self._known |= {_key(each): _state(each) for each in held}
            changes, ours = self._jar.changes, self._jar.all()
            lacking = [each for each in ours if self._known.get(_key(each)) != _state(each)]
            await _add(context, lacking)
            self._known |= {_key(each): _state(each) for each in lacking}
            self._changes = changes


async def _add(context: BrowserContext, cookies: Sequence[Mapping[str, Any]]) -> None:
    """Add cookies. A browser that takes one for ill-formed refuses them all: then it goes without that one."""
    if not cookies:
        return
    try:
        await context.add_cookies(list(cookies))  # type: ignore[arg-type]  # Playwright does not export its type
    except Error:
        for each in cookies:
            with suppress(Error):
                await context.add_cookies([each])  # type: ignore[list-item]


def _key(cookie: Mapping[str, Any]) -> _Key:
    return cookie["name"], cookie["domain"], cookie["path"]


def _state(cookie: Mapping[str, Any]) -> _State:
    return cookie["value"], int(cookie["expires"])
