"""URLs that are always the same for the same request."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode


def with_query(url: str, query: Mapping[str, Any]) -> str:
    """Return a URL with a query in percent-encoding, a blank being %20.

    >>> with_query("https://site.test/a", {"q": "a b", "n": None})
    'https://site.test/a?q=a%20b'
    """
    given = encoded(query)
    return f"{url}?{given}" if given else url


def encoded(fields: Mapping[str, Any]) -> str:
    """Return fields in percent-encoding, without those that are None."""
    return urlencode({name: value for name, value in fields.items() if value is not None}, quote_via=quote)
