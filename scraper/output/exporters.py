"""Scrapy's feed formats, for pages of envelopes."""

from typing import Any

from scrapy.exporters import BaseItemExporter, CsvItemExporter, JsonItemExporter, XmlItemExporter

from scraper.output.envelope import Batch, to_lines


class JsonLinesExporter(BaseItemExporter):
    """One envelope a line, in UTF-8, flushed after each page: a killed run leaves whole lines but at most one."""

    def __init__(self, file: Any, **options: Any):
        super().__init__(dont_fail=True, **options)
        self._file = file

    def export_item(self, item: Batch) -> None:
        self._file.write(to_lines(item))
        if hasattr(self._file, "flush"):  # a feed that is compressed on its way has none
            self._file.flush()


class _OneByOne:
    """Hands the envelopes of a page to an exporter of Scrapy's, which knows single items."""

    def export_item(self, item: Batch) -> None:
        for envelope in item:
            super().export_item(envelope)  # type: ignore[misc]


class JsonExporter(_OneByOne, JsonItemExporter):
    """One JSON array."""


class CsvExporter(_OneByOne, CsvItemExporter):
    """Three columns: code, router, data."""


class XmlExporter(_OneByOne, XmlItemExporter):
    """One element an envelope."""
