"""Show a crawl on a terminal: a progress line while it runs, and a short summary at its end."""

import logging
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple, Self, TextIO

import msgspec
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.settings import BaseSettings
from scrapy.utils.asyncio import create_looping_call

from scraper.identities.service_pools import pools_of
from scraper.ledger.database_url import shown_url
from scraper.output.envelope import Envelope
from scraper.output.failure_log import sentence
from scraper.output.feeds import PageFeedExporter
from scraper.output.item_processor import ItemProcessor
from scraper.output.statistics import NEXT_DUE, NOT_DUE, counts
from scraper.output.visible_text import visible
from scraper.responses.outcomes import Outcome
from scraper.responses.wording import counted

_ERASE = "\r\x1b[K"
_EXAMPLE = ("title", "text", "nickname", "url", "create_time", "author", "statistics")
_SHOWN = 100


def wanted(settings: BaseSettings, stream: TextIO | None) -> bool:
    """Return whether the crawl runs on a terminal. A program without a console has no stream."""
    if stream is None:
        return False
    return settings["SUMMARY"] == "on" or (settings["SUMMARY"] == "auto" and stream.isatty())


class Remaining(NamedTuple):
    """What a crawl has still to do.

    :param requests: about how many requests are left
    :param is_least: whether there may be more, since the length of a list is not known yet
    """

    requests: int
    is_least: bool


class Summary:
    """Draws the progress line: one that is overwritten on a terminal, else a new one every few seconds.

    :ivar remaining: returns what is left, None if that is unknown; set by the spider
    """

    remaining: Callable[[], Remaining | None]

    def __init__(self, crawler: Crawler, stream: TextIO):
        self._crawler, self._stream = crawler, stream
        self._terminal = stream.isatty()
        self._started = self._drawn = time.monotonic()
        self._held_s = 0.0
        self.remaining = lambda: None
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
        self._started = self._drawn = time.monotonic()
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
        answers, now = stats.get_value("response_received_count", 0), time.monotonic()
        line = f"{self._crawler.spidercls.name} {clock(now - self._started)} · {answers} answers"
        line += f" · {by_outcome[True]} records · {by_outcome[False]} failed"
        line += f" · {held}" if (held := held_text(self._crawler)) else self._left(answers, now)
        self._held_s += now - self._drawn if held else 0.0
        self._drawn = now
        _show(self._stream, f"{_ERASE}{line}" if self._terminal else f"{line}\n")

    def _left(self, answers: int, now: float) -> str:
        """Return the time that is left, at the rate so far, not counting the time in which nothing could be sent."""
        remaining = self.remaining() if answers else None
        if remaining is None:
            return ""
        seconds = remaining.requests * (now - self._started - self._held_s) / answers
        if seconds < 1:
            return ""
        return f" · {'more than' if remaining.is_least else 'about'} {clock(seconds)} left"


def clock(seconds: float) -> str:
    """Return a duration as a clock shows it.

    >>> clock(5.9), clock(600), clock(90061)
    ('0:05', '10:00', '25:01:01')
    """
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def held_text(crawler: Crawler) -> str:
    """Return which identities have requests but may send none, and until when; "" if all others may send."""
    now, texts, slots = time.time(), [], crawler.engine.downloader.slots
    for pool in pools_of(crawler).pools.values():
        for identity in pool.identities:
            until = pool.next_allowed(identity, now)
            if until - now >= 1 and identity.slot in slots and slots[identity.slot].active:
                texts.append(f"{identity.slot} waits until {datetime.fromtimestamp(until):%H:%M:%S}")
    return ", ".join(texts)


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
    if not_due := not_due_text(crawler):
        lines.append(f"  {not_due}")
    feeds = crawler.get_extension(PageFeedExporter)
    lines += [f"  → {feed.uri}" for feed in (feeds.results if feeds else []) if feed.stored]
    if crawler.settings["DATABASE_URL"]:
        lines.append(f"  → {shown_url(crawler.settings['DATABASE_URL'])}")
    items = crawler.engine.scraper.itemproc
    if isinstance(items, ItemProcessor):
        if failure := items.failures.example:
            lines.append(f"  example failure: {sentence(failure)}")
        lines += _example(items.example) if items.example else []
    return "\n".join(lines)


def not_due_text(crawler: Crawler) -> str:
    """Return how many targets were not due, and when the next one is; "" if there are none."""
    if not (number := crawler.stats.get_value(NOT_DUE)):
        return ""
    due = datetime.fromtimestamp(crawler.stats.get_value(NEXT_DUE))
    targets = f"{counted(number, 'target')} {'was' if number == 1 else 'were'} not due"
    return f"{targets}; the next is due at {due:%Y-%m-%d %H:%M}"


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
