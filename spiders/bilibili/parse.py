"""Parse Bilibili's `view` answers, and the list entries that share their shape, into videos. Pure."""

from typing import Any

from msgspec import UNSET

from scraper.platform import Context
from scraper.records import (
    AuthorRef,
    Can,
    Category,
    Flags,
    Mention,
    Meta,
    MixRef,
    PartRef,
    Refs,
    Video,
    VideoStatistics,
    availability,
    meta_for,
)
from scraper.responses.shapes import as_shape
from scraper.responses.values import any_true, duration_ms, ident, integer, need, seconds, title, url
from spiders.bilibili.ids import PLATFORM
from spiders.bilibili.parse_common import (
    SPACE_URL,
    VIDEO_URL,
    author_ref,
    bvid_in,
    categories,
    counted,
    cover,
    part_ref,
    size,
)
from spiders.bilibili.shapes import ListedVideo, Owner, Rights, Season, Section, Stat, View, Words

_IN_REVIEW = {-1, -6, -7, -9, -10, -15, -30, -40}  # of `state`
_PROHIBITED = {-2, -3, -4, -5, -11, -16}
_DELETED, _UPLOADER_ONLY = {-100}, -50
_ORIGINAL: dict[int | str | None, bool] = {1: True, "1": True, 2: False, "2": False}  # by `copyright`
_MENTION = 2  # the type of a piece of the description
_NO_OWNER, _NO_STAT, _NO_RIGHTS = Owner(), Stat(), Rights()


def parse_view(answer: View | dict[str, Any], context: Context) -> Video:
    """Parse a `view`. `width`, `height` and `alt_ids.cid` describe the selected part."""
    view = as_shape(View, answer)
    bvid, season = bvid_in(view.bvid, view.aid), view.ugc_season
    meta = meta_for(Video, PLATFORM, bvid)
    parts = [part_ref(part) for part in view.pages or ()]
    selected = _selected(parts, view, context)
    flags, (width, height) = _flags(view), size(view.dimension)
    ids = {
        "aid": ident(view.aid),
        "cid": selected.cid if selected else None,
        "season_id": ident(season.id) if season else None,
    }
    meta.missing = [] if ids["cid"] else ["video_data"]
    name, desc = title(view.title), view.desc or _joined(view.desc_v2 or []) or view.dynamic or None
    return Video(
        video_id=bvid,
        alt_ids={name: value for name, value in ids.items() if value},
        kind="video",
        raw_kind=ident(view.copyright),
        url=VIDEO_URL + bvid,
        title=name,
        desc=desc,
        text=name or desc,
        create_time=need(seconds(view.pubdate) or seconds(view.ctime), "pubdate"),
        submit_time=seconds(view.ctime),
        duration_ms=duration_ms(view.duration),
        width=selected.width if selected and selected.width else width,
        height=selected.height if selected and selected.height else height,
        author=_owner(view.owner or _NO_OWNER),
        coauthors=_staff(view),
        statistics=_statistics(view.stat or _NO_STAT, meta),
        mentions=None if view.desc_v2 is None else _mentions(view.desc_v2),
        category=categories((view.tid, view.tname), (view.tid_v2, view.tname_v2)),
        mix=_mix(season, bvid) if season else None,
        labels=_labels(view),
        flags=flags,
        can=_can(view.rights or _NO_RIGHTS),
        availability=availability(flags),
        refs=Refs(forward_of=ident(view.forward), redirect=url(view.redirect_url)),
        parts=parts or None,
        cover_data=cover(view.pic),
        meta=meta,
    )


def parse_listed_video(listed: ListedVideo, context: Context) -> Video:
    """Parse an entry of a user's list: no likes, and counts may be "--"."""
    bvid, aid, category = bvid_in(listed.bvid, listed.aid), ident(listed.aid), ident(listed.typeid)
    mix, flags = _mix(listed.meta, bvid) if listed.meta else None, _listed_flags(listed)
    season_id = ident(listed.season_id) or (mix.id if mix else None)
    ids = {"aid": aid} if aid else {}
    if season_id:
        ids["season_id"] = season_id
    uid: str = need(ident(listed.mid) or ident(context.target.id), "mid")
    meta = meta_for(Video, PLATFORM, bvid, partial=True)
    name, desc = title(listed.title), listed.description or None
    return Video(
        video_id=bvid,
        alt_ids=ids,
        kind="live_replay" if listed.is_live_playback else "video",
        raw_kind=ident(listed.copyright),
        url=VIDEO_URL + bvid,
        title=name,
        desc=desc,
        text=name or desc,
        create_time=need(seconds(listed.created), "created"),
        duration_ms=duration_ms(listed.length),
        author=AuthorRef(uid=uid, nickname=listed.author or None, url=SPACE_URL + uid),
        statistics=VideoStatistics(
            play_count=counted(listed.play, "play_count", meta),
            comment_count=counted(listed.comment, "comment_count", meta),
            danmaku_count=counted(listed.video_review, "danmaku_count", meta),
        ),
        category=[Category(id=category, level=1)] if category else None,
        mix=mix,
        flags=flags,
        can=Can(),
        availability=availability(flags),
        refs=Refs(redirect=url(listed.jump_url) if listed.jump_url else None),
        cover_data=cover(listed.pic),
        meta=meta,
    )


