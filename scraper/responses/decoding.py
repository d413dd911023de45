"""Decode response bodies, tolerating the malformed JSON that platforms send."""

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

_DECODE = msgspec.json.Decoder().decode
_LARGEST_INNER = 500_000  # characters
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")


class Content(NamedTuple):
    """Data decoded from an answer that is not the platform's JSON and so carries no status code, such as XML."""

    data: Any


class UnreadableError(ValueError):
    """Content is truncated, or not of the expected format."""


def content(read: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """Return a decoder for a route whose content is not JSON. A JSON object instead of it is decoded as an error.

    :param read: decodes the body; raises ValueError if it is truncated or of another format
    """

    def decode_either(body: bytes) -> Any:
        if body.lstrip()[:1] == b"{":
            try:
                return decode(body)
            except ValueError:  # binary content may begin with the same byte
                pass
        try:
            return Content(read(body))
        except ValueError:
            raise UnreadableError from None

    return decode_either


def decode(body: bytes) -> Any:
    """Decode a JSON body, even if it has control characters, lone surrogates or invalid UTF-8.

    :raises ValueError: if it is not JSON at all
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
    """Replace lone surrogates, which cannot be encoded as UTF-8."""
    if isinstance(value, str):
        return _LONE_SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(name): _mended(item) for name, item in value.items()}
    return value


def decode_inner(value: Any) -> dict[str, Any]:
    """Decode a JSON object inside a string; return an empty dict if there is none, or it is too large or too deep.

    >>> decode_inner('{"a": 1}'), decode_inner("[" * 100_000), decode_inner(None)
    ({'a': 1}, {}, {})
    """
    if not isinstance(value, str) or len(value) > _LARGEST_INNER:
        return {}
    try:
        data = decode(value.encode("utf-8", "replace"))
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
