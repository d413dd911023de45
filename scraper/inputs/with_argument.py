"""Parse `with=`: what to follow from each record. The `Follow` rows of the platforms define what they offer."""

import logging
from collections.abc import Iterable

from scraper.platform import Endpoint
from scraper.platform.atlas import Atlas
from scraper.responses.exceptions import ArgumentError

logger = logging.getLogger(__name__)
NAMES = ("comments", "replies", "danmaku", "subtitles", "author")
_OF_FILES = {"subtitle": "subtitles", "danmaku": "danmaku"}


def wanted(text: str, atlas: Atlas) -> frozenset[str]:
    """Return the names in a `with=` argument, and those they imply.

    :raises ArgumentError: if a name is unknown, or no platform of this spider offers it
    """
    offered = {endpoint.follow.name: endpoint.follow for endpoint in atlas.endpoints.values() if endpoint.follow}
    names: set[str] = set()
    for word in filter(None, (part.strip() for part in text.split(","))):
        if word not in offered:
            lacking = f"{_why(word, atlas)}; " if word in NAMES else ""
            takes = ", ".join(name for name in NAMES if name in offered)
            form = f"with takes {takes}" if takes else "leave out `with`; nothing can be followed here"
            raise ArgumentError(f"with={word}: {lacking}{form}")
        names |= {word, *offered[word].implies}
        _warn("with", word, word, atlas)
    return frozenset(names)


def implied(roles: Iterable[str], atlas: Atlas) -> frozenset[str]:
    """Return what is followed from each record since MEDIA names files that are made of it.

    :param roles: the kinds of files in MEDIA
    :raises ArgumentError: if no platform of this spider has them
    """
    offered = {endpoint.follow.name for endpoint in atlas.endpoints.values() if endpoint.follow}
    names = {role: _OF_FILES[role] for role in roles if role in _OF_FILES}
    for role, name in names.items():
        if name not in offered:
            raise ArgumentError(f"MEDIA={role}: {_why(name, atlas)}; leave out {role}")
        _warn("MEDIA", role, name, atlas)
    return frozenset(names.values())


def _warn(argument: str, word: str, name: str, atlas: Atlas) -> None:
    """Log which platforms have nothing for a name."""
    for platform in atlas.platforms:
        if name in platform.not_offered:
            reason = platform.not_offered[name]
            logger.warning("%s=%s gives nothing for %s: %s", argument, word, platform.title, reason)


def _why(word: str, atlas: Atlas) -> str:
    """Return why no platform of a spider offers what a name stands for."""
    reasons = [platform.not_offered[word] for platform in atlas.platforms if word in platform.not_offered]
    return "; ".join(reasons) or f"{atlas.title} has no endpoint for it"


def endpoints(atlas: Atlas, platform: str, names: frozenset[str]) -> list[Endpoint]:
    """Return the endpoints of a platform that are followed for the given names."""
    own = next((candidate.endpoints for candidate in atlas.platforms if candidate.name == platform), ())
    return [endpoint for endpoint in own if endpoint.follow and endpoint.follow.name in names]
