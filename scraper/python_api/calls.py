"""`crawl` for scripts, `acrawl` for notebooks and running event loops."""

import asyncio
from collections.abc import AsyncGenerator, Generator, Iterable
from typing import Any, Literal

from scraper.output.envelope import Envelope, Failure
from scraper.python_api.background import BackgroundCrawl
from scraper.python_api.prepared import prepare
from scraper.python_api.running import CrawlError
from scraper.responses.exceptions import ArgumentError

Errors = Literal["yield", "raise"]


def crawl(
    url: str | Iterable[str] | None = None, *, spider: str = "hybrid", errors: Errors = "yield", **given: Any
) -> Generator[Any, None, None]:
    """Crawl, and yield the envelopes as they come.

        for envelope in crawl("https://…", follow=["comments"], max_items=100):
            print(envelope.code, envelope.data)

    The crawl runs in a thread of its own, a few pages ahead of the loop at most. Leaving the loop early, by `break` or
    an exception, ends the crawl; so does `close`.

    :param url: links, ids or share texts
    :param spider: `hybrid` takes links of every platform
    :param errors: "yield" yields the envelope of a failed input, "raise" raises a CrawlError for the first one
    :param given: arguments of a crawl under lower-case names (`with` is `follow`), settings under upper-case names
    :raises ArgumentError: names what is wrong with the call, and shows the right form
    :raises CrawlError: an output failed, or an input did and errors="raise"
    """
    return _pages_opened(_start(url, spider, errors, given), errors == "raise")


def acrawl(
    url: str | Iterable[str] | None = None, *, spider: str = "hybrid", errors: Errors = "yield", **given: Any
) -> AsyncGenerator[Any, None]:
    """Crawl, and yield the envelopes to `async for`. Parameters and errors are those of `crawl`.

        async for envelope in acrawl("https://…", max_items=100):
            print(envelope.code, envelope.data)

    The caller's event loop only waits: parsing does not block it.
    """
    return _pages_opened_async(_start(url, spider, errors, given), errors == "raise")


def _start(url: str | Iterable[str] | None, spider: str, errors: str, given: dict[str, Any]) -> BackgroundCrawl:
    if errors not in ("yield", "raise"):
        raise ArgumentError(f'errors={errors!r}: it must be "yield" or "raise"')
    return BackgroundCrawl(prepare(spider, {"url": url, **given}))


def _pages_opened(background: BackgroundCrawl, raises: bool) -> Generator[Any, None, None]:
    try:
        while (page := background.next_page().result()) is not None:
            for item in page:
                yield _checked(item, raises)
    finally:
        background.close()


async def _pages_opened_async(background: BackgroundCrawl, raises: bool) -> AsyncGenerator[Any, None]:
    try:
        while (page := await asyncio.wrap_future(background.next_page())) is not None:
            for item in page:
                yield _checked(item, raises)
    finally:
        try:
            await asyncio.shield(asyncio.wrap_future(background.stop()))
        finally:  # the loop itself may be ending, and cancels this as well
            background.close()


def _checked(item: Any, raises: bool) -> Any:
    """Return an item.

    :raises CrawlError: it is a failure, and the caller wants failures raised
    """
    if raises and isinstance(item, Envelope) and isinstance(item.data, Failure):
        error = item.data.error
        raise CrawlError(f"{error.input}: {error.name}: {error.message}; {error.remedy}", item)
    return item
