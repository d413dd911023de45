"""Scheduler queue that keeps a slow service from using up CONCURRENT_REQUESTS."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from scrapy.crawler import Crawler
from scrapy.pqueues import DownloaderAwarePriorityQueue, DownloaderInterface

from scraper.network.private_apis import replace_downloader_interface

_HELD_PER_PLACE = 2  # one being sent, one waiting


class FairPriorityQueue(DownloaderAwarePriorityQueue):
    """Skip download slots that already hold twice as many requests as they may send at once.

    Scrapy's queue picks the slot that holds the fewest, so that waiting slots fill the downloader.
    """

    def __init__(self, crawler: Crawler, *args: Any, **kwargs: Any):
        super().__init__(crawler, *args, **kwargs)
        replace_downloader_interface(self, OpenSlots(crawler))


class OpenSlots(DownloaderInterface):
    """Count the requests of each download slot, including those still passing through the middlewares."""

    def stats(self, possible_slots: Iterable[str]) -> list[tuple[int, str]]:
        """Return the number of requests in each slot that has room for another one."""
        held = Counter(map(self.get_slot_key, self.downloader.active))
        return [(held[slot], slot) for slot in possible_slots if held[slot] < _HELD_PER_PLACE * self._places(slot)]

    def _places(self, name: str) -> int:
        if slot := self.downloader.slots.get(name):
            return slot.concurrency
        settings = self.downloader.per_slot_settings.get(name, {})
        return int(settings.get("concurrency", self.downloader.domain_concurrency))
