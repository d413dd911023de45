"""From Bilibili's `acc/info` and its counters to profiles. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Any

from scraper.endpoint import Context
from scraper.read import count, flag, ident, integer, need, obj, seconds, text, url
from scraper.records import Author, AuthorStatistics, LiveRef, meta_for
from spiders.bilibili.common import SPACE_URL
from spiders.bilibili.ids import PLATFORM

_BEIJING = timedelta(hours=8)
_LAST_TIME = 253402300799 - 8 * 3600  # what a date can hold
_GENDERS = {"男": "male", "女": "female", "保密": None}
_MEMBERSHIPS = {1: "monthly", 2: "annual"}
_LIVE = {0: "offline", 1: "live", 2: "round"}


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
