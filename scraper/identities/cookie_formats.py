"""Read cookies from any format that a browser or an extension exports, and write a header string."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from scraper.responses.values import seconds

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


_NETSCAPE_FIELDS = 7


HTTP_ONLY = "HttpOnly"


_EXPIRES = ("expirationDate", "expires", "expiry", "expiration")


def parse(text: str, domains: Sequence[str]) -> dict[str, str]:
    """Return the cookies of a header string, of `k=v` lines, of a Netscape cookies.txt or of a JSON export.

    Cookies of other domains are left out, where the form names domains.

    >>> parse("Cookie: a=1; b=x%2Cy=", ["site.test"])
    {'a': '1', 'b': 'x%2Cy='}
    >>> parse('[{"name": "a", "value": "1", "domain": ".site.test"}, {"name": "b", "domain": "x.y"}]', ["site.test"])
    {'a': '1'}
    >>> parse("#HttpOnly_.site.test\\tTRUE\\t/\\tTRUE\\t0\\ta\\t1", ["site.test"])
    {'a': '1'}

    :raises ValueError: where nothing in it is a cookie; the message never quotes it
    """
    text = text.strip()
    if text.startswith(("[", "{")):
        found = _from_json(text, domains)
    elif "\t" in text:
        found = _from_netscape(text, domains)
    else:
        text = re.sub(r"^cookie\s*:\s*", "", text, flags=re.IGNORECASE)
        found = dict(_pair(part) for part in re.split(r"[;\r\n]+", text) if "=" in part)
    kept = {name: value for name, value in found.items() if _NAME.fullmatch(name) and value.isprintable()}
    if text and not kept:
        raise ValueError("no cookie in it: expected `name=value; name=value`, a cookies.txt or a JSON export")
    return kept


def header(cookies: Mapping[str, str]) -> str:
    """Return a header string that is read as the same cookies. What cannot stand in one is left out.

    >>> header({"a": "1", "b": "x;y", "c": "z%2C"})
    'a=1; c=z%2C'
    """
    return "; ".join(f"{name}={value.strip()}" for name, value in cookies.items() if ";" not in value)


def expiries(text: str, domains: Sequence[str]) -> dict[str, int]:
    """Return when cookies end, in epoch seconds, where the form tells it: a cookies.txt or a JSON export.

    >>> expiries(".site.test\\tTRUE\\t/\\tTRUE\\t1893456000\\ta\\t1", ["site.test"])
    {'a': 1893456000}
    >>> expiries('[{"name": "a", "value": "1", "expirationDate": 1893456000.5}, {"name": "b"}]', ["site.test"])
    {'a': 1893456000}
    """
    text = text.strip()
    if text.startswith(("[", "{")):
        rows = [(row["name"], next((row[key] for key in _EXPIRES if key in row), None)) for row in _rows(text, domains)]
    elif "\t" in text:
        rows = [(row[5], row[4]) for row in _lines(text, domains)]
    else:
        return {}
    found = {
        str(name): seconds(int(value) if type(value) is float and abs(value) < 1e15 else value) for name, value in rows
    }
    return {name: when for name, when in found.items() if when and when > 0}


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name.strip(), value.strip()


def is_within(domain: str, domains: Sequence[str]) -> bool:
    domain = domain.lstrip(".").lower()
    return not domain or any(domain == each or domain.endswith(f".{each}") for each in domains)


def _from_json(text: str, domains: Sequence[str]) -> dict[str, str]:
    data = _loaded(text)
    if isinstance(data, dict):
        return {str(name): str(value) for name, value in data.items() if isinstance(value, str | int)}
    return {str(row["name"]): str(row.get("value", "")) for row in _rows(text, domains)}


def _loaded(text: str) -> Any:
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("it starts like JSON, but is not") from None
    return data["cookies"] if isinstance(data, dict) and isinstance(data.get("cookies"), list) else data


def _rows(text: str, domains: Sequence[str]) -> list[dict[str, Any]]:
    data = _loaded(text)
    rows = [each for each in data if isinstance(each, dict) and "name" in each] if isinstance(data, list) else []
    return [row for row in rows if is_within(str(row.get("domain") or ""), domains)]


def _from_netscape(text: str, domains: Sequence[str]) -> dict[str, str]:
    return {row[5]: row[6].strip() for row in _lines(text, domains)}


def _lines(text: str, domains: Sequence[str]) -> list[list[str]]:
    """Return the rows of a cookies.txt."""
    rows = [line.removeprefix("#HttpOnly_").split("\t") for line in text.splitlines()]
    wanted = [row for row in rows if len(row) == _NETSCAPE_FIELDS and not row[0].startswith("#")]
    return [row for row in wanted if is_within(row[0], domains)]
