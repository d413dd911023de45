"""Write posts in the dialect that the setting DIALECT names. Tables and records of other types keep our names."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scrapy.settings import BaseSettings

from scraper.output.encoding import plain
from scraper.output.record_types import is_table, record_type_of
from scraper.platform.dialect import Dialect
from scraper.platform.platform import Platform
from scraper.platform.registry import platforms_of
from scraper.records import Video
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import unknown

logger = logging.getLogger(__name__)


class DialectWriter:
    """Converts envelopes.

    :param platforms: all of them have the dialect
    """

    def __init__(self, name: str, platforms: Sequence[Platform]):
        self._name = name
        self._dialects: Mapping[str, Dialect] = {platform.name: platform.dialects[name] for platform in platforms}

    def note_exceptions(self, formats: Iterable[str], database: str | None) -> None:
        """Log which outputs keep our names.

        :param formats: of the feeds
        """
        tables = ["CSV and Excel files"] if any(map(is_table, formats)) else []
        if kept := [*tables, *(["the database"] if database else [])]:
            logger.warning(
                "DIALECT=%s: the columns of %s keep the names of docs/records.md", self._name, " and ".join(kept)
            )

    def converted(self, item: Any) -> Any:
        """Return an item as it is written: a post as plain values with `meta.dialect`, any other item unchanged.

        :raises TypeError: if a pipeline gave a field of a post another type
        """
        if record_type_of(item) != Video.record_type:
            return item
        envelope = plain(item)
        post = envelope["data"]
        dialect = self._dialects.get(post["meta"].get("platform"))
        if not dialect:
            return item
        post["meta"]["dialect"] = self._name
        return {**envelope, "data": dialect.converted(post)}


def in_dialect(name: str) -> str:
    """Return what to do about a post that only other programs can read.

    :param name: `meta.dialect` of the post
    """
    return f"DIALECT={name}, for other programs; crawl without it, or give a feed that was"


def dialect_of(settings: BaseSettings) -> DialectWriter | None:
    """Return the dialect of the setting DIALECT, None if it is not set.

    :raises ArgumentError: if it is unknown
    """
    return dialect_named(name, settings) if (name := settings["DIALECT"]) else None


def dialect_named(name: str, settings: BaseSettings) -> DialectWriter:
    """Return a dialect that all platforms have.

    :raises ArgumentError: if it is unknown
    """
    platforms = platforms_of(settings)
    known = set.intersection(*(set(platform.dialects) for platform in platforms))
    if name not in known:
        raise ArgumentError(f"DIALECT={name}: {unknown('dialect', name, sorted(known))}")
    return DialectWriter(name, platforms)
