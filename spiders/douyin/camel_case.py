"""Convert the data of Douyin's pages (camelCase) to the shape of its API (snake_case), so that one parser reads both.

In the recorded pages of 2023, addresses are plain texts or lists of {src}.
"""

import re
from functools import lru_cache
from typing import Any

from scraper.responses.values import UnexpectedShapeError, obj, objs

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MOST_LEVELS = 100
_UNDEFINED = "$undefined"
_RENAMED = {"author_info": "author", "stats": "statistics", "bit_rate_list": "bit_rate"}
_VIDEO_ADDRESSES = {"play_addr": "play_addr", "play_addr_h265": "play_addr_265", "play_addr_h264": "play_addr_h264"}
_USER_NAMES = {"desc": "signature", "age": "user_age", "school": "school_name"}


def work(raw: dict[str, Any]) -> dict[str, Any]:
    """Return a post in the shape of the API; one that already has it is unchanged."""
    if "awemeId" not in raw:
        return raw
    renamed = {_RENAMED.get(name, name): value for name, value in _snake(raw).items()}
    tag, status = obj(renamed.get("tag")), obj(renamed.get("status"))
    renamed |= {name: tag[name] for name in ("is_top", "is_story") if name in tag}
    if tag.get("in_reviewing") or status.get("is_reviewing"):
        status["in_reviewing"] = True
    elif "is_reviewing" in status:
        status["in_reviewing"] = status["is_reviewing"]
    if renamed.get("is_private") is True:
        status["private_status"] = 1
    renamed["video"] = _video(obj(renamed.get("video")))
    renamed["chapter_list"] = obj(renamed.get("chapter_info")).get("list")
    seo = obj(renamed.get("seo_info"))
    if "ocr_content" in seo:
        seo["seo_ocr_content"] = seo["ocr_content"]
    if "avatar_uri" in obj(renamed.get("author")):
        renamed["author"] = user(renamed["author"])
    return renamed


def user(raw: dict[str, Any]) -> dict[str, Any]:
    """Return a user in the shape of the API."""
    renamed = _snake(raw) if "secUid" in raw or "userInfo" in raw else dict(raw)
    for name, ours in _USER_NAMES.items():
        if name in renamed and ours not in renamed:
            renamed[ours] = renamed[name]
    small = renamed.get("avatar_url") or renamed.get("avatar_uri")
    large = renamed.get("avatar300_url") or small
    for name, address in (("avatar_thumb", small), ("avatar_larger", large)):
        if isinstance(address, str) and not obj(renamed.get(name)):
            renamed[name] = {"url_list": [address]}
    return renamed


def _video(raw: dict[str, Any]) -> dict[str, Any]:
    video = dict(raw)
    for name, ours in _VIDEO_ADDRESSES.items():
        if isinstance(raw.get(name), list):
            video[ours] = {"uri": raw.get("uri"), "url_list": _addresses(raw[name])}
    size = {name: raw.get(name) for name in ("width", "height", "data_size")}
    if isinstance(video.get("play_addr"), dict):
        video["play_addr"] = size | video["play_addr"]
    video["bit_rate"] = [_rate(rate) for rate in objs(raw.get("bit_rate") or raw.get("bit_rate_list"))]
    covers = raw.get("cover_url_list")
    video["cover"] = {"url_list": covers if isinstance(covers, list) else [raw.get("cover")]}
    for name in ("origin_cover", "dynamic_cover"):
        if isinstance(raw.get(name), str):
            video[name] = {"url_list": [raw[name]]}
    return video


def _rate(raw: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(raw.get("play_addr"), list):
        return raw
    sizes = {name: raw.get(name) for name in ("uri", "width", "height", "data_size")}
    return {**raw, "FPS": raw.get("fps"), "play_addr": {**sizes, "url_list": _addresses(raw["play_addr"])}}


def _addresses(value: Any) -> list[Any]:
    entries = value if isinstance(value, list) else []
    return [entry.get("src") if isinstance(entry, dict) else entry for entry in entries]


def _snake(value: Any, levels: int = _MOST_LEVELS) -> Any:
    """Return a value with its names in snake_case.

    :raises UnexpectedShapeError: if it is nested too deeply
    """
    if not levels:
        raise UnexpectedShapeError(f"a value is nested more than {_MOST_LEVELS} levels deep")
    if isinstance(value, dict):
        return {_name(name): _snake(part, levels - 1) for name, part in value.items()}
    if isinstance(value, list):
        return [_snake(part, levels - 1) for part in value]
    return None if value == _UNDEFINED else value


@lru_cache(maxsize=4096)
def _name(name: str) -> str:
    """
    >>> _name("awemeId"), _name("isH265"), _name("urlList"), _name("avatar300Url"), _name("isBlockedV2")
    ('aweme_id', 'is_h265', 'url_list', 'avatar300_url', 'is_blocked_v2')
    """
    return _HUMP.sub("_", name).lower()
