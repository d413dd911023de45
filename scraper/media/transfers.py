"""The files that a crawl is downloading, for a display of its progress."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from scrapy.crawler import Crawler

from scraper.media.part_file import PartFile
from scraper.media.plan import Plan
from scraper.responses.of_crawl import OfCrawl


class Transfer(NamedTuple):
    """A file that is being downloaded.

    :ivar parts: the files of its sources, in the order of `plan.sources`
    """

    plan: Plan
    parts: Sequence[PartFile]

    @property
    def size(self) -> int:
        """Number of bytes that are there."""
        return sum(part.size for part in self.parts)

    @property
    def total(self) -> int | None:
        """Number of bytes of the whole file, None if it is not known of every source."""
        sizes = [part.origin.total or source.size for part, source in zip(self.parts, self.plan.sources, strict=True)]
        return sum(size or 0 for size in sizes) if all(sizes) else None


class Transfers:
    """
    :ivar active: the files that are being downloaded, by key
    :ivar expected: number of files that the crawl has to download, or has downloaded
    :ivar finished: number of those that are settled: complete, or failed
    """

    def __init__(self) -> None:
        self.active: dict[str, Transfer] = {}
        self.expected = self.finished = 0

    @contextmanager
    def under_way(self, plan: Plan, parts: Sequence[PartFile]) -> Iterator[None]:
        """Show a file while it is being downloaded."""
        self.active[plan.key] = Transfer(plan, parts)
        try:
            yield
        finally:
            del self.active[plan.key]


_TRANSFERS = OfCrawl[Transfers]("transfers")


def transfers_of(crawler: Crawler) -> Transfers:
    """Return the downloads of a crawl."""
    return _TRANSFERS.get(crawler) or _TRANSFERS.keep(crawler, Transfers())
