"""Find the platforms and services that the project's spiders declare, through Scrapy's spider loader."""

from collections.abc import Sequence
from difflib import get_close_matches

from scrapy.settings import BaseSettings
from scrapy.spiderloader import get_spider_loader

from scraper.platform.platform import Platform
from scraper.platform.service import Service
from scraper.responses.exceptions import ArgumentError

_SUFFIX = "_web"


def platforms_of(settings: BaseSettings) -> list[Platform]:
    """Return the platforms of all spiders, each once."""
    loader = get_spider_loader(settings)
    by_name = {platform.name: platform for name in loader.list() for platform in declared_platforms(loader.load(name))}
    return list(by_name.values())


def declared_platforms(spider: type) -> list[Platform]:
    """Return the platforms of a spider. One that is not ours has none, whatever it calls by that name."""
    declared = getattr(spider, "platforms", ())
    return [each for each in declared if isinstance(each, Platform)] if isinstance(declared, list | tuple) else []


def services_of(platforms: Sequence[Platform]) -> list[Service]:
    """Return the services of all platforms, each once."""
    return list({service.name: service for platform in platforms for service in platform.services}.values())


def service_named(word: str, services: Sequence[Service]) -> Service:
    """Return a service by its name or label, with or without `_web`.

    :raises ArgumentError: if there is no such service
    """
    name = word.strip().lower()
    for form in (str, _bare):
        for service in services:
            if form(name) in (form(service.name), form(service.label)):
                return service
    labels = sorted({service.label for service in services})
    close = get_close_matches(name, [*labels, *(service.name for service in services)], 1)
    hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(labels)}"
    raise ArgumentError(f"unknown service {word}: {hint}")


def _bare(name: str) -> str:
    return name.removesuffix(_SUFFIX)
