"""Endpoints of search, related and recommended posts."""

import json
from collections.abc import Mapping
from typing import Any

from scraper.platform import (
    WORDS,
    Context,
    Endpoint,
    NextPage,
    Pagination,
    Param,
    Relation,
    Route,
    empty_lists,
    no_cursor,
    single_page,
)
from scraper.platform.targets import Target
from scraper.responses.values import dig, text
from spiders.tiktok import embedded_data, pagination
from spiders.tiktok.endpoints_common import ITEM_ID, PAGE, WEB, api, either, starts, work_page
from spiders.tiktok.ids import HOME
from spiders.tiktok.parse_user import parse_found_author
from spiders.tiktok.parse_web import parse_item
from spiders.tiktok.shapes import FoundPosts, Post, PostList
from spiders.tiktok.verdicts import of_item

_KEYWORD = Param(name="keyword", regex=WORDS, example="sample", kind="search")
_COUNT = Param(name="count", regex=r"[1-9]\d{0,2}", example="16")
_FOUND, _RELATED, _MOST = 20, 16, 30
_CODE = json.dumps(
    {
        "tiktok": {
            "client_params_x": {
                "search_engine": {"ies_mt_user_live_video_card_use_libra": 1, "mt_search_general_user_live_card": 1}
            },
            "search_server": {},
        }
    },
    separators=(",", ":"),
)


def _home(target: Target) -> str:
    return HOME


def _query(context: Context) -> Mapping[str, Any]:
    return {"keyword": context.target.id, "count": context.size(_FOUND, _MOST), "web_search_code": _CODE}


def _send(name: str) -> Any:
    """Return the query of a search page: a number, and the search id of the first answer.

    :param name: the parameter of the number
    """

    def cursor_params(cursor: str, context: Context) -> Mapping[str, Any]:
        number, _, search = cursor.partition(" ")
        return {name: number or 0, "search_id": search or None}

    return cursor_params


def _next_page(items: str) -> pagination.NextPageOf:
    """Return the pagination of a search: a number, and the search id of the first answer.

    :param items: the key of the list
    """
    by_number = pagination.next_page_by("cursor", "has_more", items)

    def next_page(data: Any, context: Context, cursor: str) -> NextPage:
        following, search = by_number(data, context, cursor), cursor.partition(" ")[2]
        if following.cursor is None:
            return following
        search = search or text(dig(data, "rid")) or text(dig(data, "log_pb.impr_id")) or ""
        return following._replace(cursor=f"{following.cursor} {search}".strip())

    return next_page


def _feed(url: str, query: Any, from_page: str, referer: Any) -> Any:
    return either(
        url,
        query,
        from_page,
        referer=referer,
        raw=pagination.works(),
        path="itemList",
        parse=parse_item,
        raw_type=Post,
        shape=PostList,
        row_reading=of_item,
    )


def _of_item(data: Any) -> Mapping[str, str]:
    """Return the hints of a post's page: that the post exists."""
    path = "itemInfo.itemStruct.id"
    return empty_lists.existing(dig(data, path), None, path)


SEARCHES = [
    Endpoint(
        router=f"{WEB}/fetch_search_video", kind="search", record="video", default=True, listing="search", login="more",
        params=[_KEYWORD, starts()], summary="posts that match a keyword",
        routes=either(
            api("search/item/full"), _query, "search", referer=_home, raw=pagination.works("item_list"), path="item_list", parse=parse_item,
            raw_type=Post, shape=FoundPosts, row_reading=of_item,
        ),
        pagination=Pagination(cursor_params=_send("offset"), next_page=_next_page("item_list")),
    ),
    Endpoint(
        router=f"{WEB}/fetch_search_user", kind="search", record="author", listing="search", login="more",
        params=[_KEYWORD, starts()], summary="users that match a keyword",
        routes=either(
            api("search/user/full"), _query, "search", referer=_home, raw=pagination.works("user_list"), path="user_list",
            parse=parse_found_author,
        ),
        pagination=Pagination(cursor_params=_send("cursor"), next_page=_next_page("user_list")),
    ),
    Endpoint(
        router=f"{WEB}/fetch_related_videos", kind="video", record="video", listing="related", params=[ITEM_ID, _COUNT],
        summary="posts related to a post, one page", relation=Relation("related", "video"),
        routes=[
            *_feed(
                api("related/item_list"), lambda context: {"itemID": context.target.id, "count": context.size(_RELATED, _MOST)},
                "video", work_page,
            ),
            Route(
                name="page", surface="page", url=lambda context: work_page(context.target), decode=embedded_data.video_data,
                headers=PAGE, lookup=_of_item, explains_empty=True, authoritative=True, best_effort=True,
            ),
        ],
        pagination=Pagination(cursor_params=no_cursor, next_page=single_page, why_empty=empty_lists.nothing_in("the post")),
    ),
    Endpoint(
        router=f"{WEB}/fetch_recommended", kind="recommended", record="video", listing="feed", singleton="for you", several=True,
        params=[_COUNT], summary="recommended posts, one page",
        routes=_feed(api("recommend/item_list"), lambda context: {"count": context.size(_RELATED, _MOST)}, "fyp", _home),
    ),
]  # fmt: skip
