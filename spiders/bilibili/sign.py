"""The WBI signature of Bilibili. Pure: the same query, keys and time give the same result."""

import re
from hashlib import md5

from scraper.responses.values import MissingError, dig

_ORDER = (
    46, 47, 18, 2, 53, 8, 23, 32, 15, 50, 10, 31, 58, 3, 45, 35, 27, 43, 5, 49, 33, 9, 42, 19, 29, 28, 14, 39, 12, 38, 41, 13,
)  # fmt: skip
_DROPPED = re.compile("%2[1789A]")  # ! ' ( ) *
_KEYS_LENGTH = 64


def mixin_key(nav: object) -> str:
    """Return the signing key, which is encoded in the names of two images of the `nav` answer.

    :raises MissingError: the answer has no such names
    """
    urls = [dig(nav, f"data.wbi_img.{which}_url") for which in ("img", "sub")]
    keys = "".join(url.rpartition("/")[2].partition(".")[0] for url in urls if isinstance(url, str))
    if len(keys) < _KEYS_LENGTH:
        raise MissingError("data.wbi_img")
    return "".join(keys[place] for place in _ORDER)


def sign(url: str, mixin: str, now: float) -> str:
    """Return a URL with `wts` and `w_rid`.

    :param url: with a percent-encoded query (space is %20), as `scraper.platform.with_query` writes it
    :param now: epoch seconds
    """
    address, _, query = url.partition("?")
    pairs = sorted([*filter(None, query.split("&")), f"wts={int(now)}"], key=_name)
    query = _DROPPED.sub("", "&".join(pairs))
    return f"{address}?{query}&w_rid={md5((query + mixin).encode()).hexdigest()}"


def _name(pair: str) -> str:
    return pair.partition("=")[0]
