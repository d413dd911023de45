"""Parse DATABASE_URL."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from scraper.responses.exceptions import ArgumentError

_FORM = "give sqlite:///path/to/file.db"


def sqlite_path(url: str) -> Path:
    """Return the path of a database URL.

    >>> sqlite_path("sqlite:///output/crawl.db"), sqlite_path("sqlite:////var/crawl.db")
    (PosixPath('output/crawl.db'), PosixPath('/var/crawl.db'))

    :raises ArgumentError: if it is not the URL of an SQLite file
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    path = unquote(parts.path)[1:]
    if not parts.scheme:
        raise ArgumentError(f"DATABASE_URL is not a URL: {_FORM}")
    if parts.scheme != "sqlite":  # the rest of the URL may contain a password
        raise ArgumentError(f"DATABASE_URL: {parts.scheme} databases are not supported yet: {_FORM}")
    if parts.netloc or not path or path == ":memory:":
        raise ArgumentError(f"DATABASE_URL does not name an SQLite file: {_FORM}")
    return Path(path)
