"""AutoThrottle with each service's `pace` as its minimum delay; off for a pace of 0."""

from scrapy import Request, Spider
from scrapy.core.downloader import Slot
from scrapy.extensions.throttle import AutoThrottle
from scrapy.settings import SETTINGS_PRIORITIES

from scraper.jobs.dispatch import find_dispatch

_NONE = None, None


class PaceThrottle(AutoThrottle):
    """Slow down when the platform does, but never go faster than the configured pace.

    AUTOTHROTTLE_ENABLED is on by default, but only for requests of platform spiders. Other requests are throttled only
    if the user or their spider enables it.
    """

    def _spider_opened(self, spider: Spider) -> None:
        self.mindelay, self.maxdelay = self._min_delay(), self._max_delay()
        priority = self.crawler.settings.getpriority("AUTOTHROTTLE_ENABLED") or 0
        self._is_for_all = priority > SETTINGS_PRIORITIES["project"]
        if self._is_for_all:
            super()._spider_opened(spider)

    def _get_slot(self, request: Request, spider: Spider) -> tuple[str | None, Slot | None]:
        if find_dispatch(request) is None:
            self.mindelay = self._min_delay()
            return super()._get_slot(request, spider) if self._is_for_all else _NONE
        key, slot = super()._get_slot(request, spider)
        self.mindelay = self.crawler.engine.downloader.per_slot_settings.get(key or "", {}).get("delay", 0.0)
        return (key, slot) if self.mindelay else _NONE
