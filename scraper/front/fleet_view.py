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
            started = time.monotonic()
            if started >= self._fresh_until:
                try:
                    self._last = await self._database.run(overview, tries=1)
                except STORE_ERRORS as error:
                    raise _unreadable(error) from None
                ended = time.monotonic()
                self._fresh_until = ended + max(_FRESH_S, _LOAD * (ended - started))
            return self._last


def _unreadable(error: Exception) -> Refusal:
    message = f"the database of the fleet cannot be read: {first_line(reason_of(error))}"
    remedy = "see whether the server of DATABASE_URL runs, and ask again"
    return Refusal(REFUSALS["NOT_READ"], "NOT_READ", message, remedy, retry_after=_AGAIN_S)
