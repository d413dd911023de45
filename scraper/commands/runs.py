"""`scrapy runs`: list the runs that the ledger knows, how each ended, and how to continue."""

import argparse
from datetime import datetime
from functools import partial
from typing import Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from sqlalchemy import Connection

from scraper.commands.earlier_run import database, find, place
from scraper.commands.project_command import ProjectCommand, as_json, wrong_usage
from scraper.commands.terminal_table import table
from scraper.fleet.database import is_of_fleet
from scraper.ledger.run import FINISHED, forget_run, in_database
from scraper.ledger.run_lock import hold, kept_feed, release
from scraper.output.feed_keeping import put_aside
from scraper.output.run_rows import run_rows
from scraper.responses.exceptions import ArgumentError

_HEAD = ("run", "spider", "state", "stopped", "started", "records", "failures", "exit", "to continue")


class Command(ProjectCommand, ScrapyCommand):
    """Exit codes: 0, or 2 if a database cannot be read."""

    requires_crawler_process = False
    has_json = True

    def syntax(self) -> str:
        return "[--json] [--forget RUN_ID]"

    def short_desc(self) -> str:
        return "List runs: how each ended, and the command that continues it or repeats what failed"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--forget", metavar="RUN_ID", help="remove a run from the ledger; its feeds stay")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError("scrapy runs takes no argument")
        try:
            if opts.forget:
                self._forget(opts.forget)
                return
            rows = run_rows(self.settings)
        except ArgumentError as error:
            raise wrong_usage(error) from None
        if opts.json:
            print(as_json(rows))
        elif rows:
            print(table(_HEAD, [_cells(row) for row in rows]))
        else:
            print(f"no run in {place(self.settings)}")

    def _forget(self, run_id: str) -> None:
        """Remove a run that is not wanted any more, such as one whose feed was changed.

        :raises ArgumentError: if there is none, or it is alive
        """
        folder, run = self.settings["STATE_DIR"], find(self.settings, run_id)
        if in_database(database(self.settings), partial(is_of_fleet, run_id=run_id)):
            raise ArgumentError(f"run {run_id} crawls a target of the watch list: remove that by scrapy watch remove")
        if not hold(folder, run.run_id, database(self.settings)):
            raise ArgumentError(f"run {run_id} is still alive; stop it first")
        for uri, options in run.feeds.items():
            if (kept := kept_feed(folder, run_id, uri)).exists() and kept.stat().st_size:
                path = put_aside(kept, uri, options["format"], self.settings["OUTPUT_DIR"])
                if path == kept:
                    release(folder, run_id, is_finished=False)
                    raise ArgumentError(f"{kept} holds rows of {uri}, and cannot be moved to OUTPUT_DIR: correct that")
                print(f"{uri} was not stored; its rows are in {path}")
        in_database(database(self.settings), lambda connection: _removed(connection, run_id), writes=True)
        release(folder, run_id, is_finished=True)
        print(f"run {run_id} was removed from the ledger; its feeds were not touched")


def _removed(connection: Connection, run_id: str) -> None:
    forget_run(connection, run_id)
    connection.commit()


def _cells(row: dict[str, Any]) -> list[str]:
    started = datetime.fromtimestamp(row["started_time"]).strftime("%Y-%m-%d %H:%M")
    is_over = row["state"] in (FINISHED, "unfinished")
    stopped, code = (row["stopped"], row["exit_code"]) if is_over else (None, None)
    cells = (row["run_id"], row["spider"], row["state"], stopped, started, row["records"], row["failures"], code)
    return ["" if cell is None else str(cell) for cell in (*cells, row["command"])]
