"""Parse `with=`: what to follow from each record. The `Follow` rows of the platforms define what they offer."""

from scraper.platform import Endpoint
from scraper.platform.atlas import Atlas
from scraper.responses.exceptions import ArgumentError

NAMES = ("comments", "replies", "danmaku", "subtitles", "author")


def wanted(text: str, atlas: Atlas) -> frozenset[str]:
    """Return the names in a `with=` argument, and those they imply.

    :raises ArgumentError: if a name is unknown, or no platform of this spider offers it
    """
    offered = {endpoint.follow.name: endpoint.follow for endpoint in atlas.endpoints.values() if endpoint.follow}
    names: set[str] = set()
    for word in filter(None, (part.strip() for part in text.split(","))):
        if word not in offered:
            lacking = f"{atlas.title} has no endpoint for it; " if word in NAMES else ""
            takes = ", ".join(name for name in NAMES if name in offered)
            form = f"with takes {takes}" if takes else "leave out `with`; nothing can be followed here"
            raise ArgumentError(f"with={word}: {lacking}{form}")
        names |= {word, *offered[word].implies}
    return frozenset(names)


def endpoints(atlas: Atlas, platform: str, names: frozenset[str]) -> list[Endpoint]:
    """Return the endpoints of a platform that are followed for the given names."""
    own = next((candidate.endpoints for candidate in atlas.platforms if candidate.name == platform), ())
    return [endpoint for endpoint in own if endpoint.follow and endpoint.follow.name in names]
