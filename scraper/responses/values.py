"""Convert untrusted values: each function accepts anything and returns the requested type or None.

None means "not known": an empty text, an id of 0 and a count of "--" are all None.
"""

import html
import re
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import SplitResult, urlsplit

import msgspec

_UNITS = {
    "": 1,
    "千": 1_000,
    "k": 1_000,
    "万": 10_000,
    "萬": 10_000,
    "w": 10_000,
    "m": 1_000_000,
    "亿": 10**8,
    "億": 10**8,
}
_INTEGER = re.compile(r"-?\d{1,19}", re.ASCII)
_COUNT = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*([千kKmMwW万萬亿億]?)\+?")
_FLAGS = {0: False, 1: True}
_WORDS = {"false": False, "true": True}
_JSON_TYPES = {
    type(None): "null",
    str: "a text",
    list: "a list",
    bool: "a flag",
    int: "a number",
    float: "a number",
    dict: "an object",
}
_MILLISECONDS_FROM = 10**11
_LONGEST_CLOCK = 100  # characters
_MOST_SECONDS = (2**63 - 1) // 1000
_MOST_EXACT = 2**53  # floats beyond this are not exact integers
LARGEST = 2**63 - 1  # the limit of a database column and of the JSON encoder


class UnexpectedShapeError(ValueError):
    """An answer does not have the expected shape. The platform changed; this is not a bug in the program."""


class MissingError(UnexpectedShapeError):
    """A required field is missing from the answer, or has an unusable type."""


def dig(data: Any, path: str, default: Any = None) -> Any:
    """Return the value at a dotted path, or the default if a step is missing.

    >>> dig({"data": {"urls": ["a", "b"]}}, "data.urls.0")
    'a'
    >>> dig({"data": None}, "data.cursor.next", default=0)
    0
    """
    for step in path.split("."):
        try:
            if isinstance(data, msgspec.Struct):
                data = getattr(data, step, None)
            else:
                data = data[int(step)] if isinstance(data, list) else data[step]
        except (KeyError, IndexError, TypeError, ValueError):
            return default
    return default if data is None else data


def json_type(value: Any) -> str:
    """Return the name of the JSON type of a decoded value, for messages.

    >>> json_type(None), json_type("x"), json_type([])
    ('null', 'a text', 'a list')
    """
    return _JSON_TYPES.get(type(value), "a value of another type")


def obj(value: Any) -> dict[str, Any]:
    """Return the value if it is a dict, else an empty dict."""
    return value if isinstance(value, dict) else {}


