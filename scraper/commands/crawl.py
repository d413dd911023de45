"""`scrapy crawl`, with arguments that are checked first and an exit code that says what came of it."""

import argparse
import gc
import logging
import signal
import sys

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader

from scraper.commands.project_command import ProjectCommand, wrong_usage
from scraper.commands.quiet_crawl import is_default
from scraper.crawling.settings_check import check
from scraper.crawling.spider import PlatformSpider
from scraper.identities.masking import mask
from scraper.identities.service_config import ConfigFile
from scraper.inputs import arguments
from scraper.output import exit_code
from scraper.output.progress import summary, wanted
from scraper.output.sinks import OUTPUT_FAILURES
from scraper.output.statistics import counts
from scraper.responses.exceptions import ArgumentError

_DEFAULT_FEED = {"%(output_dir)s/%(name)s/%(run_id)s.jsonl": {"format": "jsonlines"}}


class Command(ProjectCommand, ScrapyCrawl):
    """Run a spider. Exit codes: see `scraper.output.exit_code`."""

    def short_desc(self) -> str:
        return "Crawl links, ids or share texts: scrapy crawl SPIDER -a url=… -O out.jsonl"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        if wanted(self.settings, sys.stderr) and is_default(self.settings, "LOG_LEVEL"):
            self.settings.set("LOG_LEVEL", "WARNING", priority="project")  # the progress line says the rest

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        self._check(args, opts.spargs)
        crawler = self._create_crawler(args[0])
        self.crawler_process.crawl(crawler, **opts.spargs)
        level = self.settings["LOG_LEVEL"]
        logging.getLogger("scrapy").setLevel(level)  # else a record is made for each page, and then dropped
        gc.freeze()  # what was imported stays: the collector need not walk it again
        _stop_on_hangup()
        self.crawler_process.start()
        if self.crawler_process.bootstrap_failed or crawler.spider is None:
            print("The crawl did not start: the error above says why; nothing was asked", file=sys.stderr)
            self.exitcode = exit_code.BUG
            return
        self.exitcode = self._code(crawler)
        if wanted(self.settings, sys.stderr):
            print(mask(summary(crawler)), file=sys.stderr)

    def _check(self, args: list[str], given: dict[str, str]) -> None:
        """Stop before anything starts where an argument, a setting or the configuration is wrong."""
        loader = get_spider_loader(self.settings)
        if len(args) != 1 or args[0] not in loader.list():
            if loose := next((each for each in args[1:] if "=" in each), ""):
                name = loose.partition("=")[0]
                raise UsageError(f"{name}=… is an argument of the crawl: put -a before it: -a {name}=…")
            problem = f"unknown spider {args[0]}" if len(args) == 1 else "give one spider: scrapy crawl SPIDER -a url=…"
            raise UsageError(f"{problem}; spiders are {', '.join(loader.list())}")
        spider = loader.load(args[0])
        if not issubclass(spider, PlatformSpider):
            return  # a spider of the user's has arguments and feeds of its own
        if not self.settings.getdict("FEEDS"):
            self.settings.set("FEEDS", _DEFAULT_FEED, priority="project")
        atlas = spider.build_atlas()
        try:
            check(self.settings)
            arguments.parse(given, atlas, spider.router or "")
            for service in atlas.services.values():
                ConfigFile(service, self.settings["CONFIG_DIR"])
        except ArgumentError as error:
            raise wrong_usage(error) from None

    def _code(self, crawler: Crawler) -> int:
        stats = crawler.stats.get_stats()
        code = exit_code.of_crawl(stats)
        if self.settings["LOG_FILE"] or not self.settings.getbool("LOG_ENABLED"):
            for sentence in stats.get(OUTPUT_FAILURES, []):
                print(sentence, file=sys.stderr)
        if not isinstance(crawler.spider, PlatformSpider):
            return code
        resumed = crawler.spider.is_resumed  # a JOBDIR whose inputs were all answered before
        if code == exit_code.DONE and not counts(stats) and not resumed:
            print("no link or id in the input: give links, ids or share texts", file=sys.stderr)
            return exit_code.USAGE
        return code


def _stop_on_hangup() -> None:
    """Have the end of the terminal stop the crawl as SIGTERM does, unless it is ignored, as under nohup."""
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
