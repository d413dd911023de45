"""The machine: everything that is true of every platform. Knows no platform by name.

From Python: `from scraper import crawl, acrawl`, and the exceptions `ArgumentError` and `CrawlError`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scraper.python_api.calls import acrawl as acrawl
    from scraper.python_api.calls import crawl as crawl
    from scraper.python_api.running import CrawlError as CrawlError
    from scraper.responses.exceptions import ArgumentError as ArgumentError

__version__ = "0.1.0"

_OFFERED = {
    "crawl": "scraper.python_api.calls",
    "acrawl": "scraper.python_api.calls",
    "CrawlError": "scraper.python_api.running",
    "ArgumentError": "scraper.responses.exceptions",
}


def __getattr__(name: str) -> object:
    """Import `crawl` and its companions on first use, since most of the program does not need them."""
    if name not in _OFFERED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_OFFERED[name]), name)
