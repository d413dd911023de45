"""What the pages show of records."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from scraper.inputs.share_text import find_all
from scraper.output.envelope import Error
from scraper.platform.atlas import Atlas
from scraper.platform.platform import Platform
from scraper.records import Record, Stream, Video

_NUMBERS = ("play_count", "digg_count", "comment_count", "share_count", "collect_count", "danmaku_count", "coin_count")
_TITLES = ("text", "title", "name", "nickname", "keyword", "unique_id", "desc")
_PICTURES = ("cover_url", "avatar_url")
_LINES = (1080, 720, 480)
_MOST_TEXT = 300  # characters of a value
Picture = Callable[[Record, str | None], str]
"""Returns the address of a picture of a record on this server, "" for none."""


class Number(NamedTuple):
    """A count, by the key of its name."""

    name: str
    value: int


class Download(NamedTuple):
    """A button: the key of its text with its values, and parameters of the download."""

    text: str
    values: dict[str, Any]
    query: dict[str, str]


class Item(NamedTuple):
    """A row of a list.

    :ivar url: its page on the platform, "" if it has none
    :ivar is_post: whether this server can show it
    """

    title: str
    url: str
    picture: str
    author: str
    create_time: int | None
    duration_ms: int | None
    numbers: list[Number]
    is_post: bool


def numbers_of(record: Record) -> list[Number]:
    """Return the counts that the platform gave."""
    counts = getattr(record, "statistics", None) or record
    values = ((name, getattr(counts, name, None)) for name in _NUMBERS)
    return [Number(name, value) for name, value in values if isinstance(value, int)]


def item_of(record: Record, picture: Picture) -> Item:
    """Return a row of a list for any record."""
    author = getattr(record, "author", None) or getattr(record, "owner", None) or getattr(record, "user", None)
    return Item(
        title_of(record),
        getattr(record, "url", None) or "",
        picture(record, _cover(record)),
        (getattr(author, "nickname", None) or getattr(author, "unique_id", None) or "") if author else "",
        getattr(record, "create_time", None),
        getattr(record, "duration_ms", None),
        numbers_of(record),
        isinstance(record, Video),
    )


def title_of(record: Record) -> str:
    """Return the words that a record is known by, "" for none."""
    return next((value for name in _TITLES if isinstance(value := getattr(record, name, None), str) and value), "")


def cover_of(video: Video) -> str | None:
    """Return the address of a picture of a post."""
    images = video.image_data.no_watermark_image_list if video.image_data else []
    return video.cover_data.origin_cover or video.cover_data.cover or (images[0] if images else None)


def _cover(record: Record) -> str | None:
    if isinstance(record, Video):
        return record.cover_data.cover or cover_of(record)
    return next((value for name in _PICTURES if (value := getattr(record, name, None))), None)


def downloads_of(video: Video) -> list[Download]:
    """Return the files that a post has, the best first."""
    images, data = video.image_data, video.video_data
    if video.type == "image":
        number = len(images.no_watermark_image_list) if images else 0
        text = "download_images" if number > 1 else "download_image"
        return [Download(text, {"number": number}, {})] if number else []
    if data is None or not (data.streams or data.nwm_video_url or data.segments):
        return []
    return [*_qualities(data.streams), *([_MARKED] if data.wm_video_url else [])]


def _qualities(streams: Sequence[Stream]) -> Iterator[Download]:
    yield Download("download_best", {}, {})
    codecs = {stream.codec for stream in streams if not stream.watermark}
    if "h264" in codecs and len(codecs - {None}) > 1:
        yield Download("download_h264", {}, {"quality": "h264"})
    sides = sorted({min(stream.width, stream.height) for stream in streams if stream.width and stream.height})
    for lines in _LINES:
        if sides and sides[0] <= lines < sides[-1]:
            yield Download("download_lines", {"lines": lines}, {"quality": f"<={lines}p"})
    if len(sides) > 1:
        yield Download("download_smallest", {}, {"quality": "smallest"})


_MARKED = Download("download_marked", {}, {"with_watermark": "true"})


def fields_of(record: Record) -> list[tuple[str, str]]:
    """Return the fields that are known, as texts by their paths, without the context of the record."""
    plain = msgspec.to_builtins(record)
    plain.pop("meta", None)
    return [*_flat(plain, "")]


def _flat(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}" if path else name)
    elif value not in (None, "", []):
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        yield path, text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]}…"


class Problem(NamedTuple):
    """Why something is not shown."""

    name: str
    message: str
    remedy: str
    input: str
    retry_after: float | None


def problem_of(error: Error) -> Problem:
    """Return the problem of a failure."""
    return Problem(error.name, error.message, error.remedy, error.input, error.retry_after)


def examples_of(atlas: Atlas) -> list[tuple[str, Platform, str]]:
    """Return what can be pasted: the keys of texts, platforms, and examples."""
    first = atlas.platforms[0]
    videos = [("example_video", platform, _example(atlas, platform, "video")) for platform in atlas.platforms]
    users = [("example_user", platform, _example(atlas, platform, "user")) for platform in atlas.platforms]
    short = next((platform for platform in atlas.platforms if platform.short_hosts), first)
    text = f"7.43 看 https://{short.short_hosts[0]}/iRNBho6u/ 复制此链接 …"
    return [("example_short", short, text), *videos, *users]


def _example(atlas: Atlas, platform: Platform, kind: str) -> str:
    """Return a plain link to a kind of thing."""
    links = [pattern.example.partition("?")[0] for pattern in platform.patterns if pattern.kind == kind]
    links = [link for link in links if link.startswith("https://")]
    targets = find_all(links, atlas.patterns, atlas.bare_ids, atlas.link_hosts)
    fitting = [target.given for target in targets if target.kind == kind]
    return min(fitting, key=len) if kind == "user" else fitting[0]
