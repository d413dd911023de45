"""`scrapy jobs`: what waits, runs, stalled and failed in the fleet, and how a target is retried."""

import argparse
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from msgspec import to_builtins
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from sqlalchemy import Connection

from scraper.commands.fleet_database import in_fleet
from scraper.commands.project_command import ProjectCommand, as_json, wrong_usage
from scraper.commands.terminal_table import table

if TYPE_CHECKING:
    from scraper.fleet.jobs import Retried
    from scraper.fleet.target_views import TargetView

T = TypeVar("T")
_HEAD = ("target", "spider", "link", "attempts", "why", "next try", "to retry now")
_NO_LIST = "no watch list in this database yet: scrapy watch add <link>"
_STALLED = "a running worker takes them over within a minute: scrapy worker"


class Command(ProjectCommand, ScrapyCommand):
    """Exit codes: 0; 1 if a target that is to be retried cannot be; 2 wrong usage, or no database."""

    requires_crawler_process = False
    has_json = True

    def syntax(self) -> str:
        return "[--failed | --stalled | --retry [TARGET …]] [--json]"

    def short_desc(self) -> str:
        return "Count the jobs of the fleet, list those that stalled or failed, and retry them"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--failed", action="store_true", help="list targets whose last run was not complete")
        choice.add_argument("--stalled", action="store_true", help="list targets whose worker is gone")
        choice.add_argument(
            "--retry", nargs="*", type=int, metavar="TARGET", help="crawl these targets now; all that failed by default"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError(f"unknown option or argument {args[0]}: scrapy jobs takes the options above")
        from scraper.fleet import jobs

        if opts.retry is not None:
            self._print_retried(self._do(lambda connection: jobs.retry(connection, opts.retry or None)), opts.json)
        elif opts.failed or opts.stalled:
            state: jobs.State = "failed" if opts.failed else "stalled"
            self._print_targets(self._do(lambda connection: jobs.targets_in(connection, state)), opts)
        else:
            numbers = self._do(jobs.counts)
            print(
                as_json(numbers)
                if opts.json
                else table(("state", "jobs"), [[*map(str, row)] for row in numbers.items()])
            )

    def _do(self, work: Callable[[Connection], T]) -> T:
        result = in_fleet(self.settings, work)
        if result is None:
            raise wrong_usage(_NO_LIST)
        return result

    def _print_targets(self, targets: Sequence["TargetView"], opts: argparse.Namespace) -> None:
        if opts.json:
            print(as_json(to_builtins(targets)))
        elif targets:
            print(table(_HEAD, [_cells(target) for target in targets]))
            if opts.stalled:
                print(f"\n{_STALLED}")
        else:
            print("no target failed" if opts.failed else "no target stalled")

    def _print_retried(self, retried: "Retried", is_json: bool) -> None:
        self.exitcode = 1 if retried.paused or retried.unknown else 0
        if is_json:
            print(as_json(to_builtins(retried)))
            return
        print(f"{len(retried.due)} due now")
        for targets, sentence in (
            (retried.running, "it is being crawled now"),
            (retried.stalled, "its worker is gone; a running one takes it over within a minute"),
            (retried.paused, "paused; scrapy watch resume starts it again"),
            (retried.unknown, "not in the watch list"),
        ):
            for target in targets:
                print(f"target {target}: {sentence}")


def _cells(target: "TargetView") -> list[str]:
    due = target.due_time
    again = "" if due is None else datetime.fromtimestamp(due).strftime("%Y-%m-%d %H:%M")
    why = target.error or target.stopped or ""
    return [str(target.target_id), target.spider, target.link, str(target.attempts), why, again, target.retry or ""]
