"""Recognise the target file, or the standard input, of a resumed run: its inputs must be the same."""

import hashlib
import logging
import os
from pathlib import Path

import msgspec

from scraper.inputs.standard_input import STANDARD_INPUT, complete, is_complete
from scraper.ledger.run import Run
from scraper.responses.exceptions import ArgumentError

logger = logging.getLogger(__name__)


def describe_input(name: str) -> str:
    """Return what identifies the content of a target file, as JSON. "" if it cannot be read."""
    try:
        with Path(name).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = os.fstat(file.fileno()).st_size
    except OSError:
        return ""
    return msgspec.json.encode({"file": name, "size": size, "sha256": digest}).decode()


def check_input(run: Run, copy: Path) -> None:
    """Check that the input of a run that is resumed is the same.

    :param copy: where the run keeps standard input. It is completed, if the run was stopped before the input had ended
    :raises ArgumentError: if the input is not the same
    """
    name = run.arguments.get("file", "")
    if run.input and describe_input(name) != run.input:
        raise ArgumentError(f"file={name}: the file has changed since run {run.run_id} began; restore it")
    if name == STANDARD_INPUT and run.retry_of is None and not is_complete(copy):
        _complete(run.run_id, copy)


def _complete(run_id: str, copy: Path) -> None:
    """Complete the copy of standard input that a run had made.

    :raises ArgumentError: if that is impossible
    """
    logger.info("Run %s was stopped before the end of its standard input, which is now read again", run_id)
    try:
        is_same = complete(copy)
    except OSError as error:
        raise ArgumentError(f"file={STANDARD_INPUT}: {error}") from None
    if not is_same:
        raise ArgumentError(
            f"file={STANDARD_INPUT}: run {run_id} was stopped before the end of its standard input. Give it the same"
            f" input again: … | scrapy resume {run_id}. To crawl only what it had read: scrapy resume {run_id} < {copy}"
        )
