"""Prepare a crawl from keyword arguments: its spider, arguments and settings."""

from collections.abc import Iterable, Mapping
from os import PathLike, fspath
from typing import Any, NamedTuple

from scrapy.settings import Settings
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.reactor import is_reactor_installed

from scraper.crawling.settings_check import check
from scraper.crawling.spider import PlatformSpider
from scraper.identities.service_config import ConfigFile
from scraper.inputs.policy import TAGS, tags_text
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import unknown

_SETTINGS_MODULE = "scraper.settings"
_OWN: Mapping[str, Any] = {
    "TWISTED_REACTOR_ENABLED": False,
    "LEDGER_ENABLED": False,  # its caller takes the items, and does not continue after a restart
    "SUMMARY": "off",
}
_REACTOR = (
    "a Twisted reactor is installed in this process, but a crawl from Python needs its own event loop:"
    " call it in a process that does not import twisted.internet.reactor"
)


class Prepared(NamedTuple):
    """A crawl that was checked but not started."""

    spider: type[PlatformSpider]
    arguments: dict[str, str]
    settings: Settings


def prepare(spider: str, options: Mapping[str, Any]) -> Prepared:
    """Check the keyword arguments of a call, and return its crawl.

    :param options: settings under upper-case names, arguments of the crawl under lower-case names
    :raises ArgumentError: names what is wrong, and shows the right form
    """
    if is_reactor_installed():
        raise ArgumentError(_REACTOR)
    settings = _settings({name: value for name, value in options.items() if name.isupper()})
    loader = get_spider_loader(settings)
    kind = loader.load(spider) if spider in loader.list() else None
    if kind is None or not issubclass(kind, PlatformSpider):
        raise ArgumentError(unknown("spider", spider, loader.list()))
    arguments = {n: as_argument(n, value) for n, value in options.items() if not n.isupper() and value is not None}
    if "follow" in arguments:
        arguments["with"] = arguments.pop("follow")
    check(settings)
    for service in kind(**arguments).atlas.services.values():
        ConfigFile(service, settings["CONFIG_DIR"])
    return Prepared(kind, arguments, settings)


def _settings(overrides: Mapping[str, Any]) -> Settings:
    settings = Settings()
    settings.setmodule(_SETTINGS_MODULE, priority="project")
    handlers = {
        **settings.getdict("DOWNLOAD_HANDLERS"),
        "http": None,
    }  # Scrapy's handler for these settings warns that it is experimental
    for name, value in {**_OWN, "DOWNLOAD_HANDLERS": handlers, **overrides}.items():
        settings.set(name, fspath(value) if isinstance(value, PathLike) else value, priority="cmdline")
    return settings


def as_argument(name: str, value: object) -> str:
    """Return the value of an argument as text, in the form of `-a`.

    >>> as_argument("follow", ["comments", "author"]), as_argument("max_items", 5), as_argument("dry_run", True)
    ('comments,author', '5', '1')
    >>> as_argument("tags", {"team": "red", "region": "north"})
    'team=red;region=north'
    """
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, PathLike):
        return str(fspath(value))
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, Iterable) and not isinstance(value, bytes | Mapping):
        return ("\n" if name == "url" else ",").join(as_argument(name, element) for element in value)
    if name == TAGS and isinstance(value, Mapping):
        return tags_text({str(tag): as_argument(f"tags.{tag}", text) for tag, text in value.items()})
    raise ArgumentError(f"{name} must be a string, a number or a list of them, not {type(value).__name__}")
