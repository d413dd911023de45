"""Keep an identity's cookie jar and its browser context in sync."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from playwright.async_api import BrowserContext, Error

from scraper.identities.cookie_jar import Jar

_Key = tuple[str, str, str]
_State = tuple[str, int]


class CookieSync:
    """Sync cookies both ways between jar and browser context, without echoing a side's own changes back to it."""

    def __init__(self, jar: Jar):
        self._jar = jar
        self._context: BrowserContext | None = None
        self._known: dict[_Key, _State] = {}
        self._changes = -1
        self._lock = asyncio.Lock()

    def is_due(self, context: BrowserContext) -> bool:
        """Return whether the jar has changed since the last sync, or the context is a new one."""
        return context is not self._context or self._changes != self._jar.changes

    async def run(self, context: BrowserContext) -> None:
        """Copy new cookies from the context to the jar, then from the jar to the context.

        :raises playwright.async_api.Error: if the context is closed
        """
        async with self._lock:
            if context is not self._context:
                self._context, self._known = context, {}
            in_context = list(await context.cookies())
            self._jar.absorb(cookie for cookie in in_context if self._known.get(_key(cookie)) != _state(cookie))
            self._known |= {_key(cookie): _state(cookie) for cookie in in_context}
            changes, in_jar = self._jar.changes, self._jar.all()
            missing = [cookie for cookie in in_jar if self._known.get(_key(cookie)) != _state(cookie)]
            await _add(context, missing)
            self._known |= {_key(cookie): _state(cookie) for cookie in missing}
            self._changes = changes


async def _add(context: BrowserContext, cookies: Sequence[Mapping[str, Any]]) -> None:
    """Add cookies. A browser rejects all of them if one is malformed; in that case add them one by one."""
    if not cookies:
        return
    try:
        await context.add_cookies(list(cookies))  # type: ignore[arg-type]  # Playwright does not export its type
    except Error:
        for cookie in cookies:
            with suppress(Error):
                await context.add_cookies([cookie])  # type: ignore[list-item]


def _key(cookie: Mapping[str, Any]) -> _Key:
    return cookie["name"], cookie["domain"], cookie["path"]


def _state(cookie: Mapping[str, Any]) -> _State:
    return cookie["value"], int(cookie["expires"])
