"""The order in which requests leave the scheduler: a slow service takes few of CONCURRENT_REQUESTS."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from scrapy.crawler import Crawler
from scrapy.pqueues import DownloaderAwarePriorityQueue, DownloaderInterface

from scraper.network.private_apis import replace_downloader_interface

_PLACES_HELD = 2  # for each request that a slot may send at once, another one waits in it


class FairPriorityQueue(DownloaderAwarePriorityQueue):
    """Passes over download slots that hold twice as many requests as they may send at once.

    Scrapy's own takes the slot that holds the fewest, whatever it can send: slots that wait fill the downloader.
    """

    def __init__(self, crawler: Crawler, *args: Any, **kwargs: Any):
        super().__init__(crawler, *args, **kwargs)
        replace_downloader_interface(self, OpenSlots(crawler))


class OpenSlots(DownloaderInterface):
    """Counts the requests of each download slot, also those that are on their way to it through the middlewares."""

    def stats(self, possible_slots: Iterable[str]) -> list[tuple[int, str]]:
        """Return how many requests each slot holds that may take another one."""
        held = Counter(map(self.get_slot_key, self.downloader.active))
        return [(held[slot], slot) for slot in possible_slots if held[slot] < _PLACES_HELD * self._places(slot)]

    def _places(self, name: str) -> int:
        if slot := self.downloader.slots.get(name):
            return slot.concurrency
        settings = self.downloader.per_slot_settings.get(name, {})
        return int(settings.get("concurrency", self.downloader.domain_concurrency))
