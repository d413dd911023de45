"""Encode items as plain values and JSON lines, with text that every reader can handle."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from scrapy.utils.serialize import ScrapyJSONEncoder

_BAD = re.compile("[\0\ud800-\udfff]")
_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REPLACEMENT = "\ufffd"
_LINE_ENDS = ("\u0085", "\u2028", "\u2029")  # str.splitlines() and some readers break lines at these
_ENCODED_LINE_ENDS = [  # with their first byte: to search for one byte is 20 times as fast
    (b"\xc2", re.compile(b"\xc2\x85")),
    (b"\xe2", re.compile(b"\xe2\x80[\xa8\xa9]")),
]
_NUL = b"\\u0000"  # in JSON
_default = ScrapyJSONEncoder().default  # the types that Scrapy's own exporters support
_LINE = msgspec.json.Encoder(enc_hook=_default)


def clean_text(text: str) -> str:
    """Replace NUL and lone surrogates, which databases and UTF-8 reject, by U+FFFD.

    >>> clean_text("a\\ud800b\\0") == "a\\ufffdb\\ufffd"
    True
    """
    return _BAD.sub(_REPLACEMENT, text)


def cleaned(value: Any) -> Any:
    """Clean all texts in plain values, including keys."""
    return _each_text(value, clean_text)


def printable(value: Any) -> Any:
    """Return plain values with U+FFFD in place of control characters, line ends and tabs excepted."""
    return _each_text(value, lambda text: _CONTROL.sub(_REPLACEMENT, text))


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {_each_text(key, change): _each_text(part, change) for key, part in value.items()}
    if isinstance(value, list | tuple | set):
        return [_each_text(part, change) for part in value]
    return value


def is_clean(items: Sequence[Any]) -> bool:
    """Return whether no text in items has NUL or lone surrogates."""
    try:
        return not _has_nul(_LINE.encode_lines(items))
    except (UnicodeEncodeError, TypeError):
        return False


def plain(item: Any) -> Any:
    """Convert an item to dicts, lists, texts, numbers, booleans and None.

    :raises TypeError: if it has a value that JSON cannot represent
    """
    return msgspec.json.decode(_encoded([item]))


def to_lines(items: Sequence[Any]) -> bytes:
    """Return JSON lines in UTF-8, one item each.

    Line separators in text are escaped, so that a line of the file is a line for every reader.

    :raises TypeError: if an item has a value that JSON cannot represent
    """
    lines = _encoded(items)
    for first, line_end in _ENCODED_LINE_ENDS:
        if first in lines:
            lines = line_end.sub(lambda match: escaped_line_ends(match[0].decode()).encode(), lines)
    return lines


def escaped_line_ends(text: str) -> str:
    """Return JSON text with its line separators escaped.

    >>> escaped_line_ends("a\\u2028b")
    'a\\\\u2028b'
    """
    for end in _LINE_ENDS:
        text = text.replace(end, f"\\u{ord(end):04x}")
    return text


def _encoded(items: Sequence[Any]) -> bytes:
    """Return JSON lines with clean text. Almost all text is clean, so it is checked after encoding."""
    try:
        lines = _LINE.encode_lines(items)
    except UnicodeEncodeError:
        lines = _NUL
    if not _has_nul(lines):
        return lines
    return _LINE.encode_lines(
        [cleaned(msgspec.to_builtins(item, enc_hook=ScrapyJSONEncoder().default)) for item in items]
    )


def _has_nul(lines: bytes) -> bool:
    return b"\\" in lines and _NUL in lines
