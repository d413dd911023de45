"""Helpers that several of Bilibili's parsers share. Pure."""

from typing import Any

from scraper.records import AuthorRef, Category, Cover, Meta, PartRef
from scraper.responses.values import count, duration_ms, ident, integer, is_rounded, need, text, title, url
from spiders.bilibili.ids import canonical
from spiders.bilibili.shapes import Dimension, Part

VIDEO_URL = "https://www.bilibili.com/video/"  # followed by the BV code
SPACE_URL = "https://space.bilibili.com/"  # followed by the number of the user


def author_ref(mid: Any, name: Any, face: Any = None, kind: int | None = None) -> AuthorRef:
    """Return the author of a post or comment.

    :param kind: the type of the verification; below 0 if there is none
    """
    uid = ident(mid)
    return AuthorRef(
        uid=uid,
        nickname=text(name),
        avatar_url=url(face),
        verified=None if kind is None else kind >= 0,
        url=SPACE_URL + uid if uid else None,
    )


def size(dimension: Dimension | None) -> tuple[int | None, int | None]:
    """Return width and height after rotation."""
    if not dimension:
        return None, None
    width, height = dimension.width or None, dimension.height or None
    return (height, width) if dimension.rotate else (width, height)


def part_ref(part: Part) -> PartRef:
    width, height = size(part.dimension)
    return PartRef(
        no=part.page,
        cid=ident(part.cid),
        title=title(part.part),
        duration_ms=duration_ms(part.duration),
        width=width,
        height=height,
    )


def bvid_in(bvid: str | None, aid: Any) -> str:
    """Return the BV code; if an old answer leaves it empty, compute it from the aid."""
    return canonical(bvid or "") or need(canonical(f"av{integer(aid)}"), "bvid")


def cover(address: Any) -> Cover:
    """Return a cover, and its URL without a size suffix."""
    cover_url = url(address)
    plain = cover_url.partition("@")[0] if cover_url and "@" in cover_url else cover_url
    return Cover(cover=cover_url, origin_cover=plain)


def counted(value: int | str | None, name: str, meta: Meta) -> int | None:
    """Return a count, and note in `meta` if the platform rounded it.

    :param name: its field in the statistics
    """
    if not isinstance(value, str):
        return value
    if is_rounded(value):
        meta.approximate.append(f"statistics.{name}")
    return count(value)


def categories(*levels: tuple[Any, str | None]) -> list[Category] | None:
    """Return the categories of a video, from pairs of id and name."""
    named = [(number, ident(key), name or None) for number, (key, name) in enumerate(levels, 1)]
    return [Category(id=key, name=name, level=number) for number, key, name in named if key or name] or None
