"""Read one row of a target file: its target and its policy, from the cells of a table or from a mapping."""

import logging
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

import msgspec

from scraper.inputs.policy import COLUMNS, NO_POLICY, TAG, TAGS, Policy, similar_column, tags_of
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import enumerated

logger = logging.getLogger(__name__)
_LINKS = ("url", "link", "share_url", "webpage_url", "video_url", "href", "链接", "网址")
_IDS = ("video_id", "item_id", "sec_uid", "id", "target", "input")
_HANDLES = ("unique_id", "username", "handle")
_HANDLE_WORDS = {name.replace("_", "") for name in _HANDLES}
_COMMENT = re.compile(r"^(\S{1,2000})\s+#\s.*$")
_DATA, _TARGET, _POLICY, _TAG = range(4)
_KNOWN_COLUMNS = 1_000  # kept, since each row of a file without a header names its own
_MOST_NOTED = 20
_SHOWN = 300  # characters of a row that cannot be read


class TargetRow(NamedTuple):
    """One row of a target file.

    :param text: its links or ids; if it has none, what identifies it in messages
    :param problem: why it cannot be crawled, "" if it can
    """

    text: str
    policy: Policy = NO_POLICY
    problem: str = ""


def line_of(text: str, policy: Policy) -> str:
    """Return a target and its policy as a line of a target file.

    >>> line_of("BV1", {}), line_of("BV1", {"max_items": "5", "tags.team": "a"})
    ('BV1', '{"url":"BV1","max_items":"5","tags.team":"a"}')
    """
    return msgspec.json.encode({"url": text, **policy}).decode() if policy else text


def text_row(line: str) -> TargetRow:
    """Return the row of a line of text, without the comment after a link."""
    return TargetRow(_COMMENT.sub(r"\1", line))


class Column(NamedTuple):
    """What a column of a target file holds.

    :param kind: _DATA, _TARGET, _POLICY or _TAG
    :param name: in canonical form
    :param rank: of several target columns with a value, the least one counts
    :param mark: what a value begins with, so that it is read as a handle
    """

    kind: int
    name: str
    rank: int = 0
    mark: str = ""


