"""The browser sessions of a crawl, limited in number: the least recently used one makes room for another."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from scraper.identities.identity import Identity
from scraper.network.browser.session import BrowserSession


class BrowserSessions:
    """Limits the number of open sessions, whatever the number of identities: each takes 50 to 200 MB.

    :param most: maximum number of open sessions
    """

    def __init__(self, most: int):
        self._most = most
        self._open: dict[int, BrowserSession] = {}  # by identity; the most recently used is last
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def borrow(self, identity: Identity, new: Callable[[], BrowserSession]) -> AsyncIterator[BrowserSession]:
        """Lend the session of an identity for one request. A reconfigured identity gets a new one."""
        session = await self._take(identity.serial, new)
        try:
            yield session
        finally:
            session.users -= 1
            await self.close_obsolete()

    async def close_obsolete(self) -> None:
        """Close the sessions whose identity must not send any more: their pages might by themselves."""
        async with self._changed:
            for serial in [serial for serial, other in self._open.items() if other.is_obsolete()]:
                await self._open.pop(serial).close()
            self._changed.notify_all()

    async def _take(self, serial: int, new: Callable[[], BrowserSession]) -> BrowserSession:
        async with self._changed:
            await self._changed.wait_for(lambda: serial in self._open or self._has_room())
            if serial not in self._open and len(self._open) >= self._most:
                await self._open.pop(next(key for key, other in self._open.items() if not other.users)).close()
            session = self._open[serial] = self._open.pop(serial) if serial in self._open else new()
            session.users += 1
            return session

    def _has_room(self) -> bool:
        return len(self._open) < self._most or any(not session.users for session in self._open.values())
