"""`scrapy watch`: the targets that the workers of a fleet crawl, at intervals or once."""

import argparse
import asyncio
import re
import sys
from collections.abc import Collection, Iterator
from contextlib import closing
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.utils.conf import arglist_to_dict
from sqlalchemy import Connection

from scraper.commands.fleet_database import fleet_url, in_fleet, prepare_tables
from scraper.commands.project_command import ProjectCommand, wrong_usage
from scraper.commands.terminal_table import table
from scraper.identities.masking import mask
from scraper.inputs.standard_input import STANDARD_INPUT
from scraper.inputs.target_files import lines_of, rows_in
from scraper.inputs.target_rows import TargetRow
from scraper.inputs.times import period
from scraper.ledger.database_url import shown_url
from scraper.ledger.store import STORE_ERRORS, first_line, reason_of
from scraper.output.exit_code import DONE, SOME_FAILED, USAGE
from scraper.output.visible_text import visible
from scraper.responses.exceptions import ArgumentError

if TYPE_CHECKING:
    from scraper.fleet.alarms import Alarm
    from scraper.fleet.watch_list import WatchedTarget
    from scraper.fleet.watch_rows import WatchReader, WatchTarget

_ACTIONS = ("add", "list", "check", "remove", "pause", "resume")
_ALONE = ("list", "check")
_HEAD = ("target", "spider", "link", "router", "state", "every", "next", "last complete", "failed", "why")
_SHOWN = 200  # rows of the table
_ID = re.compile(r"\d{1,12}", re.ASCII)  # ids that platforms give are longer, or not of digits alone
_FILES = (".yaml", ".yml", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt")
_NO_LIST = "no watch list in this database yet: scrapy watch add <link>"


class Command(ProjectCommand, ScrapyCommand):
    """Exit codes: 0; 2 wrong usage, no database, or nothing was done; 3 something could not be, or an alarm is on."""

    requires_crawler_process = False
    has_json = True
    _refused = 0

    def syntax(self) -> str:
        return "add FILE|LINK … [options] | list [options] | check | remove|pause|resume FILE|LINK|TARGET …"

    def short_desc(self) -> str:
        return "Edit and show the watch list of a fleet: scrapy watch add targets.yaml"

    def long_desc(self) -> str:
        return (
            "Edit and show the targets that `scrapy worker` crawls. FILE is a target file, or - for standard input."
            " With --every or --cron a target is crawled again and again, and gives only what is new unless -a since"
            " says otherwise; without, it is crawled once. `list` shows the first 200 targets as a table; with --json,"
            " all of them as one JSON array. `check` evaluates the monitors now, tells their webhook"
            " what is new, and prints the alarms that are on."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        own = parser.add_argument_group("add")
        own.add_argument("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE", help="as for a crawl")
        own.add_argument("--every", metavar="PERIOD", help="between two runs: 30m, 6h, 1d, 2w")
        own.add_argument("--cron", metavar="EXPRESSION", help='when it is crawled: "0 6 * * * Europe/Berlin"')
        own.add_argument("--priority", metavar="N", help="higher ones are crawled first (0)")
        shown = parser.add_argument_group("list").add_mutually_exclusive_group()
        for choice, meaning in (("due", "waiting for a worker"), ("failed", "not complete"), ("paused", "paused")):
            shown.add_argument(f"--{choice}", dest="choice", action="store_const", const=choice, help=meaning)
        parser.add_argument("--tag", action="append", default=[], metavar="NAME=VALUE", help="only those with this tag")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        action, words = (args[0], args[1:]) if args else ("", [])
        if action not in _ACTIONS:
            raise UsageError(f"give one of {', '.join(_ACTIONS)}: scrapy watch add targets.yaml")
        if (action in _ALONE) == bool(words):
            raise UsageError(f"{action} takes no target" if words else f"{action} what? Give files, links or -")
        if action != "list" and (opts.choice or opts.tag):
            raise UsageError(f"{action} takes no --due, --failed, --paused or --tag: they are for list")
        if action in _ALONE and (opts.spargs or opts.every or opts.cron or opts.priority):
            raise UsageError(f"{action} takes no -a, --every, --cron or --priority: they are for add")
        try:
            if action == "add":
                self._add(words, opts)
            elif action == "list":
                self._list(opts)
            elif action == "check":
                self._check(opts)
            else:
                self._change(action, words, opts)
        except ArgumentError as error:
            raise wrong_usage(error) from None
        except BrokenPipeError:
            raise
        except OSError as error:
            raise wrong_usage(f"{error.filename}: {error.strerror}") from None

    def _add(self, words: list[str], opts: argparse.Namespace) -> None:
        from scraper.fleet.database import FleetDatabase
        from scraper.fleet.watch_list import AT_ONCE, Added, add

        url, total = fleet_url(self.settings), Added()
        targets = self._targets(words, self._reader(opts))
        database = FleetDatabase(url)
        try:
            asyncio.run(prepare_tables(url))
            while batch := list(islice(targets, AT_ONCE)):
                total = total.plus(database.do(partial(add, targets=batch)))
        except STORE_ERRORS as error:
            raise wrong_usage(f"{shown_url(url)}: {first_line(reason_of(error))}; add the same again") from None
        finally:
            asyncio.run(database.close())
        numbers = {"added": total.new, "changed": total.changed, "unchanged": total.same, "refused": self._refused}
        self._report(numbers, sum(total), opts.json)

    def _change(self, action: str, words: list[str], opts: argparse.Namespace) -> None:
        from scraper.fleet import watch_list

        ids = {int(word): word for word in words if _ID.fullmatch(word)}
        links = [word for word in words if not _ID.fullmatch(word)]
        keys = {target.key: target.link for target in self._targets(links, self._reader(opts))}
        change = {"remove": watch_list.remove, "pause": watch_list.pause, "resume": watch_list.resume}[action]
        done = in_fleet(self.settings, partial(change, selected=watch_list.Selected(keys, ids)))
        if done is None:
            raise wrong_usage(_NO_LIST)
        missing = [text for key, text in keys.items() if key not in done.keys]
        missing += [text for ident, text in ids.items() if ident not in done.ids]
        for text in missing:
            print(visible(mask(f"{text}: not in the watch list")), file=sys.stderr)
        self._refused += len(missing)
        self._report({f"{action}d": len(done.ids), "refused": self._refused}, len(done.ids), opts.json)

    def _report(self, numbers: dict[str, int], done: int, is_json: bool) -> None:
        """Print what was done, and set the exit code."""
        if is_json:
            print(msgspec.json.encode(numbers).decode())
        else:
            print(", ".join(f"{number} {name}" for name, number in numbers.items()))
        if not done and not self._refused:
            print("no link or id found in the input: give links, ids or share texts", file=sys.stderr)
        self.exitcode = USAGE if not done else SOME_FAILED if self._refused else DONE

    def _reader(self, opts: argparse.Namespace) -> "WatchReader":
        """
        :raises ArgumentError: if an argument is wrong
        """
        from scraper.fleet.watch_rows import WatchReader

        try:
            given = arglist_to_dict(opts.spargs)
        except ValueError:
            raise UsageError("-a takes NAME=VALUE") from None
        own = {name: getattr(opts, name) for name in ("every", "cron", "priority") if getattr(opts, name)}
        return WatchReader(self.settings, {**given, **own})

    def _targets(self, words: list[str], reader: "WatchReader") -> Iterator["WatchTarget"]:
        """Yield the targets of files and links as they are read. What is refused is printed and counted.

        :raises ArgumentError: if there is no such file, or its header is wrong
        :raises OSError: if it cannot be read
        """
        from scraper.fleet.watch_rows import Refused

        for place, row in _rows(words, reader.id_names):
            for target in reader.targets(row):
                if isinstance(target, Refused):
                    self._refused += 1
                    print(visible(mask(f"{place}{target.text}: {target.problem}")), file=sys.stderr)
                else:
                    yield target

    def _list(self, opts: argparse.Namespace) -> None:
        from scraper.fleet.watch_list import targets_of

        for tag in opts.tag:
            if "=" not in tag:
                raise UsageError(f"--tag {tag}: give a name and a value: --tag team=red")
        show = _print_json if opts.json else _print_table

        def work(connection: Connection) -> bool:
            with closing(targets_of(connection, opts.choice, opts.tag)) as targets:
                show(targets)
            return True

        if in_fleet(self.settings, work) is None:
            raise wrong_usage(_NO_LIST)

    def _check(self, opts: argparse.Namespace) -> None:
        from scraper.fleet.alarms import evaluate
        from scraper.fleet.database import FleetDatabase
        from scraper.fleet.monitor_config import read_monitors

        if (monitors := read_monitors(self.settings["CONFIG_DIR"])) is None:
            raise ArgumentError("there are no monitors: copy config/monitors/config.example.yaml to config.yaml there")
        if in_fleet(self.settings, lambda connection: True) is None:
            raise wrong_usage(_NO_LIST)

        async def work() -> "list[Alarm]":
            database = FleetDatabase(fleet_url(self.settings))
            try:
                return await evaluate(database, monitors, now=True) or []
            finally:
                await database.close()

        alarms = asyncio.run(work())
        if opts.json:
            print(msgspec.json.format(msgspec.json.encode(alarms)).decode())
        else:
            print("\n".join(visible(f"{alarm.monitor}: {alarm.message}") for alarm in alarms) or "no alarm is on")
        self.exitcode = SOME_FAILED if alarms else DONE


def _rows(words: list[str], id_names: Collection[str]) -> Iterator[tuple[str, TargetRow]]:
    """Yield the rows of files and texts, each with its place for messages."""
    for word in words:
        if word != STANDARD_INPUT and not Path(word).is_file():
            if word.lower().endswith(_FILES) and "://" not in word:
                raise ArgumentError(f"{word}: no such file")
            yield from (("", TargetRow(line)) for line in word.splitlines() if line.strip())
            continue
        name = "standard input" if word == STANDARD_INPUT else word
        for number, row in enumerate(rows_in(lines_of(word), word, id_names), 1):
            yield f"{name}, row {number}: ", row


def _print_json(targets: Iterator["WatchedTarget"]) -> None:
    """Print them as a JSON array, each element on a line."""
    comma = "["
    for target in targets:
        print(f"{comma}\n{msgspec.json.encode(target).decode()}", end="")
        comma = ","
    print("[]" if comma == "[" else "\n]")


def _print_table(targets: Iterator["WatchedTarget"]) -> None:
    rows = list(islice(targets, _SHOWN + 1))
    if not rows:
        print("no target")
        return
    print(table(_HEAD, [_cells(target) for target in rows[:_SHOWN]]))
    if len(rows) > _SHOWN:
        print(f"\nThese are the first {_SHOWN}. --json shows all; the options of `list` choose some")


def _cells(target: "WatchedTarget") -> list[str]:
    schedule = target.cron or (period(target.every) if target.every else "once")
    due = "" if target.state in ("running", "done", "paused") else _clock(target.due_time)
    why = (target.error or target.stopped or "") if target.attempts else ""
    router = target.arguments.get("router") or "default"
    cells = (target.target_id, target.spider, target.link, router, target.state, schedule, due)
    return [*map(str, cells), _clock(target.completed_time), str(target.attempts or ""), why]


def _clock(moment: float | None) -> str:
    return "" if moment is None else datetime.fromtimestamp(moment).strftime("%Y-%m-%d %H:%M")
