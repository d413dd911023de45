"""Small crawls run by commands: the real engine, middlewares and transports, without feeds, pipelines and logs."""

from collections.abc import Sequence
from typing import Any

from scrapy.settings import BaseSettings

from scraper.crawling.settings_check import check
from scraper.crawling.spider import PlatformSpider
from scraper.identities.service_config import ConfigFile
from scraper.platform.platform import Platform
from scraper.platform.registry import services_of

_PROJECT = 20
_OFF: dict[str, Any] = {
    "FEEDS": {},
    "ITEM_PIPELINES": {},
    "DATABASE_URL": None,
    "LEDGER_ENABLED": False,
    "SUMMARY": "off",
}


def quieten(settings: BaseSettings) -> None:
    """Turn off all output of a command's crawl, and its log unless the user set a log level."""
    for name, value in _OFF.items():
        settings.set(name, value, priority="cmdline")
    if is_default(settings, "LOG_LEVEL"):
        settings.set("LOG_LEVEL", "CRITICAL", priority="project")


def is_default(settings: BaseSettings, name: str) -> bool:
    """Return whether the user left a setting at the project's value."""
    return (settings.getpriority(name) or 0) <= _PROJECT


def check_configuration(settings: BaseSettings, platforms: Sequence[Platform]) -> None:
    """Check settings and configuration files before anything starts.

    :raises ArgumentError: names what is wrong
    """
    check(settings)
    for service in services_of(platforms):
        ConfigFile(service, settings["CONFIG_DIR"])


def spider_of(base: type[PlatformSpider], platforms: Sequence[Platform]) -> type[PlatformSpider]:
    """Return a spider class for the given platforms."""
    return type(base.__name__, (base,), {"platforms": tuple(platforms), "__module__": base.__module__})
