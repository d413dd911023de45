"""Excel files, with a sheet for each record type. They are made at the end, of JSON lines that are kept until then."""

import logging
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import msgspec
from scrapy import Spider
from scrapy.extensions.feedexport import BlockingFeedStorage, FeedStorageProtocol
from scrapy.utils.asyncio import run_in_thread
from scrapy.utils.defer import ensure_awaitable

from scraper.output.encoding import printable
from scraper.output.exporters import JsonLinesExporter
from scraper.output.feed_slots import digest
from scraper.output.feed_storage import Upload
from scraper.output.record_table import RecordRows, harmless
from scraper.output.record_types import OTHER, record_type_of
from scraper.responses.wording import counted

logger = logging.getLogger(__name__)
WORKBOOK = "xlsx"
_MOST_ROWS, _MOST_CHARACTERS, _MOST_DIGITS = 1_048_576, 32_767, 2**53  # Excel's limits
Fields = Mapping[str, str] | Iterable[str] | None


class WorkbookLines(JsonLinesExporter):
    """The JSON lines that an Excel file is made of. They are complete, whatever columns it shows."""

    def __init__(self, file: Any, **options: Any):
        super().__init__(file, encoding="utf-8")


class Workbook(Upload):
    """A feed that becomes an Excel file at the end.

    :param remote: where that is stored
    :param path: the file of JSON lines
    :param fields: the columns, None for all
    :ivar digest: the size and the SHA-256 of the Excel file, once it is stored
    """

    digest: tuple[int | None, str | None] = (None, None)

    def __init__(self, remote: FeedStorageProtocol, path: Path, fields: Fields, *, is_kept: bool):
        super().__init__(remote, path, is_kept=is_kept)
        self._fields = fields

    def open(self, spider: Spider) -> IO[bytes]:
        self._spider = spider
        return super().open(spider)

    async def store(self, file: IO[bytes]) -> None:
        """Make the Excel file, store it, and close the file of lines."""
        file.close()
        with TemporaryDirectory(dir=self.path.parent) as folder:
            made = Path(folder, self.path.stem)
            await run_in_thread(self._make, made)
            self.digest = await run_in_thread(digest, made)
            if isinstance(self.remote, BlockingFeedStorage):
                await ensure_awaitable(self.remote.store(made.open("rb")))
                return
            target = self.remote.open(self._spider)
            with made.open("rb") as source:
                await run_in_thread(shutil.copyfileobj, source, target)
            await ensure_awaitable(self.remote.store(target))

    def _make(self, made: Path) -> None:
        with self.path.open("rb") as lines:
            write_workbook((msgspec.json.decode(line) for line in lines), made, self._fields)


def write_workbook(items: Iterable[Any], path: Path, fields: Fields = None) -> None:
    """Write an Excel file.

    :param items: plain objects
    :raises OSError: if it cannot be written
    """
    from xlsxwriter import Workbook as Book  # needed by few crawls
    from xlsxwriter.exceptions import XlsxWriterException

    sheets: dict[str, _Sheet] = {}
    book = Book(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
    book.use_zip64()
    try:
        for item in items:
            record_type = record_type_of(item)
            if record_type not in sheets:
                sheets[record_type] = _Sheet(book, record_type, fields)
            sheets[record_type].add(item)
    finally:
        try:
            book.close()
        except XlsxWriterException as error:
            raise OSError(str(error)) from error
    for sheet in sheets.values():
        sheet.note_limits()


class _Sheet:
    """The sheets of one record type: a new one begins when Excel's number of rows is reached."""

    def __init__(self, book: Any, record_type: str, fields: Fields):
        self._book, self._type = book, record_type
        self._rows = None if record_type == OTHER else RecordRows(record_type, fields)
        self._number = 0
        self._cut: Counter[str] = Counter()
        self._begin()

    def add(self, item: Any) -> None:
        """Add a row."""
        if self._row == _MOST_ROWS:
            self._begin()
        for place, value in enumerate(self._rows.values(item) if self._rows else [item]):
            if value is not None:
                self._write(place, value)
        self._row += 1

    def note_limits(self) -> None:
        """Log what Excel's limits changed."""
        if self._number > 1:
            logger.warning("%s: a sheet has at most %d rows; the others are in %d further sheets",
                           self._type, _MOST_ROWS, self._number - 1)  # fmt: skip
        if number := self._cut.total():
            texts = counted(number, "text")
            fields = ", ".join(sorted(self._cut))
            logger.warning("%s: %s of over %d characters, Excel's limit: only the beginning is in %s; CSV has all",
                           self._type, texts, _MOST_CHARACTERS, fields)  # fmt: skip

    def _begin(self) -> None:
        self._number += 1
        self._sheet = self._book.add_worksheet(self._type if self._number == 1 else f"{self._type} {self._number}")
        self._sheet.freeze_panes(1, 0)
        self._header = self._rows.header if self._rows else [OTHER]
        for place, name in enumerate(self._header):
            self._sheet.write_string(0, place, name)
        self._row = 1

    def _write(self, place: int, value: Any) -> None:
        if isinstance(value, bool):
            self._sheet.write_boolean(self._row, place, value)
        elif isinstance(value, int | float) and abs(value) < _MOST_DIGITS:
            self._sheet.write_number(self._row, place, value)
        else:
            text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
            self._sheet.write_string(self._row, place, self._short(printable(harmless(text)), place))

    def _short(self, text: str, place: int) -> str:
        """Return a text that is not longer than Excel permits, which counts characters of UTF-16."""
        if len(text) * 2 <= _MOST_CHARACTERS:
            return text
        encoded = text.encode("utf-16-le")
        if len(encoded) <= _MOST_CHARACTERS * 2:
            return text
        self._cut[self._header[place]] += 1
        return encoded[: (_MOST_CHARACTERS - 1) * 2].decode("utf-16-le", "ignore") + "…"
