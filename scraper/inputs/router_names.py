"""Find endpoints by router, last segment or alias, and suggest replacements for unsupported routers."""

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
    """Return the endpoints for full paths or last segments. A last segment matches on every platform.

    :param answer_router: the router of every envelope, or ""; as a name it stands for each target's default endpoint
    :raises ArgumentError: if a name is unknown; suggests a similar name or a replacement
    """
    endpoints_found: list[Endpoint] = []
    words = [part.strip() for part in text.split(",")]
    for word in (each for each in words if each and each != answer_router):
        named = [endpoint for platform in atlas.platforms if (endpoint := _named(word, platform.endpoints))]
        if not named:
            raise ArgumentError(f"router={word}: {_instead(word) or _unknown(word, atlas)}")
        endpoints_found += named
    return endpoints_found


def _named(word: str, endpoints: Sequence[Endpoint]) -> Endpoint | None:
    named = [endpoint for endpoint in endpoints if word in (endpoint.router, endpoint.name)]
    named = named or [endpoint for endpoint in endpoints if word in endpoint.aliases]
    return next((endpoint for endpoint in named if "/web/" in endpoint.router), named[0] if named else None)


def _instead(word: str) -> str:
    """Return the replacement for a router that this project does not support, "" if there is none."""
    name = word.rstrip("/").rpartition("/")[2]
    return _COMPUTED if name.startswith(_SIGNERS) else _INSTEAD.get(name, "")


def _unknown(word: str, atlas: Atlas) -> str:
    close = get_close_matches(word, sorted({each.name for each in atlas.endpoints.values()}), 1)
    hint = f"did you mean {close[0]}? " if close else ""
    return f"unknown endpoint; {hint}`scrapy routes` lists all"
