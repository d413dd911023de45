"""From Bilibili's JSON to records. Pure: a dict in, a record out. Paths: the tables of docs/records.md."""

from datetime import UTC, datetime, timedelta
from typing import Any

from scraper.endpoint import Context
from scraper.read import (
    count,
    duration_ms,
    flag,
    ident,
    integer,
    is_rounded,
    need,
    obj,
    objs,
    rank,
    seconds,
    text,
    title,
    url,
)  # fmt: skip
from scraper.records import (
    Author,
    AuthorRef,
    AuthorStatistics,
    Can,
    Category,
    Client,
    Comment,
    Cover,
    Flags,
    Id,
    LiveRef,
    Mention,
    Meta,
    MixRef,
    Part,
    PartRef,
    Picture,
    Refs,
    StreamSet,
    Video,
    VideoStatistics,
    meta_for,
)  # fmt: skip
from spiders.bilibili.ids import PLATFORM, aid_of, canonical

VIDEO_URL = "https://www.bilibili.com/video/{}"
SPACE_URL = "https://space.bilibili.com/{}"
PINNED, HOT = "_pinned", "_hot"  # marks that `remarks` sets on a raw comment by where it stood

_BEIJING = timedelta(hours=8)
_LAST_TIME = 253402300799 - 8 * 3600  # what a date can hold
_GENDERS = {"男": "male", "女": "female", "保密": None}
_MEMBERSHIPS = {1: "monthly", 2: "annual"}
_LIVE = {0: "offline", 1: "live", 2: "round"}
_CLIENTS = {1: "web", 2: "android", 3: "ios", 4: "windows phone"}
_IN_REVIEW = {-1, -6, -7, -9, -10, -15, -30, -40}
_PROHIBITED = {-2, -3, -4, -5, -11, -16}
_DELETED, _UPLOADER_ONLY = {-100}, -50
_ORIGINAL = {1: True, 2: False}  # by `copyright`
_LOCATION = "IP属地："


def _bvid(raw: dict[str, Any]) -> str:
    """Return the BV code, which old answers leave empty."""
    return text(raw.get("bvid")) or need(canonical(f"av{integer(raw.get('aid'))}"), "bvid")


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


def _size(dimension: Any) -> tuple[int | None, int | None]:
    """Return width and height as they are seen."""
    raw = obj(dimension)
    width, height = count(raw.get("width")) or None, count(raw.get("height")) or None
    return (height, width) if flag(raw.get("rotate")) else (width, height)


def _cover(address: Any) -> Cover:
    cover = url(address)
    return Cover(cover=cover, origin_cover=cover.partition("@")[0] if cover else None)


def _part(raw: dict[str, Any]) -> PartRef:
    width, height = _size(raw.get("dimension"))
    number, name = count(raw.get("page")), title(raw.get("part"))
    return PartRef(
        no=number,
        cid=ident(raw.get("cid")),
        title=name,
        duration_ms=duration_ms(raw.get("duration")),
        width=width,
        height=height,
    )


def _flags(raw: dict[str, Any]) -> Flags:
    rights, state = obj(raw.get("rights")), integer(raw.get("state"))
    paid = [flag(rights.get(name)) for name in ("pay", "ugc_pay", "arc_pay")] + [flag(raw.get("is_upower_exclusive"))]
    return Flags(
        private=_any(
            [
                flag(raw.get("is_view_self")),
                flag(raw.get("is_self_view")),
                None if state is None else state == _UPLOADER_ONLY,
            ]
        ),
        deleted=None if state is None else state in _DELETED,
        in_review=None if state is None else state in _IN_REVIEW,
        prohibited=None if state is None else state in _PROHIBITED,
        story=flag(raw.get("is_story")),
        original=_ORIGINAL.get(integer(raw.get("copyright"))),
        paid=_any(paid),
        interactive=flag(rights.get("is_stein_gate")),
        panorama=flag(rights.get("is_360")),
        coop=flag(rights.get("is_cooperation")),
    )


def _any(values: list[bool | None]) -> bool | None:
    """Return whether one is true; None where none is known."""
    return True if True in values else False if False in values else None


def _negated(value: Any) -> bool | None:
    known = flag(value)
    return None if known is None else not known


def _availability(flags: Flags) -> str:
    if flags.deleted:
        return "deleted"
    if flags.private:
        return "private"
    if flags.in_review or flags.prohibited:
        return "restricted"
    return "paid" if flags.paid else "public"


