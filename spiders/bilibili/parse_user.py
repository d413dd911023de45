"""Parse Bilibili's profiles (`acc/info`) and their counters. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Any

from scraper.platform import Context
from scraper.records import Author, AuthorStatistics, LiveRef, LiveStatus, meta_for
from scraper.responses.shapes import as_shape
from scraper.responses.values import count, flag, ident, integer, need, need_obj, obj, seconds, text, title, url
from spiders.bilibili.ids import PLATFORM
from spiders.bilibili.parse_common import SPACE_URL
from spiders.bilibili.shapes import Result, Verification

_BEIJING = timedelta(hours=8)
_LAST_TIME = 253402300799 - 8 * 3600  # range of datetime
_GENDERS = {"男": "male", "女": "female", "保密": None}
_FOUND_GENDERS = {1: "male", 2: "female"}
_MEMBERSHIPS = {1: "monthly", 2: "annual"}
_LIVE: dict[int, LiveStatus] = {0: "offline", 1: "live", 2: "round"}


def parse_author(raw: dict[str, Any], context: Context) -> Author:
    """Parse an `acc/info`."""
    uid = need(ident(raw.get("mid")), "mid")
    official, vip, school = obj(raw.get("official")), obj(raw.get("vip")), obj(raw.get("school"))
    verified, sex = integer(official.get("type")), text(raw.get("sex"))
    return Author(
        uid=uid,
        nickname=text(raw.get("name")),
        signature=text(raw.get("sign")),
        url=SPACE_URL + uid,
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
    """Return month and day; old answers have a timestamp."""
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
    """Add the counts of `relation/stat`."""
    raw = need_obj(data.get("data"), "data")
    author.statistics.follower_count = need(count(raw.get("follower")), "data.follower")
    author.statistics.following_count = count(raw.get("following"))


def add_numbers(author: Author, data: Any, context: Context) -> None:
    """Add the counts of `navnum`."""
    raw = need_obj(data.get("data"), "data")
    author.statistics.video_count = need(count(raw.get("video")), "data.video")
    author.statistics.article_count, author.statistics.audio_count = count(raw.get("article")), count(raw.get("audio"))
    author.statistics.mix_count = count(raw.get("season_num"))


def add_totals(author: Author, data: Any, context: Context) -> None:
    """Add the counts of `upstat`, which needs a login."""
    raw = need_obj(data.get("data"), "data")
    author.statistics.total_favorited = need(count(raw.get("likes")), "data.likes")
    author.statistics.play_total = count(obj(raw.get("archive")).get("view"))
    author.statistics.article_view_total = count(obj(raw.get("article")).get("view"))


def parse_related(raw: dict[str, Any], context: Context) -> Author:
    """Parse an entry of followers or following, which has no counts."""
    uid, vip = need(ident(raw.get("mid")), "mid"), obj(raw.get("vip"))
    return Author(
        uid=uid,
        nickname=text(raw.get("uname")),
        signature=text(raw.get("sign")),
        url=SPACE_URL + uid,
        avatar_url=url(raw.get("face")),
        **_verified(as_shape(Verification, raw.get("official_verify"))),
        membership=_membership({"status": vip.get("vipStatus"), "type": vip.get("vipType")}),
        statistics=AuthorStatistics(),
        meta=meta_for(Author, PLATFORM, uid, partial=True),
    )


def parse_found_author(result: Result, context: Context) -> Author:
    """Parse a user in search results."""
    uid, room = need(ident(result.mid), "mid"), ident(result.room_id)
    return Author(
        uid=uid,
        nickname=title(result.uname),
        signature=result.usign or None,
        url=SPACE_URL + uid,
        avatar_url=url(result.upic),
        **_verified(result.official_verify or Verification()),
        gender=_FOUND_GENDERS.get(result.gender or 0),
        level=result.level,
        statistics=AuthorStatistics(follower_count=result.fans, video_count=result.videos),
        live=LiveRef(room_id=room, status="live" if result.is_live else None) if room else None,
        meta=meta_for(Author, PLATFORM, uid, partial=True),
    )


def _verified(verification: Verification) -> dict[str, Any]:
    """Return the fields of an author that describe the verification."""
    kind = verification.type
    is_verified = kind in (0, 1)
    return {
        "verified": None if kind is None else is_verified,
        "verified_type": str(kind) if is_verified else None,
        "verified_text": verification.desc or None,
    }
