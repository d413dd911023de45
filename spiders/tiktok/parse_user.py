"""Parse TikTok's profiles, and the ids in links to users and posts. Pure."""

from typing import Any

from scraper.platform import Context
from scraper.records import Author, AuthorStatistics, Id, LiveRef, forget_all_zeros, meta_for
from scraper.responses.shapes import as_shape
from scraper.responses.values import MissingError, any_true, dig, flag, ident, integer, need, obj, seconds, text, url
from spiders.tiktok import parse_app, parse_common
from spiders.tiktok.ids import PLATFORM, is_number, is_sec_uid, profile_url
from spiders.tiktok.shapes import AppUser

_COUNTS = {
    "follower_count": ["followerCount"],
    "following_count": ["followingCount"],
    "friend_count": ["friendCount"],
    "total_favorited": ["heartCount", "heart"],
    "favoriting_count": ["diggCount"],
    "video_count": ["videoCount"],
}
_FOUND = {
    "follower_count": ["follower_count"],
    "following_count": ["following_count"],
    "total_favorited": ["total_favorited"],
    "video_count": ["aweme_count"],
}
_FOLLOWING_SHOWN = {1: True, 2: False}


def user_info(data: Any) -> list[Any]:
    """Return the `userInfo` of an answer, in a list.

    :raises MissingError: there is none
    """
    info = dig(data, "userInfo")
    if not isinstance(info, dict) or not isinstance(info.get("user"), dict):
        raise MissingError("userInfo.user")
    return [info]


def parse_author(raw: dict[str, Any], context: Context) -> Author:
    """Parse a `userInfo`."""
    user = obj(raw.get("user"))
    uid, sec_uid, handle = need(ident(user.get("id")), "user.id"), text(user.get("secUid")), text(user.get("uniqueId"))
    meta = meta_for(Author, PLATFORM, sec_uid or uid)
    pictures = [user.get(name) for name in ("avatarLarger", "avatarMedium", "avatarThumb")]
    room = ident(user.get("roomId"))
    sources = [obj(raw.get("statsV2")), obj(raw.get("stats"))]
    return Author(
        uid=uid,
        sec_uid=sec_uid,
        unique_id=handle,
        short_id=ident(user.get("shortId")),
        nickname=text(user.get("nickname")),
        signature=text(user.get("signature")),
        url=profile_url(handle),
        avatar_url=next((address for picture in pictures if (address := url(picture))), None),
        verified=flag(user.get("verified")),
        private=any_true([flag(user.get("privateAccount")), flag(user.get("secret"))]),
        commerce=any_true([flag(dig(user, "commerceUserInfo.commerceUser")), flag(user.get("ttSeller"))]),
        country=text(user.get("region")),
        language=text(user.get("language")),
        register_time=seconds(user.get("createTime")),
        handle_change_time=seconds(user.get("uniqueIdModifyTime")),
        name_change_time=seconds(user.get("nickNameModifyTime")),
        statistics=parse_common.counts(_COUNTS, sources, meta, AuthorStatistics()),
        likes_public=flag(user.get("openFavorite")),
        following_public=_FOLLOWING_SHOWN.get(integer(user.get("followingVisibility")) or 0),
        live=LiveRef(room_id=room, status="live") if room else None,
        meta=meta,
    )


def parse_listed_author(raw: dict[str, Any], context: Context) -> Author:
    """Parse a user in a list: {user, stats}."""
    return _thin(parse_author(raw, context))


def parse_found_author(raw: dict[str, Any], context: Context) -> Author:
    """Parse a user in search results: {user_info}, with the app's names."""
    user = obj(raw.get("user_info"))
    named, live = parse_app.author_of(as_shape(AppUser, user)), ident(user.get("room_id"))
    uid = need(named.uid, "user_info.uid")
    meta = meta_for(Author, PLATFORM, named.sec_uid or uid)
    return _thin(
        Author(
            uid=uid,
            sec_uid=named.sec_uid,
            unique_id=named.unique_id,
            nickname=named.nickname,
            signature=text(user.get("signature")),
            url=named.url,
            avatar_url=named.avatar_url,
            verified=named.verified,
            verified_text=text(user.get("custom_verify")) or text(user.get("enterprise_verify_reason")),
            private=flag(user.get("secret")),
            country=text(user.get("region")),
            statistics=parse_common.counts(_FOUND, [user], meta, AuthorStatistics()),
            live=LiveRef(room_id=live, status="live") if live else None,
            meta=meta,
        )
    )


def _thin(author: Author) -> Author:
    """Return a listed user; a count of 0 means "unknown"."""
    author.meta.partial = True
    forget_all_zeros(author.statistics)
    return author


def is_asked(record: Author, context: Context) -> bool:
    """Return whether a profile is the requested user's."""
    asked = context.target.id
    return asked in (record.sec_uid, record.uid) or asked == (record.unique_id or "").lower()


def _id(context: Context, value: str, kind: str) -> Id:
    meta = meta_for(Id, PLATFORM, f"{kind}:{context.target.id}")
    return Id(input=context.target.given, value=value, id_kind=kind, meta=meta)


def seed_work(context: Context) -> Id | None:
    """Return the id of a post; every link names it."""
    return _id(context, context.target.id, "aweme_id") if context.target.id else None


def seed_handle(context: Context) -> Id | None:
    """Return the user's handle if the link names it."""
    asked = context.target.id
    return _id(context, asked, "unique_id") if asked and not is_sec_uid(asked) and not is_number(asked) else None


def seed_sec_uid(context: Context) -> Id | None:
    """Return the user's `secUid` if the link names it."""
    asked = context.target.id
    return _id(context, asked, "sec_user_id") if is_sec_uid(asked) else None


def parse_handle(raw: dict[str, Any], context: Context) -> Id:
    """Parse the handle in a `userInfo`."""
    return _id(context, need(_of_user(raw, context, "uniqueId"), "user.uniqueId"), "unique_id")


def parse_sec_uid(raw: dict[str, Any], context: Context) -> Id:
    """Parse the `secUid` in a `userInfo`."""
    return _id(context, need(_of_user(raw, context, "secUid"), "user.secUid"), "sec_user_id")


def _of_user(raw: dict[str, Any], context: Context, name: str) -> str | None:
    """Return an id of the user, if it is the requested one."""
    return text(obj(raw.get("user")).get(name)) if is_asked(parse_author(raw, context), context) else None
