"""Read the targets of a file: lines with optional comments, a table with a header, YAML, or JSON lines."""

import csv
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Collection, Generator, Iterable, Iterator
from contextlib import closing, suppress
from io import BufferedReader, TextIOWrapper
from itertools import chain
from pathlib import Path

from scraper.inputs import standard_input
from scraper.inputs.standard_input import STANDARD_INPUT, KeptInput
from scraper.inputs.structured_rows import block_rows, flow_rows, is_block, is_flow, json_object, line_rows
from scraper.inputs.target_rows import RowReader, TargetRow

_DELIMITERS = "\t;,"
_LONGEST_HEADER = 10_000
_MOST_LINES = 50  # that one row of a table may span
_YAML, _LINES = (".yaml", ".yml"), (".jsonl", ".ndjson")


def rows_in(lines: Iterable[str], file: str = "", id_names: Collection[str] = ()) -> Generator[TargetRow, None, None]:
    """Yield the rows of a target file. The ending of its name or its first line shows its form.

    :param lines: with their indentation
    :param file: its name, "" or - if it has none
    :param id_names: the platforms' names of ids, which are recognised as column names

    >>> [row.text for row in rows_in(["abc123 # my note", "look https://site.test/AbCd123 #tag"])]
    ['abc123', 'look https://site.test/AbCd123 #tag']
    >>> [row.text for row in rows_in(['title;"url"', '"a; b";https://site.test/AbCd123'])]
    ['https://site.test/AbCd123']
    >>> [(row.text, dict(row.policy)) for row in rows_in(["unique_id,max_items,tags.team", "sample.user,5,a"])]
    [('@sample.user', {'max_items': '5', 'tags.team': 'a'})]
    >>> [(row.text, dict(row.policy)) for row in rows_in(["- url: abc123", "  with: [comments, author]"])]
    [('abc123', {'with': 'comments,author'})]
    """
    reader, ending = RowReader(file, id_names), Path(file).suffix.lower()
    rest, is_yaml = iter(lines), ending in _YAML
    first = next((line for line in rest if any(_significant([line]))), None)
    if first is None:
        return
    every = chain([first], rest)
    if is_flow(first.strip(), strict=is_yaml):
        yield from flow_rows(every, reader)
    elif is_yaml or (ending not in _LINES and is_block(first, reader)):
        yield from block_rows(every, reader, strict=is_yaml)
    elif ending not in _LINES and (delimiter := _delimiter(first, reader)):
        header = reader.header(_cells(first, delimiter))
        table = _table(rest, delimiter)
        yield from filter(None, (reader.of_cells(header, cells) for cells in table))
    else:
        strict = ending in _LINES or json_object(first.strip()) is not None
        yield from line_rows(_significant(every), reader, strict)


def check_columns(name: str) -> None:
    """Check the header of a target file that is a table. The crawl says what else is wrong with a file.

    :raises ArgumentError: if several columns have one name
    """
    if Path(name).suffix.lower() in (*_YAML, *_LINES):
        return
    reader = RowReader(name)
    with suppress(OSError), closing(lines_of(name)) as lines:
        first = next((line for line in lines if any(_significant([line]))), "")
        if not is_flow(first.strip(), strict=False) and (delimiter := _delimiter(first, reader)):
            reader.columns(_cells(first, delimiter))


def lines_of(name: str, copy: Path | None = None) -> Generator[str, None, None]:
    """Yield the lines of a file, decoded as UTF-16 if it starts with a byte order mark, else as UTF-8.

    :param name: a path, or - for standard input
    :param copy: where a copy of standard input is kept; what an earlier start kept there is read instead of it
    :raises OSError: it cannot be read
    """
    with _standard_input(copy) if name == STANDARD_INPUT else Path(name).open("rb") as source:
        encoding = "utf-16" if source.peek(2)[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) else "utf-8"
        with TextIOWrapper(source, encoding, "replace") as text:
            for line in text:
                yield line.removeprefix("\ufeff").rstrip()


def _significant(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines without indentation. Those that are empty or start with # are left out."""
    return (line for raw in lines if (line := raw.strip()) and not line.startswith("#"))


def _standard_input(copy: Path | None) -> BufferedReader:
    return BufferedReader(KeptInput(copy) if copy else standard_input.opened())


def _table(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Yield the rows of a table, without comments between them. A quote that is never closed costs no row after it.

    >>> list(_table(['1,"a', 'b"', '2,"c', "3,d"], ","))
    [['1', 'a\\nb'], ['2', 'c'], ['3', 'd']]
    """
    held: list[str] = []
    for line in lines:
        if not held and not any(_significant([line])):
            continue
        held.append(line.lstrip(" "))
        if len(held) == _MOST_LINES or not "".join(held).count('"') % 2:
            yield from _parsed(held, delimiter)
            held = []
    yield from _parsed(held, delimiter)


def _parsed(lines: list[str], delimiter: str) -> list[list[str]]:
    """Return the row that some lines make, or if they make none, a row for each of them."""
    if "".join(lines).count('"') % 2 == 0:
        try:
            rows = list(csv.reader([f"{line}\n" for line in lines], delimiter=delimiter))
        except csv.Error:
            rows = []
        if len(rows) == 1 or not lines:
            return rows
    if len(lines) > 1:
        return [row for line in lines for row in _parsed([line], delimiter)]
    return [[cell.strip('"') for cell in lines[0].split(delimiter)]]


def _delimiter(line: str, reader: RowReader) -> str:
    """Return the delimiter of a header line, "" if the line is not a header."""
    if len(line) > _LONGEST_HEADER:  # which the parser of tables refuses
        return ""
    for delimiter in (delimiter for delimiter in _DELIMITERS if delimiter in line):
        if reader.names_target(cell.lower() for cell in _cells(line, delimiter)):
            return delimiter
    alone = _cells(line, ",")
    return "," if len(alone) == 1 and reader.names_target([alone[0].lower()]) else ""


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
