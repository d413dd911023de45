"""A long-lived crawler: it takes asks from a queue and returns to each caller its own envelopes.

    async with LongLivedCrawler(settings) as crawler:
        async for envelope in crawler.ask(url="https://…", follow=["comments"], max_items=100):
            ...

It runs in the event loop of its caller, and crawls all platforms of the project with one engine. Identities, pace
and the rests of routes are shared by all callers. Each input of an ask gets at least one envelope.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from itertools import count
from typing import Any, ClassVar, NamedTuple, Self, cast

from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.settings import Settings
from scrapy.utils.reactor import is_reactor_installed

from scraper.crawling.input_feed import NO_TARGET, InputFeed
from scraper.crawling.settings_check import check
from scraper.crawling.spider import PlatformSpider
from scraper.identities.service_config import ConfigFile
from scraper.inputs.arguments import Arguments, parse, writable
from scraper.output.envelope import Envelope, all_answered
from scraper.platform.atlas import Atlas
from scraper.platform.platform import Platform
from scraper.platform.registry import platforms_of, services_of
from scraper.platform.targets import Target
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import unknown

_OVERRIDES: Mapping[str, Any] = {
    "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",  # each ask has its own duplicate detection
    "SUMMARY": "off",
}


class CrawlerStoppedError(RuntimeError):
    """The crawler was stopped before an ask was answered."""


class Answers:
    """The envelopes of an ask, buffered for its caller.

    :param done: called when there are no more
    :ivar lists: how each of its lists ended or stopped; see `ListRegistry.take_ended`
    """

    def __init__(self, lists: list[dict[str, Any]], done: Callable[[], None]) -> None:
        self.lists, self._done = lists, done
        self._ready: deque[Envelope] = deque()
        self._news = asyncio.Event()
        self._complete: bool | None = None

    def receive(self, envelopes: Sequence[Envelope]) -> None:
        """Take the envelopes of one page."""
        self._ready.extend(envelopes)
        self._news.set()

    def finish(self, complete: bool) -> None:
        """Note that there are no more envelopes."""
        self._complete = complete
        self._news.set()
        self._done()

    async def envelopes(self) -> AsyncIterator[Envelope]:
        """Yield envelopes as they arrive, until the ask is done.

        :raises CrawlerStoppedError: if the crawler was stopped before every input was answered
        """
        while True:
            while self._ready:
                yield self._ready.popleft()
            if self._complete is not None:
                break
            self._news.clear()
            await self._news.wait()
        if not self._complete:
            raise CrawlerStoppedError("the crawler was stopped before every input was answered")


class _Asked(NamedTuple):
    arguments: Arguments
    answers: Answers


class LongLivedSpider(PlatformSpider):
    """Starts the requests of the callers' asks."""

    name = "live"
    platforms: ClassVar[Sequence[Platform]] = ()
    recorded = False
    is_long_lived = True

    def __init__(self, name: str | None = None, **kwargs: str):
        super().__init__(name, **kwargs)
        self._queue: asyncio.Queue[_Asked | None] = asyncio.Queue()
        self.is_open = asyncio.Event()
        self._atlases: dict[str, Atlas] = {}

    def read_arguments(self) -> Arguments:
        """Return no inputs: asks arrive in the queue."""
        return Arguments()

    def atlas_of(self, platform: str) -> Atlas:
        """Return the atlas for the inputs of an ask: all platforms, or one.

        :raises ArgumentError: if there is no such platform
        """
        if not platform:
            return self.atlas
        if platform in self._atlases:
            return self._atlases[platform]
        matching = [known for known in self.platforms if known.name == platform]
        if not matching:
            raise ArgumentError(unknown("platform", platform, [known.name for known in self.platforms]))
        self._atlases[platform] = Atlas(matching)
        return self._atlases[platform]

    def submit(self, arguments: Arguments, lists: list[dict[str, Any]]) -> Answers:
        """Queue an ask, and return its `Answers`."""
        answers = Answers(lists, self._note_done)
        self._queue.put_nowait(_Asked(arguments, answers))
        return answers

    def _note_done(self) -> None:
        if len(self.page_handler.asks) == 1:  # the spider's own, which has no inputs
            self.crawler.signals.send_catch_log(all_answered)

    def end(self) -> None:
        """Accept no more asks. The crawl ends when the queued ones are answered."""
        self._queue.put_nowait(None)

    async def start(self) -> AsyncIterator[Any]:
        self.is_open.set()
        while (asked := await self._queue.get()) is not None:
            ask = asked.arguments.ask
            opened = self.page_handler.asks.open(ask, asked.answers)
            opened.pending += 1  # its inputs are being read
            opened.results = asked.answers.lists
            targets = asked.arguments.targets(self.atlas)
            try:
                async for output in InputFeed(self).feed(ask, targets):
                    yield output
            finally:
                targets.close()
            self.page_handler.asks.ended(self.unknown_job(ask, NO_TARGET))


