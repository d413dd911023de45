"""Endpoints of search and trending words.

The pages of a search share the id of its first answer, so a cursor is an offset and that id: `10-2026…`.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from scraper.platform import WORDS, Context, Endpoint, NextPage, Pagination, Param, at, filter_param, listed
from scraper.platform.targets import Target
from scraper.responses.values import dig, obj, objs, text
from spiders.douyin.authors import parse_listed_author
from spiders.douyin.endpoints_common import API, ROUTER, WEB, either, listing, size, starts
from spiders.douyin.hidden_reasons import of_row
from spiders.douyin.pagination import next_page_by
from spiders.douyin.parse import parse_work
from spiders.douyin.parse_words import parse_hot_word
from spiders.douyin.search_filters import FILTERS, PUBLISH_TIME, SORT_TYPE
from spiders.douyin.shapes import Post

_PAGE = 10
_POST = 1  # the type of a result
_ORDERS = {"hot": "0", "time": "2"}
_KEYWORD = Param(name="keyword", regex=WORDS, example="样例", kind="search")
_PUBLISHED = filter_param(PUBLISH_TIME, FILTERS[PUBLISH_TIME], "7")
_ID = r"[0-9A-Za-z]{1,64}"
_CURSOR = starts("cursor", "10-20261101120000ABCDEF", rf"\d{{1,9}}(?:-{_ID})?")


def search_page(target: Target) -> str:
    return f"{WEB}/search/{quote(target.id, safe='')}"


def _query(channel: str) -> Callable[[Context], Mapping[str, Any]]:
    def query(context: Context) -> Mapping[str, Any]:
        published = context.target.get(PUBLISH_TIME) or context.option(PUBLISH_TIME) or "0"
        order = context.target.get(SORT_TYPE) or _ORDERS[context.sort]
        filters = {
            SORT_TYPE: order,
            PUBLISH_TIME: published,
            "filter_duration": "",
            "search_range": "0",
            "content_type": "0",
        }
        is_filtered = (order, published) != ("0", "0")
        return {
            "keyword": context.target.id, "search_channel": channel, "enable_history": 1, "query_correct_type": 1,
            "search_source": "tab_search" if is_filtered else "normal_search", "is_filter_search": int(is_filtered),
            "filter_selected": json.dumps(filters, separators=(",", ":")) if is_filtered else None, "from_group_id": "",
            "disable_rs": 0, "count": size(context, _PAGE), "need_filter_settings": 1, "list_type": "single",
        }  # fmt: skip

    return query


def _hot(context: Context) -> Mapping[str, Any]:
    return {"detail_list": 1, "source": 6, "board_type": 0, "board_sub_type": ""}


def _send(cursor: str, context: Context) -> Mapping[str, Any]:
    offset, _, search = cursor.partition("-")
    return {"offset": offset or 0, "search_id": search}


def _next_page(items: str) -> Callable[[Any, Context, str], NextPage]:
    by_offset = next_page_by("cursor", items, empty_is_common=True)

    def next_page(data: Any, context: Context, cursor: str) -> NextPage:
        next_page = by_offset(data, context, cursor)
        search_id = cursor.partition("-")[2] or text(dig(data, "log_pb.impr_id")) or text(dig(data, "extra.logid"))
        is_known = next_page.cursor and search_id and re.fullmatch(_ID, search_id)
        return next_page._replace(cursor=f"{next_page.cursor}-{search_id}") if is_known else next_page

    return next_page


def found_works(data: Any) -> list[Any]:
    """Return the posts in search results. A result that should have one and has none is null, to be reported."""
    works: list[Any] = []
    for result in listed("data")(data):
        of_result = _works_of(obj(result))
        is_of_post = not isinstance(result, dict) or result.get("type") == _POST
        works += of_result or ([None] if is_of_post else [])
    return works


def _works_of(result: Mapping[str, Any]) -> list[Any]:
    """Return the posts in a result: alone, in a mix, on a card, or under a user."""
    mixed, card = obj(result.get("aweme_mix_info")), obj(obj(result.get("card_info")).get("attached_info"))
    alone = [result["aweme_info"]] if result.get("aweme_info") else []
    of_users = [work for user in objs(result.get("user_list")) for work in objs(user.get("items"))]
    return [*alone, *objs(mixed.get("mix_items")), *objs(card.get("aweme_list")), *of_users]


def _users(data: Any) -> list[Any]:
    return [obj(entry).get("user_info") for entry in listed("user_list")(data)]


def _ways(where: str, channel: str, version: str = "29.1.0", **shared: Any) -> dict[str, Any]:
    """Return the fields that all searches share."""
    return {
        "kind": "search", "listing": "search", "login": "more",
        "routes": listing(f"{API}/{where}/", _query(channel), version=version, referer=search_page, **shared),
        "pagination": Pagination(cursor_params=_send, next_page=_next_page(shared["path"])),
    }  # fmt: skip


_POSTS: dict[str, Any] = {
    "raw": found_works, "path": "data", "parse": parse_work, "raw_type": Post, "row_reading": of_row,
}  # fmt: skip

SEARCHES = [
    Endpoint(
        router=f"{ROUTER}/fetch_general_search", record="video", default=True, sorted=True, params=[_KEYWORD, _PUBLISHED, _CURSOR],
        summary="posts that match a keyword", **_ways("general/search/single", "aweme_general", "19.6.0", **_POSTS),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_video_search", record="video", sorted=True, params=[_KEYWORD, _PUBLISHED, _CURSOR],
        summary="videos that match a keyword", **_ways("search/item", "aweme_video_web", **_POSTS),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_user_search", record="author", params=[_KEYWORD, _CURSOR], summary="users that match a keyword",
        **_ways("discover/search", "aweme_user_web", raw=_users, path="user_list", parse=parse_listed_author),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_hot_search", kind="hot list", record="hot_word", listing="trending", params=[], singleton="hot", several=True,
        summary="trending search words",
        routes=either(
            f"{API}/hot/search/list/", _hot, raw=at("data.word_list"), path="data.word_list", parse=parse_hot_word,
            referer=lambda target: f"{WEB}/hot",
        ),
    ),
]  # fmt: skip
