"""AutoThrottle that keeps each service's `pace` as a floor, and is off where that is 0."""

from scrapy import Request, Spider
from scrapy.core.downloader import Slot
from scrapy.extensions.throttle import AutoThrottle


class PaceThrottle(AutoThrottle):
    """Slows down as answers take longer, and never goes faster than the configuration says."""

    def _spider_opened(self, spider: Spider) -> None:
        self.maxdelay = self._max_delay()

    def _get_slot(self, request: Request, spider: Spider) -> tuple[str | None, Slot | None]:
        key, slot = super()._get_slot(request, spider)
        self.mindelay = self.crawler.engine.downloader.per_slot_settings.get(key or "", {}).get("delay", 0.0)
        return (key, slot) if self.mindelay else (key, None)
