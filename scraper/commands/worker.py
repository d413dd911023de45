"""`scrapy worker`: crawl targets of the watch list, with other workers, over PostgreSQL."""

import argparse
import asyncio
import logging
import signal
import sys
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.utils.log import configure_logging

from scraper.commands.event_loop import twisted_reactor
from scraper.commands.fleet_database import fleet_url, prepare_tables
from scraper.commands.project_command import ProjectCommand, wrong_usage
from scraper.crawling.settings_check import check
from scraper.ledger.database_url import shown_url
from scraper.ledger.store import STORE_ERRORS, first_line, reason_of
from scraper.output import exit_code
from scraper.responses.exceptions import ArgumentError

if TYPE_CHECKING:
    from scraper.fleet.worker import Worker

logger = logging.getLogger(__name__)
_MOST = 64  # targets at a time


class Command(ProjectCommand, ScrapyCommand):
    """Exit codes: 0 stopped by a signal; 1 an error in this program; 2 wrong usage; 7 no database at the start."""

    requires_crawler_process = False

    def syntax(self) -> str:
        return "[--concurrency N]"

    def short_desc(self) -> str:
        return "Crawl the targets of the watch list, next to other workers"

    def long_desc(self) -> str:
        return (
            "Crawl the targets that are due in the watch list (`scrapy watch`), until a signal comes. Any number of"
            " workers on any number of machines share the list, and one pace for each identity. What a worker leaves"
            " when it ends, however it ends, another one continues. Needs PostgreSQL: DATABASE_URL."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--concurrency", type=int, default=4, help="targets at a time (default: 4)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError(f"unknown option or argument {args[0]}: scrapy worker takes --concurrency")
        if not 1 <= opts.concurrency <= _MOST:
            raise UsageError(f"--concurrency {opts.concurrency}: must be a number from 1 to {_MOST}, such as 4")
        url = fleet_url(self.settings)
        try:
            check(self.settings)
        except ArgumentError as error:
            raise wrong_usage(error) from None
        configure_logging(self.settings)
        for name in ("scrapy", "asyncio"):  # each target is a crawl, which would log a page of text
            logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger(name).level))
        try:
            asyncio.run(self._work(url, opts.concurrency))
        except ArgumentError as error:
            raise wrong_usage(error) from None
        except STORE_ERRORS as error:  # while it starts; later it waits for the database
            print(f"{shown_url(url)} cannot be used: {first_line(reason_of(error))}", file=sys.stderr)
            self.exitcode = exit_code.OUTPUT

    async def _work(self, url: str, concurrency: int) -> None:
        """Work until a signal comes."""
        from scraper.fleet.worker import Worker  # its packages are an extra

        await prepare_tables(url)
        with twisted_reactor():
            worker = Worker(self.settings, concurrency)
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, _stop, worker, number)
            await worker.run()
        logger.info("Stopped")


def _stop(worker: "Worker", number: int) -> None:
    """Stop a worker. A second signal ends the process at once, and loses nothing either."""
    asyncio.get_running_loop().remove_signal_handler(number)
    signal.signal(number, signal.SIG_DFL)
    worker.stop()