def objs(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the items of a list that are dicts.

    >>> list(objs([{"a": 1}, None, 3]))
    [{'a': 1}]
    """
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())


def integer(value: Any) -> int | None:
    """
    >>> integer("12"), integer(3.0), integer(True), integer("x"), integer(None)
    (12, 3, None, None, None)
    """
    if type(value) is not int:
        is_whole_text = isinstance(value, str) and _INTEGER.fullmatch(value.strip()) is not None
        if not is_whole_text and not (isinstance(value, float) and value.is_integer()):
            return None
        value = int(value)
    return value if -LARGEST <= value <= LARGEST else None


def count(value: Any) -> int | None:
    """Return a count, never negative; also parses texts. See `is_rounded`.

    >>> count(7), count("7"), count("1.2万"), count("10w+"), count("3亿"), count("--"), count(-1614092016)
    (7, 7, 12000, 100000, 300000000, None, None)
    """
    if type(value) is int:
        return value if 0 <= value <= LARGEST else None
    if isinstance(value, str) and (match := _COUNT.fullmatch(value.strip())):
        number = float(match[1].replace(",", "")) * _UNITS[match[2].lower()]
        return round(number) if number <= LARGEST else None
    whole = integer(value)
    return whole if whole is not None and whole >= 0 else None


def is_rounded(value: Any) -> bool:
    """Return whether a count is a rounded text.

    >>> is_rounded("1.2万"), is_rounded("1,234"), is_rounded(12)
    (True, False, False)
    """
    return isinstance(value, str) and not value.strip().replace(",", "").isdigit() and count(value) is not None


def rank(value: Any) -> int | None:
    """Return a place in a chart; 0 becomes None."""
    return count(value) or None


def ident(value: Any) -> str | None:
    """Return an id as text; 0 and the empty text become None.

    >>> ident(12), ident("MS4w"), ident(12.0), ident(0), ident("0"), ident({})
    ('12', 'MS4w', '12', None, None, None)
    """
    if type(value) is str:
        value = value.strip()
        return value if value and value != "0" else None
    if type(value) is int:
        return f"{value}" if value > 0 else None
    is_whole = type(value) is float and value.is_integer() and 0 < value <= _MOST_EXACT
    return f"{int(value)}" if is_whole else None


def text(value: Any) -> str | None:
    """Return a text that is not empty."""
    return value or None if isinstance(value, str) else None


def title(value: Any) -> str | None:
    """Return a text without HTML entities and highlighting.

    >>> title('a &amp; <em class="keyword">b</em>')
    'a & b'
    """
    if not isinstance(value, str) or not value:
        return None
    if "<em" in value:
        value = re.sub(r"</?em[^<>]{0,200}>", "", value)
    return (html.unescape(value) if "&" in value else value) or None


def flag(value: Any) -> bool | None:
    """
    >>> flag(True), flag(0), flag(1), flag("1"), flag("False"), flag(None), flag(7)
    (True, False, True, True, False, None, None)
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and (word := value.strip().lower()) in _WORDS:
        return _WORDS[word]
    return None if (number := integer(value)) is None else _FLAGS.get(number)


def any_true(values: Collection[bool | None]) -> bool | None:
    """Return whether any value is true; None if none is known.

    >>> any_true([None, True]), any_true([None, False]), any_true([None])
    (True, False, None)
    """
    return True if True in values else False if False in values else None


def url(value: Any) -> str | None:
    """Return a URL, always with https.

    >>> url("//i0.example/a.jpg"), url("http://i0.example/a.jpg"), url("a.jpg"), url("")
    ('https://i0.example/a.jpg', 'https://i0.example/a.jpg', None, None)
    """
    if type(value) is not str:
        return None
    if value[:8] == "https://":
        return value
    if value[:7] == "http://":
        return "https://" + value[7:]
    return "https:" + value if value[:2] == "//" else None


def seconds(value: Any) -> int | None:
    """Return a time in epoch seconds. 0 becomes None, and milliseconds are recognised by their size.

    >>> seconds(1793000000), seconds("1793000000123"), seconds(0), seconds(-62135596800)
    (1793000000, 1793000000, None, None)
    """
    if type(value) is int and 0 < value < _MILLISECONDS_FROM:
        return value
    number = integer(value)
    if number is None or number <= 0:
        return None
    return number // 1000 if number >= _MILLISECONDS_FROM else number


def duration_ms(value: Any) -> int | None:
    """Return a duration in milliseconds, from seconds or a text like "01:02"; 0 becomes None.

    >>> duration_ms(12), duration_ms(1.5), duration_ms("01:51"), duration_ms("1:00:01"), duration_ms("00:00")
    (12000, 1500, 111000, 3601000, None)
    """
    if isinstance(value, str) and ":" in value:
        return _clock_ms(value)
    if isinstance(value, float):
        return round(value * 1000) or None if 0 < value < 1e12 else None
    whole = value if type(value) is int else integer(value)
    return whole * 1000 if whole and 0 < whole <= _MOST_SECONDS else None


def _clock_ms(value: str) -> int | None:
    if len(value) > _LONGEST_CLOCK:
        return None
    total = 0
    for part in value.split(":"):
        if not part.isdecimal() and not part.strip().isdecimal():
            return None
        total = total * 60 + int(part)
    return total * 1000 or None if total * 1000 <= LARGEST else None


def address_parts(value: Any) -> SplitResult:
    """Return the parts of a URL; all are empty if it is not valid.

    >>> address_parts("//a.test/b?c=1").query, address_parts("https://[").path
    ('c=1', '')
    """
    try:
        return urlsplit(url(value) or "")
    except ValueError:
        return urlsplit("")


def need(value: Any, path: str) -> Any:
    """Return a required value.

    :raises MissingError: names the path
    """
    if value is None:
        raise MissingError(path)
    return value


def need_obj(value: Any, path: str) -> dict[str, Any]:
    """Return a required dict that is not empty.

    :raises MissingError: names the path
    """
    if not isinstance(value, dict) or not value:
        raise MissingError(path)
    return value
