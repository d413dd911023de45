"""Check the feed settings before a crawl: each wrong feed is reported, where Scrapy would disable all of them."""

import os
from collections import Counter
from pathlib import Path, PureWindowsPath
from typing import Any
from urllib.parse import urlparse

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.extensions.feedexport import FeedExporter

from scraper.ledger.compression import COMPRESSIONS
from scraper.ledger.files import local_path
from scraper.output.exporters import CsvExporter
from scraper.output.feed_repair import JSON_LINES
from scraper.output.record_types import by_record_type
from scraper.output.sinks import OutputError

WRONG = (ImportError, NameError, AttributeError, TypeError, ValueError, OSError)  # from a wrong name, option or URI


class CheckedFeeds(FeedExporter):
    """Scrapy's feed exporter, which notes why a feed cannot be written."""

    def __init__(self, crawler: Crawler):
        self._failures: list[OutputError] = []
        self._uri = "FEEDS"
        try:
            super().__init__(crawler)
        except WRONG as error:
            self._failures.append(OutputError(self._uri, error))
        for uri, options in self.feeds.items():
            if options["format"] == "xlsx" and options.get("postprocessing"):
                self._failures.append(OutputError(uri, "an Excel file takes no postprocessing: leave it out"))
        own_csv = getattr(self, "exporters", {}).get("csv") is not CsvExporter
        split = [*by_record_type(self.feeds, own_csv=own_csv)]
        for uri, times in Counter(_place(uri) for uri, _, _ in split).items():
            if times > 1:
                self._failures.append(OutputError(uri, "several feeds of this crawl have this place: name others"))
        self.feeds = {uri: options for uri, _, options in split}
        self.filters = {uri: self.filters[given] for uri, given, _ in split if given in self.filters}

    def _storage_supported(self, uri: str, feed_options: dict[str, Any]) -> bool:
        """Note why a feed cannot be stored. Always returns True: one wrong feed must not disable all of them."""
        self._uri, scheme = uri, urlparse(uri).scheme
        if scheme not in self.storages and not PureWindowsPath(uri).drive:
            self._failures.append(OutputError(uri, f"there is no feed storage for {scheme}: in FEED_STORAGES"))
            return True
        try:
            self._get_storage(uri, feed_options)
        except NotConfigured as error:
            self._failures.append(OutputError(uri, error))
        return True

    def _exporter_supported(self, format_: str) -> bool:
        if format_ not in self.exporters:
            known = ", ".join(sorted(self.exporters))
            self._failures.append(OutputError(self._uri, f"unknown format {format_ or '(none)'}: use one of {known}"))
        inner = Path(self._uri).with_suffix("").suffix.removeprefix(".")
        if format_ in COMPRESSIONS and inner not in JSON_LINES and inner in self.exporters:
            self._failures.append(OutputError(self._uri, f"only JSON lines are compressed: name it .jsonl.{format_}"))
        return True

    def _settings_are_valid(self) -> bool:
        if not super()._settings_are_valid():
            self._failures.append(OutputError(self._uri, "a feed in batches needs %(batch_id)d in its URI"))
        return True


def _place(uri: str) -> str:
    """Return the absolute path of a local feed, and the URI of any other."""
    path = local_path(uri)
    return os.path.realpath(path) if path else uri  # unlike Path.resolve, it takes a loop of symbolic links
