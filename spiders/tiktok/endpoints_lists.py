"""Endpoints of a user's posts, likes, saved posts and reposts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scraper.platform import END, Context, Endpoint, NewestFirst, NextPage, Pagination, Relation
from scraper.platform.targets import Target
from scraper.responses.outcomes import Outcome
from spiders.tiktok import lookups, pagination
from spiders.tiktok.endpoints_common import (
    COVER,
    SEC_USER_ID,
    UNIQUE_ID,
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
from spiders.tiktok.lookups import has_sec_uid, known_total, sec_uid
from spiders.tiktok.parse_web import parse_item
from spiders.tiktok.query import CREATOR_PAGE, creator
from spiders.tiktok.shapes import Post, PostList
from spiders.tiktok.verdicts import of_item

_LEAST, _MOST = 16, 35  # posts per page of the signed list
_PAGE = 30
_POSTS_OF_PAGE = (
    f"without effect on the list that needs no browser, {CREATOR_PAGE} posts a page; {_LEAST} to {_MOST} in a browser"
)
_LIST: dict[str, Any] = {
    "raw": pagination.works(),
    "path": "itemList",
    "parse": parse_item,
    "raw_type": Post,
    "shape": PostList,
    "row_reading": of_item,
    "referer": user_page,
    "is_available": has_sec_uid,
}
_ORDER = {"post_item_list_request_type": 0, "needPinnedItemIds": "false"}


def _at(cursor: str, context: Context) -> Mapping[str, Any]:
    """Return the query of a page with a time cursor; each route has its own first page."""
    return {"cursor": cursor} if cursor else {}


def _creator_query(context: Context) -> Mapping[str, Any]:
    return creator(sec_uid(context.target), pagination.latest_ms(), context.tries)


def _post_query(context: Context) -> Mapping[str, Any]:
    asked = max(context.size(_MOST, _MOST), _LEAST)
    return {"secUid": sec_uid(context.target), "count": asked, "cursor": 0, **cover(context), **_ORDER}


def _of_user(context: Context) -> Mapping[str, Any]:
    return {"secUid": sec_uid(context.target), "count": context.size(_PAGE, _PAGE), **cover(context)}


def _liked(context: Context) -> Mapping[str, Any]:
    return {**_of_user(context), **_ORDER}


def _unliked(target: Target) -> NextPage:
    """Explain missing likes: usually the user hides them."""
    if target.hint(lookups.LIKES) == "1":
        return END
    is_known = target.hint(lookups.LIKES) == "0"
    message = (
        "the user hides their likes" if is_known else "no posts: the user hides their likes, as most do, or has none"
    )
    return NextPage(stop=Outcome.PRIVATE, message=message)


def _posted(data: Any) -> list[Any]:
    """Return the posts on a page of either list; empty pages are common in the creator list."""
    works = pagination.works()(data)
    return works or [] if "hasMorePrevious" in data else works


LISTS = [
    Endpoint(
        router=f"{WEB}/fetch_user_post", kind="user", record="video", default=True, listing="profile",
        params=[SEC_USER_ID, replace(UNIQUE_ID, optional=False), starts(), COVER], summary="a creator's posts, newest first",
        routes=[
            *lookups.user(),
            unsigned(
                api("creator/item_list"), _creator_query, "user", name="creator", best_effort=True, **{**_LIST, "raw": _posted}
            ),
            in_page(api("post/item_list"), _post_query, "user", **{**_LIST, "raw": _posted}),
        ],
        pagination=Pagination(
            page_size=_POSTS_OF_PAGE, cursor_params=_at, next_page=pagination.by_time, known_total=lambda target: known_total(target, lookups.VIDEOS), max_empty_pages=600, cursor_may_repeat=True,
            newest_first=NewestFirst(pinned="flags.pinned"),
        ),
    ),
    Endpoint(
        router=f"{WEB}/fetch_user_like", kind="user", record="video", listing="likes", login="more",
        params=[SEC_USER_ID, starts(), COVER], summary="a user's likes, if public",
        routes=[*lookups.user(), *either(api("favorite/item_list"), _liked, "user", **_LIST)],
        pagination=Pagination(cursor_params=offset, next_page=pagination.unless_hidden(pagination.by_cursor, _unliked)),
    ),
    Endpoint(
        router=f"{WEB}/fetch_user_collect", kind="user", record="video", listing="likes", login="needed",
        params=[SEC_USER_ID, starts(), COVER], summary="posts that the logged-in user saved",
        routes=[*lookups.user(), *either(api("user/collect/item_list"), _of_user, "user", **_LIST)],
        pagination=Pagination(cursor_params=offset, next_page=pagination.by_cursor),
    ),
    Endpoint(
        router=f"{WEB}/fetch_user_repost", kind="user", record="video", listing="profile",
        params=[SEC_USER_ID, starts(), COVER], summary="posts that a user reposted",
        routes=[*lookups.user(), *either(api("repost/item_list"), _of_user, "user", **_LIST)],
        pagination=Pagination(cursor_params=offset, next_page=pagination.unless_hidden(pagination.by_items, pagination.empty)),
        relation=Relation("repost", "author", ident=sec_uid),
    ),
]  # fmt: skip
