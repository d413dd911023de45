"""`scrapy retry`: crawl again what failed in a finished run, as a new run with the same settings."""

import argparse
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlparse

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from sqlalchemy import Connection

from scraper.commands.crawl import Command as CrawlCommand
from scraper.commands.earlier_run import database, find, restore
from scraper.commands.project_command import wrong_usage
from scraper.ledger.retrying import add_retry
from scraper.ledger.run import FINISHED, Run, in_database
from scraper.ledger.run_lock import hold, release
from scraper.output.emitter import new_run_id
from scraper.output.sinks import shown
from scraper.responses.exceptions import ArgumentError


class Command(CrawlCommand):
    """Request again what failed. A list continues where it stopped; 404 and rejected inputs are left out.

    :cvar nothing: what is printed if there is nothing to do, with the id of the run
    """

    nothing: ClassVar[str] = "Nothing that failed in run {} can be crawled again"

    def syntax(self) -> str:
        return "[options] <run_id>"

    def short_desc(self) -> str:
        return "Crawl again only what failed in a run: scrapy retry RUN_ID -O rest.jsonl"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        ScrapyCommand.add_options(self, parser)
        parser.add_argument("-o", "--output", metavar="FILE", action="append", help="append to this feed")
        parser.add_argument("-O", "--overwrite-output", metavar="FILE", action="append", help="overwrite this feed")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        opts.spargs = []
        super().process_options(args, opts)

    def check_usage(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError("give one run id; `scrapy runs` lists them")
        try:
            self._run = run = find(self.settings, args[0])
            if run.state != FINISHED:
                raise ArgumentError(f"run {run.run_id} is not finished; to continue it: scrapy resume {run.run_id}")
        except ArgumentError as error:
            raise wrong_usage(error) from None

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        run = self._run
        feeds = self.settings.getdict("FEEDS")
        if feeds:  # else `check` sets the default
            self.settings.set("FEEDS", {_absolute(uri): feeds[uri] for uri in feeds}, priority="cmdline")
        try:
            restore(self.settings, run)
            self.check([run.spider], run.arguments)
            self.check_earlier_runs(run.spider)
            run_id = self._add(run)
        except ArgumentError as error:
            raise wrong_usage(error) from None
        if not run_id:
            print(self.nothing.format(run.run_id))
            for uri in feeds:
                print(f"{shown(uri)} is not written; a file that is there stays as it is")
            return
        self.settings.set("RESUME_RUN", run_id, priority="cmdline")
        self.start(run.spider, run.arguments)

    def add(self, connection: Connection, run: Run, run_id: str) -> int:
        """Add the new run to the ledger, and return how much it is to do."""
        return add_retry(connection, run, run_id)

    def _add(self, run: Run) -> str:
        """Add the new run, and return its id; "" if there is nothing to request."""
        folder, run_id, url = self.settings["STATE_DIR"], new_run_id(), database(self.settings)
        hold(folder, run_id, url)
        if in_database(url, lambda connection: self.add(connection, run, run_id), writes=True):
            return run_id
        release(folder, run_id, is_finished=True)
        return ""


def _absolute(uri: str) -> str:
    """Return the URI of a feed, with an absolute path if it is a relative one."""
    return uri if urlparse(uri).scheme else str(Path(uri).absolute())
