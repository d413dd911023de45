"""The crawler: everything that all platforms share. It names no platform.

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

_PUBLIC = {
    "crawl": "scraper.python_api.calls",
    "acrawl": "scraper.python_api.calls",
    "CrawlError": "scraper.python_api.running",
    "ArgumentError": "scraper.responses.exceptions",
}


def __getattr__(name: str) -> object:
    """Import the Python API on first use: most of the program does not need it."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)
