"""From a body to data."""

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

_DECODE = msgspec.json.Decoder().decode
_LARGEST_INNER = 500_000  # characters of JSON in a text
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")


class Content(NamedTuple):
    """What a route read from an answer that is no JSON of the platform's and so holds no code, such as XML."""

    data: Any


class UnreadableError(ValueError):
    """Content that is cut short, or something else."""


def content(read: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """Return what decodes the answers of such a route: a JSON object in its place says why it is not there.

    :param read: from a body to data; raises ValueError where it is cut short or something else
    """

    def decode_either(body: bytes) -> Any:
        if body.lstrip()[:1] == b"{":
            try:
                return decode(body)
            except ValueError:  # what is not text may begin like it
                pass
        try:
            return Content(read(body))
        except ValueError:
            raise UnreadableError from None

    return decode_either


def decode(body: bytes) -> Any:
    """Return the JSON of a body, also where it holds control characters, lone surrogates or bytes that are no UTF-8.

    :raises ValueError: where it is not JSON at all
    """
    try:
        return _DECODE(body)
    except (ValueError, RecursionError):
        pass
    try:
        return _mended(json.loads(body.decode("utf-8-sig", "replace"), strict=False))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _mended(value: Any) -> Any:
    """Replace what cannot be written as UTF-8 again."""
    if isinstance(value, str):
        return _LONE_SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        return [_mended(each) for each in value]
    if isinstance(value, dict):
        return {_mended(name): _mended(each) for name, each in value.items()}
    return value


def decode_inner(value: Any) -> dict[str, Any]:
    """Return the object that a text holds as JSON; empty if it holds none, or one that is too large or too deep.

    >>> decode_inner('{"a": 1}'), decode_inner("[" * 100_000), decode_inner(None)
    ({'a': 1}, {}, {})
    """
    if not isinstance(value, str) or len(value) > _LARGEST_INNER:
        return {}
    try:
        found = decode(value.encode("utf-8", "replace"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
