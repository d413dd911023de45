"""Failures as rows of the ledger's table `failure`."""

from typing import Any

import msgspec

from scraper.ledger.step import FailureRow, Retry, encode_job
from scraper.output.envelope import Envelope, Failure

_TITLE, _SHOWN = ("title", "desc", "text", "name", "nickname"), 80  # characters


def failure_row(envelope: Envelope, retry: Retry | None) -> FailureRow:
    """Return the row of an envelope that holds a failure."""
    assert isinstance(envelope.data, Failure)
    error, meta = envelope.data.error, envelope.data.meta
    named = msgspec.json.encode(retry.arguments).decode() if retry and retry.arguments else None
    return FailureRow(
        router=envelope.router,
        input=error.input,
        target=meta.key,
        title=(retry and retry.title) or None,
        code=envelope.code,
        name=error.name,
        message=error.message,
        arguments=named,
        job=encode_job(retry.job) if retry and retry.job else None,
    )


def title_of(record: Any) -> str:
    """Return the beginning of a record's title, or of its text; "" if it has none."""
    texts = (getattr(record, name, None) for name in _TITLE)
    return next((" ".join(text.split())[:_SHOWN] for text in texts if isinstance(text, str) and text.strip()), "")
