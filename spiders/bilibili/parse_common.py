"""Helpers that several of Bilibili's parsers share. Pure."""

from typing import Any

from scraper.records import AuthorRef, Category, Cover, Meta, PartRef, VideoStatistics
from scraper.responses.values import count, duration_ms, flag, ident, integer, is_rounded, need, obj, text, title, url
from spiders.bilibili.ids import canonical

SPACE_URL = "https://space.bilibili.com/{}"


def author_ref(mid: Any, name: Any, face: Any = None, official: Any = None) -> AuthorRef:
    """Return the author of a post or comment."""
    uid = ident(mid)
    kind = integer(obj(official).get("type"))
    return AuthorRef(
        uid=uid,
        nickname=text(name),
        avatar_url=url(face),
        verified=None if kind is None else kind >= 0,
        url=SPACE_URL.format(uid) if uid else None,
    )


def size(dimension: Any) -> tuple[int | None, int | None]:
    """Return width and height after rotation."""
    raw = obj(dimension)
    width, height = count(raw.get("width")) or None, count(raw.get("height")) or None
    return (height, width) if flag(raw.get("rotate")) else (width, height)


def part_ref(raw: dict[str, Any]) -> PartRef:
    width, height = size(raw.get("dimension"))
    number, name = count(raw.get("page")), title(raw.get("part"))
    return PartRef(
        no=number,
        cid=ident(raw.get("cid")),
        title=name,
        duration_ms=duration_ms(raw.get("duration")),
        width=width,
        height=height,
    )


def bvid_in(raw: dict[str, Any]) -> str:
    """Return the BV code; if an old answer leaves it empty, compute it from the aid."""
    return canonical(text(raw.get("bvid")) or "") or need(canonical(f"av{integer(raw.get('aid'))}"), "bvid")


def cover(address: Any) -> Cover:
    """Return a cover, and its URL without a size suffix."""
    cover_url = url(address)
    return Cover(cover=cover_url, origin_cover=cover_url.partition("@")[0] if cover_url else None)


def counts(statistics: VideoStatistics, raw: dict[str, Any], names: dict[str, str], meta: Meta) -> VideoStatistics:
    """Fill counts from their keys, and note those that the platform rounded."""
    for name, key in names.items():
        setattr(statistics, name, count(raw.get(key)))
        if is_rounded(raw.get(key)):
            meta.approximate.append(f"statistics.{name}")
    return statistics


def categories(raw: dict[str, Any], *levels: tuple[str, str]) -> list[Category] | None:
    """Return the categories of a video, from pairs of (id key, name key)."""
    named = [(number, ident(raw.get(key)), text(raw.get(name))) for number, (key, name) in enumerate(levels, 1)]
    return [Category(id=key, name=name, level=number) for number, key, name in named if key or name] or None
