"""Endpoints of playlists, collections, sounds and hashtags."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from scraper.platform import Context, Endpoint, Pagination, Param, Relation, Route, empty_lists
from scraper.platform.targets import Target
from scraper.responses.values import MissingError, dig, ident, obj
from spiders.tiktok import lookups, pagination
from spiders.tiktok.endpoints_common import (
    COVER,
    SEC_USER_ID,
    WEB,
    api,
    cover,
    either,
    in_page,
    offset,
    starts,
    unsigned,
    user_page,
)
from spiders.tiktok.ids import HOME, NUMBER, hashtag, hashtag_number
from spiders.tiktok.lookups import has_sec_uid, sec_uid
from spiders.tiktok.parse_collections import parse_hashtag, parse_mix, parse_music
from spiders.tiktok.parse_web import parse_item
from spiders.tiktok.shapes import Post, PostList
from spiders.tiktok.verdicts import of_item

_PAGE = 30
_MIX = Param(name="mixId", regex=NUMBER, example="7300000000000000011", kind="playlist", aliases=("mix_id",))
_COLLECTION = Param(name="collectionId", regex=NUMBER, example="7300000000000000012", kind="collection")
_MUSIC = Param(name="musicId", regex=NUMBER, example="7200000000000000003", kind="music", aliases=("music_id",))
_TAG = Param(
    name="challengeName", regex=r"#?[^/\x00-\x20\x7f]{1,100}", example="sample", kind="hashtag",
    make=lambda name: name.removeprefix("#").lower() or None,
)  # fmt: skip
_TAG_ID = Param(
    name="challengeID",
    regex=r"(?=0{0,19}[1-9])\d{1,20}",
    example="4001",
    kind="hashtag",
    make=hashtag,
    aliases=("challengeId", "hashtag_id"),
)
_playlists_next_page = pagination.next_page_by("cursor", "hasMore", "playList")
_WORKS: dict[str, Any] = {
    "raw": pagination.works(),
    "path": "itemList",
    "parse": parse_item,
    "raw_type": Post,
    "shape": PostList,
    "row_reading": of_item,
}


def _page(folder: str) -> Any:
    """Return the page of a numbered object; the words in its URL do not matter."""
    return lambda target: f"{HOME}{folder}/-{target.id}"


def _tag_page(target: Target) -> str:
    return HOME if hashtag_number(target.id) else f"{HOME}tag/{quote(target.id)}"


def _sized(context: Context) -> Mapping[str, Any]:
    return {"count": context.size(_PAGE, _PAGE), **cover(context)}


def _one(name: str, key: str) -> Any:
    """Find the single object in an answer.

    :param key: a key that it must have
    """

    def find(data: Any) -> list[Any]:
        entry = obj(dig(data, name))
        if not obj(entry.get(key)):
            raise MissingError(f"{name}.{key}")
        return [entry]

    return find


def _is_music(record: Any, context: Context) -> bool:
    return record.music_id == context.target.id


def _is_tag(record: Any, context: Context) -> bool:
    return (record.name or "").lower() == context.target.id


def _number_of_tag(data: Any) -> Mapping[str, str]:
    number = ident(dig(data, "challengeInfo.challenge.id"))
    if not number:
        raise MissingError("challengeInfo.challenge.id")
    return {"challenge": number}


def _challenge(target: Target) -> str:
    """Return the number of a hashtag, or "" if unknown."""
    return hashtag_number(target.id) or target.hint("challenge")


def _named(context: Context) -> Mapping[str, Any]:
    return {"challengeName": context.target.id}


def _explaining(what: str, path: str, counter: str, from_page: str, referer: Callable[[Target], str]) -> Route:
    """Return the route that is asked if a playlist or sound is empty: its detail.

    :param what: its name in the path of the detail
    :param path: where the answer has it
    :param counter: the key of the number of its posts, "" if there is none
    """

    def lookup(data: Any) -> Mapping[str, str]:
        thing = obj(dig(data, path))
        return empty_lists.existing(thing.get("id"), thing.get(counter) if counter else None, f"{path}.id")

    return unsigned(
        api(f"{what}/detail"), lambda context: {f"{what}Id": context.target.id}, from_page, name="detail", referer=referer, lookup=lookup,
        explains_empty=True, authoritative=True, best_effort=True,
    )  # fmt: skip


def _to_tag() -> list[Route]:
    """Return the routes that look up the number of a hashtag."""
    way = {
        "lookup": _number_of_tag,
        "authoritative": True,
        "is_available": lambda target: not _challenge(target),
        "referer": _tag_page,
    }
    return [
        unsigned(api("challenge/detail"), _named, "hashtag", name="detail", best_effort=True, **way),
        in_page(api("challenge/detail"), _named, "hashtag", name="detail in a browser", **way),
    ]


PLAYLISTS = [
    Endpoint(
        router=f"{WEB}/fetch_user_play_list", kind="user", record="mix", params=[SEC_USER_ID, starts()],
        summary="a creator's playlists",
        routes=[
            *lookups.user(),
            *either(
                api("user/playlist"),
                lambda context: {"secUid": sec_uid(context.target), "count": context.size(20, _PAGE)}, "user",
                raw=pagination.works("playList"), path="playList", parse=parse_mix, referer=user_page, is_available=has_sec_uid,
            ),
        ],
        pagination=Pagination(cursor_params=offset, next_page=pagination.unless_hidden(_playlists_next_page, pagination.empty, "playList")),
    ),
    Endpoint(
        router=f"{WEB}/fetch_user_mix", kind="playlist", record="video", default=True, listing="mix",
        params=[_MIX, starts(), COVER], summary="the posts of a playlist",
        routes=[
            *either(
                api("mix/item_list"), lambda context: {"mixId": context.target.id, **_sized(context)}, "user",
                referer=_page("playlist"), **_WORKS,
            ),
            _explaining("mix", "mixInfo.mix", "videoCount", "user", _page("playlist")),
        ],
        pagination=Pagination(cursor_params=offset, next_page=pagination.by_cursor, why_empty=empty_lists.nothing_in("the playlist")), relation=Relation("in_mix", "mix", outward=False),
    ),
    Endpoint(
        router=f"{WEB}/fetch_collection_videos", kind="collection", record="video", default=True, listing="mix",
        params=[_COLLECTION, starts(), COVER], summary="the posts of a public collection",
        routes=either(
            api("collection/item_list"),
            lambda context: {"collectionId": context.target.id, "sourceType": 113, **_sized(context)}, "user",
            referer=_page("collection"), **_WORKS,
        ),
        pagination=Pagination(cursor_params=offset, next_page=pagination.by_cursor, total="total"), relation=Relation("in_mix", "mix", outward=False),
    ),
]  # fmt: skip

GATHERED = [
    Endpoint(
        router=f"{WEB}/fetch_hashtag_detail", kind="hashtag", record="hashtag", params=[_TAG],
        summary="a hashtag with its view and post counts",
        routes=either(
            api("challenge/detail"), _named, "hashtag", raw=_one("challengeInfo", "challenge"), path="challengeInfo",
            parse=parse_hashtag, is_requested=_is_tag, referer=_tag_page,
        ),
    ),
    Endpoint(
        router=f"{WEB}/fetch_hashtag_videos", kind="hashtag", record="video", default=True, listing="hashtag",
        params=[_TAG_ID, starts(), COVER], summary="posts with a hashtag",
        routes=[
            *_to_tag(),
            *either(
                api("challenge/item_list"), lambda context: {"challengeID": _challenge(context.target), **_sized(context)},
                "hashtag", referer=_tag_page, is_available=lambda target: bool(_challenge(target)), **_WORKS,
            ),
        ],
        pagination=Pagination(cursor_params=offset, next_page=pagination.by_cursor),
        relation=Relation("uses_hashtag", "hashtag", outward=False, ident=_challenge),
    ),
    Endpoint(
        router=f"{WEB}/fetch_music_detail", kind="music", record="music", params=[_MUSIC], summary="a sound",
        routes=either(
            api("music/detail"), lambda context: {"musicId": context.target.id}, "music", referer=_page("music"),
            raw=_one("musicInfo", "music"), path="musicInfo", parse=parse_music, is_requested=_is_music,
        ),
    ),
    Endpoint(
        router=f"{WEB}/fetch_music_videos", kind="music", record="video", default=True, listing="music",
        params=[_MUSIC, starts(), COVER], summary="posts with a sound",
        routes=[
            *either(
                api("music/item_list"), lambda context: {"musicID": context.target.id, **_sized(context)}, "music",
                referer=_page("music"), **_WORKS,
            ),
            _explaining("music", "musicInfo.music", "", "music", _page("music")),
        ],
        pagination=Pagination(cursor_params=offset, next_page=pagination.by_cursor, why_empty=empty_lists.nothing_in("the sound")), relation=Relation("uses_music", "music", outward=False),
    ),
]  # fmt: skip
