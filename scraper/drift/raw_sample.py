"""Take some rows out of an answer, without a declared shape. Of a body, only these rows are decoded."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from scraper.drift.raw_keys import spread
from scraper.platform import Extra, Route
from scraper.responses.values import UnexpectedShapeError, dig

_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_value = msgspec.json.Decoder().decode
_WHOLE = 12
_LARGE = 200  # bytes
_LARGE_VALUES = {
    b"{": {"": None},
    b"[": [None],
    b'"': " ",
}  # stand for values that are not decoded, by their first byte


class RawSample(NamedTuple):
    """
    :ivar answer: the answer around the rows
    :ivar depth: how many levels of it are read
    :ivar path: of a row
    """

    answer: dict[str, Any]
    depth: int
    path: str
    rows: Sequence[Any]


def sample_of(data: Any, way: Route | Extra, most: int) -> RawSample | None:
    """Return a sample of an answer that is decoded; None if it is no object."""
    if not isinstance(data, dict):
        return None
    if not isinstance(way, Route):
        return RawSample(data, _WHOLE, "", ())
    try:
        rows = way.raw(data)
    except UnexpectedShapeError:
        rows = []
    is_object = isinstance(dig(data, way.path), dict)
    return RawSample(data, 1, way.path if is_object else f"{way.path}[]", spread(rows, most))


def decoded_sample(body: bytes, path: str, most: int) -> RawSample | None:
    """Return a sample of a body; None if it is not well-formed.

    :param path: where its rows are
    """
    try:
        answer = _object(body)
        raw = _at(answer, path.split("."))
        is_list = _first(raw) == b"["
        rows = _list(raw) if is_list else [raw] if _first(raw) == b"{" else []
        around = {name: _small(value) for name, value in answer.items()}
        values = [_value(row) for row in spread(rows, most)]
    except (ValueError, RecursionError):
        return None
    return RawSample(around, 1, f"{path}[]" if is_list else path, values)


def _at(holder: dict[str, msgspec.Raw], names: Sequence[str]) -> msgspec.Raw:
    """Return what is at a path, still encoded."""
    raw = holder.get(names[0], msgspec.Raw(b"null"))
    return _at(_object(raw), names[1:]) if len(names) > 1 else raw


def _first(raw: msgspec.Raw) -> bytes:
    """Return the first byte of a value."""
    return bytes(memoryview(raw)[:20]).lstrip()[:1]


def _small(raw: msgspec.Raw) -> Any:
    """Return the value of a small part, and a value of the same type for a large one."""
    return _value(raw) if len(memoryview(raw)) <= _LARGE else _LARGE_VALUES.get(_first(raw), 0)
