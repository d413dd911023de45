"""Parse the entries of Bilibili's lists into videos. Pure."""

from typing import Any

from scraper.platform import Context
from scraper.records import (
    Author,
    Can,
    Flags,
    HashtagRef,
    Meta,
    Mix,
    MixRef,
    Refs,
    Video,
    VideoStatistics,
    availability,
    meta_for,
)
from scraper.responses.values import duration_ms, flag, ident, integer, need, obj, seconds, text, title, url
from spiders.bilibili.ids import PLATFORM
from spiders.bilibili.parse import VIDEO_URL, flags_of_state, parse_view
from spiders.bilibili.parse_common import author_ref, bvid_in, categories, counts, cover
from spiders.bilibili.parse_mix import parse_collected
from spiders.bilibili.parse_user import parse_found_author

SEASON = "_season"  # added to an archive by the endpoint: the season of its list
AUDIO_URL = "https://www.bilibili.com/audio/au{}"
_AUDIO, _SEASON_ITEM = 12, 21  # values of `type` in a folder
_FOUND_COUNTS = {
    "play_count": "play", "digg_count": "like", "comment_count": "review", "collect_count": "favorites",
    "danmaku_count": "danmaku",
}  # fmt: skip
_SAVED_COUNTS = {
    "play_count": "play",
    "collect_count": "collect",
    "danmaku_count": "danmaku",
    "comment_count": "reply",
}


def thin(ident_: str, meta: Meta, ids: dict[str, str | None], **known: Any) -> Video:
    """Return a video with the few fields that a list has."""
    flags = known.setdefault("flags", Flags())
    known = {"kind": "video", "url": VIDEO_URL.format(ident_), "can": Can(), "refs": Refs(), **known}
    return Video(
        video_id=ident_,
        alt_ids={name: value for name, value in ids.items() if value},
        availability=availability(flags),
        meta=meta,
        **known,
    )


def parse_popular(raw: dict[str, Any], context: Context) -> Video:
    """Parse an entry of the popular list: a `view` without parts."""
    video = parse_view(raw, context)
    video.meta.partial, video.ip_location = True, text(raw.get("pub_location"))
    return video


def parse_archive(raw: dict[str, Any], context: Context) -> Video | None:
    """Parse a video of a season or series; None if the list belongs to another user than the one who was asked for."""
    season, asked = obj(raw.get(SEASON)), context.target.get("uid")
    owner = ident(season.get("mid")) or asked
    if asked and owner != asked:
        return None
    bvid = bvid_in(raw)
    meta = meta_for(Video, PLATFORM, bvid, partial=True)
    number, flags = ident(season.get("season_id")), flags_of_state(raw)
    flags.interactive, flags.paid = flag(raw.get("interactive_video")), flag(raw.get("ugc_pay"))
    return thin(
        bvid,
        meta,
        {"aid": ident(raw.get("aid")), "season_id": number},
        title=title(raw.get("title")),
        create_time=need(seconds(raw.get("pubdate")) or seconds(raw.get("ctime")), "pubdate"),
        submit_time=seconds(raw.get("ctime")),
        duration_ms=duration_ms(raw.get("duration")),
        author=author_ref(owner, None),
        statistics=counts(VideoStatistics(), obj(raw.get("stat")), {"play_count": "view"}, meta),
        mix=MixRef(id=number, title=title(season.get("name"))) if number else None,
        flags=flags,
        cover_data=cover(raw.get("pic")),
    )


def parse_saved(raw: dict[str, Any], context: Context) -> Video | Mix:
    """Parse an entry of a folder: a video, audio or season."""
    kind, number, upper = integer(raw.get("type")), ident(raw.get("id")), obj(raw.get("upper"))
    if kind == _SEASON_ITEM:
        return parse_collected(raw, context)
    is_audio = kind == _AUDIO
    name = f"au{need(number, 'id')}" if is_audio else bvid_in({**raw, "aid": number})
    meta = meta_for(Video, PLATFORM, name, partial=True)
    return thin(
        name,
        meta,
        {} if is_audio else {"aid": number, "cid": ident(obj(raw.get("ugc")).get("first_cid"))},
        kind="audio" if is_audio else "video",
        raw_kind=None if kind is None else str(kind),
        url=(AUDIO_URL.format(number) if is_audio else VIDEO_URL.format(name)),
        title=title(raw.get("title")),
        desc=text(raw.get("intro")),
        create_time=need(seconds(raw.get("pubtime")) or seconds(raw.get("ctime")), "pubtime"),
        submit_time=seconds(raw.get("ctime")),
        duration_ms=duration_ms(raw.get("duration")),
        author=author_ref(upper.get("mid"), upper.get("name"), upper.get("face")),
        statistics=counts(VideoStatistics(), obj(raw.get("cnt_info")), _SAVED_COUNTS, meta),
        flags=Flags(deleted=False if integer(raw.get("attr")) == 0 else None),  # else it is hidden: see `hidden_rows`
        cover_data=cover(raw.get("cover")),
    )


def parse_found(raw: dict[str, Any], context: Context) -> Video | Author:
    """Parse a search result: a video or user."""
    return parse_found_author(raw, context) if raw.get("type") == "bili_user" else _found_video(raw)


def _found_video(raw: dict[str, Any]) -> Video:
    bvid = bvid_in(raw)
    meta = meta_for(Video, PLATFORM, bvid, partial=True)
    tags = text(raw.get("tag"))
    return thin(
        bvid,
        meta,
        {"aid": ident(raw.get("aid"))},
        raw_kind=text(raw.get("type")),
        title=title(raw.get("title")),
        desc=text(raw.get("description")),
        create_time=need(seconds(raw.get("pubdate")), "pubdate"),
        submit_time=seconds(raw.get("senddate")),
        duration_ms=duration_ms(raw.get("duration")),
        author=author_ref(need(ident(raw.get("mid")), "mid"), raw.get("author"), url(raw.get("upic"))),
        statistics=counts(VideoStatistics(), raw, _FOUND_COUNTS, meta),
        hashtags=[HashtagRef(name=name) for tag in tags.split(",") if (name := tag.strip())] if tags else None,
        category=categories(raw, ("typeid", "typename")),
        flags=Flags(paid=flag(raw.get("is_pay")), coop=flag(raw.get("is_union_video"))),
        cover_data=cover(raw.get("pic")),
    )
