"""A CSV file of one record type: a column for each field, the same in every file."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from scrapy.exporters import CsvItemExporter

from scraper.output.encoding import plain
from scraper.output.feed_repair import existing_header
from scraper.output.record_types import FAILURE, columns_of
from scraper.records.columns import names, values
from scraper.responses.wording import enumerated

logger = logging.getLogger(__name__)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # a program may run what follows
_ENVELOPE = {"code", "router", "data"}


class RecordRows:
    """Makes rows of the records of one type.

    :param fields: the names of the columns, or a mapping from them to the names in the header. None for all; a table
        without any of them has all
    :param record_type: `failure` for failures
    :ivar header: the names of the columns
    """

    def __init__(self, record_type: str, fields: Mapping[str, str] | Iterable[str] | None = None):
        self._type, self._columns = record_type, columns_of(record_type)
        self._names = {column.name for column in self._columns}
        self._are_unknown_noted = False
        every = names(self._columns)
        shown = fields if isinstance(fields, Mapping) else {name: name for name in fields or every}
        chosen = [name for name in shown if name in every] or every
        self.header = [shown.get(name, name) for name in chosen]
        self._places = [every.index(name) for name in chosen]

    def values(self, item: dict[str, Any]) -> list[Any]:
        """Return the values of a row.

        :param item: as plain objects
        :raises TypeError: if it has another form than the records of this type
        """
        data = item["data"]
        if extra := (item.keys() - _ENVELOPE) | (data.keys() - self._names):
            self._note_unknown(extra)
        row = values(self._columns, {**item, **data} if self._type == FAILURE else data)
        return [row[place] for place in self._places]

    def _note_unknown(self, extra: set[str]) -> None:
        if not self._are_unknown_noted:
            self._are_unknown_noted = True
            fields = enumerated(sorted(extra))
            logger.warning("Tables lack %s, which no %s has: a pipeline added it", fields, self._type)


class TableExporter(CsvItemExporter):
    """
    :param record_type: the type of its records
    :raises ValueError: if something is appended to a file with other columns
    """

    def __init__(self, file: Any, record_type: str, **options: Any):
        super().__init__(file, **options)
        self._rows = RecordRows(record_type, self.fields_to_export)
        form = {name: value for name, value in options.items() if name in ("delimiter", "quotechar")}
        existing = existing_header(file, **form)
        if existing and existing != self._rows.header:
            raise ValueError("its columns differ from those of this version: give a new file, or overwrite it")
        self._is_headed = bool(existing) or not self.include_headers_line

    def export_page(self, items: Sequence[Any]) -> None:
        """Write items.

        :raises TypeError: if one of them has another form; then none is written
        """
        rows = [[cell(value) for value in self._rows.values(plain(item))] for item in items]
        if not self._is_headed:
            self._is_headed = True
            self.csv_writer.writerow(self._rows.header)
        self.csv_writer.writerows(rows)

    def export_item(self, item: Any) -> None:
        self.export_page([item])


def harmless(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def cell(value: Any) -> Any:
    """Return what a cell shows: null as nothing, lists and free-form objects as JSON, text without formulas.

    >>> cell("=1+1"), cell(["a"]), cell(None), cell(True), cell(7300000000000000001)
    ("'=1+1", '["a"]', '', 'true', 7300000000000000001)
    """
    if isinstance(value, str):
        return harmless(value)
    if value is None:
        return ""
    if isinstance(value, bool | list | dict):
        return msgspec.json.encode(value).decode()
    return value
