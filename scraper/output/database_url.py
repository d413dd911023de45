"""Parse DATABASE_URL."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from scraper.responses.exceptions import ArgumentError


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
    if parts.scheme != "sqlite" or parts.netloc or not path or path == ":memory:":
        scheme = parts.scheme or "nothing"
        raise ArgumentError(
            f"DATABASE_URL ({scheme}:…): give sqlite:///path/to/file.db; other databases are not supported yet"
        )
    return Path(path)
