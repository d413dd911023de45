"""Mask secrets in log records as they are made, so that no handler of anybody's sees them."""

import logging
from collections.abc import Callable
from typing import Any

from scraper.identities.masking import mask
from scraper.responses.catch_all import attempt

_TRACEBACKS = logging.Formatter()


class MaskedRecords:
    """A factory of log records. A record without a secret is left as it is.

    :param make: the factory that was in use
    """

    def __init__(self, make: Callable[..., logging.LogRecord]):
        self._make = make

    def __call__(self, *args: Any, **more: Any) -> logging.LogRecord:
        record = self._make(*args, **more)
        _mask_message(record)
        if record.exc_info:
            _mask_traceback(record)
        if record.stack_info:
            record.stack_info = mask(record.stack_info)
        return record


def protect_log() -> None:
    """Mask secrets in all log records of this process from now on."""
    make = logging.getLogRecordFactory()
    if not isinstance(make, MaskedRecords):
        logging.setLogRecordFactory(MaskedRecords(make))


def _mask_message(record: logging.LogRecord) -> None:
    text = attempt(record.getMessage)
    if isinstance(text, Exception):  # else `logging` would print the arguments as they are
        text = f"{record.msg!r} cannot be filled with {record.args!r}: {text}"
        record.msg, record.args = mask(text), None
    elif (shown := mask(text)) != text:
        record.msg, record.args = shown, None


def _mask_traceback(record: logging.LogRecord) -> None:
    assert record.exc_info
    text = _TRACEBACKS.formatException(record.exc_info)
    if (shown := mask(text)) != text:
        record.exc_text, record.exc_info = shown, None  # formatters show the text alone