def _mix(season: dict[str, Any], bvid: str) -> MixRef | None:
    if not season or not ident(season.get("id")):
        return None
    episodes = [episode for section in objs(season.get("sections")) for episode in objs(section.get("episodes"))]
    place = next((number for number, episode in enumerate(episodes, 1) if episode.get("bvid") == bvid), None)
    return MixRef(id=ident(season.get("id")), title=title(season.get("title")), episode=place)


def _labels(raw: dict[str, Any]) -> list[str] | None:
    found = [text(obj(raw.get("argue_info")).get("argue_msg")), text(obj(raw.get("stat")).get("argue_msg"))]
    found += [text(honor.get("desc")) for honor in objs(obj(raw.get("honor_reply")).get("honor"))]
    known = [each for each in found if each]
    return known or ([] if "argue_info" in raw or "honor_reply" in raw else None)


def _counts(statistics: VideoStatistics, raw: dict[str, Any], names: dict[str, str], meta: Meta) -> VideoStatistics:
    for name, key in names.items():
        setattr(statistics, name, count(raw.get(key)))
        if is_rounded(raw.get(key)):
            meta.approximate.append(f"statistics.{name}")
    return statistics


_VIEW_COUNTS = {
    "play_count": "view", "digg_count": "like", "comment_count": "reply", "share_count": "share",
    "collect_count": "favorite", "coin_count": "coin", "danmaku_count": "danmaku",
}  # fmt: skip
_LIST_COUNTS = {"play_count": "play", "comment_count": "comment", "danmaku_count": "video_review"}


def parse_view(raw: dict[str, Any], context: Context) -> Video:
    """Read a `view`. `width`, `height` and `alt_ids.cid` are of the selected part."""
    bvid, owner, stat, season = _bvid(raw), obj(raw.get("owner")), obj(raw.get("stat")), obj(raw.get("ugc_season"))
    meta = meta_for(Video, PLATFORM, bvid)
    parts = [_part(each) for each in objs(raw.get("pages"))]
    selected = _selected(parts, raw, context)
    described = list(objs(raw.get("desc_v2")))
    flags, (width, height) = _flags(raw), _size(raw.get("dimension"))
    ids = {
        "aid": ident(raw.get("aid")),
        "cid": selected.cid if selected else None,
        "season_id": ident(season.get("id")),
    }
    statistics = _counts(VideoStatistics(), stat, _VIEW_COUNTS, meta)
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
        category=_categories(raw, ("tid", "tname"), ("tid_v2", "tname_v2")),
        mix=_mix(season, bvid),
        labels=_labels(raw),
        flags=flags,
        can=_can(obj(raw.get("rights"))),
        availability=_availability(flags),
        refs=Refs(forward_of=ident(raw.get("forward")), redirect=url(raw.get("redirect_url"))),
        parts=parts or None,
        cover_data=_cover(raw.get("pic")),
        meta=meta,
    )


def _mentions(described: list[dict[str, Any]]) -> list[Mention]:
    named = [ident(each.get("biz_id")) for each in described if integer(each.get("type")) == 2]
    return [Mention(uid=uid) for uid in named if uid]


def _owner(owner: dict[str, Any]) -> AuthorRef:
    need(ident(owner.get("mid")), "owner.mid")
    return author_ref(owner.get("mid"), owner.get("name"), owner.get("face"))


def _selected(parts: list[PartRef], raw: dict[str, Any], context: Context) -> PartRef | None:
    """Return the part that the link selects; None where the video has no such part."""
    wanted = int(context.target.get("p", "1"))
    if parts:
        return next((part for part in parts if part.no == wanted), parts[0] if wanted == 1 else None)
    return PartRef(no=1, cid=ident(raw.get("cid"))) if wanted == 1 else None


def _joined(described: list[dict[str, Any]]) -> str | None:
    return "".join(text(each.get("raw_text")) or "" for each in described) or None


def _staff(raw: dict[str, Any]) -> list[AuthorRef] | None:
    if not isinstance(raw.get("staff"), list):
        return None
    return [
        author_ref(each.get("mid"), each.get("name"), each.get("face"), each.get("official"))
        for each in objs(raw["staff"])
    ]


def _categories(raw: dict[str, Any], *levels: tuple[str, str]) -> list[Category] | None:
    found = [(number, ident(raw.get(key)), text(raw.get(name))) for number, (key, name) in enumerate(levels, 1)]
    return [Category(id=key, name=name, level=number) for number, key, name in found if key or name] or None


