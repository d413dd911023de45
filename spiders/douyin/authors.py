"""Parse Douyin's profiles. Pure."""

from typing import Any

from scraper.platform import Context
from scraper.records import Author, AuthorStatistics, LiveRef, LiveStatus, forget_all_zeros, meta_for
from scraper.responses.shapes import as_shape
from scraper.responses.values import count, flag, ident, integer, need, obj, seconds, text
from spiders.douyin import camel_case, refs
from spiders.douyin.ids import PLATFORM
from spiders.douyin.shapes import User
from spiders.douyin.streams import best

_GENDERS = {1: "male", 2: "female"}
_LIVE: dict[int, LiveStatus] = {0: "offline", 1: "live"}
_LOCATION = "IP属地："
_DUMMY_BIRTHDAY = "1900-01-01"


def parse_author(answer: dict[str, Any], context: Context) -> Author:
    """Parse a profile, from the API or a page."""
    raw = camel_case.user(answer)
    uid = need(ident(raw.get("uid")), "user.uid")
    sec_uid, checked = ident(raw.get("sec_uid")), refs.verified(as_shape(User, raw))
    location = text(raw.get("ip_location"))
    kind = integer(raw.get("verification_type"))
    return Author(
        uid=uid,
        sec_uid=sec_uid,
        unique_id=ident(raw.get("unique_id")) or ident(raw.get("short_id")),
        short_id=ident(raw.get("short_id")),
        nickname=text(raw.get("nickname")),
        signature=text(raw.get("signature")),
        url=refs.USER_URL.format(sec_uid) if sec_uid else None,
        avatar_url=refs.avatar(as_shape(User, raw)),
        banner_url=_banner(raw),
        verified=checked,
        verified_type=str(kind) if checked and kind is not None else None,
        verified_text=text(raw.get("custom_verify")) or text(raw.get("enterprise_verify_reason")),
        private=flag(raw.get("secret")),
        banned=flag(raw.get("is_ban")),
        commerce=_any(raw, "with_commerce_entry", "with_fusion_shop_entry"),
        gender=_GENDERS.get(integer(raw.get("gender")) or 0),
        birthday=None if raw.get("birthday") == _DUMMY_BIRTHDAY else text(raw.get("birthday")),
        school=text(raw.get("school_name")),
        country=text(raw.get("country")) or text(raw.get("iso_country_code")),
        province=text(raw.get("province")),
        city=text(raw.get("city")),
        district=text(raw.get("district")),
        ip_location=location.removeprefix(_LOCATION) or None if location else None,
        language=text(raw.get("signature_language")) or text(raw.get("language")),
        register_time=seconds(raw.get("create_time")),
        statistics=_statistics(raw),
        likes_public=likes_public(raw),
        live=_live(raw),
        meta=meta_for(Author, PLATFORM, sec_uid or uid),
    )


def parse_listed_author(raw: dict[str, Any], context: Context) -> Author:
    """Parse a user in a list; counts of 0 mean "unknown"."""
    author = parse_author(raw, context)
    forget_all_zeros(author.statistics)
    author.meta.partial = True
    return author


def _statistics(raw: dict[str, Any]) -> AuthorStatistics:
    return AuthorStatistics(
        follower_count=count(raw.get("follower_count")),
        following_count=count(raw.get("following_count")),
        total_favorited=count(raw.get("total_favorited")),
        favoriting_count=count(raw.get("favoriting_count")),
        video_count=count(raw.get("aweme_count")),
        mix_count=count(raw.get("mix_count")),
    )


def _banner(raw: dict[str, Any]) -> str | None:
    covers = raw.get("cover_url")
    first = covers[0] if isinstance(covers, list) and covers else covers
    return best(obj(first).get("url_list")) or best([first])


def likes_public(raw: dict[str, Any]) -> bool | None:
    """Return whether a user's likes are public: 0 permits it."""
    shown, permission = flag(raw.get("show_favorite_list")), integer(raw.get("favorite_permission"))
    return shown if shown is not None else None if permission is None else permission == 0


def _live(raw: dict[str, Any]) -> LiveRef | None:
    room, status = ident(raw.get("room_id_str")) or ident(raw.get("room_id")), integer(raw.get("live_status"))
    if not room and status is None:
        return None
    return LiveRef(room_id=room, status=_LIVE.get(status) if status is not None else None)


def _any(raw: dict[str, Any], *names: str) -> bool | None:
    known = [value for name in names if (value := flag(raw.get(name))) is not None]
    return any(known) if known else None