def _statistics(stat: Stat, meta: Meta) -> VideoStatistics:
    return VideoStatistics(
        play_count=counted(stat.view, "play_count", meta),
        digg_count=counted(stat.like, "digg_count", meta),
        comment_count=counted(stat.reply, "comment_count", meta),
        share_count=counted(stat.share, "share_count", meta),
        collect_count=counted(stat.favorite, "collect_count", meta),
        coin_count=counted(stat.coin, "coin_count", meta),
        danmaku_count=counted(stat.danmaku, "danmaku_count", meta),
        rank_now=stat.now_rank or None,
        rank_best=stat.his_rank or None,
    )


def _flags(view: View) -> Flags:
    rights, flags = view.rights or _NO_RIGHTS, flags_of_state(view.state)
    flags.private = any_true((view.is_view_self, view.is_self_view, flags.private))
    flags.story, flags.original = view.is_story, _original(view.copyright)
    flags.paid = any_true((rights.pay, rights.ugc_pay, rights.arc_pay, view.is_upower_exclusive))
    flags.interactive, flags.panorama, flags.coop = rights.is_stein_gate, rights.is_360, rights.is_cooperation
    return flags


def flags_of_state(state: int | None) -> Flags:
    """Return the flags that follow from the state of a video, requested alone or in a list."""
    if state is None:
        return Flags()
    return Flags(
        private=state == _UPLOADER_ONLY,
        deleted=state in _DELETED,
        in_review=state in _IN_REVIEW,
        prohibited=state in _PROHIBITED,
    )


def _listed_flags(listed: ListedVideo) -> Flags:
    paid = (listed.is_pay, listed.is_charging_arc, listed.is_lesson_video)
    return Flags(
        private=listed.is_self_view,
        original=_original(listed.copyright),
        paid=True if True in paid else False if False in paid else None,
        interactive=listed.is_steins_gate,
        coop=listed.is_union_video,
    )


def _can(rights: Rights) -> Can:
    return Can(
        share=None if rights.no_share is None else not rights.no_share,
        download=rights.download,
        reprint=None if rights.no_reprint is None else not rights.no_reprint,
    )


def _mix(season: Season, bvid: str) -> MixRef | None:
    season_id = ident(season.id)
    if not season_id:
        return None
    place = _place(season.sections, bvid) if season.sections else None
    return MixRef(id=season_id, title=title(season.title), episode=place)


def _place(sections: list[Section], bvid: str) -> int | None:
    """Return the place of a video in its season, from 1."""
    episodes = [episode for section in sections for episode in section.episodes or ()]
    return next((number for number, episode in enumerate(episodes, 1) if episode.bvid == bvid), None)


def _original(copyright_: str | int | None) -> bool | None:
    return _ORIGINAL[copyright_] if copyright_ in _ORIGINAL else _ORIGINAL.get(integer(copyright_))


def _labels(view: View) -> list[str] | None:
    notice, honors = view.argue_info, view.honor_reply
    if notice is UNSET and honors is UNSET and not (view.stat and view.stat.argue_msg):
        return None
    labels = [notice.argue_msg if notice else None, view.stat.argue_msg if view.stat else None]
    labels += [honor.desc for honor in (honors.honor if honors else None) or ()]
    return [label for label in labels if label]


def _mentions(described: list[Words]) -> list[Mention]:
    return [Mention(uid=uid) for node in described if node.type == _MENTION and (uid := ident(node.biz_id))]


def _owner(owner: Owner) -> AuthorRef:
    need(ident(owner.mid), "owner.mid")
    return author_ref(owner.mid, owner.name, owner.face)


def _selected(parts: list[PartRef], view: View, context: Context) -> PartRef | None:
    """Return the part that the link selects, or None if the video has no such part."""
    if cid := context.target.get("cid"):
        return next((part for part in parts if part.cid == cid), None if parts else PartRef(no=1, cid=cid))
    wanted = int(context.target.get("p", "1"))
    if parts:
        return next((part for part in parts if part.no == wanted), parts[0] if wanted == 1 else None)
    return PartRef(no=1, cid=ident(view.cid)) if wanted == 1 else None


def is_asked(video: Video, context: Context) -> bool:
    """Return whether a video is the requested one, and has the part that the link selects."""
    wanted, cid = context.target.get("p"), context.target.get("cid")
    has_part = not video.parts or any(
        (not wanted or part.no == int(wanted)) and (not cid or part.cid == cid) for part in video.parts
    )
    return video.video_id == context.target.id and has_part


def _joined(described: list[Words]) -> str | None:
    return "".join(node.raw_text or "" for node in described) or None


def _staff(view: View) -> list[AuthorRef] | None:
    if view.staff is None:
        return None
    return [
        author_ref(member.mid, member.name, member.face, member.official.type if member.official else None)
        for member in view.staff
    ]
