"""Read the lines of feeds, plain or compressed, and find out what each holds."""

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from scraper.conversion.lenient import lenient
from scraper.ledger.compression import DamagedError, lines_of
from scraper.output.dialect import in_dialect
from scraper.output.envelope import Failure
from scraper.output.record_types import FAILURE
from scraper.records import RECORDS, SCHEMA_VERSION
from scraper.responses.exceptions import ArgumentError
from scraper.responses.outcomes import Outcome

_OK = Outcome.OK.value
_INT64 = range(-(2**63), 2**63)


class BadLine(NamedTuple):
    """A line that cannot be converted, or the damaged end of a file, and why."""

    problem: str


class Row(NamedTuple):
    """A line of a feed.

    :param record_type: `failure` for a failure
    :param data: the record, or the failure, as JSON
    """

    record_type: str
    code: int
    router: str
    data: bytes


class _Meta(msgspec.Struct):
    record_type: str | None = None
    schema_version: int = SCHEMA_VERSION
    dialect: str | None = None
    key: str | None = None


class _Head(msgspec.Struct):
    meta: _Meta


class _Line(msgspec.Struct):
    code: int
    router: str
    data: msgspec.Raw


class _OtherNamesError(Exception):
    pass


_decode_line, _decode_head = msgspec.json.Decoder(_Line).decode, msgspec.json.Decoder(_Head).decode


def feed_rows(path: Path, *, is_strict: bool = False, needs_key: bool = False) -> Iterator[Row | BadLine]:
    """Yield the lines of a feed.

    :param is_strict: whether lines with numbers of more than 64 bits are bad; this takes longer
    :param needs_key: whether strict means that records without `meta.key` are bad, too
    :raises ArgumentError: if the records have another schema version, or are in a dialect
    :raises OSError: if the feed cannot be read
    """
    number, last = 0, FAILURE
    try:
        for number, body in enumerate(lines_of(path), 1):
            if body.isspace():
                continue
            try:
                code, router, data = msgspec.structs.astuple(_decode_line(body))
                last = _record_type(code, data, last)
                if is_strict:
                    _check_numbers(data)
                    _check_key(data, last, needs_key=needs_key)
            except (msgspec.DecodeError, ValueError) as error:  # invalid UTF-8 is a ValueError
                yield BadLine(f"{path}, line {number}: {error}")
                continue
            yield Row(last, code, router, bytes(data))
    except DamagedError as error:
        yield BadLine(f"{path}, after line {number}: {error}")
    except _OtherNamesError as error:
        raise ArgumentError(f"{path}, line {number}: {error}") from None


def _record_type(code: int, data: msgspec.Raw, likely: str) -> str:
    """Return the record type of a line.

    :param likely: the one of the line before, which is tried first
    :raises ValueError: if the record type is unknown, or a field does not fit it
    """
    is_failure = code != _OK
    if is_failure == (likely == FAILURE):
        with suppress(msgspec.ValidationError):
            meta = _decoder(likely).decode(data).meta
            if meta and meta.schema_version == SCHEMA_VERSION and (is_failure or meta.record_type == likely):
                return likely
    meta = _decode_head(data).meta
    if meta.schema_version != SCHEMA_VERSION:
        raise _OtherNamesError(
            f"its schema version is {meta.schema_version}, and only {SCHEMA_VERSION} can be converted: "
            "crawl again, or use the release that wrote it"
        )
    if meta.dialect:
        raise _OtherNamesError(f"this post is written with {in_dialect(meta.dialect)}")
    record_type = FAILURE if is_failure else str(meta.record_type)
    if record_type != FAILURE and record_type not in RECORDS:
        raise ValueError(f"unknown record type {record_type}")
    _decoder(record_type).decode(data)
    return record_type


@cache
def _decoder(record_type: str) -> msgspec.json.Decoder[Any]:
    """Return a decoder that accepts only data of a record type."""
    kind: type[msgspec.Struct] = Failure if record_type == FAILURE else RECORDS[record_type]
    return msgspec.json.Decoder(lenient(kind))


def _check_numbers(data: bytes) -> None:
    if (large := _large_number(msgspec.json.decode(data))) is not None:
        raise ValueError(f"{large} has more than 64 bits")


def _check_key(data: bytes, record_type: str, *, needs_key: bool) -> None:
    if needs_key and record_type != FAILURE and _decode_head(data).meta.key is None:
        raise ValueError("a record without meta.key has no row in a database")


def _large_number(value: Any) -> int | None:
    """Return an integer of more than 64 bits in plain values, None if there is none."""
    if isinstance(value, int):
        return None if value in _INT64 else value
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((large for part in parts if (large := _large_number(part)) is not None), None)
