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
    url: str | Iterable[str] | None = None, *, spider: str = "hybrid", errors: Errors = "yield", **options: Any
) -> Generator[Any, None, None]:
    """Crawl, and yield the envelopes as they arrive.

        for envelope in crawl("https://…", follow=["comments"], max_items=100):
            print(envelope.code, envelope.data)

    The crawl runs in a separate thread, at most a few pages ahead of the loop. Leaving the loop early, by `break` or
    an exception, stops the crawl; so does calling `close` on the generator.

    :param url: links, ids or share texts
    :param spider: `hybrid` accepts links of every platform
    :param errors: "yield" yields the envelopes of failed inputs, "raise" raises a CrawlError for the first one
    :param options: arguments of the crawl under lower-case names (`follow` for `with`), settings under upper-case names
    :raises ArgumentError: names what is wrong with the call, and shows the right form
    :raises CrawlError: if an output failed, the crawl was stopped by a setting or left inputs unanswered, or an input
        failed and `errors="raise"`
    """
    return _envelopes(_start(url, spider, errors, options), errors == "raise")


def acrawl(
    url: str | Iterable[str] | None = None, *, spider: str = "hybrid", errors: Errors = "yield", **options: Any
) -> AsyncGenerator[Any, None]:
    """Crawl, and yield the envelopes to `async for`. Takes the same parameters and raises the same errors as `crawl`.

        async for envelope in acrawl("https://…", max_items=100):
            print(envelope.code, envelope.data)

    The caller's event loop only waits: parsing does not block it.
    """
    return _envelopes_async(_start(url, spider, errors, options), errors == "raise")


def _start(url: str | Iterable[str] | None, spider: str, errors: str, options: dict[str, Any]) -> BackgroundCrawl:
    if errors not in ("yield", "raise"):
        raise ArgumentError(f'errors={errors!r}: must be "yield" or "raise"')
    return BackgroundCrawl(prepare(spider, {"url": url, **options}))


def _envelopes(background: BackgroundCrawl, raises: bool) -> Generator[Any, None, None]:
    try:
        while (page := background.next_page().result()) is not None:
            for item in page:
                yield _checked(item, raises)
    finally:
        background.close()


async def _envelopes_async(background: BackgroundCrawl, raises: bool) -> AsyncGenerator[Any, None]:
    try:
        while (page := await asyncio.wrap_future(background.next_page())) is not None:
            for item in page:
                yield _checked(item, raises)
    finally:
        try:
            await asyncio.shield(asyncio.wrap_future(background.stop()))
        finally:  # if the caller's loop is ending, it cancels the wait above
            background.close()


def _checked(item: Any, raises: bool) -> Any:
    """Return an item.

    :raises CrawlError: if it is a failure and `raises` is set
    """
    if raises and isinstance(item, Envelope) and isinstance(item.data, Failure):
        error = item.data.error
        raise CrawlError(f"{error.input}: {error.name}: {error.message}; {error.remedy}", item)
    return item
