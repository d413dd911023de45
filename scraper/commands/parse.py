"""`scrapy parse`: Scrapy's command; with a platform spider, it sends the requests that the spider makes for the link.

A level of `--depth` is a page of a list, or what `with=` follows from it. Other requests for a page (redirects of a
short link, extra requests, retries and further routes) belong to its level.
"""

import argparse
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from functools import partial
from typing import Any

from scrapy import Spider
from scrapy.commands.parse import Command as ScrapyParse
from scrapy.exceptions import UsageError
from scrapy.http import Request, Response
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from scraper.commands.scrapy_tool import ScrapyTool
from scraper.jobs.dispatch import dispatch_of, find_dispatch, request_of
from scraper.output import exit_code
from scraper.output.envelope import Envelope, EnvelopePage
from scraper.responses.outcomes import Outcome

Callback = Callable[..., Any]


class Command(ScrapyTool, ScrapyParse):
    """Run the callbacks of a spider for a link. For a platform spider, exit codes are those of a crawl."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        self._within: list[Request] = []
        self.items.clear()  # Scrapy keeps both on the class
        self.requests.clear()
        if not opts.spider and len(args) == 1:
            self._need_one_spider(args[0])
        if self.ours:
            opts.spargs = self.arguments(args, opts)
            if opts.callback and not callable(getattr(self.ours, opts.callback, None)):
                raise UsageError(f"{self.ours.name} has no callback {opts.callback}", print_help=False)

    def arguments(self, args: list[str], opts: argparse.Namespace) -> dict[str, str]:
        return {**opts.spargs, "url": args[0]} if len(args) == 1 else {}

    def _need_one_spider(self, url: str) -> None:
        loader = get_spider_loader(self.settings)
        request = Request(url) if "://" in url else None
        names = loader.find_by_request(request) if request else []
        if request and len(names) != 1:
            claimed = f"{len(names)} spiders handle" if names else "no spider handles"
            which = ", ".join(names or loader.list())
            problem = f"{claimed} {urlparse_cached(request).hostname}: give one by --spider ({which})"
            raise UsageError(problem, print_help=False)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        super().run(args, opts)
        if self.ours and self.pcrawler.stats is not None:
            envelopes = [item for items in self.items.values() for item in items if isinstance(item, Envelope)]
            outcomes = {Outcome(envelope.code) for envelope in envelopes}
            raised = exit_code.has_spider_exception(self.pcrawler.stats.get_stats())
            own = exit_code.BUG if raised else exit_code.exit_code(outcomes, bool(outcomes))
            self.exitcode = self.exitcode or own

    def set_spidercls(self, url: str, opts: argparse.Namespace) -> None:
        if self.ours is None:
            super().set_spidercls(url, opts)
            return
        first = self.ours.start

        async def start(spider: Any) -> AsyncIterator[Any]:
            async for output in first(spider):
                if isinstance(output, Request):
                    if opts.callback:
                        output.callback = None  # Scrapy then uses the one from --callback
                    yield self._watched(self.prepare_request(spider, output, opts), spider, opts)
                else:
                    for item in self.scraped_data(([output], [], opts, 1, spider, first)):
                        yield item

        self.spidercls = type(self.ours.__name__, (self.ours,), {"start": start, "__module__": self.ours.__module__})

    def _watched(self, request: Request, spider: Spider, opts: argparse.Namespace) -> Request:
        """Show the outputs of a request's errback as well."""
        if request.errback and find_dispatch(request):
            request.errback = partial(self._failed, spider, opts, request.callback, request.errback)
        return request

    def _failed(
        self, spider: Spider, opts: argparse.Namespace, callback: Any, errback: Callback, failure: Failure
    ) -> list[Any]:
        request = request_of(failure)
        outputs = self._noted(errback(failure), request)
        depth = request.meta["_depth"]
        return self.scraped_data(self._get_items_and_requests(outputs, opts, depth, spider, callback))

    def run_callback(
        self, response: Response, callback: Any, cb_kwargs: dict[str, Any] | None = None
    ) -> "Deferred[Any]":
        outputs = super().run_callback(response, callback, cb_kwargs)
        return outputs.addCallback(self._noted, request_of(response))

    def _noted(self, outputs: Iterable[Any], parent: Request) -> Iterator[Any]:
        """Remember the requests that are needed for the same page as their parent."""
        for output in outputs:
            if isinstance(output, Request) and is_same_page(output, parent):
                self._within.append(output)
            yield output

    def scraped_data(self, args: tuple[Any, ...]) -> list[Any]:
        items, requests, opts, depth, spider, callback = args
        within = [request for request in requests if request in self._within]
        further = [request for request in requests if request not in self._within]
        self._within.clear()
        outputs = super().scraped_data((items, further, opts, depth, spider, callback))
        for request in within:
            request.meta.update(_depth=depth, _callback=request.callback)
            request.callback = callback
        scheduled = [output for output in [*outputs, *within] if isinstance(output, Request)]
        for request in scheduled:
            self._watched(request, spider, opts)
        return [*outputs, *within]

    def add_items(self, lvl: int, new_items: list[Any]) -> None:
        pages = [item.envelopes if isinstance(item, EnvelopePage) else [item] for item in new_items]
        super().add_items(lvl, [item for page in pages for item in page])


def is_same_page(request: Request, parent: Request) -> bool:
    """Return whether a request of a platform spider is needed for the page that its parent is part of."""
    if find_dispatch(request) is None or find_dispatch(parent) is None:
        return False
    dispatch, before = dispatch_of(request), dispatch_of(parent)
    if dispatch.job is None or before.job is None or "hop" in (dispatch.purpose, before.purpose):
        return True
    return (dispatch.job.depth, dispatch.job.page) == (before.job.depth, before.job.page)
