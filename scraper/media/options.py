"""The user's settings of media files: which are wanted, in which quality, and where they go."""

import re
from collections.abc import Sequence
from importlib.util import find_spec
from typing import NamedTuple, get_args
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

from scraper.media.names import NameTemplate
from scraper.media.s3_store import check_s3
from scraper.media.texts import DANMAKU_FORMATS, SUBTITLE_FORMATS
from scraper.output.sinks import shown
from scraper.records import MediaRole
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import unknown

ROLES: tuple[MediaRole, ...] = get_args(MediaRole)
_OF_CONTAINERS = ("video", "live_photo", "music")  # which are looked into
_LINES = re.compile(r"<=(\d{3,4})p?")
_SIZE = re.compile(r"(\d{1,15})([KMGT]?)(?:i?B)?", re.ASCII | re.IGNORECASE)
_QUALITIES = ("best", "h264", "<=1080p", "smallest")
_SWITCH = {"0": False, "1": True, "False": False, "True": True}


class Quality(NamedTuple):
    """Which of the qualities of a video is downloaded.

    :ivar codec: the codec that is taken if there is one, "" for any
    :ivar lines: the largest short side, None for any
    """

    codec: str = ""
    lines: int | None = None
    is_smallest: bool = False


class MediaOptions(NamedTuple):
    """
    :ivar roles: which files are wanted
    :ivar has_watermark: whether videos and images with watermark are wanted
    :ivar store: a folder, or the URI of one
    :ivar connections: how many files are downloaded at once
    :ivar most_of_file: the largest size of a file in bytes, None for any
    :ivar most_of_run: the largest size of all files of a run, None for any
    :ivar least_free: bytes that must stay free on the disk
    :ivar archive: the file of posts that are not downloaded again, None if there is none
    :ivar subtitle_formats: of files of subtitles
    :ivar danmaku_formats: of files of danmaku
    """

    roles: frozenset[MediaRole]
    quality: Quality
    has_watermark: bool
    store: str
    name: NameTemplate
    connections: int
    most_of_file: int | None
    most_of_run: int | None
    least_free: int
    archive: str | None
    subtitle_formats: tuple[str, ...]
    danmaku_formats: tuple[str, ...]


def media_options(settings: BaseSettings) -> MediaOptions | None:
    """Read the settings. None if no files are wanted.

    :raises ArgumentError: if one is wrong
    """
    roles = _roles(settings["MEDIA"])
    if not roles:
        return None
    if missing := [role for role in _OF_CONTAINERS if role in roles and find_spec("av") is None]:
        raise ArgumentError(f"MEDIA={missing[0]}: a library is missing: pip install av")
    store = settings["MEDIA_STORE"] or f"{settings['OUTPUT_DIR']}/media"
    scheme = urlsplit(store).scheme
    if scheme not in ("", "file", "s3"):
        raise ArgumentError(f"MEDIA_STORE={shown(store)}: must be a folder, or s3://bucket/folder")
    if scheme == "s3":
        check_s3()
    return MediaOptions(
        roles=roles,
        quality=quality_of(str(settings["MEDIA_QUALITY"])),
        has_watermark=_switch("MEDIA_WATERMARK", str(settings["MEDIA_WATERMARK"])),
        store=store,
        name=NameTemplate(settings["MEDIA_NAME"]),
        connections=_number("MEDIA_CONCURRENCY", settings["MEDIA_CONCURRENCY"], 1),
        most_of_file=size_of("MEDIA_MAX_FILE_SIZE", settings["MEDIA_MAX_FILE_SIZE"]) or None,
        most_of_run=size_of("MEDIA_MAX_TOTAL", settings["MEDIA_MAX_TOTAL"]) or None,
        least_free=size_of("MEDIA_MIN_FREE", settings["MEDIA_MIN_FREE"]),
        archive=settings["MEDIA_ARCHIVE"] or None,
        subtitle_formats=_formats("MEDIA_SUBTITLES", settings["MEDIA_SUBTITLES"], SUBTITLE_FORMATS),
        danmaku_formats=_formats("MEDIA_DANMAKU", settings["MEDIA_DANMAKU"], DANMAKU_FORMATS),
    )


def _roles(text: str | None) -> frozenset[MediaRole]:
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    for name in names:
        if name not in ROLES:
            raise ArgumentError(f"MEDIA={name}: {unknown('kind of file', name, ROLES, 'kinds of files')}")
    return frozenset(role for role in ROLES if role in names)


def _formats(name: str, text: str, known: Sequence[str]) -> tuple[str, ...]:
    """Read the formats of files, at least one."""
    wanted = [form.strip() for form in text.split(",") if form.strip()]
    for form in wanted or [""]:
        if form not in known:
            raise ArgumentError(f"{name}={text}: must be some of {', '.join(known)}, such as {name}={','.join(known)}")
    return tuple(form for form in known if form in wanted)


def quality_of(text: str, name: str = "MEDIA_QUALITY") -> Quality:
    """Read a quality.

    :param name: what the user calls it
    :raises ArgumentError: if it is none
    """
    if match := _LINES.fullmatch(text):
        return Quality(lines=int(match[1]))
    if text not in _QUALITIES:
        raise ArgumentError(f"{name}={text}: must be one of {', '.join(_QUALITIES)}, or other lines such as <=720p")
    return Quality(codec="h264" if text == "h264" else "", is_smallest=text == "smallest")


def _number(name: str, value: object, least: int) -> int:
    text = str(value)
    if not (text.isascii() and text.isdecimal() and int(text) >= least):
        raise ArgumentError(f"{name}={text}: must be a number from {least}, such as {name}={least + 3}")
    return int(text)


def size_of(name: str, value: object) -> int:
    """Read a size in bytes, such as 500M."""
    match = _SIZE.fullmatch(str(value or "0"))
    if not match:
        raise ArgumentError(f"{name}={value}: must be a size, such as {name}=500M")
    return int(match[1]) << 10 * " KMGT".index(match[2].upper() or " ")


def _switch(name: str, text: str) -> bool:
    if text not in _SWITCH:
        raise ArgumentError(f"{name}={text}: must be 1 or 0")
    return _SWITCH[text]
