"""Describe the links and ids in a text, and resolve its short links with the crawl engine."""

import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from scraper.crawling.callback_guard import Output
from scraper.crawling.spider import PlatformSpider
from scraper.identities.masking import mask
from scraper.inputs.arguments import Arguments
from scraper.inputs.ask import Ask
from scraper.inputs.endpoint_choice import Plan, plan
from scraper.inputs.share_text import find_all
from scraper.jobs.job import Job
from scraper.output.envelope import Envelope, Failure
from scraper.platform.atlas import Atlas
from scraper.platform.platform import Platform
from scraper.platform.targets import AMBIGUOUS, NO_CONTENT, SHORT_LINK, UNKNOWN, Target


def understood(text: str, atlas: Atlas) -> list[Target]:
    """Return the targets in a text, each once and in order."""
    lines = [line for line in text.splitlines() if line.strip()]
    targets = find_all(lines, atlas.patterns, atlas.bare_ids, atlas.link_hosts)
    return list({(target.given, target.key): target for target in targets}.values())


def describe(target: Target, atlas: Atlas, spiders: Mapping[str, Platform]) -> dict[str, Any]:
    """Return how a target is understood, as JSON values. `problem` says why it is not, or why it has no endpoint.

    :param spiders: the platform of each spider that has only one, by the spider's name
    """
    routers, problem, *_ = Plan([]) if target.kind == SHORT_LINK else plan(target, Ask(), atlas, spiders)
    known = target.kind not in (UNKNOWN, AMBIGUOUS, NO_CONTENT)
    return {
        "given": target.given,
        "understood": known,
        "platform": target.platform or None,
        "kind": target.kind if known or target.kind == AMBIGUOUS else None,
        "id": target.id if known else None,
        "narrowing": dict(target.extra),
        "router": routers[0] if routers and not problem else None,
        "problem": problem or None,
        "hops": [],
    }


class LinkResolver(PlatformSpider):
    """Resolve short links without crawling their targets.

    :ivar hops: the requested URLs for each link, by the link as given
    :ivar resolved: the target of each link, or a message that says why there is none, by the link as given
    """

    name = "resolve"
    platforms: ClassVar[Sequence[Any]] = ()
    recorded = False

    def __init__(self, name: str | None = None, links: Sequence[Target] = (), **kwargs: str):
        super().__init__(name, **kwargs)
        self.links = links
        self.hops: dict[str, list[str]] = {}
        self.resolved: dict[str, Target | str] = {}

    def read_arguments(self) -> Arguments:
        """Return no arguments: the links are passed to the constructor."""
        return Arguments()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "LinkResolver":
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.failed, signals.item_scraped)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        for number, target in enumerate(self.links, 1):
            if quiet := self.pool_of(self.unknown_job(Ask(), target)).quiet_text(time.time()):
                self.resolved[target.given] = f"not requested: nothing is sent until {quiet}"
                continue
            for output in super().ask(Ask(), target, (), number):
                yield output

    def ask(
        self,
        ask: Ask,
        target: Target,
        others: Sequence[str],
        number: int,
        *,
        again: bool = False,
        from_short_link: bool = False,
    ) -> Output:
        """Store the target of a short link without requesting it."""
        for link in (target.given, *others):
            self.resolved[link] = target
        yield from ()

    def read_short_link(self, response: Response, job: Job) -> Output:
        self.hops.setdefault(job.target.given, []).append(_shown(response.url))
        yield from super().read_short_link(response, job)

    def failed(self, item: Envelope) -> None:
        if isinstance(item.data, Failure):
            self.resolved[item.data.error.input] = f"{item.data.error.name}: {item.data.error.message}"

    def results(self, targets: Sequence[Target]) -> Iterator[dict[str, Any]]:
        """Yield how each target is understood, after its short links were resolved."""
        for target in targets:
            row = describe(target, self.atlas, self.others)
            if target.kind == SHORT_LINK:
                leads_to = self.resolved.get(target.given, "the short link was not answered")
                if isinstance(leads_to, Target):
                    row = describe(leads_to, self.atlas, self.others)
                else:
                    row |= {"understood": False, "problem": leads_to}
                row |= {"given": target.given, "hops": self.hops.get(target.given, [])}
            yield row


def _shown(url: str) -> str:
    """Return a URL without its query, which may identify a person, and with its secrets masked."""
    return mask(url.partition("?")[0])