class RowReader:
    """Reads the rows of one target file, and warns of columns that it ignores.

    :param file: its name, for messages
    :param id_names: the platforms' names of ids, which are recognised as column names
    """

    def __init__(self, file: str, id_names: Collection[str] = ()):
        names = dict.fromkeys((*_LINKS, *_IDS, *(name.lower() for name in id_names), *_HANDLES))
        self._file = "standard input" if file == "-" else file
        self._ranks = {name: rank for rank, name in enumerate(names)}
        self._noted: set[str] = set()
        self.column = lru_cache(_KNOWN_COLUMNS)(self._column)

    def names_target(self, names: Iterable[str]) -> bool:
        """Return whether one of some columns holds a target."""
        return any(name in self._ranks for name in names)

    def is_known(self, name: str) -> bool:
        """Return whether a column holds a target or a part of the policy."""
        return self.column(name[:_SHOWN]).kind != _DATA

    def is_row(self, item: object) -> bool:
        """Return whether an item of a list is a text or has a known column."""
        return isinstance(item, str) or (isinstance(item, dict) and any(self.is_known(str(name)) for name in item))

    def header(self, cells: Iterable[str]) -> list[Column]:
        """Return the columns of a table, and warn of those that are ignored.

        :raises ArgumentError: as `columns`
        """
        columns = self.columns(cells)
        self._note([column.name for column in columns if column.kind == _DATA and column.name])
        return columns

    def columns(self, cells: Iterable[str]) -> list[Column]:
        """Return the columns of a table.

        :raises ArgumentError: if several columns that are read have one name
        """
        columns = [self.column(cell) for cell in cells]
        numbers = Counter(column.name for column in columns if column.kind != _DATA)
        if twice := [name for name, number in numbers.items() if number > 1]:
            raise ArgumentError(f"{self._file}: several columns are named {enumerated(twice)}: rename all but one")
        return columns

    def of_cells(self, columns: Sequence[Column], cells: Sequence[str]) -> TargetRow | None:
        """Return the row of a table, None if it is empty.

        :param columns: of its header; further cells have no column
        """
        further = [Column(_DATA, "")] * (len(cells) - len(columns))
        named = zip([*columns, *further], cells, strict=False)
        return self._row([(column, text) for column, cell in named if (text := cell.strip())])

    def of_item(self, item: object) -> TargetRow | None:
        """Return the row of a mapping or of a text, None if it is empty."""
        if not isinstance(item, dict):
            text = _text(item)
            wrong = f"a row must be a link or a mapping of columns, such as url: …; this is {_shown(item)}"
            return TargetRow(text) if text else None if text == "" else TargetRow(_shown(item), NO_POLICY, wrong)
        cells, unknown = [], []
        for name, value in item.items():
            column = self.column(str(name)[:_SHOWN])
            if column.kind == _DATA:
                unknown.append(column.name)
            if column.name == TAGS and isinstance(value, dict):
                cells += [self._tag(str(tag), word) for tag, word in value.items()]
            elif isinstance(value, list):
                cells.append((column, (" " if column.kind == _TARGET else ",").join(map(_shown, value))))
            else:
                cells.append((column, _shown(value)))
        self._note(unknown)
        return self._row([(column, text.strip()) for column, text in cells if text.strip()])

    def _tag(self, name: str, value: object) -> tuple[Column, str]:
        """Return the cell of a tag; of the column `tags`, which is then refused, if its value is not a scalar."""
        text = _text(value)
        return (self.column(TAGS), f"{name}: {_shown(value)}") if text is None else (self.column(TAG + name), text)

    def wrong(self, text: str, problem: str) -> TargetRow:
        """Return a row that cannot be read."""
        return TargetRow(text.strip()[:_SHOWN], NO_POLICY, f"{self._file}: {problem}")

    def _row(self, cells: Sequence[tuple[Column, str]]) -> TargetRow | None:
        """Return the row of cells that are not empty. Without a target column, its data are its target."""
        if not cells:
            return None
        policy: dict[str, str] = {}
        targets, data = [], []
        for column, text in cells:
            if column.kind == _TARGET:
                targets.append((column.rank, f"{column.mark}{text.removeprefix(column.mark)}"))
            elif column.kind == _POLICY:
                policy |= tags_of(text) if column.name == TAGS else {column.name: text}
            elif column.kind == _TAG:
                policy[column.name] = text
            else:
                data.append(text)
        text = min(targets, key=itemgetter(0))[1] if targets else ", ".join(data)
        if text:
            return TargetRow(text, policy or NO_POLICY)
        return TargetRow(
            line_of("", policy), policy, f"{self._file}: this row names no target: fill in url, id or handle"
        )

    def _column(self, name: str) -> Column:
        stripped = name.strip()
        lower = stripped.lower()
        if lower in COLUMNS:
            return Column(_POLICY, lower)
        if lower.startswith(TAG) and stripped[len(TAG) :].strip():
            return Column(_TAG, f"{TAG}{stripped[len(TAG) :].strip()}")
        if lower in self._ranks:
            return Column(_TARGET, lower, self._ranks[lower], "@" if lower.replace("_", "") in _HANDLE_WORDS else "")
        return Column(_DATA, lower)

    def _note(self, names: Sequence[str]) -> None:
        """Warn of ignored columns, once of each."""
        unnoted = [name for name in dict.fromkeys(names) if name not in self._noted]
        new = unnoted[: _MOST_NOTED - len(self._noted)]
        if not new:
            return
        self._noted.update(new)
        described = [f"{name} (did you mean {close}?)" if (close := similar_column(name)) else name for name in new]
        logger.warning("%s: ignored columns: %s", self._file, ", ".join(described + ["…"] * (new != unnoted)))


def _text(value: object) -> str | None:
    """Return a scalar as text, "" for null, None if it is not a scalar."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip() if isinstance(value, str | int | float) else None


def _shown(value: object) -> str:
    """Return a value as text, a list or a mapping as its type."""
    text = _text(value)
    return text if text is not None else "a list" if isinstance(value, list) else "a mapping"
