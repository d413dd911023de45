"""Parse DATABASE_URL."""

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError as UrlError

from scraper.responses.exceptions import ArgumentError

POSTGRESQL = "postgresql"
_FORM = "give sqlite:///path/to/file.db or postgresql://user:password@host/database"
_SCHEMES = ("sqlite", POSTGRESQL, "postgresql+psycopg")


def shown_url(url: str) -> str:
    """Return the URL of a database without its passwords.

    >>> shown_url("postgresql://user:secret@host/db"), shown_url("sqlite:///a.db")
    ('postgresql://user@host/db', 'sqlite:///a.db')
    >>> shown_url("postgresql://host/db?user=me&password=secret")
    'postgresql://host/db?user=me'
    """
    parts = urlsplit(url)
    query = "&".join(part for part in parts.query.split("&") if "password" not in part.partition("=")[0])
    user, at, host = parts.netloc.rpartition("@")
    return f"{parts.scheme}://{user.partition(':')[0]}{at}{host}{parts.path}{query and '?'}{query}"


def with_password(url: str, known: str | None) -> str:
    """Return a URL without a password with that of another URL of the same database.

    >>> with_password("postgresql://user@host/db", "postgresql://user:secret@host/db")
    'postgresql://user:secret@host/db'
    >>> with_password("postgresql://user@host/db", "postgresql://user:secret@other/db")
    'postgresql://user@host/db'
    """
    return known if known and shown_url(known) == url else url


def parsed_url(url: str) -> URL:
    """Return the URL of a database, with the driver that is used for it.

    >>> parsed_url("sqlite:///output/a%20b.db").database, parsed_url("postgresql://me@host/db").drivername
    ('output/a b.db', 'postgresql+psycopg')

    :raises ArgumentError: if it is not the URL of a supported database
    """
    scheme = url.partition("://")[0] if "://" in url else ""
    if not scheme:
        raise ArgumentError(f"DATABASE_URL is not a URL: {_FORM}")
    if scheme not in _SCHEMES:  # the rest of the URL may contain a password
        raise ArgumentError(f"DATABASE_URL: {scheme} databases are not supported: {_FORM}")
    if scheme == "sqlite":
        return URL.create("sqlite", database=str(sqlite_path(url)))
    if find_spec("psycopg") is None:
        raise ArgumentError("DATABASE_URL: PostgreSQL needs a further package: pip install 'psycopg[binary]'")
    try:
        parsed = make_url(url)
    except (UrlError, ValueError):
        raise ArgumentError(
            f"DATABASE_URL is not a sound URL: {_FORM}; write @ : / in a password as %40 %3A %2F"
        ) from None
    return parsed.set(drivername="postgresql+psycopg")


def sqlite_url(path: Path) -> str:
    """Return the URL of an SQLite file.

    >>> sqlite_url(Path("/var/50% #1.db")), sqlite_path(sqlite_url(Path("/var/50% #1.db")))
    ('sqlite:////var/50%25 %231.db', PosixPath('/var/50% #1.db'))
    """
    return "sqlite:///" + str(path).replace("%", "%25").replace("?", "%3F").replace("#", "%23")


def sqlite_path(url: str) -> Path:
    """Return the path of the URL of an SQLite file.

    >>> sqlite_path("sqlite:///output/crawl.db"), sqlite_path("sqlite:////var/crawl.db")
    (PosixPath('output/crawl.db'), PosixPath('/var/crawl.db'))

    :raises ArgumentError: if it is not the URL of a file
    """
    parts = urlsplit(url)
    path = unquote(parts.path)[1:]
    if parts.netloc or not path or path == ":memory:":
        raise ArgumentError(f"DATABASE_URL does not name an SQLite file: {_FORM}")
    return Path(path)
