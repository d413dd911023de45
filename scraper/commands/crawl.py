"""`scrapy crawl`: Scrapy's command, plus a check of arguments before the start and exit codes that tell the result."""

import argparse
import gc
import logging
import signal
import sys
from collections.abc import Mapping
from typing import Any

from scrapy import Spider
from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader

from scraper.commands.project_command import ProjectCommand, wrong_usage
from scraper.commands.quiet_crawl import is_default
from scraper.crawling.estimate import sentences
from scraper.crawling.settings_check import check, check_due, followed_for_media
from scraper.crawling.spider import PlatformSpider
from scraper.identities.masking import mask
from scraper.identities.service_config import ConfigFile
from scraper.inputs import arguments
from scraper.ledger.earlier_runs import check_earlier_runs
from scraper.output import exit_code
from scraper.output.progress import summary, wanted
from scraper.output.record_types import by_record_type, is_csv, is_stream
from scraper.output.sinks import OUTPUT_FAILURES
from scraper.output.statistics import counts
from scraper.output.webhook import post_report
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import unknown

logger = logging.getLogger(__name__)
_DEFAULT_FEED = {"%(output_dir)s/%(name)s/%(run_id)s.jsonl": {"format": "jsonlines", "store_empty": False}}


class Command(ProjectCommand, ScrapyCrawl):
    """Run a spider. Exit codes: see `scraper.output.exit_code`."""

    def short_desc(self) -> str:
        return "Crawl links, ids or share texts: scrapy crawl SPIDER -a url=… -O out.jsonl"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        if wanted(self.settings, sys.stderr) and is_default(self.settings, "LOG_LEVEL"):
            self.settings.set("LOG_LEVEL", "WARNING", priority="project")  # the progress line shows the rest
        self.check_usage(args, opts)

    def check_usage(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check what the user gave. It comes before Scrapy logs its versions, so that the message stands alone.

        :raises UsageError: names what is wrong
        """
        self.check(args, opts.spargs)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        self.check_earlier_runs(args[0])
        self.start(args[0], opts.spargs)

    def start(self, spider: str | type[Spider], arguments_given: Mapping[str, Any]) -> None:
        """Run a crawl to its end, and set the exit code."""
        crawler = self._create_crawler(spider)
        self.crawler_process.crawl(crawler, **arguments_given)
        level = self.settings["LOG_LEVEL"]
        logging.getLogger("scrapy").setLevel(level)  # otherwise every page creates a log record that is dropped
        gc.freeze()  # imported modules stay: the collector need not traverse them
        _stop_on_hangup()
        exited = self._run_to_its_end()
        if self.crawler_process.bootstrap_failed or crawler.spider is None:
            print("The crawl did not start: the error above says why; no request was sent", file=sys.stderr)
            self.exitcode = exit_code.BUG
            return
        if isinstance(crawler.spider, PlatformSpider):
            crawler.spider.close_at_once(is_exited=exited)
        self.exitcode = exit_code.BUG if exited else self._code(crawler)
        if isinstance(crawler.spider, PlatformSpider) and crawler.spider.report and crawler.spider.report.sent:
            post_report(self.settings["RUN_WEBHOOK"], crawler.spider.report.sent)
        self.report(crawler)

    def report(self, crawler: Crawler) -> None:
        """Print a summary, if the crawl runs on a terminal."""
        if not wanted(self.settings, sys.stderr):
            return
        print(mask(summary(crawler)), file=sys.stderr)
        if isinstance(crawler.spider, PlatformSpider) and (estimate := crawler.spider.estimate()):
            print("\n".join(f"  {sentence}" for sentence in sentences(estimate)), file=sys.stderr)

    def _run_to_its_end(self) -> bool:
        """Run the crawl, and return whether a component ended the program instead."""
        try:
            self.crawler_process.start()
        except SystemExit as error:
            logger.error("The crawl was ended by sys.exit(%s) in a component", error, exc_info=error)
            return True
        return False

    def check(self, args: list[str], arguments_given: dict[str, str]) -> None:
        """Check arguments, settings and configuration before anything starts.

        :raises UsageError: names what is wrong
        """
        loader = get_spider_loader(self.settings)
        if len(args) != 1 or args[0] not in loader.list():
            if without_option := next((arg for arg in args[1:] if "=" in arg), ""):
                name = without_option.partition("=")[0]
                raise UsageError(f"put -a before {name}=…: scrapy {self.name} {args[0]} -a {name}=…")
            if len(args) != 1:
                known = ", ".join(loader.list())
                raise UsageError(f"give one spider: scrapy {self.name} SPIDER -a url=… (spiders: {known})")
            raise UsageError(unknown("spider", args[0], loader.list()))
        spider = loader.load(args[0])
        if not issubclass(spider, PlatformSpider):
            return  # the user's own spider has its own arguments and feeds
        if not self.settings.getdict("FEEDS"):
            self.settings.set("FEEDS", _DEFAULT_FEED, priority="project")
        self.check_feeds()
        atlas = spider.build_atlas()
        try:
            check(self.settings)
            check_due(arguments.parse(arguments_given, atlas, spider.router or ""), self.settings)
            followed_for_media(atlas, self.settings)
            for service in atlas.services.values():
                ConfigFile(service, self.settings["CONFIG_DIR"])
        except ArgumentError as error:
            raise wrong_usage(error) from None

    def check_feeds(self) -> None:
        """
        :raises UsageError: if a feed cannot be written as it is given
        """
        if any(is_csv(uri, options) and is_stream(uri) for uri, options in self.settings.getdict("FEEDS").items()):
            raise UsageError(
                "CSV has one file per record type: name a file (-O out.csv), or print JSON lines (-O -:jsonl)"
            )

    def check_earlier_runs(self, spider: str) -> None:
        """Warn of an unfinished run.

        :raises UsageError: if a run that is still alive writes one of the feeds
        """
        feeds = [uri for uri, _, _ in by_record_type(self.settings.getdict("FEEDS"))]
        try:
            check_earlier_runs(self.settings["STATE_DIR"], spider, feeds, self.settings["DATABASE_URL"])
        except ArgumentError as error:
            raise wrong_usage(error) from None

    def _code(self, crawler: Crawler) -> int:
        stats = crawler.stats.get_stats()
        spider = crawler.spider if isinstance(crawler.spider, PlatformSpider) else None
        code = exit_code.of_run(stats, spider.asked) if spider else exit_code.of_crawl(stats)
        if self.settings["LOG_FILE"] or not self.settings.getbool("LOG_ENABLED"):
            for sentence in stats.get(OUTPUT_FAILURES, []):
                print(sentence, file=sys.stderr)
        if spider and code == exit_code.USAGE and not counts(stats):
            print("no link or id found in the input: give links, ids or share texts", file=sys.stderr)
        return code


def _stop_on_hangup() -> None:
    """Stop the crawl when its terminal closes, as SIGTERM does, unless SIGHUP is ignored, as under nohup."""
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
