"""Scrapy's feed formats, for envelopes and for any other item.

A feed writes a page at a time: `export_page` of an exporter that has it, otherwise `export_item` for each item.
"""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from itemadapter import ItemAdapter
from scrapy.exporters import (
    BaseItemExporter,
    CsvItemExporter,
    JsonItemExporter,
    JsonLinesItemExporter,
    MarshalItemExporter,
    PickleItemExporter,
    PprintItemExporter,
    XmlItemExporter,
)
from scrapy.utils.python import to_bytes

from scraper.ledger.compression import COMPRESSIONS
from scraper.output.encoding import escaped_line_ends, plain, printable, to_lines
from scraper.output.feed_repair import existing_header

_OF_NO_EFFECT = ("encoding", "indent")  # no effect on a line of UTF-8
_UTF_8 = ("utf-8", "utf8")


class JsonLinesExporter(JsonLinesItemExporter):
    """One JSON object per line. A page is encoded at once, unless the feed sets fields, an encoding or a format."""

    def __init__(self, file: Any, **options: Any):
        own_format = any(value is not None for name, value in options.items() if name not in _OF_NO_EFFECT)
        self._whole = not own_format and str(options.get("encoding")).lower() in _UTF_8
        super().__init__(file, **options)

    def export_page(self, items: Sequence[Any]) -> None:
        """Write items.

        :raises TypeError: if one of them cannot be encoded; then none is written
        """
        if self._whole:
            self.file.write(to_lines(items))
        else:
            self.file.write(b"".join([self._line(item) for item in items]))

    def export_item(self, item: Any) -> None:
        self.export_page([item])

    def _line(self, item: Any) -> bytes:
        text = self.encoder.encode(dict(self.get_serialized_fields(plain(item))))
        return to_bytes(escaped_line_ends(text) + "\n", self.encoding, "backslashreplace")


class _CompressedLines(JsonLinesExporter):
    """JSON lines of which each page is compressed as a whole."""

    compression: str

    def __init__(self, file: Any, **options: Any):
        self._compressed, lines = file, BytesIO()
        self._compress = COMPRESSIONS[self.compression].compressor()
        super().__init__(lines, **options)

    def export_page(self, items: Sequence[Any]) -> None:
        super().export_page(items)
        self._compressed.write(self._compress(self.file.getvalue()))
        self.file.seek(0)
        self.file.truncate()


class GzipLinesExporter(_CompressedLines):
    """`.jsonl.gz`"""

    compression = "gz"


class ZstdLinesExporter(_CompressedLines):
    """`.jsonl.zst`"""

    compression = "zst"


class _Plain(BaseItemExporter):
    """Passes items to a Scrapy exporter as plain dicts with clean text."""

    def export_item(self, item: Any) -> None:
        super().export_item(plain(item))  # type: ignore[safe-super]


class JsonExporter(_Plain, JsonItemExporter):
    """One JSON array."""


class CsvExporter(_Plain, CsvItemExporter):
    """One row per item. The columns of an envelope are code, router and data.

    The header is not repeated in a file that has it already.
    """

    def __init__(self, file: Any, **options: Any):
        self._header = existing_header(file)
        super().__init__(file, **options)

    def export_item(self, item: Any) -> None:
        if self._header:
            names = self.fields_to_export or ItemAdapter(plain(item)).field_names()
            if list(names.values() if isinstance(names, Mapping) else names) == self._header:
                self.include_headers_line, self.fields_to_export = False, names
            self._header = []
        super().export_item(item)


class PickleExporter(_Plain, PickleItemExporter):
    """One pickled dict per item."""


class MarshalExporter(_Plain, MarshalItemExporter):
    """One marshalled dict per item."""


class PprintExporter(_Plain, PprintItemExporter):
    """One pretty-printed dict per item."""


class XmlExporter(XmlItemExporter):
    """One element per item. XML cannot represent most control characters."""

    def export_item(self, item: Any) -> None:
        super().export_item(printable(plain(item)))
