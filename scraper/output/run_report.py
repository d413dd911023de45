"""The report of a run: `<OUTPUT_DIR>/<spider>/<run_id>.run.json`, written last, and at once.

Its lists and failures come from the ledger row by row, so that memory stays flat.
"""

import os
import platform
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import Any

import msgspec
import scrapy
from sqlalchemy import Connection, RowMapping, Select, func, select

from scraper import __version__
from scraper.identities.masking import mask
from scraper.inputs.command_line import written
from scraper.ledger.run import FINISHED, UNFINISHED, Run
from scraper.ledger.schema import FAILURE, LIST_RUN
from scraper.ledger.stops import Stop
from scraper.output.feed_slots import FeedResult
from scraper.output.feed_storage import try_folder
from scraper.output.sinks import OUTPUT_FAILURES, OutputError, shown
from scraper.output.statistics import DATABASE_ROWS, counts, records
from scraper.records import SCHEMA_VERSION
from scraper.responses.clock import present

MOST_FAILURES = 1_000  # in the file; the table `failure` has all
_MOST_SENT = 100  # failures, and lists, in what is sent to RUN_WEBHOOK
_MOST_BYTES = 1 << 20  # sent to RUN_WEBHOOK
_LIST = ("router", "target", "declared", "declared_by_record", "collected", "pages", "gaps", "undelivered", "stopped",
         "cursor")  # fmt: skip
_AT_ONCE = 500


