"""Build URLs that are always the same for the same request."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote


def with_query(url: str, query: Mapping[str, Any]) -> str:
    """Return a URL with a percent-encoded query; spaces become %20.

    >>> with_query("https://site.test/a", {"q": "a b", "n": None})
    'https://site.test/a?q=a%20b'
    """
    encoded_query = encoded(query)
    return f"{url}?{encoded_query}" if encoded_query else url


def encoded(fields: Mapping[str, Any]) -> str:
    """Percent-encode fields; those that are None are left out."""
    return "&".join([f"{_quoted(name)}={_quoted(str(value))}" for name, value in fields.items() if value is not None])


@lru_cache(1024)  # most fields are the same in every request
def _quoted(text: str) -> str:
    return quote(text, safe="")
