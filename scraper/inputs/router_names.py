"""From the names that users know to endpoints: routers, their older names, and what stands in for those not offered."""

from collections.abc import Sequence
from difflib import get_close_matches

from scraper.platform import Endpoint
from scraper.platform.atlas import Atlas
from scraper.responses.exceptions import ArgumentError

_SIGNERS = "generate_"
_COMPUTED = (
    "no signature and no token is computed here for other programs: ask for the data itself by its own router, and "
    "the crawl signs what it sends, or lets the platform's own page in a browser do it (`scrapy routes` shows which)"
)
_INSTEAD = {
    "download": "it belongs to the HTTP front; a crawl returns the URLs in video_data and image_data of each record",
    "update_cookie": "it is a command of its own: scrapy update_cookie --service … --cookie -",
    "shortcut": "it belongs to the HTTP front: give links with -a url=… or -a file=…",
}


def routers(text: str, atlas: Atlas, answer_router: str = "") -> list[Endpoint]:
    """Return the endpoints of full paths, or of last segments: then of each platform that has one of that name.

    :param answer_router: the router of every envelope, "" if there is none; it means the default of each target
    :raises ArgumentError: where there is none of a name; it says what comes near, or what to use instead
    """
    found: list[Endpoint] = []
    words = [part.strip() for part in text.split(",")]
    for word in (each for each in words if each and each != answer_router):
        named = [endpoint for platform in atlas.platforms if (endpoint := _named(word, platform.endpoints))]
        if not named:
            raise ArgumentError(f"router={word}: {_instead(word) or _unknown(word, atlas)}")
        found += named
    return found


def _named(word: str, endpoints: Sequence[Endpoint]) -> Endpoint | None:
    named = [each for each in endpoints if word in (each.router, each.name)]
    named = named or [each for each in endpoints if word in each.aliases]
    return next((each for each in named if "/web/" in each.router), named[0] if named else None)


def _instead(word: str) -> str:
    """Return what to use instead of a router that this project does not offer, "" where it knows of none."""
    name = word.rstrip("/").rpartition("/")[2]
    return _COMPUTED if name.startswith(_SIGNERS) else _INSTEAD.get(name, "")


def _unknown(word: str, atlas: Atlas) -> str:
    close = get_close_matches(word, sorted({each.name for each in atlas.endpoints.values()}), 1)
    hint = f"did you mean {close[0]}? " if close else ""
    return f"unknown endpoint; {hint}`scrapy routes` lists all"
