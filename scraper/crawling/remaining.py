"""How many requests a crawl has still to send, for its progress line."""

from collections.abc import Sized
from typing import cast

from scrapy.core.engine import ExecutionEngine

from scraper.crawling.open_asks import OpenAsks
from scraper.output.progress import Remaining


def remaining(asks: OpenAsks, engine: ExecutionEngine, is_read: bool) -> Remaining | None:
    """Return what is left; None if no open list declares its length.

    :param is_read: whether all inputs were read
    """
    pages = [left for known in asks for left in known.lists.pages_left()]
    known_pages = [left for left in pages if left is not None]
    if not known_pages:
        return None
    waiting = len(cast(Sized, engine.scheduler)) + len(
        engine.downloader.active
    )  # one of them is the next page of each open list
    others = max(0, waiting - len(pages))
    return Remaining(sum(known_pages) + others, is_least=not is_read or others > 0 or len(known_pages) < len(pages))