def _can(rights: dict[str, Any]) -> Can:
    return Can(
        share=_negated(rights.get("no_share")),
        download=flag(rights.get("download")),
        reprint=_negated(rights.get("no_reprint")),
    )


def parse_listed_video(raw: dict[str, Any], context: Context) -> Video:
    """Read an entry of a user's list, which gives less than a `view`: no likes, and counts that may be "--"."""
    bvid, season = _bvid(raw), obj(raw.get("meta"))
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
        statistics=_counts(VideoStatistics(), raw, _LIST_COUNTS, meta),
        category=_categories(raw, ("typeid", "")),
        mix=_mix(season, bvid),
        flags=flags,
        can=Can(),
        availability=_availability(flags),
        refs=Refs(redirect=url(raw.get("jump_url"))),
        cover_data=_cover(raw.get("pic")),
        meta=meta,
    )


def _listed_flags(raw: dict[str, Any]) -> Flags:
    return Flags(
        private=flag(raw.get("is_self_view")),
        original=_ORIGINAL.get(integer(raw.get("copyright"))),
        paid=_any([flag(raw.get(name)) for name in ("is_pay", "is_charging_arc", "is_lesson_video")]),
        interactive=flag(raw.get("is_steins_gate")),
        coop=flag(raw.get("is_union_video")),
    )


def parse_part(raw: dict[str, Any], context: Context) -> Part:
    """Read an entry of `pagelist`."""
    part = _part(raw)
    cid = need(part.cid, "cid")
    return Part(
        cid=cid,
        video_id=context.target.id,
        no=part.no,
        title=part.title,
        duration_ms=part.duration_ms,
        width=part.width,
        height=part.height,
        cover_url=url(raw.get("first_frame")),
        create_time=seconds(raw.get("ctime")),
        meta=meta_for(Part, PLATFORM, cid),
    )


def parse_stream_part(raw: dict[str, Any], context: Context) -> StreamSet:
    """Read an entry of `pagelist` as a part whose streams are asked for next."""
    part = _part(raw)
    cid = need(part.cid, "cid")
    return StreamSet(
        cid=cid,
        video_id=context.target.id,
        no=part.no,
        duration_ms=part.duration_ms,
        meta=meta_for(StreamSet, PLATFORM, cid),
    )


def seed_stream_part(context: Context) -> StreamSet | None:
    """Return the part that the user names by its cid."""
    cid = context.target.get("cid")
    return StreamSet(cid=cid, video_id=context.target.id, meta=meta_for(StreamSet, PLATFORM, cid)) if cid else None


def seed_aid(context: Context) -> Id:
    """Return the number of a BV code, which is computed."""
    bvid = context.target.id
    return Id(input=bvid, value=str(aid_of(bvid)), kind="aid", meta=meta_for(Id, PLATFORM, f"aid:{bvid}"))


def parse_author(raw: dict[str, Any], context: Context) -> Author:
    """Read an `acc/info`."""
    uid = need(ident(raw.get("mid")), "mid")
    official, vip, school = obj(raw.get("official")), obj(raw.get("vip")), obj(raw.get("school"))
    verified, sex = integer(official.get("type")), text(raw.get("sex"))
    return Author(
        uid=uid,
        nickname=text(raw.get("name")),
        signature=text(raw.get("sign")),
        url=SPACE_URL.format(uid),
        avatar_url=url(raw.get("face")),
        banner_url=url(raw.get("top_photo")),
        verified=None if verified is None else verified >= 0,
        verified_type=str(verified) if verified is not None and verified >= 0 else None,
        verified_text=text(official.get("title")) or text(official.get("desc")),
        banned=flag(raw.get("silence")),
        gender=_GENDERS.get(sex, sex) if sex else None,
        birthday=_birthday(raw.get("birthday")),
        school=text(school.get("name")),
        level=count(raw.get("level")),
        membership=_membership(vip),
        register_time=seconds(raw.get("jointime")),
        statistics=AuthorStatistics(
            follower_count=count(raw.get("follower")), following_count=count(raw.get("following"))
        ),
        live=_live(obj(raw.get("live_room"))),
        meta=meta_for(Author, PLATFORM, uid),
    )


def _birthday(value: Any) -> str | None:
    """Return month and day, which old answers give as a time."""
    moment = seconds(value) if not isinstance(value, str) else None
    if moment is None or moment > _LAST_TIME:
        return text(value)
    return (datetime.fromtimestamp(moment, UTC) + _BEIJING).strftime("%m-%d")