class LongLivedCrawler:
    """A crawler for many callers.

    :param settings: the project's settings; unsupported ones, such as JOBDIR, are overridden
    """

    def __init__(self, settings: Settings):
        self._settings = settings.copy()
        for name, value in {**_OVERRIDES, "TWISTED_REACTOR_ENABLED": is_reactor_installed()}.items():
            self._settings.set(name, value, priority="cmdline")
        self._platforms = platforms_of(self._settings)
        self._numbers = count(1)
        self._crawl: asyncio.Task[None] | None = None

    @property
    def open_asks(self) -> int:
        """The number of asks under way."""
        return len(self._spider.page_handler.asks) - 1  # the spider's own ask, which has no inputs

    @property
    def is_running(self) -> bool:
        """Whether asks are accepted."""
        return self._crawl is not None and not self._crawl.done()

    @property
    def crawler(self) -> Crawler:
        """The crawl, once it was started."""
        return self._crawler

    async def start(self) -> None:
        """Start the engine, and return when asks are accepted.

        :raises ArgumentError: if a setting or a configuration file is wrong
        """
        check(self._settings)
        for service in services_of(self._platforms):
            ConfigFile(service, self._settings["CONFIG_DIR"])
        spider = type(
            "LongLivedSpider", (LongLivedSpider,), {"platforms": tuple(self._platforms), "__module__": __name__}
        )
        runner = AsyncCrawlerRunner(self._settings)
        crawler = runner.create_crawler(spider)
        self._crawl = runner.crawl(crawler)
        while crawler.spider is None and not self._crawl.done():
            await asyncio.sleep(0)
        if crawler.spider is None:
            await self._crawl
            raise CrawlerStoppedError("the crawler could not be started; the log says why")
        self._crawler, self._spider = crawler, cast(LongLivedSpider, crawler.spider)
        opened = asyncio.ensure_future(self._spider.is_open.wait())
        await asyncio.wait([opened, self._crawl], return_when=asyncio.FIRST_COMPLETED)
        opened.cancel()
        if self._crawl.done():
            await self._crawl
            raise CrawlerStoppedError("the crawler could not be started; the log says why")

    async def stop(self, *, now: bool = False) -> None:
        """End the crawl, and return when its connections are closed.

        :param now: stop without answering the open asks; by default they are answered first
        """
        if self._crawl is None:
            return
        if now and not self._crawl.done():
            await self._crawler.stop_async()
        else:
            self._spider.end()
        await self._crawl

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.stop(now=True)

    def question(self, platform: str, answer_router: str, arguments: Mapping[str, str]) -> tuple[Any, Target | None]:
        """Return what tells an ask from others, whatever the form of its input, and its target.

        :return: a hashable value, and None if the ask has not just one target
        :raises ArgumentError: as `ask`
        """
        parsed = parse(writable(arguments), self._spider.atlas_of(platform), answer_router)
        if (target := parsed.lone_target(self._spider.atlas)) is None:
            return (platform, answer_router, *sorted(arguments.items())), None
        return (platform, answer_router, target.question, target.hints, repr(parsed.ask)), target

    async def ask(
        self,
        *,
        platform: str = "",
        answer_router: str = "",
        follow: Iterable[str] = (),
        tags: Mapping[str, str] | None = None,
        lists: list[dict[str, Any]] | None = None,
        **arguments: object,
    ) -> AsyncIterator[Envelope]:
        """Yield the envelopes of one ask as they arrive.

        :param platform: accept links and routers of this platform only; "" for all
        :param answer_router: the router of every envelope; "" means the router of the endpoint that answered
        :param follow: what to follow from each record, by the names of `with=`
        :param lists: the results of its lists are added to it, in the columns of the table `list_run`
        :param arguments: the arguments of a crawl by name, such as url, router, count, cursor, max_items
        :raises ArgumentError: names the wrong argument and shows the right form
        :raises CrawlerStoppedError: if the crawler was stopped before every input was answered
        """
        texts = {name: str(value) for name, value in arguments.items() if value is not None}
        if followed := ",".join(follow):
            texts["with"] = followed
        number = next(self._numbers)
        parsed = parse(writable(texts), self._spider.atlas_of(platform), answer_router, number, tags or {})
        if parsed.max_requests is not None or parsed.dry_run:
            raise ArgumentError("max_requests and dry_run are for whole crawls: leave them out")
        if not self.is_running:
            raise CrawlerStoppedError("the crawler is not running")
        answers = self._spider.submit(parsed, [] if lists is None else lists)
        try:
            async for envelope in answers.envelopes():
                yield envelope
        finally:
            self._spider.page_handler.asks.leave(number)
