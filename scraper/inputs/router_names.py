"""Find endpoints by router, last segment or alias, and suggest replacements for unsupported routers."""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from scraper.platform import Endpoint
from scraper.platform.atlas import Atlas
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import enumerated

SIGNERS = "generate_"
COMPUTED = (
    "signatures and tokens are not computed for other programs: request the data by its own router, and the crawl"
    " signs the request, or lets the platform's own page in a browser sign it (see `scrapy routes`)"
)
_INSTEAD = {
    "download": "not part of a crawl; media URLs are in video_data and image_data of each record",
    "update_cookie": "this is a command: scrapy update_cookie --service … --cookie -",
    "shortcut": "not part of a crawl; give links with -a url=… or -a file=…",
}
_MIN_SIMILARITY, _SAME_SIMILARITY, _MAX_SUGGESTIONS = 0.6, 0.05, 5


def routers(text: str, atlas: Atlas, answer_router: str = "") -> list[Endpoint]:
    """Return the endpoints for full paths or last segments. A last segment matches on every platform.

    :param answer_router: the router of every envelope, or ""; as a name it stands for each target's default endpoint
    :raises ArgumentError: if a name is unknown; suggests a similar name or a replacement
    """
    endpoints: list[Endpoint] = []
    names = [part.strip() for part in text.split(",")]
    for name in names:
        if not name or name == answer_router:
            continue
        named = [endpoint for platform in atlas.platforms if (endpoint := _named(name, platform.endpoints))]
        if not named:
            raise ArgumentError(f"router={name}: {_instead(name) or _unknown(name, atlas)}")
        endpoints += named
    return endpoints


def _named(word: str, endpoints: Sequence[Endpoint]) -> Endpoint | None:
    named = [endpoint for endpoint in endpoints if word in (endpoint.router, endpoint.name)]
    named = named or [endpoint for endpoint in endpoints if word in endpoint.aliases]
    return next((endpoint for endpoint in named if "/web/" in endpoint.router), named[0] if named else None)


def _instead(word: str) -> str:
    """Return the replacement for a router that this project does not support, "" if there is none."""
    name = word.rstrip("/").rpartition("/")[2]
    return COMPUTED if name.startswith(SIGNERS) else _INSTEAD.get(name, "")


def _unknown(word: str, atlas: Atlas) -> str:
    close = closest(word, {endpoint.name: endpoint.default for endpoint in atlas.endpoints.values()})
    hint = f"did you mean {enumerated(close, 'or')}? " if close else ""
    return f"unknown endpoint; {hint}`scrapy routes` lists all"


def closest(router: str, names: Mapping[str, bool]) -> list[str]:
    """Return the endpoint names most similar to a misspelt router. Of equally similar ones, defaults come first.

    :param names: endpoint names, and whether each is the default endpoint of a kind of link

    >>> closest("fetch_user_videos", {"fetch_user_like_videos": False, "fetch_user_post_videos": True})
    ['fetch_user_post_videos', 'fetch_user_like_videos']
    >>> closest("fetch_one_vidoe", {"fetch_one_video": True, "fetch_mix": True}), closest("foo", {"fetch_mix": True})
    (['fetch_one_video'], [])
    """
    wrong = router.rstrip("/").rpartition("/")[2].lower()
    scores = {name: _similarity(wrong, name.lower()) for name in names}
    least = max(_MIN_SIMILARITY, max(scores.values(), default=0.0) - _SAME_SIMILARITY)
    close = [name for name, score in scores.items() if score >= least]
    return sorted(close, key=lambda name: (not names[name], -scores[name], name))[:_MAX_SUGGESTIONS]


def _similarity(wrong: str, name: str) -> float:
    """Return the mean similarity, from 0 to 1, of each word in a misspelt name to its best match in another name."""
    words = [word for word in wrong.split("_") if word != "fetch"] or [wrong]
    candidates = name.split("_")
    by_words = [max(SequenceMatcher(None, word, candidate).ratio() for candidate in candidates) for word in words]
    return 0.7 * sum(by_words) / len(by_words) + 0.3 * SequenceMatcher(None, wrong, name).ratio()
