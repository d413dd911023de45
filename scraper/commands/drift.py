"""`scrapy drift`: which fields of a run were known less often than in the runs before it."""

import argparse
import sys
from typing import Any, NamedTuple

import msgspec
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from sqlalchemy import Connection

from scraper.commands.project_command import ProjectCommand, wrong_usage
from scraper.commands.terminal_table import table
from scraper.drift import storage
from scraper.drift.report import DriftReport, percent
from scraper.drift.usual_shares import LEAST_RUNS, Limits, changes
from scraper.identities.masking import mask
from scraper.ledger.run import in_database
from scraper.ledger.store import default_url
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import counted

_HEAD = ("router", "records", "field", "known", "usually", "of", "")
_NEWS = ("types", "values", "new_keys", "odd_fields")
_LEAST = 0.05  # a smaller difference is not shown


class Comparison(NamedTuple):
    """
    :ivar less_often: fields that were known less often than usual, those first that fell most
    :ivar compared: number of fields that could be compared
    :ivar earlier_runs: number of runs that they could be compared with, at most `RUNS`
    :ivar report: what the run itself reported
    """

    run_id: str
    less_often: list[dict[str, Any]]
    compared: int
    earlier_runs: int
    report: DriftReport


class Command(ProjectCommand, ScrapyCommand):
    """Exit codes: 0, or 2 if the run is not known."""

    requires_crawler_process = False
    has_json = True

    def syntax(self) -> str:
        return "[options] [run_id]"

    def short_desc(self) -> str:
        return "Compare a run with those before it: scrapy drift [run_id]; the last one by default"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--accept", action="store_true", help="let what fell until this run count as usual")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) > 1:
            raise UsageError("give one run id, or none for the last run")
        limits = Limits(self.settings.getint("DRIFT_RECORDS"), self.settings.getfloat("DRIFT_FALL"))
        url = self.settings["DATABASE_URL"] or default_url(self.settings["STATE_DIR"])
        try:
            compared = in_database(
                url,
                lambda connection: _compare(connection, args[0] if args else "", limits, opts.accept),
                writes=opts.accept,
            )
        except ArgumentError as error:
            raise wrong_usage(error) from None
        if compared is None:
            name = f"run {args[0]}" if args else "any run"
            raise UsageError(f"nothing is known about the fields of {name}; `scrapy runs` lists the runs")
        text = msgspec.json.encode(compared._asdict()).decode() if opts.json else in_words(compared)
        print(mask(text), file=sys.stdout)


def _compare(connection: Connection, run_id: str, limits: Limits, accept: bool) -> Comparison | None:
    """Compare a run, the last one if no id is given. None if it is not known."""
    run_id = run_id or storage.last_run(connection) or ""
    report = storage.report_of(connection, run_id)
    if report is None:
        return None
    if accept:
        storage.accept(connection, run_id)
        connection.commit()
    reports, rows, compared, runs = storage.reports_before(connection, run_id), [], 0, 0
    for group, counts in storage.counts_of(connection, run_id).items():
        earlier = storage.earlier_runs(connection, run_id, group, reports)
        changed = [*changes(counts, earlier, limits)]
        compared, runs = compared + len(changed), max(runs, len(earlier))
        fell = [change for change in changed if change.usual - change.share >= _LEAST]
        rows += [{**group._asdict(), **msgspec.to_builtins(change)} for change in fell]
    return Comparison(run_id, sorted(rows, key=lambda row: row["share"] - row["usual"]), compared, runs, report)


def in_words(compared: Comparison) -> str:
    """Return a comparison as a table, and what is new in the answers."""
    rows = [
        (
            row["router"],
            f"{row['records']}{' (logged in)' if row['logged_in'] else ''}",
            row["path"],
            percent(row["share"]),
            percent(row["usual"]),
            str(row["number"]),
            "fell" if row["has_fallen"] else "",
        )
        for row in compared.less_often
    ]
    lines = [table(_HEAD, rows) if rows else _nothing(compared)]
    news = {name: getattr(compared.report, name) for name in _NEWS}
    for name, entries in news.items():
        if entries:
            lines += ["", f"{counted(len(entries), name.replace('_', ' ').removesuffix('s'))}:"]
            lines += [f"  {entry['router']}  {_entry(entry)}" for entry in entries]
    return "\n".join([f"run {compared.run_id}", *lines])


def _nothing(compared: Comparison) -> str:
    """Return why no field is shown."""
    if compared.compared:
        return f"none of {counted(compared.compared, 'field')} was known less often than usual"
    if compared.earlier_runs < LEAST_RUNS:
        number = counted(compared.earlier_runs, "earlier run")
        return f"nothing to compare with: {number} of the same routers, and at least {LEAST_RUNS} are needed"
    return "nothing to compare: the runs have too few records, or other targets (DRIFT_RECORDS is the least number)"


def _entry(entry: dict[str, Any]) -> str:
    """Return something new in the answers in words."""
    text = str(entry["path"])
    if "value" in entry:
        return f"{text} = {entry['value']}"
    if "usual" in entry:
        return f"{text}: {', '.join(entry['types'])}; usually {', '.join(entry['usual'])}"
    return f"{text}: {counted(entry['number'], 'value')}" if "number" in entry else text
