"""Scrapy's feed formats, for envelopes and for any other item.

A feed writes a page at a time: `export_page` of an exporter that has it, otherwise `export_item` for each item.
"""

from collections.abc import Sequence
from typing import Any

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

from scraper.output.encoding import escaped_line_ends, plain, printable, to_lines

_OF_NO_EFFECT = ("encoding", "indent")  # on how a line of UTF-8 looks
_UTF_8 = ("utf-8", "utf8")


class JsonLinesExporter(JsonLinesItemExporter):
    """One item a line. A page is encoded at once, unless the feed has fields, an encoding or a format of its own."""

    def __init__(self, file: Any, **options: Any):
        own_format = any(value is not None for name, value in options.items() if name not in _OF_NO_EFFECT)
        self._whole = not own_format and str(options.get("encoding")).lower() in _UTF_8
        super().__init__(file, **options)

    def export_page(self, items: Sequence[Any]) -> None:
        """Write items.

        :raises TypeError: one of them cannot be encoded; none was written
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


class _Plain(BaseItemExporter):
    """Hands items to an exporter of Scrapy's as plain dicts with clean text."""

    def export_item(self, item: Any) -> None:
        super().export_item(plain(item))  # type: ignore[safe-super]


class JsonExporter(_Plain, JsonItemExporter):
    """One JSON array."""


class CsvExporter(_Plain, CsvItemExporter):
    """A row an item; of an envelope the columns are code, router, data."""


class PickleExporter(_Plain, PickleItemExporter):
    """A pickled dict an item."""


class MarshalExporter(_Plain, MarshalItemExporter):
    """A marshalled dict an item."""


class PprintExporter(_Plain, PprintItemExporter):
    """A formatted dict an item."""


class XmlExporter(XmlItemExporter):
    """One element an item. XML has no form for most control characters."""

    def export_item(self, item: Any) -> None:
        super().export_item(printable(plain(item)))
