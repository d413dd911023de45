"""Settings that a user gives, checked before a crawl starts."""

from importlib import import_module
from pathlib import Path
from urllib.parse import unquote, urlsplit

from scrapy.settings import BaseSettings

from scraper.browsers import given_options
from scraper.faults import ArgumentError
from scraper.observing import names

_NUMBERS = {"RETRY_TIMES": int, "RATE_LIMIT_WAIT": float, "ROUTE_REST": float}
_SUMMARY = ("auto", "on", "off")


def check(settings: BaseSettings) -> None:
    """Check the settings that only this project has.

    :raises ArgumentError: names the setting and shows the right form
    """
    for name, kind in _NUMBERS.items():
        try:
            sound = kind(settings[name]) >= 0
        except (TypeError, ValueError):
            sound = False
        if not sound:
            raise ArgumentError(f"{name}={settings[name]}: a number from 0 is wanted, such as {name}=3")
    given_options(settings)
    if settings["SUMMARY"] not in _SUMMARY:
        raise ArgumentError(f"SUMMARY={settings['SUMMARY']}: it is one of {', '.join(_SUMMARY)}")
    names(settings["OBSERVE"])
    if settings["DATABASE_URL"]:
        sqlite_path(settings["DATABASE_URL"])


def check_impersonation(path: Path) -> None:
    """Check that what `impersonate: true` needs is there.

    :param path: the file that says so
    :raises ArgumentError: says how to get it
    """
    try:
        import_module("scraper.transports.impersonate")
    except ImportError as error:
        raise ArgumentError(
            f"{path}: impersonate: true needs an optional extra ({error.name} cannot be imported);"
            ' in the project\'s folder: pip install ".[impersonate]"'
        ) from None


def sqlite_path(url: str) -> Path:
    """Return the file that a database URL names.

    >>> sqlite_path("sqlite:///output/crawl.db"), sqlite_path("sqlite:////var/crawl.db")
    (PosixPath('output/crawl.db'), PosixPath('/var/crawl.db'))

    :raises ArgumentError: where it names no SQLite file
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    path = unquote(parts.path)[1:]
    if parts.scheme != "sqlite" or parts.netloc or not path or path == ":memory:":
        scheme = parts.scheme or "nothing"
        raise ArgumentError(
            f"DATABASE_URL ({scheme}:…): give sqlite:///path/to/file.db; other databases come in a later release"
        )
    return Path(path)
