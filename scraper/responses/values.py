"""Reading values that cannot be trusted: each function takes anything, and returns the asked type or None.

None means "not known": an empty text, an id of 0 and a count of "--" say nothing, so they are None.
"""

import html
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import SplitResult, urlsplit

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
_MILLISECONDS_FROM = 10**11
_LONGEST_CLOCK = 100  # characters
_MOST_EXACT = 2**53  # beyond it a float stands for several integers
_LARGEST = 2**63 - 1  # what a database and a JSON encoder hold


class UnexpectedShapeError(ValueError):
    """What a parser raises if an answer is not of the shape that it knows: the platform's doing, and never a bug."""


class MissingError(UnexpectedShapeError):
    """A field that the record requires is not in the answer, or not of a usable type."""


def dig(data: Any, path: str, default: Any = None) -> Any:
    """Return what lies at a dotted path, or the default where a step is missing.

    >>> dig({"data": {"urls": ["a", "b"]}}, "data.urls.0")
    'a'
    >>> dig({"data": None}, "data.cursor.next", default=0)
    0
    """
    for step in path.split("."):
        try:
            data = data[int(step)] if isinstance(data, list) else data[step]
        except (KeyError, IndexError, TypeError, ValueError):
            return default
    return default if data is None else data


def obj(value: Any) -> dict[str, Any]:
    """Return a dict, empty where there is none."""
    return value if isinstance(value, dict) else {}


def objs(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the dicts of a list.

    >>> list(objs([{"a": 1}, None, 3]))
    [{'a': 1}]
    """
    return (each for each in value if isinstance(each, dict)) if isinstance(value, list) else iter(())


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
    return value if -_LARGEST <= value <= _LARGEST else None


def count(value: Any) -> int | None:
    """Return a count: never negative, and read from texts as well. See `is_rounded`.

    >>> count(7), count("7"), count("1.2万"), count("10w+"), count("3亿"), count("--"), count(-1614092016)
    (7, 7, 12000, 100000, 300000000, None, None)
    """
    if type(value) is int:
        return value if 0 <= value <= _LARGEST else None
    if isinstance(value, str) and (found := _COUNT.fullmatch(value.strip())):
        number = float(found[1].replace(",", "")) * _UNITS[found[2].lower()]
        return round(number) if number <= _LARGEST else None
    whole = integer(value)
    return whole if whole is not None and whole >= 0 else None


def is_rounded(value: Any) -> bool:
    """Say whether a count is a text that rounds.

    >>> is_rounded("1.2万"), is_rounded("1,234"), is_rounded(12)
    (True, False, False)
    """
    return isinstance(value, str) and not value.strip().replace(",", "").isdigit() and count(value) is not None


def rank(value: Any) -> int | None:
    """Return a place in a chart; 0 means that there is none."""
    return count(value) or None


def ident(value: Any) -> str | None:
    """Return an id as text; 0 and the empty text name nothing.

    >>> ident(12), ident("MS4w"), ident(12.0), ident(0), ident("0"), ident({})
    ('12', 'MS4w', '12', None, None, None)
    """
    if type(value) is float and value.is_integer() and abs(value) <= _MOST_EXACT:
        value = int(value)
    if type(value) is int:
        return str(value) if value > 0 else None
    return value.strip() or None if isinstance(value, str) and value.strip() != "0" else None


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


def any_true(values: Iterable[bool | None]) -> bool | None:
    """Return whether one is true; None where none is known.

    >>> any_true([None, True]), any_true([None, False]), any_true([None])
    (True, False, None)
    """
    known = list(values)
    return True if True in known else False if False in known else None


def url(value: Any) -> str | None:
    """Return an address, always with https.

    >>> url("//i0.example/a.jpg"), url("http://i0.example/a.jpg"), url("a.jpg"), url("")
    ('https://i0.example/a.jpg', 'https://i0.example/a.jpg', None, None)
    """
    if not isinstance(value, str):
        return None
    if value.startswith("https://"):
        return value
    if value.startswith("http://"):
        return "https://" + value[7:]
    return "https:" + value if value.startswith("//") else None


def seconds(value: Any) -> int | None:
    """Return a time in epoch seconds; 0 is no time, and milliseconds are told by their size.

    >>> seconds(1793000000), seconds("1793000000123"), seconds(0), seconds(-62135596800)
    (1793000000, 1793000000, None, None)
    """
    number = integer(value)
    if number is None or number <= 0:
        return None
    return number // 1000 if number >= _MILLISECONDS_FROM else number


def duration_ms(value: Any) -> int | None:
    """Return a duration in milliseconds, from seconds or from a clock text; 0 is unknown.

    >>> duration_ms(12), duration_ms(1.5), duration_ms("01:51"), duration_ms("1:00:01"), duration_ms("00:00")
    (12000, 1500, 111000, 3601000, None)
    """
    if isinstance(value, str) and ":" in value:
        if len(value) > _LONGEST_CLOCK:
            return None
        total = 0
        for part in value.split(":"):
            if not re.fullmatch(r"\d{1,18}", part.strip()):
                return None
            total = total * 60 + int(part)
        return count(total * 1000) or None
    if isinstance(value, float):
        return round(value * 1000) or None if 0 < value < 1e12 else None
    return count((integer(value) or 0) * 1000) or None


def address_parts(value: Any) -> SplitResult:
    """Return the parts of an address; all are empty if it is none.

    >>> address_parts("//a.test/b?c=1").query, address_parts("https://[").path
    ('c=1', '')
    """
    try:
        return urlsplit(url(value) or "")
    except ValueError:
        return urlsplit("")


def need(value: Any, path: str) -> Any:
    """Return a value that the record cannot do without.

    :raises MissingError: names the path
    """
    if value is None:
        raise MissingError(path)
    return value


def need_obj(value: Any, path: str) -> dict[str, Any]:
    """Return a dict that holds something and that the record cannot do without.

    :raises MissingError: names the path
    """
    if not isinstance(value, dict) or not value:
        raise MissingError(path)
    return value
