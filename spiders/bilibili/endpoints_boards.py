"""Endpoints of popular videos, rankings and search."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from scraper.platform import (
    END,
    SIZE_OF_PLATFORM,
    WORDS,
    Context,
    Endpoint,
    NextPage,
    Pagination,
    Param,
    Route,
    at,
    filter_param,
    lacking,
    listed,
    sent_as,
)
from scraper.platform.targets import Target
from scraper.responses.outcomes import Outcome
from scraper.responses.values import MissingError, dig, integer
from spiders.bilibili import parse_lists
from spiders.bilibili.endpoints_common import API, PN, ROUTER, by_number
from spiders.bilibili.pagination import flagged
from spiders.bilibili.search_filters import USER_FILTERS, VIDEO_FILTERS
from spiders.bilibili.shapes import Result, ResultList, View, ViewList

_PAGE, _MOST_FOUND, _MOST_PAGES = 20, 1000, 50
_KINDS = {"video": "video", "user": "bili_user", "bili_user": "bili_user"}
_CAPPED = NextPage(
    stop=Outcome.INCOMPLETE,
    message=f"Bilibili shows no more than {_MOST_FOUND} results of a search: use a narrower search",
    is_capped=True,
)


def _popular_page(target: Target) -> str:
    return "https://www.bilibili.com/v/popular/all"


def _ranking_page(target: Target) -> str:
    return "https://www.bilibili.com/v/popular/rank/all"


def _search_page(target: Target) -> str:
    return f"https://search.bilibili.com/all?keyword={quote(target.id, safe='')}"


def _search(context: Context) -> Mapping[str, Any]:
    """Return the query of a search; filters in the link override the arguments."""

    def option(name: str, default: str) -> str:
        return context.target.get(name) or context.option(name) or default

    users = option("search_type", "video") == "bili_user"
    usual = {"order": "0"} if users else {"order": "totalrank", "duration": "0", "tids": "0"}
    filters = {name: option(name, usual.get(name, "")) or None for name in (USER_FILTERS if users else VIDEO_FILTERS)}
    return {
        "search_type": "bili_user" if users else "video", "keyword": context.target.id, "page_size": _PAGE,
        **filters, "platform": "pc", "web_location": 1430654,
    }  # fmt: skip


def _found(data: Any) -> list[Any]:
    """Return the results; the key is absent if nothing matches."""
    page = dig(data, "data")
    if not isinstance(page, dict) or not isinstance(page.get("result") or [], list):
        raise MissingError("data.result")
    return page.get("result") or []


def _search_turn(data: Any, context: Context, cursor: str) -> NextPage:
    """Stop at the last page. A search at the maximum size is reported as truncated."""
    pages, total, number = integer(dig(data, "data.numPages")), integer(dig(data, "data.numResults")), int(cursor or 1)
    if pages is None or total is None:
        return lacking("data.numPages")
    if number < min(pages, _MOST_PAGES):
        return NextPage(cursor=str(number + 1))
    return _CAPPED if total >= _MOST_FOUND or pages > _MOST_PAGES else END


BOARDS = [
    Endpoint(
        router=f"{ROUTER}/fetch_com_popular", kind="popular list", record="video", singleton="popular", listing="trending", params=[PN],
        summary="popular videos",
        routes=[
            Route(
                url=f"{API}/x/web-interface/popular", referer=_popular_page,
                query=lambda context: {"ps": context.size(_PAGE, _PAGE), "web_location": "333.934"},
                raw=listed("data.list"), path="data.list", raw_type=View, shape=ViewList, parse=parse_lists.parse_popular,
            )
        ],
        pagination=Pagination(cursor_params=by_number, next_page=flagged("data.no_more", ends=True)),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_ranking", kind="ranking", record="video", singleton="0", listing="trending", several=True,
        params=[Param(name="rid", regex=r"\d{1,6}", example="17", kind="ranking", optional=True, make=lambda rid: str(int(rid)))],
        summary="the top 100 videos, overall or of a category (rid)",
        routes=[
            Route(
                url=f"{API}/x/web-interface/ranking/v2", referer=_ranking_page,
                query=lambda context: {"rid": context.target.id, "type": "all", "web_location": "333.934"},
                raw=at("data.list"), path="data.list", raw_type=View, shape=ViewList, parse=parse_lists.parse_popular,
            )
        ],
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_search", kind="search", record="video", also=["author"], default=True, listing="search",
        summary="videos or users (search_type) that match a keyword",
        params=[
            Param(name="keyword", regex=WORDS, example="样例", kind="search"),
            Param(name="search_type", regex="|".join(_KINDS), example="video", make=_KINDS.get),
            filter_param("order", f"{VIDEO_FILTERS['order']}|fans|level", "pubdate"),
            *(filter_param(name, regex, "1") for name, regex in VIDEO_FILTERS.items() if name != "order"),
            *(filter_param(name, regex, "1") for name, regex in USER_FILTERS.items() if name != "order"),
            Param(name="pn", regex=r"[1-9]|[1-4]\d|50", example="1", cursor=True),
        ],
        routes=[
            Route(
                url=f"{API}/x/web-interface/wbi/search/type", referer=_search_page, signed=True, query=_search,
                raw=_found, path="data.result", raw_type=Result, shape=ResultList, parse=parse_lists.parse_found,
            )
        ],
        pagination=Pagination(cursor_params=sent_as("page", 1), next_page=_search_turn, page_size=SIZE_OF_PLATFORM, total="data.numResults"),
    ),
]  # fmt: skip
