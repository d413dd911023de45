"""What the front shows of a fleet: read at most every few seconds, however many ask."""

import asyncio
import time
from typing import Self

from scrapy.settings import Settings

from scraper.fleet.database import FleetDatabase
from scraper.fleet.overview import Overview, overview
from scraper.front.replies import REFUSALS, Refusal
from scraper.ledger.database_url import POSTGRESQL
from scraper.ledger.store import STORE_ERRORS, first_line, reason_of

_FRESH_S = 5.0
_LOAD = 20  # reading may take one of so many seconds
_AGAIN_S = 10.0


class FleetView:
    """
    :param settings: those of a crawl
    """

    def __init__(self, settings: Settings):
        url = str(settings["DATABASE_URL"] or "")
        self._database = FleetDatabase(url) if url.startswith(POSTGRESQL) else None
        self._lock = asyncio.Lock()
        self._last: Overview | None = None
        self._problem = ""
        self._fresh_until = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        if self._database:
            await self._database.close()

    async def now(self) -> Overview | None:
        """Return how the fleet is doing, None if there is none.

        :raises Refusal: if the database cannot be read
        """
        if self._database is None:
            return None
        async with self._lock:
            if time.monotonic() >= self._fresh_until:
                await self._read(self._database)
            if self._problem:
                raise _unreadable(self._problem)
            return self._last

    async def _read(self, database: FleetDatabase) -> None:
        """Read the overview, or note why it cannot be read: those who ask next do not wait for that again."""
        started, self._problem = time.monotonic(), ""
        try:
            self._last = await database.run(overview, tries=2)  # the connection may have been cut meanwhile
        except STORE_ERRORS as error:
            self._problem = first_line(reason_of(error))
        ended = time.monotonic()
        self._fresh_until = ended + (_AGAIN_S if self._problem else max(_FRESH_S, _LOAD * (ended - started)))


def _unreadable(problem: str) -> Refusal:
    message = f"the database of the fleet cannot be read: {problem}"
    remedy = "see whether the server of DATABASE_URL runs, and ask again"
    return Refusal(REFUSALS["NOT_READ"], "NOT_READ", message, remedy, retry_after=_AGAIN_S)
