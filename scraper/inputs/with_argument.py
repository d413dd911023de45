"""What `with=` may follow from a record. Which platform offers which is said by the rows of its table."""

from scraper.platform import Endpoint
from scraper.platform.atlas import Atlas
from scraper.responses.exceptions import ArgumentError

NAMES = ("comments", "replies", "danmaku", "subtitles", "author")


def wanted(text: str, atlas: Atlas) -> frozenset[str]:
    """Return the names that a user gave, and those that they imply.

    :raises ArgumentError: where a name is unknown, or no platform here offers it
    """
    offered = {each.follow.name: each.follow for each in atlas.endpoints.values() if each.follow}
    found: set[str] = set()
    for word in filter(None, (part.strip() for part in text.split(","))):
        if word not in offered:
            lacking = f"{atlas.name} has no endpoint for it; " if word in NAMES else ""
            takes = ", ".join(name for name in NAMES if name in offered)
            form = f"with takes {takes}" if takes else "leave out `with`; nothing can be followed here"
            raise ArgumentError(f"with={word}: {lacking}{form}")
        found |= {word, *offered[word].implies}
    return frozenset(found)


def endpoints(atlas: Atlas, platform: str, names: frozenset[str]) -> list[Endpoint]:
    """Return the endpoints of a platform that records lead to."""
    own = next((each.endpoints for each in atlas.platforms if each.name == platform), ())
    return [each for each in own if each.follow and each.follow.name in names]
