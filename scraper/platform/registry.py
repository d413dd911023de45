"""Find the platforms and services that the project's spiders declare, through Scrapy's spider loader."""

from collections.abc import Sequence

from scrapy.settings import BaseSettings
from scrapy.spiderloader import SpiderLoaderProtocol, get_spider_loader

from scraper.platform.platform import Platform
from scraper.platform.service import Service
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import unknown

_SUFFIX = "_web"
_LOADERS: dict[tuple[str, ...], SpiderLoaderProtocol] = {}


def spiders_of(settings: BaseSettings) -> SpiderLoaderProtocol:
    """Return the loader of the project's spiders. It is made once, since a process may begin many crawls."""
    key = (str(settings["SPIDER_LOADER_CLASS"]), *settings.getlist("SPIDER_MODULES"))
    if key not in _LOADERS:
        _LOADERS[key] = get_spider_loader(settings)
    return _LOADERS[key]


def platforms_of(settings: BaseSettings) -> list[Platform]:
    """Return the platforms of all spiders, each once."""
    loader = get_spider_loader(settings)
    by_name = {platform.name: platform for name in loader.list() for platform in declared_platforms(loader.load(name))}
    return list(by_name.values())


def sole_platforms(settings: BaseSettings) -> dict[str, Platform]:
    """Return the platform of each spider that has exactly one, by the spider's name."""
    loader = spiders_of(settings)
    declared = {name: declared_platforms(loader.load(name)) for name in loader.list()}
    return {name: platforms[0] for name, platforms in declared.items() if len(platforms) == 1}


def declared_platforms(spider: type) -> list[Platform]:
    """Return the platforms of a spider. Other spiders have none, even if they have an attribute of this name."""
    declared = getattr(spider, "platforms", ())
    if not isinstance(declared, list | tuple):
        return []
    return [platform for platform in declared if isinstance(platform, Platform)]


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
    raise ArgumentError(unknown("service", word, sorted({service.label for service in services})))


def _bare(name: str) -> str:
    return name.removesuffix(_SUFFIX)
