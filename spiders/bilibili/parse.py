"""Parse Bilibili's `view` answers, and the list entries that share their shape, into videos. Pure."""

from typing import Any

from scraper.platform import Context
from scraper.records import (
    AuthorRef,
    Can,
    Flags,
    Mention,
    MixRef,
    PartRef,
    Refs,
    Video,
    VideoStatistics,
    availability,
    meta_for,
)
from scraper.responses.values import (
    any_true,
    duration_ms,
    flag,
    ident,
    integer,
    need,
    obj,
    objs,
    rank,
    seconds,
    text,
    title,
    url,
)
from spiders.bilibili.ids import PLATFORM
from spiders.bilibili.parse_common import (
    author_ref,
    bvid_in,
    categories,
    counts,
    cover,
    part_ref,
    size,
)

VIDEO_URL = "https://www.bilibili.com/video/{}"

_IN_REVIEW = {-1, -6, -7, -9, -10, -15, -30, -40}  # of `state`
_PROHIBITED = {-2, -3, -4, -5, -11, -16}
_DELETED, _UPLOADER_ONLY = {-100}, -50
_ORIGINAL: dict[int | None, bool] = {1: True, 2: False}  # by `copyright`
_VIEW_COUNTS = {
    "play_count": "view", "digg_count": "like", "comment_count": "reply", "share_count": "share",
    "collect_count": "favorite", "coin_count": "coin", "danmaku_count": "danmaku",
}  # fmt: skip
_LIST_COUNTS = {"play_count": "play", "comment_count": "comment", "danmaku_count": "video_review"}


def parse_view(raw: dict[str, Any], context: Context) -> Video:
    """Parse a `view`. `width`, `height` and `alt_ids.cid` describe the selected part."""
    bvid, owner, stat, season = bvid_in(raw), obj(raw.get("owner")), obj(raw.get("stat")), obj(raw.get("ugc_season"))
    meta = meta_for(Video, PLATFORM, bvid)
    parts = [part_ref(part) for part in objs(raw.get("pages"))]
    selected = _selected(parts, raw, context)
    described = list(objs(raw.get("desc_v2")))
    flags, (width, height) = _flags(raw), size(raw.get("dimension"))
    ids = {
        "aid": ident(raw.get("aid")),
        "cid": selected.cid if selected else None,
        "season_id": ident(season.get("id")),
    }
    statistics = counts(VideoStatistics(), stat, _VIEW_COUNTS, meta)
    statistics.rank_now, statistics.rank_best = rank(stat.get("now_rank")), rank(stat.get("his_rank"))
    meta.missing = [] if ids["cid"] else ["video_data"]
    return Video(
        video_id=bvid,
        alt_ids={name: value for name, value in ids.items() if value},
        kind="video",
        raw_kind=ident(raw.get("copyright")),
        url=VIDEO_URL.format(bvid),
        title=title(raw.get("title")),
        desc=text(raw.get("desc")) or _joined(described) or text(raw.get("dynamic")),
        create_time=need(seconds(raw.get("pubdate")) or seconds(raw.get("ctime")), "pubdate"),
        submit_time=seconds(raw.get("ctime")),
        duration_ms=duration_ms(raw.get("duration")),
        width=selected.width if selected and selected.width else width,
        height=selected.height if selected and selected.height else height,
        author=_owner(owner),
        coauthors=_staff(raw),
        statistics=statistics,
        mentions=_mentions(described) if isinstance(raw.get("desc_v2"), list) else None,
        category=categories(raw, ("tid", "tname"), ("tid_v2", "tname_v2")),
        mix=_mix(season, bvid),
        labels=_labels(raw),
        flags=flags,
        can=_can(obj(raw.get("rights"))),
        availability=availability(flags),
        refs=Refs(forward_of=ident(raw.get("forward")), redirect=url(raw.get("redirect_url"))),
        parts=parts or None,
        cover_data=cover(raw.get("pic")),
        meta=meta,
    )


def parse_listed_video(raw: dict[str, Any], context: Context) -> Video:
    """Parse an entry of a user's list: no likes, and counts may be "--"."""
    bvid, season = bvid_in(raw), obj(raw.get("meta"))
    meta = meta_for(Video, PLATFORM, bvid, partial=True)
    ids = {"aid": ident(raw.get("aid")), "season_id": ident(raw.get("season_id")) or ident(season.get("id"))}
    flags = _listed_flags(raw)
    return Video(
        video_id=bvid,
        alt_ids={name: value for name, value in ids.items() if value},
        kind="live_replay" if flag(raw.get("is_live_playback")) else "video",
        raw_kind=ident(raw.get("copyright")),
        url=VIDEO_URL.format(bvid),
        title=title(raw.get("title")),
        desc=text(raw.get("description")),
        create_time=need(seconds(raw.get("created")), "created"),
        duration_ms=duration_ms(raw.get("length")),
        author=author_ref(need(ident(raw.get("mid")) or ident(context.target.id), "mid"), raw.get("author")),
        statistics=counts(VideoStatistics(), raw, _LIST_COUNTS, meta),
        category=categories(raw, ("typeid", "")),
        mix=_mix(season, bvid),
        flags=flags,
        can=Can(),
        availability=availability(flags),
        refs=Refs(redirect=url(raw.get("jump_url"))),
        cover_data=cover(raw.get("pic")),
        meta=meta,
    )


