"""The parts of a video to fetch, in order. Pure.

If neither the user nor a record names them, a lookup route fetches the list of parts first.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from scraper.platform.targets import Target
from scraper.records import Video
from scraper.responses.shapes import as_shape
from scraper.responses.values import MissingError, dig, duration_ms, ident, integer
from spiders.bilibili import shapes

CID = "cid"  # prefix of an id that names only a part
_HINT = "parts"


class Part(NamedTuple):
    """A part of a video.

    :param length_ms: 0 if unknown
    """

    cid: str
    length_ms: int


def of(target: Target) -> list[Part]:
    """Return the parts that a target selects; empty if they are unknown or do not exist."""
    pairs = (part.partition(":") for part in target.hint(_HINT).split(",") if part)
    hinted = [Part(cid, int(length)) for cid, _, length in pairs]
    named = target.id.removeprefix(CID) if target.id.startswith(CID) else target.get("cid")
    if named:
        return [next((part for part in hinted if part.cid == named), Part(named, 0))]
    if number := target.get("p"):
        return hinted[int(number) - 1 : int(number)]
    return hinted


def at(target: Target, place: int) -> Part:
    """Return a part by its index.

    :raises MissingError: there is no such part
    """
    known = of(target)
    if not 0 <= place < len(known):
        raise MissingError(f"data[{place}].cid")
    return known[place]


def are_known(target: Target) -> bool:
    return bool(of(target))


def are_unknown(target: Target) -> bool:
    return not of(target)


def lookup(data: Any) -> Mapping[str, str]:
    """Return the parts in `pagelist` as a hint.

    :raises MissingError: it has none
    """
    known = [f"{cid}:{duration_ms(part.duration) or 0}" for part in _listed(data) if (cid := _cid(part))]
    if not known:
        raise MissingError("data[0].cid")
    return {_HINT: ",".join(known)}


def hints(video: Video) -> tuple[tuple[str, str], ...]:
    """Return the parts in a video's record as hints."""
    known = [f"{part.cid}:{part.duration_ms or 0}" for part in video.parts or () if part.cid]
    return ((_HINT, ",".join(known)),) if known else ()


def _listed(data: Any) -> list[shapes.Part]:
    rows = dig(data, "data")
    return [as_shape(shapes.Part, row) for row in rows] if isinstance(rows, list) else []


def _cid(part: shapes.Part) -> str | None:
    number = ident(part.cid)
    return number if number and integer(number) else None
