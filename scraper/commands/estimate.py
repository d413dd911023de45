"""`scrapy estimate`: what a crawl with these arguments would request, from the first page of each list."""

import argparse
import sys
import time
from datetime import datetime

import msgspec
from scrapy.crawler import Crawler
from scrapy.spiderloader import get_spider_loader

from scraper.commands.crawl import Command as Crawl
from scraper.commands.terminal_table import table
from scraper.crawling.estimate import CrawlEstimate, InputEstimate, megabytes, sentences
from scraper.crawling.spider import PlatformSpider
from scraper.identities.masking import mask
from scraper.identities.service_config import ConfigFile
from scraper.responses.outcomes import Outcome

_HEAD = ("input", "router", "lists", "requests", "size", "")


class Command(Crawl):
    """Make a dry run. Exit codes are those of a crawl."""

    has_json = True

    def short_desc(self) -> str:
        return "Show what a crawl would request: scrapy estimate SPIDER -a url=…"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        self._as_json: bool = opts.json
        super().process_options(args, opts)

    def check_usage(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the arguments, and tell when requests of a service wait for hours, whatever the log shows."""
        opts.spargs["dry_run"] = "1"
        super().check_usage(args, opts)
        spider, now = get_spider_loader(self.settings).load(args[0]), time.time()
        for service in spider.build_atlas().services.values() if issubclass(spider, PlatformSpider) else ():
            until = ConfigFile(service, self.settings["CONFIG_DIR"]).loaded.quiet_hours.next_allowed(now)
            if until > now:
                clock = f"{datetime.fromtimestamp(until):%Y-%m-%d %H:%M}"
                print(f"{service.name} sends nothing until {clock} (pace.quiet_hours); waiting", file=sys.stderr)

    def report(self, crawler: Crawler) -> None:
        estimate = crawler.spider.estimate() if isinstance(crawler.spider, PlatformSpider) else None
        if estimate is None:
            return
        text = msgspec.json.encode(estimate).decode() if self._as_json else in_words(estimate)
        print(mask(text), file=sys.stdout)


def in_words(estimate: CrawlEstimate) -> str:
    """Return an estimate as a table, and a sentence for each service."""
    return "\n".join([table(_HEAD, [_row(row) for row in estimate.inputs]), "", *sentences(estimate)])


def _row(row: InputEstimate) -> tuple[str, ...]:
    requests = f"{row.requests}+" if row.is_least else f"{row.requests}"
    outcome = "" if row.outcome == Outcome.OK.name else row.outcome
    return row.input, row.router, f"{row.lists}", requests, megabytes(row.bytes), outcome
