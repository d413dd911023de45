"""What parts of the project keep about a crawl, for other parts of it.

It is kept in the crawler, so that both go together in a process that makes many crawls. A dictionary with the crawlers
as weak keys would keep them for ever, since what is kept mostly knows its crawler.
"""

from typing import Generic, TypeVar

from scrapy.crawler import Crawler

T = TypeVar("T")


class OfCrawl(Generic[T]):
    """One kind of thing that crawls have.

    :param name: of the kind
    """

    def __init__(self, name: str):
        self._name = f"short_video_scraper_{name}"

    def get(self, crawler: Crawler) -> T | None:
        """Return what a crawl has, None if it has nothing."""
        return getattr(crawler, self._name, None)

    def keep(self, crawler: Crawler, value: T) -> T:
        """Keep something for a crawl, and return it."""
        setattr(crawler, self._name, value)
        return value
