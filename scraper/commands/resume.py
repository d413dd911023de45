"""`scrapy resume`: continue an unfinished run, with the same arguments, feeds and run id."""

import argparse
from functools import partial

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from scraper.commands.crawl import Command as CrawlCommand
from scraper.commands.earlier_run import database, find, restore
from scraper.commands.project_command import wrong_usage
from scraper.fleet.database import is_of_fleet
from scraper.ledger.feed_cutting import feeds_to_go_on
from scraper.ledger.input_file import check_input
from scraper.ledger.run import FINISHED, Run, in_database
from scraper.ledger.run_lock import hold, kept_input, release
from scraper.responses.exceptions import ArgumentError


class Command(CrawlCommand):
    """Continue a run that was stopped or killed."""

    def syntax(self) -> str:
        return "[options] [run_id]"

    def short_desc(self) -> str:
        return "Continue an unfinished run: scrapy resume [run_id]; the last one by default"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        ScrapyCommand.add_options(self, parser)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        opts.spargs, opts.output, opts.overwrite_output = [], None, None
        super().process_options(args, opts)

    def check_usage(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) > 1:
            raise UsageError("give one run id, or none for the last unfinished run")
        try:
            self._run_id = self._unfinished(args[0] if args else "").run_id
        except ArgumentError as error:
            raise wrong_usage(error) from None

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        run_id = self._run_id
        try:
            if not hold(self.settings["STATE_DIR"], run_id, database(self.settings)):
                raise ArgumentError(f"run {run_id} is still alive; stop it first, or wait for its end")
            self._start(self._unfinished(run_id))  # it may have gone on until now
        except ArgumentError as error:
            raise wrong_usage(error) from None

    def _start(self, run: Run) -> None:
        folder = self.settings["STATE_DIR"]
        try:
            restore(self.settings, run)
            check_input(run, kept_input(folder, run.run_id))
            self.settings.set("FEEDS", feeds_to_go_on(run), priority="cmdline")
            self.settings.set("RESUME_RUN", run.run_id, priority="cmdline")
            self.check([run.spider], run.arguments)
        except (ArgumentError, UsageError):
            release(folder, run.run_id, is_finished=False)
            raise
        self.start(run.spider, run.arguments)

    def _unfinished(self, run_id: str) -> Run:
        """Return an unfinished run.

        :raises ArgumentError: if there is none, or it is finished
        """
        run = find(self.settings, run_id)
        if in_database(database(self.settings), partial(is_of_fleet, run_id=run.run_id)):
            raise ArgumentError(f"run {run.run_id} crawls a target of the watch list: `scrapy worker` continues it")
        if run.state == FINISHED:
            raise ArgumentError(f"run {run.run_id} is finished: nothing of it is left to ask")
        return run