class RunReport:
    """Writes the report of one run.

    :param run: its `report` is the path of the file, None if there is to be none
    :param database: its URL, None if records are in feeds only
    :ivar sent: what RUN_WEBHOOK gets: the report with some of its lists and failures; None until it is written
    """

    sent: bytes | None = None

    def __init__(self, run: Run, database: str | None):
        self._run, self._database = run, database

    @property
    def path(self) -> Path | None:
        """The path of the file, None if there is none."""
        return Path(self._run.report) if self._run.report else None

    def try_out(self) -> None:
        """Check the folder before the crawl.

        :raises OutputError: if it cannot be written
        """
        if (path := self.path) is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try_folder(path.parent)
            if path.exists():
                path.open("r+b").close()
        except OSError as error:
            raise OutputError(str(path.parent), error) from error

    def write(
        self,
        connection: Connection,
        head: Mapping[str, Any],
        open_lists: Sequence[Mapping[str, Any]],
    ) -> None:
        """Write the report.

        :param head: see `head`
        :param open_lists: the results of the lists that have not ended
        :raises OutputError: if it cannot be written
        """
        self.sent = self._to_send(connection, head, open_lists)
        if (path := self.path) is None:
            return
        temporary = path.with_name(f".{path.name}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                file.writelines(self._parts(connection, head, open_lists, None, MOST_FAILURES))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            _sync_folder(path.parent)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink()
            raise OutputError(str(path), error) from error

    def head(
        self,
        *,
        stopped: Stop,
        close_reason: str,
        exit_code: int,
        is_ended: bool,
        stats: Mapping[str, Any],
        feeds: Sequence[FeedResult],
        sent: int,
        left_open: int,
        files_left: int,
        drift: msgspec.Struct | None,
    ) -> dict[str, Any]:
        """Return what the report has besides lists and failures.

        :param close_reason: Scrapy's word for why the crawl ended
        :param is_ended: whether nothing is left to resume the run for
        :param stats: the stats of the crawl
        :param sent: number of requests
        :param left_open: number of requests that have no answer yet
        :param files_left: number of files that were not downloaded yet
        :param drift: the fields that were known less often than before
        """
        run = self._run
        outcomes: dict[str, dict[str, int]] = defaultdict(dict)
        for (router, outcome), number in sorted(counts(stats).items()):
            outcomes[router][outcome.name] = number
        failures = stats.get(OUTPUT_FAILURES, [])
        database = {"url": shown(self._database), "rows": stats.get(DATABASE_ROWS, 0)} if self._database else None
        return {
            "run_id": run.run_id,
            "spider": run.spider,
            "retry_of": run.retry_of,
            "state": FINISHED if is_ended else UNFINISHED,
            "stopped": stopped,
            "close_reason": close_reason,
            "exit_code": exit_code,
            "started_time": run.started_time,
            "ended_time": int(present()),
            "arguments": {name: mask(value) for name, value in run.arguments.items()},
            "versions": {
                "code": __version__,
                "schema": SCHEMA_VERSION,
                "scrapy": scrapy.__version__,
                "python": platform.python_version(),
            },
            "requests": sent,
            "requests_left": left_open,
            "files_left": files_left,
            "records": records(stats),
            "outcomes": outcomes,
            "feeds": [msgspec.structs.asdict(feed) | {"uri": shown(feed.uri)} for feed in feeds],
            "database": database,
            "output_failures": failures,
            "drift": msgspec.to_builtins(drift),
            "resume": None if is_ended else f"scrapy resume {run.run_id}",
        }

    def _to_send(
        self, connection: Connection, head: Mapping[str, Any], open_lists: Sequence[Mapping[str, Any]]
    ) -> bytes:
        body = b"".join(self._parts(connection, head, open_lists, _MOST_SENT, _MOST_SENT))
        if len(body) > _MOST_BYTES:
            body = b"".join(self._parts(connection, {**head, "arguments": None, "feeds": None}, open_lists, 0, 0))
        return body

    def _parts(
        self,
        connection: Connection,
        head: Mapping[str, Any],
        open_lists: Sequence[Mapping[str, Any]],
        most_lists: int | None,
        most_failures: int,
    ) -> Iterator[bytes]:
        """Yield the parts of the JSON document."""
        number, of_retry = self._failures(connection)
        is_ended = head["state"] == FINISHED
        retry = f"scrapy retry {self._run.run_id}" if is_ended and of_retry else None
        yield b"{\n"
        for name, value in {**head, "retry": retry}.items():
            yield b' "%s": %s,\n' % (name.encode(), msgspec.json.encode(value))
        yield b' "failures": {"number": %d, "rows": [' % number
        yield from _rows(self._failure_rows(connection, most_failures))
        yield b']},\n "lists": {'
        for name, value in self._sums(connection, open_lists).items():
            yield b'"%s": %s, ' % (name.encode(), msgspec.json.encode(value))
        rows = chain(self._list_rows(connection), map(_list_row, open_lists))
        yield b'"rows": ['
        yield from _rows(islice(rows, most_lists))
        yield b"]}\n}\n"

    def _failures(self, connection: Connection) -> tuple[int, int]:
        """Return the number of failures, and of those that can be requested again."""
        query = select(func.count(), func.count(FAILURE.c.job)).where(FAILURE.c.run_id == self._run.run_id)
        number, of_retry = connection.execute(query).one()
        return number, of_retry

    def _failure_rows(self, connection: Connection, most: int) -> Iterator[dict[str, Any]]:
        query = select(FAILURE).where(FAILURE.c.run_id == self._run.run_id).order_by(FAILURE.c.id).limit(most)
        for row in _streamed(connection, query):
            again = f"scrapy resume {self._run.run_id}" if row["number"] is not None else _command(row)
            yield {
                "input": mask(row["input"]),
                "title": row["title"] and mask(row["title"]),
                "router": row["router"],
                "key": row["target"],
                "code": row["code"],
                "name": row["name"],
                "reason": row["message"],
                "command": again,
            }

    def _sums(self, connection: Connection, open_lists: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the sums of all lists, and their numbers by the reason why they stopped."""
        columns, own = LIST_RUN.c, LIST_RUN.c.run_id == self._run.run_id
        known = func.coalesce(columns.declared, columns.declared_by_record)
        sums = (func.count(), func.sum(known), func.count(known), func.sum(columns.collected), func.sum(columns.pages))
        rows = connection.execute(select(columns.stopped, *sums).where(own).group_by(columns.stopped)).all()
        totals = {"number": 0, "declared": 0, "undeclared": 0, "collected": 0, "pages": 0}
        stopped: dict[str, int] = defaultdict(int)
        opened = [
            (row["stopped"], 1, declared, int(declared is not None), row["collected"], row["pages"])
            for row in open_lists
            for declared in [row["declared"] if row["declared"] is not None else row["declared_by_record"]]
        ]
        for reason, number, declared, of_declared, collected, pages in [*rows, *opened]:
            stopped[reason] += number
            counted = (number, declared or 0, number - of_declared, collected, pages)
            added = map(int, counted)  # PostgreSQL adds up integers to decimals
            totals = {name: totals[name] + value for name, value in zip(totals, added, strict=True)}
        return {**totals, "stopped": stopped}

    def _list_rows(self, connection: Connection) -> Iterator[dict[str, Any]]:
        query = select(LIST_RUN).where(LIST_RUN.c.run_id == self._run.run_id).order_by(LIST_RUN.c.id)
        for row in _streamed(connection, query):
            yield _list_row({**row, "arguments": row["arguments"] and msgspec.json.decode(row["arguments"])})


def _command(row: RowMapping) -> str | None:
    if row["arguments"] is None:
        return None
    return mask(written(row["router"].split("/")[2], msgspec.json.decode(row["arguments"])))


def _list_row(row: Mapping[str, Any]) -> dict[str, Any]:
    arguments = row["arguments"] and {name: mask(value) for name, value in row["arguments"].items()}
    return {name: row[name] for name in _LIST} | {"arguments": arguments}


def _streamed(connection: Connection, query: Select[Any]) -> Iterator[RowMapping]:
    return iter(connection.execute(query, execution_options={"yield_per": _AT_ONCE}).mappings())


def _rows(rows: Iterator[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield the elements of a JSON array, one a line."""
    for number, row in enumerate(rows):
        yield (b",\n  " if number else b"\n  ") + msgspec.json.encode(row)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
