"""Show a crawl on a terminal: a progress line while it runs, and a short summary at its end."""

import logging
import sys
import time
from collections import Counter
from contextlib import suppress
from typing import Self, TextIO

import msgspec
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.settings import BaseSettings
from scrapy.utils.asyncio import create_looping_call

from scraper.output.envelope import Envelope
from scraper.output.failure_log import sentence
from scraper.output.feeds import PageFeedExporter
from scraper.output.item_processor import ItemProcessor
from scraper.output.statistics import counts
from scraper.output.visible_text import visible
from scraper.responses.outcomes import Outcome

_ERASE = "\r\x1b[K"
_EXAMPLE = ("title", "text", "nickname", "url", "create_time", "author", "statistics")
_SHOWN = 100


def wanted(settings: BaseSettings, stream: TextIO | None) -> bool:
    """Return whether the crawl runs on a terminal. A program without a console has no stream."""
    if stream is None:
        return False
    return settings["SUMMARY"] == "on" or (settings["SUMMARY"] == "auto" and stream.isatty())


class Summary:
    """Draws the progress line: one that is overwritten on a terminal, else a new one every few seconds."""

    def __init__(self, crawler: Crawler, stream: TextIO):
        self._crawler, self._stream = crawler, stream
        self._terminal = stream.isatty()
        self._started = time.monotonic()
        self._eraser = _Eraser(stream)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not wanted(crawler.settings, sys.stderr):
            raise NotConfigured
        self = cls(crawler, sys.stderr)
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)
        return self

    def _opened(self) -> None:
        self._started = time.monotonic()
        self._loop = create_looping_call(self._draw)
        self._loop.start(0.2 if self._terminal else 1.0, now=self._terminal)
        if self._terminal:
            logging.root.handlers.insert(0, self._eraser)

    def _closed(self) -> None:
        self._loop.stop()
        if self._terminal:
            logging.root.handlers.remove(self._eraser)
            _show(self._stream, _ERASE)

    def _draw(self) -> None:
        stats = self._crawler.stats
        by_outcome: Counter[bool] = Counter()
        for (_, outcome), number in counts(stats.get_stats()).items():
            by_outcome[outcome is Outcome.OK] += number
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        answers = stats.get_value("response_received_count", 0)
        line = f"{self._crawler.spidercls.name} {minutes}:{seconds:02} · {answers} answers"
        line += f" · {by_outcome[True]} records · {by_outcome[False]} failed"
        _show(self._stream, f"{_ERASE}{line}" if self._terminal else f"{line}\n")


class _Eraser(logging.Handler):
    """Erases the progress line before a log record is written."""

    def __init__(self, stream: TextIO):
        super().__init__(logging.WARNING)
        self._stream = stream

    def emit(self, record: logging.LogRecord) -> None:
        _show(self._stream, _ERASE)


def _show(stream: TextIO, text: str) -> None:
    """Write to the terminal, unless it was closed: that must not cost the crawl."""
    with suppress(OSError):
        stream.write(text)
        stream.flush()


def summary(crawler: Crawler) -> str:
    """Return the short report of a crawl: counts by router and outcome, the destination of the data, an example."""
    lines = [f"{crawler.spidercls.name}: {crawler.stats.get_value('finish_reason')}, {_seconds(crawler)}"]
    rows = sorted(counts(crawler.stats.get_stats()).items())
    width = max((len(router) for (router, _), _ in rows), default=0)
    lines += [f"  {router:<{width}}  {outcome.name:<18} {number:>7}" for (router, outcome), number in rows]
    feeds = crawler.get_extension(PageFeedExporter)
    lines += [f"  → {slot.uri}" for slot in (feeds.slots if feeds else [])]
    if crawler.settings["DATABASE_URL"]:
        lines.append(f"  → {crawler.settings['DATABASE_URL']}")
    items = crawler.engine.scraper.itemproc
    if isinstance(items, ItemProcessor):
        if failure := items.failures.example:
            lines.append(f"  example failure: {sentence(failure)}")
        lines += _example(items.example) if items.example else []
    return "\n".join(lines)


def _seconds(crawler: Crawler) -> str:
    seconds = crawler.stats.get_value("elapsed_time_seconds") or 0
    return f"{seconds:.1f} s, {crawler.stats.get_value('downloader/request_count', 0)} requests"


def _example(envelope: Envelope) -> list[str]:
    """Return a few fields of a record, each on a line."""
    record = msgspec.to_builtins(envelope.data)
    shown = [visible(f"  example record: {record['meta']['key']}")]
    for name in _EXAMPLE:
        value = record.get(name)
        if isinstance(value, dict):
            value = ", ".join(f"{key} {element}" for key, element in value.items() if element is not None)
        if value not in (None, ""):
            shown.append(f"    {name:<12} {visible(' '.join(str(value).split())[:_SHOWN])}")
    return shown
