"""Read cookies from any format that a browser, its developer tools or an extension exports; write a header string."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from scraper.identities import copied_request, curl_command
from scraper.responses.values import seconds

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_NETSCAPE_FIELDS = 7
_TABLE_FIELDS = 5  # name, value, domain, path, expiry: the first columns of the developer tools' table
HTTP_ONLY = "HttpOnly"
_EXPIRES = ("expirationDate", "expires", "expiry", "expiration")
_HEADER = re.compile(r"cookie[ \t]*[:：][ \t]*", re.I)
_SET_COOKIE = re.compile(r"set-cookie[ \t]*[:：]", re.I)
_SHORTENED = re.compile(r"…|\.\.\.|\[truncated\]|%[0-9A-Fa-f]?$", re.I)
_MASKED = re.compile(r"\*{3}|•|\ufffd")
_CODE = re.compile(r"""^["']|["'][ \t]+-|\(["']|["'}][ \t]*\)""")
"""The program text around a copied cookie: a quote at its start, an option, a call. A value may be JSON."""


def parse(text: str, domains: Sequence[str]) -> dict[str, str]:
    """Parse the cookies of a header string, `k=v` lines, request headers, a cURL command, a HAR, a Netscape
    cookies.txt, a JSON export, or the cookie table of a browser's developer tools.

    If the format has domains, cookies of other domains are dropped.

    >>> parse("Cookie: a=1; b=x%2Cy=", ["site.test"])
    {'a': '1', 'b': 'x%2Cy='}
    >>> parse('[{"name": "a", "value": "1", "domain": ".site.test"}, {"name": "b", "domain": "x.y"}]', ["site.test"])
    {'a': '1'}
    >>> parse("#HttpOnly_.site.test\\tTRUE\\t/\\tTRUE\\t0\\ta\\t1", ["site.test"])
    {'a': '1'}
    >>> parse("curl 'https://site.test/' -H 'accept: */*' -H 'cookie: a=1; b=2' --compressed", ["site.test"])
    {'a': '1', 'b': '2'}

    :raises ValueError: if there are no cookies, or a value is visibly damaged; the message never quotes a value
    """
    text = text.strip()
    if text.startswith(("[", "{")):
        cookies = _from_json(text, domains)
    elif curl_command.is_one(text):
        cookies = _from_header(curl_command.cookie(text))
    elif "\t" in text and (rows := [*_lines(text, domains), *_table(text, domains)]):
        cookies = {name: value.strip() for name, value, _ in rows}
    else:
        cookies = _from_header(_header_in(text))
    kept = {name: value for name, value in cookies.items() if _NAME.fullmatch(name) and value.isprintable()}
    if text and not kept:
        raise ValueError("no cookie found: expected `name=value; name=value`, a cookies.txt or a JSON export")
    for name, value in kept.items():
        _check(name, value)
    return kept


def _check(name: str, value: str) -> None:
    """Reject a value that was damaged by copying.

    :raises ValueError: names the cookie
    """
    if _SHORTENED.search(value):
        raise ValueError(f"the value of {name[:60]} is shortened (…): copy the complete value")
    if _MASKED.search(value):
        raise ValueError(f"the value of {name[:60]} is masked or contains damaged characters: copy the complete value")


def header(cookies: Mapping[str, str]) -> str:
    """Format cookies as a header string. Cookies that a header cannot contain are dropped.

    >>> header({"a": "1", "b": "x;y", "c": "z%2C"})
    'a=1; c=z%2C'
    """
    return "; ".join(f"{name}={value.strip()}" for name, value in cookies.items() if not re.search("[;；]", value))


def expiries(text: str, domains: Sequence[str]) -> dict[str, int]:
    """Return the expiry of cookies in epoch seconds, from a cookies.txt, a JSON export or a table.

    >>> expiries(".site.test\\tTRUE\\t/\\tTRUE\\t1893456000\\ta\\t1", ["site.test"])
    {'a': 1893456000}
    >>> expiries('[{"name": "a", "value": "1", "expirationDate": 1893456000.5}, {"name": "b"}]', ["site.test"])
    {'a': 1893456000}
    >>> expiries("a\\t1\\t.site.test\\t/\\t2030-01-01T00:00:00.000Z\\t2", ["site.test"])
    {'a': 1893456000}
    """
    text = text.strip()
    if text.startswith(("[", "{")):
        rows = [(row["name"], next((row[key] for key in _EXPIRES if key in row), None)) for row in _rows(text, domains)]
    elif "\t" in text:
        rows = [(name, ends) for name, _, ends in (*_lines(text, domains), *_table(text, domains))]
    else:
        return {}
    ends = {
        str(name): seconds(int(value) if type(value) is float and abs(value) < 1e15 else value) for name, value in rows
    }
    return {name: when for name, when in ends.items() if when and when > 0}


