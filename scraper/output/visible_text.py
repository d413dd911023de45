"""Make a platform's text safe for terminals and logs, by escaping control characters."""

import logging
import re
from copy import copy
from typing import Self

from scrapy.crawler import Crawler
from scrapy.utils.log import get_scrapy_root_handler

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_INDENT = "\n    "


def visible(text: str) -> str:
    r"""Return a text on one line, with its control characters and marks of direction escaped.

    >>> visible("a\x1b[2Jb\r\n2026-01-01 [x] ERROR: c")
    'a\\x1b[2Jb\\r\\n2026-01-01 [x] ERROR: c'
    """
    return visible_lines(text).replace("\n", "\\n")


def visible_lines(text: str) -> str:
    """Return the same with its line ends."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


class VisibleFormatter(logging.Formatter):
    """Wraps a formatter so that no text within a log record can imitate another record.

    Lines after the first are indented.
    """

    def __init__(self, inner: logging.Formatter):
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        shown = copy(record)
        shown.msg, shown.args = _indented(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            shown.exc_text = self._inner.formatException(record.exc_info)
        shown.exc_text = _indented(shown.exc_text) if shown.exc_text else None
        return self._inner.format(shown)


def _indented(text: str) -> str:
    return visible_lines(text).replace("\n", _INDENT)


class VisibleLog:
    """Escapes control characters in Scrapy's log. The user's own log handlers are unchanged."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        handler = get_scrapy_root_handler()
        if handler and handler.formatter and not isinstance(handler.formatter, VisibleFormatter):
            handler.setFormatter(VisibleFormatter(handler.formatter))
        return cls()
