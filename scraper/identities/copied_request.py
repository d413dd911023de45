"""Read the headers of a request that was copied from a browser: a HAR, a cURL command, or its header lines. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from scraper.identities import curl_command

_NAME = re.compile(r"[A-Za-z][A-Za-z-]{0,80}")


def is_har(data: object) -> bool:
    """Return whether decoded JSON is a HAR, as the developer tools export it."""
    return isinstance(data, dict) and isinstance(data.get("log"), dict) and isinstance(data["log"].get("entries"), list)


def har_headers(data: Mapping[str, Any], hosts: Sequence[str]) -> dict[str, str]:
    """Return the headers of a HAR's last request with a cookie to one of the hosts or their subdomains, in lower case.

    :raises ValueError: if there is none
    """
    for entry in reversed(data["log"]["entries"]):
        request = entry.get("request") if isinstance(entry, dict) else None
        if isinstance(request, dict) and _is_within(str(request.get("url")), hosts):
            headers = {name.lower(): value for name, value in _named(request.get("headers")).items()}
            if pairs := _named(request.get("cookies")):
                headers.setdefault("cookie", "; ".join(f"{name}={value}" for name, value in pairs.items()))
            if headers.get("cookie"):
                return headers
    raise ValueError(f"the HAR has no cookie of {hosts[0]}: export it with sensitive data, after you loaded a page")


def user_agent(text: str, hosts: Sequence[str]) -> str:
    """Return the user agent in a copied request, "" if there is none or the text is something else.

    >>> user_agent("GET / HTTP/1.1\\nUser-Agent: Mozilla/5.0\\nCookie: a=1", ["site.test"])
    'Mozilla/5.0'
    >>> user_agent("cookie\\na=1\\nuser-agent\\nMozilla/5.0", ["site.test"]), user_agent("a=1", ["site.test"])
    ('Mozilla/5.0', '')

    :raises ValueError: if it is truncated, or a HAR without a cookie of the hosts
    """
    text = text.strip()
    if curl_command.is_one(text):
        return curl_command.headers(text).get("user-agent", "")
    if text.startswith("{"):
        data = json.loads(text)
        return har_headers(data, hosts).get("user-agent", "") if is_har(data) else ""
    return _lines(text).get("user-agent", "")


def _lines(text: str) -> dict[str, str]:
    """Return headers as the developer tools show them: a line each, or name and value on alternate lines."""
    headers: dict[str, str] = {}
    lines = text.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        name, _, value = line.partition(":")
        if _NAME.fullmatch(name.strip()):
            headers.setdefault(name.strip().lower(), (value or following).strip())
    return headers


def _named(rows: object) -> dict[str, str]:
    """Return the name/value pairs of a list in a HAR."""
    pairs = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return {str(row.get("name")): str(row.get("value")) for row in pairs}


def _is_within(url: str, hosts: Sequence[str]) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return any(host == parent or host.endswith(f".{parent}") for parent in hosts)
