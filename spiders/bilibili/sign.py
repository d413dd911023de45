"""The WBI signature. Pure: the same query, keys and time give the same result. Wire contract, section 4.1."""

from hashlib import md5
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from scraper.read import MissingError, dig

_ORDER = (
    46, 47, 18, 2, 53, 8, 23, 32, 15, 50, 10, 31, 58, 3, 45, 35, 27, 43, 5, 49, 33, 9, 42, 19, 29, 28, 14, 39, 12, 38, 41, 13,
)  # fmt: skip
_DROPPED = str.maketrans("", "", "!'()*")
_KEYS_LENGTH = 64


def mixin_key(nav: object) -> str:
    """Return the key that hides in the names of two images of the `nav` answer.

    :raises MissingError: where they are not there
    """
    urls = [dig(nav, f"data.wbi_img.{which}_url") for which in ("img", "sub")]
    keys = "".join(url.rpartition("/")[2].partition(".")[0] for url in urls if isinstance(url, str))
    if len(keys) < _KEYS_LENGTH:
        raise MissingError("data.wbi_img")
    return "".join(keys[place] for place in _ORDER)


def sign(url: str, mixin: str, now: float) -> str:
    """Return a URL with `wts` and `w_rid`.

    :param now: epoch seconds
    """
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query, keep_blank_values=True)) | {"wts": str(int(now))}
    query = urlencode([(name, given[name].translate(_DROPPED)) for name in sorted(given)], quote_via=quote)
    return parts._replace(query=f"{query}&w_rid={md5((query + mixin).encode()).hexdigest()}").geturl()
