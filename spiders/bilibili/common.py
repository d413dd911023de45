"""What several of Bilibili's records have in common. Pure."""

from typing import Any

from scraper.read import count, duration_ms, flag, ident, integer, obj, text, title, url
from scraper.records import AuthorRef, PartRef

SPACE_URL = "https://space.bilibili.com/{}"


def author_ref(mid: Any, name: Any, face: Any = None, official: Any = None) -> AuthorRef:
    """Return who made something."""
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
    """Return width and height as they are seen."""
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


def any_true(values: list[bool | None]) -> bool | None:
    """Return whether one is true; None where none is known."""
    return True if True in values else False if False in values else None
