"""Split YAML and JSON into rows, one at a time: a row that cannot be read costs no other one."""

import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from typing import Any

import msgspec
import yaml

from scraper.inputs.target_rows import RowReader, TargetRow, text_row
from scraper.responses.catch_all import attempt

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ITEM = re.compile(r"^( *)-(?=\s|$)")
_PLAIN_ITEM = re.compile(r"^ *- +([\w@/][^\s\"']*[^\s\"':])\s*", re.ASCII)
_NO_CONTENT = re.compile(r"\s*(?:#.*)?|(?:---|\.\.\.)(?:\s+#.*)?|%.*")
_FLOW = re.compile(r"\[\s*(?:$|[\]\[{\"'])")
_MARKS = ("---", "...")
_NULLS = ("null", "Null", "NULL")
_MOST_LINES = 1_000  # of one row
_MOST_CHARACTERS = 64 * 1024 * 1024  # of a list in brackets, which is read whole
_LIST = "a list of rows is needed, each beginning with - as in - url: …"


class _TextLoader(_LOADER):  # type: ignore[misc]
    """A safe loader whose plain scalars are texts or null: an id keeps its zeros, and a date stays as it is written."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        letter: [(tag, pattern) for tag, pattern in rows if tag.endswith(":null")]
        for letter, rows in _LOADER.yaml_implicit_resolvers.items()
    }


def json_object(line: str) -> dict[str, Any] | None:
    """Return a line that is a JSON object, None if it is none.

    >>> json_object('{"url": "a"}'), json_object("{a"), json_object("[1]")
    ({'url': 'a'}, None, None)
    """
    if not line.startswith("{"):
        return None
    read = attempt(partial(msgspec.json.decode, line))
    return read if isinstance(read, dict) else None


def is_flow(line: str, strict: bool = False) -> bool:
    """Return whether a line begins a list in brackets.

    >>> is_flow('[{"url": "a"},'), is_flow("["), is_flow("[https://a.test](https://a.test)")
    (True, True, False)

    :param strict: whether it can be nothing else, such as a link in Markdown
    """
    return line.startswith("[") if strict else _FLOW.match(line) is not None


def is_block(line: str, reader: RowReader) -> bool:
    """Return whether a line begins a block list of YAML: its document mark, or an item with a known column.

    >>> reader = RowReader("-")
    >>> [is_block(line, reader) for line in ("---", "- url: a", "- abc", "- see: a", "a")]
    [True, True, True, False, False]
    """
    if line.strip() == "---" or line.startswith("%YAML") or _PLAIN_ITEM.fullmatch(line):
        return True
    name, colon, _ = line.partition("- ")[2].partition(":")
    return bool(_ITEM.match(line) and colon) and reader.is_known(name.strip("\"' "))


def block_rows(lines: Iterable[str], reader: RowReader, strict: bool) -> Iterator[TargetRow]:
    """Yield the rows of a block list of YAML. Each item is parsed alone, so that anchors hold within one row only.

    :param strict: whether a line outside the list is a mistake; otherwise it is a target
    """
    item: list[str] = []
    indent: int | None = None
    rest = iter(lines)
    for line in rest:
        mark = _ITEM.match(line)
        if mark and (indent is None or len(mark[1]) <= indent):
            yield from _item_rows(item, reader, strict)
            item, indent = [line], len(mark[1])
        elif _NO_CONTENT.fullmatch(line) and (not item or line[:3] in _MARKS):
            continue
        elif item and (not line.strip() or _indent(line) > (indent or 0) or line.lstrip().startswith("#")):
            item += [line] if len(item) <= _MOST_LINES else []
        elif indent is None and is_flow(line.removeprefix(_MARKS[0]).strip(), strict):
            yield from flow_rows(chain([line], rest), reader)
        elif strict and indent is None:
            yield reader.wrong(line, _LIST)
            return
        else:
            yield from _item_rows(item, reader, strict)
            item = []
            yield reader.wrong(line, _LIST) if strict else text_row(line.strip())
    yield from _item_rows(item, reader, strict)


def _item_rows(lines: list[str], reader: RowReader, strict: bool) -> Iterator[TargetRow]:
    """Yield the row of an item; if it is none and need not be, each of its lines."""
    if not lines:
        return
    if len(lines) == 1 and (plain := _PLAIN_ITEM.fullmatch(lines[0])) and plain[1] not in _NULLS:
        yield TargetRow(plain[1])
        return
    if len(lines) > _MOST_LINES:
        yield reader.wrong(lines[0], f"a row of more than {_MOST_LINES} lines")
        return
    loaded = attempt(partial(yaml.load, "\n".join(lines), _TextLoader))
    items = loaded if isinstance(loaded, list) else []
    if not strict and not any(reader.is_row(item) for item in items):
        yield from (text_row(text) for line in lines if (text := _ITEM.sub("", line, count=1).strip()))
        return
    if not items:
        yield reader.wrong(lines[0], f"this row is not YAML ({_reason(loaded)}); quote values with special characters")
    yield from filter(None, map(reader.of_item, items))


def flow_rows(lines: Iterable[str], reader: RowReader) -> Iterator[TargetRow]:
    """Yield the rows of a list in brackets, JSON or YAML. It is read whole."""
    text = "\n".join(_up_to(lines, _MOST_CHARACTERS))
    if len(text) > _MOST_CHARACTERS:
        yield reader.wrong(text, "a list in brackets may have 64 MB; write one JSON object a line instead")
        return
    loaded = attempt(partial(msgspec.json.decode, text))
    if isinstance(loaded, Exception):
        loaded = attempt(partial(yaml.load, text, _TextLoader))
    if isinstance(loaded, list):
        yield from filter(None, map(reader.of_item, loaded))
    else:
        yield reader.wrong(text, f"the list in brackets cannot be read ({_reason(loaded)})")


def line_rows(lines: Iterable[str], reader: RowReader, strict: bool) -> Iterator[TargetRow]:
    """Yield the row of each line: a JSON object has columns, another line is a text.

    :param strict: whether a line that looks like an object must be one; otherwise it is a text
    """
    for line in lines:
        if (columns := json_object(line)) is not None:
            if row := reader.of_item(columns):
                yield row
        elif strict and line.startswith("{"):
            yield reader.wrong(line, "this line is not a JSON object; write one object a line")
        else:
            yield text_row(line)


def _up_to(lines: Iterable[str], most: int) -> Iterator[str]:
    """Yield lines until they have more than a number of characters."""
    characters = 0
    for line in lines:
        yield line
        characters += len(line) + 1
        if characters > most:
            return


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _reason(loaded: object) -> str:
    problem = getattr(loaded, "problem", None)
    return str(problem or (type(loaded).__name__ if isinstance(loaded, Exception) else "no list"))