def is_within(domain: str, domains: Sequence[str]) -> bool:
    domain = domain.lstrip(".").lower()
    return not domain or any(domain == parent or domain.endswith(f".{parent}") for parent in domains)


def _header_in(text: str) -> str:
    """Return the value of the Cookie header if a text consists of request headers, else the text.

    >>> _header_in("GET / HTTP/1.1\\nCookie: a=1\\nAccept: b=2"), _header_in("accept\\n*/*\\ncookie\\na=1")
    ('a=1', 'a=1')
    """
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if named := _HEADER.match(line):
            rest = lines[number + 1 :] if number == 0 else []
            return "\n".join([line[named.end() :], *rest])
        if line.strip().lower() in ("cookie", "cookie:") and number + 1 < len(lines):
            return lines[number + 1]
    return text


def _from_header(text: str) -> dict[str, str]:
    """Parse the pairs of a header string.

    :raises ValueError: if there is a line break within a value, or text around the cookie; for a Set-Cookie header
    """
    cookies: dict[str, str] = {}
    if (quote := text[:1]) in ('"', "'") and text.count(quote) == 2 and text.endswith(quote):
        text = text[1:-1]
    if _SET_COOKIE.match(text):
        raise ValueError("this is a Set-Cookie header of an answer: copy the Cookie header of a request")
    if _CODE.search(text):
        raise ValueError("there is other text around the cookie: copy the value of the Cookie header alone")
    for line in text.splitlines():
        first, *others = re.split("[;；]", line)
        if cookies and first.strip() and "=" not in first:
            raise ValueError(f"the value of {[*cookies][-1][:60]} contains a line break: copy the cookie as one line")
        cookies.update(_pair(part) for part in (first, *others) if "=" in part)
    return cookies


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name.strip(), value.strip()


def _from_json(text: str, domains: Sequence[str]) -> dict[str, str]:
    data = _loaded(text)
    if copied_request.is_har(data):
        return _from_header(copied_request.har_headers(data, domains)["cookie"])
    if isinstance(data, dict):
        return {str(name): str(value) for name, value in data.items() if isinstance(value, str | int)}
    return {str(row["name"]): str(row.get("value", "")) for row in _rows(text, domains)}


def _loaded(text: str) -> Any:
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("it starts like JSON but is not JSON") from None
    return data["cookies"] if isinstance(data, dict) and isinstance(data.get("cookies"), list) else data


def _rows(text: str, domains: Sequence[str]) -> list[dict[str, Any]]:
    data = _loaded(text)
    rows = [row for row in data if isinstance(row, dict) and "name" in row] if isinstance(data, list) else []
    return [row for row in rows if is_within(str(row.get("domain") or ""), domains)]


def _lines(text: str, domains: Sequence[str]) -> Iterator[tuple[str, str, Any]]:
    """Yield name, value and expiry of the rows of a cookies.txt."""
    for line in text.splitlines():
        row = line.removeprefix("#HttpOnly_").split("\t")
        is_row = len(row) == _NETSCAPE_FIELDS and not row[0].startswith("#") and row[1].upper() in ("TRUE", "FALSE")
        if is_row and is_within(row[0], domains):
            yield row[5], row[6], row[4]


def _table(text: str, domains: Sequence[str]) -> Iterator[tuple[str, str, Any]]:
    """Yield name, value and expiry of the rows of the developer tools' table."""
    for line in text.splitlines():
        row = line.split("\t")
        if len(row) >= _TABLE_FIELDS and "." in row[2] and row[3].startswith("/") and is_within(row[2], domains):
            yield row[0].strip(), row[1], _moment(row[4])


def _moment(text: str) -> int | None:
    try:
        return int(datetime.fromisoformat(text.strip()).timestamp())
    except (ValueError, OverflowError):
        return None  # "Session"
