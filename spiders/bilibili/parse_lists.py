"""Parse the entries of Bilibili's lists into videos. Pure."""

import re
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
from scraper.responses.shapes import as_shape
from scraper.responses.values import duration_ms, ident, need, seconds, title
from spiders.bilibili.ids import NUMBER, PLATFORM
from spiders.bilibili.parse import flags_of_state, parse_view
from spiders.bilibili.parse_common import VIDEO_URL, author_ref, bvid_in, categories, counted, cover
from spiders.bilibili.parse_mix import parse_collected
from spiders.bilibili.parse_user import parse_found_author
from spiders.bilibili.shapes import Archive, Owner, Result, Saved, SavedStat, SeasonAbout, View

AUDIO_URL = "https://www.bilibili.com/audio/au{}"
_AUDIO, _SEASON_ITEM = 12, 21  # values of `type` in a folder
_NO_SEASON, _NO_STAT, _NO_OWNER = SeasonAbout(), SavedStat(), Owner()


def thin(ident_: str, meta: Meta, ids: dict[str, str | None], **known: Any) -> Video:
    """Return a video with the few fields that a list has."""
    flags = known.setdefault("flags", Flags())
    known = {"kind": "video", "url": VIDEO_URL + ident_, "can": Can(), "refs": Refs(), **known}
    return Video(
        video_id=ident_,
        text=known.get("title") or known.get("desc"),
        alt_ids={name: value for name, value in ids.items() if value},
        availability=availability(flags),
        meta=meta,
        **known,
    )


def parse_popular(answer: View | dict[str, Any], context: Context) -> Video:
    """Parse an entry of the popular list: a `view` without parts."""
    view = as_shape(View, answer)
    video = parse_view(view, context)
    video.meta.partial, video.ip_location = True, view.pub_location or None
    return video


def season_owner(number: Any) -> str | None:
    """Return the number of the user who owns a season; None if it is unknown, or no number of a user."""
    owner = ident(number)
    return owner if owner and re.fullmatch(NUMBER, owner) else None


def parse_archive(archive: Archive, context: Context) -> Video | None:
    """Parse a video of a season or series; None if the list belongs to another user than the one who was asked for."""
    season, asked = archive.season or _NO_SEASON, context.target.get("uid")
    owner = season_owner(season.mid) or asked
    if asked and owner != asked:
        return None
    bvid = bvid_in(archive.bvid, archive.aid)
    meta = meta_for(Video, PLATFORM, bvid, partial=True)
    number, flags = ident(season.season_id), flags_of_state(archive.state)
    flags.interactive, flags.paid = archive.interactive_video, archive.ugc_pay
    return thin(
        bvid,
        meta,
        {"aid": ident(archive.aid), "season_id": number},
        title=title(archive.title),
        create_time=need(seconds(archive.pubdate) or seconds(archive.ctime), "pubdate"),
        submit_time=seconds(archive.ctime),
        duration_ms=duration_ms(archive.duration),
        author=author_ref(owner, None),
        statistics=VideoStatistics(play_count=counted(archive.stat.view if archive.stat else None, "play_count", meta)),
        mix=MixRef(id=number, title=title(season.name)) if number else None,
        flags=flags,
        cover_data=cover(archive.pic),
    )


def parse_saved(saved: Saved, context: Context) -> Video | Mix:
    """Parse an entry of a folder: a video, audio or season."""
    kind, number, upper = saved.type, ident(saved.id), saved.upper or _NO_OWNER
    if kind == _SEASON_ITEM:
        return parse_collected(saved, context)
    is_audio = kind == _AUDIO
    name = f"au{need(number, 'id')}" if is_audio else bvid_in(saved.bvid, number)
    meta = meta_for(Video, PLATFORM, name, partial=True)
    return thin(
        name,
        meta,
        {} if is_audio else {"aid": number, "cid": ident(saved.ugc.first_cid) if saved.ugc else None},
        kind="audio" if is_audio else "video",
        raw_kind=None if kind is None else str(kind),
        url=(AUDIO_URL.format(number) if is_audio else VIDEO_URL + name),
        title=title(saved.title),
        desc=saved.intro or None,
        create_time=need(seconds(saved.pubtime) or seconds(saved.ctime), "pubtime"),
        submit_time=seconds(saved.ctime),
        duration_ms=duration_ms(saved.duration),
        author=author_ref(upper.mid, upper.name, upper.face),
        statistics=_saved_statistics(saved.cnt_info or _NO_STAT, meta),
        flags=Flags(deleted=False if saved.attr == 0 else None),  # else it is hidden: see `hidden_rows`
        cover_data=cover(saved.cover),
    )


def _saved_statistics(stat: SavedStat, meta: Meta) -> VideoStatistics:
    return VideoStatistics(
        play_count=counted(stat.play, "play_count", meta),
        collect_count=counted(stat.collect, "collect_count", meta),
        danmaku_count=counted(stat.danmaku, "danmaku_count", meta),
        comment_count=counted(stat.reply, "comment_count", meta),
    )


def parse_found(result: Result, context: Context) -> Video | Author:
    """Parse a search result: a video or user."""
    return parse_found_author(result, context) if result.type == "bili_user" else _found_video(result)


def _found_video(result: Result) -> Video:
    bvid = bvid_in(result.bvid, result.aid)
    meta = meta_for(Video, PLATFORM, bvid, partial=True)
    names = [name for tag in (result.tag or "").split(",") if (name := tag.strip())]
    return thin(
        bvid,
        meta,
        {"aid": ident(result.aid)},
        raw_kind=result.type or None,
        title=title(result.title),
        desc=result.description or None,
        create_time=need(seconds(result.pubdate), "pubdate"),
        submit_time=seconds(result.senddate),
        duration_ms=duration_ms(result.duration),
        author=author_ref(need(ident(result.mid), "mid"), result.author, result.upic),
        statistics=_found_statistics(result, meta),
        hashtags=[HashtagRef(name=name) for name in names] if result.tag else None,
        category=categories((result.typeid, result.typename)),
        flags=Flags(paid=result.is_pay, coop=result.is_union_video),
        cover_data=cover(result.pic),
    )


def _found_statistics(result: Result, meta: Meta) -> VideoStatistics:
    return VideoStatistics(
        play_count=counted(result.play, "play_count", meta),
        digg_count=counted(result.like, "digg_count", meta),
        comment_count=counted(result.review, "comment_count", meta),
        collect_count=counted(result.favorites, "collect_count", meta),
        danmaku_count=counted(result.danmaku, "danmaku_count", meta),
    )
