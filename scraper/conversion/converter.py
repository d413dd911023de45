"""Convert feeds: their rows are split by record type, then each type is written with the columns of its definition."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, NamedTuple

import msgspec

from scraper.conversion.feed_lines import BadLine, Row, feed_rows
from scraper.conversion.writers import DATABASE, LOGS, SPLIT, WRITERS, Part, UnreadableError
from scraper.ledger.database_url import sqlite_url
from scraper.ledger.run import in_database, runs
from scraper.output.record_types import FAILURE, uri_of
from scraper.records import RECORDS
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import counted, enumerated

_BUFFER = 1 << 20  # bytes


class Converted(NamedTuple):
    """What a conversion wrote.

    :param files: the files that were written
    :param rows: number of rows by record type
    :param bad: a sentence for each line that could not be converted
    """

    files: list[Path]
    rows: dict[str, int]
    bad: list[str]


def convert(feeds: Sequence[Path], target: Path) -> Converted:
    """Convert feeds into a file for each record type, or into one with a table or a sheet for each.

    Files that are there are replaced once all new ones are complete.

    :raises ArgumentError: if the format is unknown, a library is missing, the feeds have another schema version, or the
        target is the database of crawls
    :raises OSError: if a file cannot be read or written
    """
    if target.suffix not in WRITERS:
        raise ArgumentError(f"{target}: give a file that ends in {enumerated([*WRITERS], 'or')}")
    if target.suffix == DATABASE and (number := len(in_database(sqlite_url(target.absolute()), runs) or ())):
        raise ArgumentError(f"{target} is the database of {counted(number, 'run')}: give another file")
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".convert-", dir=target.parent) as name:
        folder = Path(name)
        try:
            parts, bad, made = _convert(feeds, folder, target, is_strict=False)
        except UnreadableError:
            parts, bad, made = _convert(feeds, folder, target, is_strict=True)
        for suffix in LOGS.get(target.suffix, ()):
            Path(f"{target}{suffix}").unlink(
                missing_ok=True
            )  # of a database before: it would be applied to the new one
        files = [path.replace(target.parent / path.name) for path in made]
    for record_type in (*RECORDS, FAILURE) if target.suffix in SPLIT else ():
        old = Path(uri_of(str(target), record_type))
        if old not in files:
            old.unlink(missing_ok=True)  # of an earlier conversion
    return Converted(files, {part.record_type: part.rows for part in parts}, bad)


def _convert(
    feeds: Sequence[Path], folder: Path, target: Path, *, is_strict: bool
) -> tuple[list[Part], list[str], list[Path]]:
    parts, bad = _split(feeds, folder, is_strict=is_strict, needs_key=target.suffix == DATABASE)
    made = Path(folder, target.name)
    made.unlink(missing_ok=True)
    try:
        return parts, bad, WRITERS[target.suffix](parts, made)
    except UnreadableError as error:
        if is_strict:
            raise OSError(f"{target}: {error}") from error
        raise


def _split(feeds: Sequence[Path], folder: Path, *, is_strict: bool, needs_key: bool) -> tuple[list[Part], list[str]]:
    """Write the rows of each record type to a file of its own. Return these files, and why other lines are in none."""
    bad, writers = [], dict[str, _Writer]()
    with ExitStack() as stack:
        for feed in feeds:
            for row in feed_rows(feed, is_strict=is_strict, needs_key=needs_key):
                if isinstance(row, BadLine):
                    bad.append(row.problem)
                    continue
                if (writer := writers.get(row.record_type)) is None:
                    path = folder / f"{row.record_type}.jsonl"
                    writer = writers[row.record_type] = _Writer(path, stack.enter_context(path.open("wb", _BUFFER)))
                writer.add(row)
    return [Part(name, writer.path, writer.rows, writer.longest) for name, writer in writers.items()], bad


class _Writer:
    """Writes the rows of one record type to a temporary file."""

    def __init__(self, path: Path, file: IO[bytes]):
        self.path, self._file = path, file
        self.rows = self.longest = 0

    def add(self, row: Row) -> None:
        record_type, code, router, data = row
        if record_type == FAILURE:
            data = msgspec.json.encode({"code": code, "router": router})[:-1] + b"," + data[1:]
        self._file.write(data)
        self._file.write(b"\n")
        self.rows += 1
        if len(data) > self.longest:
            self.longest = len(data)