def _membership(vip: dict[str, Any]) -> str | None:
    status = flag(vip.get("status"))
    if status is None:
        return None
    return _MEMBERSHIPS.get(integer(vip.get("type")) or 0, "unknown") if status else "none"


def _live(room: dict[str, Any]) -> LiveRef | None:
    if not ident(room.get("roomid")):
        return None
    status = integer(room.get("liveStatus"))
    return LiveRef(
        room_id=ident(room.get("roomid")),
        status=_LIVE.get(status) if status is not None else None,
        title=text(room.get("title")),
    )


def add_relation(author: Author, data: Any, context: Context) -> None:
    """Add what `relation/stat` counts."""
    raw = need(data.get("data") or None, "data")
    author.statistics.follower_count = need(count(raw.get("follower")), "data.follower")
    author.statistics.following_count = count(raw.get("following"))


def add_numbers(author: Author, data: Any, context: Context) -> None:
    """Add what `navnum` counts."""
    raw = need(data.get("data") or None, "data")
    author.statistics.video_count = need(count(raw.get("video")), "data.video")
    author.statistics.article_count, author.statistics.audio_count = count(raw.get("article")), count(raw.get("audio"))
    author.statistics.mix_count = count(raw.get("season_num"))


def add_totals(author: Author, data: Any, context: Context) -> None:
    """Add what `upstat` counts, for a logged-in session."""
    raw = need(data.get("data") or None, "data")
    author.statistics.total_favorited = need(count(raw.get("likes")), "data.likes")
    author.statistics.play_total = count(obj(raw.get("archive")).get("view"))
    author.statistics.article_view_total = count(obj(raw.get("article")).get("view"))


def parse_comment(raw: dict[str, Any], context: Context) -> Comment:
    """Read a comment or a reply of any of the comment routes."""
    comment_id = need(ident(raw.get("rpid_str")) or ident(raw.get("rpid")), "rpid")
    root, parent = (ident(raw.get(f"{name}_str")) or ident(raw.get(name)) for name in ("root", "parent"))
    content, member, did, control = (obj(raw.get(name)) for name in ("content", "member", "up_action", "reply_control"))
    location, plat = text(control.get("location")), integer(content.get("plat"))
    return Comment(
        comment_id=comment_id,
        video_id=_commented(raw, context),
        area_type=ident(raw.get("type")),
        area_id=ident(raw.get("oid")),
        root_id=root,
        parent_id=parent,
        depth=0 if not root else 1 if parent in (None, root) else 2,
        text=text(content.get("message")),
        create_time=need(seconds(raw.get("ctime")), "ctime"),
        digg_count=count(raw.get("like")),
        reply_count=count(raw.get("rcount")),
        author=_commenter(raw, member),
        author_level=count(obj(member.get("level_info")).get("current_level")),
        ip_location=location.removeprefix(_LOCATION) if location else None,
        liked_by_author=flag(did.get("like")),
        replied_by_author=flag(did.get("reply")),
        pinned=flag(raw.get(PINNED)),
        hot=flag(raw.get(HOT)),
        folded=_any([flag(obj(raw.get("folder")).get("is_folded")), flag(raw.get("invisible"))]),
        images=_pictures(content),
        mentions=[Mention(uid=ident(each.get("mid"))) for each in objs(content.get("members"))],
        client=Client(platform=_CLIENTS.get(plat, str(plat)), device=text(content.get("device"))) if plat else None,
        floor=rank(raw.get("floor")),
        state=str(state) if (state := integer(raw.get("state"))) is not None else None,
        sort=context.sort if not root else None,
        meta=meta_for(Comment, PLATFORM, comment_id),
    )


def _commented(raw: dict[str, Any], context: Context) -> str:
    """Return the id of the commented post, a BV code where it is a video."""
    asked = context.target.get("video") or (context.target.id if context.target.kind == "video" else "")
    oid = integer(raw.get("oid"))
    return asked or need(canonical(f"av{oid}") if integer(raw.get("type")) == 1 else ident(oid), "oid")


def _commenter(raw: dict[str, Any], member: dict[str, Any]) -> AuthorRef | None:
    mid = ident(member.get("mid")) or ident(raw.get("mid_str")) or ident(raw.get("mid"))
    return author_ref(mid, member.get("uname"), member.get("avatar"), member.get("official_verify")) if mid else None


def _pictures(content: dict[str, Any]) -> list[Picture]:
    found = objs(content.get("pictures"))
    return [
        Picture(url=url(each.get("img_src")), width=count(each.get("img_width")), height=count(each.get("img_height")))
        for each in found
    ]