def _flags(raw: dict[str, Any]) -> Flags:
    rights = obj(raw.get("rights"))
    flags = flags_of_state(raw)
    paid = [flag(rights.get(name)) for name in ("pay", "ugc_pay", "arc_pay")] + [flag(raw.get("is_upower_exclusive"))]
    flags.private = any_true([flag(raw.get("is_view_self")), flag(raw.get("is_self_view")), flags.private])
    flags.story, flags.original = flag(raw.get("is_story")), _ORIGINAL.get(integer(raw.get("copyright")))
    flags.paid, flags.interactive = any_true(paid), flag(rights.get("is_stein_gate"))
    flags.panorama, flags.coop = flag(rights.get("is_360")), flag(rights.get("is_cooperation"))
    return flags


def flags_of_state(raw: dict[str, Any]) -> Flags:
    """Return the flags that follow from the state of a video, requested alone or in a list."""
    state = integer(raw.get("state"))
    if state is None:
        return Flags()
    return Flags(
        private=state == _UPLOADER_ONLY,
        deleted=state in _DELETED,
        in_review=state in _IN_REVIEW,
        prohibited=state in _PROHIBITED,
    )


def _listed_flags(raw: dict[str, Any]) -> Flags:
    return Flags(
        private=flag(raw.get("is_self_view")),
        original=_ORIGINAL.get(integer(raw.get("copyright"))),
        paid=any_true([flag(raw.get(name)) for name in ("is_pay", "is_charging_arc", "is_lesson_video")]),
        interactive=flag(raw.get("is_steins_gate")),
        coop=flag(raw.get("is_union_video")),
    )


def _negated(value: Any) -> bool | None:
    known = flag(value)
    return None if known is None else not known


def _can(rights: dict[str, Any]) -> Can:
    return Can(
        share=_negated(rights.get("no_share")),
        download=flag(rights.get("download")),
        reprint=_negated(rights.get("no_reprint")),
    )


def _mix(season: dict[str, Any], bvid: str) -> MixRef | None:
    if not season or not ident(season.get("id")):
        return None
    episodes = [episode for section in objs(season.get("sections")) for episode in objs(section.get("episodes"))]
    place = next((number for number, episode in enumerate(episodes, 1) if episode.get("bvid") == bvid), None)
    return MixRef(id=ident(season.get("id")), title=title(season.get("title")), episode=place)


def _labels(raw: dict[str, Any]) -> list[str] | None:
    labels = [text(obj(raw.get("argue_info")).get("argue_msg")), text(obj(raw.get("stat")).get("argue_msg"))]
    labels += [text(honor.get("desc")) for honor in objs(obj(raw.get("honor_reply")).get("honor"))]
    known = [label for label in labels if label]
    return known or ([] if "argue_info" in raw or "honor_reply" in raw else None)


def _mentions(described: list[dict[str, Any]]) -> list[Mention]:
    named = [ident(node.get("biz_id")) for node in described if integer(node.get("type")) == 2]
    return [Mention(uid=uid) for uid in named if uid]


def _owner(owner: dict[str, Any]) -> AuthorRef:
    need(ident(owner.get("mid")), "owner.mid")
    return author_ref(owner.get("mid"), owner.get("name"), owner.get("face"))


def _selected(parts: list[PartRef], raw: dict[str, Any], context: Context) -> PartRef | None:
    """Return the part that the link selects, or None if the video has no such part."""
    if cid := context.target.get("cid"):
        return next((part for part in parts if part.cid == cid), None if parts else PartRef(no=1, cid=cid))
    wanted = int(context.target.get("p", "1"))
    if parts:
        return next((part for part in parts if part.no == wanted), parts[0] if wanted == 1 else None)
    return PartRef(no=1, cid=ident(raw.get("cid"))) if wanted == 1 else None


def has_part(video: Video, context: Context) -> bool:
    """Return whether a video has the part that the link selects."""
    wanted, cid = context.target.get("p"), context.target.get("cid")
    return not video.parts or any(
        (not wanted or part.no == int(wanted)) and (not cid or part.cid == cid) for part in video.parts
    )


def _joined(described: list[dict[str, Any]]) -> str | None:
    return "".join(text(node.get("raw_text")) or "" for node in described) or None


def _staff(raw: dict[str, Any]) -> list[AuthorRef] | None:
    if not isinstance(raw.get("staff"), list):
        return None
    return [
        author_ref(member.get("mid"), member.get("name"), member.get("face"), member.get("official"))
        for member in objs(raw["staff"])
    ]
