"""Endpoints of mixes, sounds and hashtags."""

from collections.abc import Callable
from typing import Any

from scraper.platform import Context, Endpoint, Pagination, Route, at, listed
from spiders.douyin import lookups
from spiders.douyin.endpoints_common import (
    API,
    ROUTER,
    USER_ID,
    Query,
    either,
    listing,
    offset,
    size,
    starts,
    user_page,
)
from spiders.douyin.endpoints_lists import (
    HASHTAG_ID,
    MIX_EPISODE,
    MIX_ID,
    MUSIC_ID,
    hashtag_page,
    hashtag_query,
    mix_page,
    mix_query,
    music_page,
    music_query,
)
from spiders.douyin.pagination import next_page_by
from spiders.douyin.parse_collections import parse_hashtag, parse_mix, parse_music


def _detail(path: str, query: Query, name: str, **shared: Any) -> list[Route]:
    """Return the routes to a single object at `name`."""
    return either(f"{API}/{path}/", query, raw=at(name), path=name, **shared)


def _is(field: str) -> Callable[[Any, Context], bool]:
    return lambda record, context: getattr(record, field) == context.target.id


COLLECTIONS = [
    Endpoint(
        router=f"{ROUTER}/fetch_user_mix_list", kind="user", record="mix", params=[USER_ID, starts("cursor")],
        summary="a creator's mixes",
        routes=[
            *listing(
                f"{API}/mix/list/", lambda context: {"sec_user_id": context.target.id, "count": size(context)},
                raw=listed("mix_infos"), path="mix_infos", parse=parse_mix, referer=user_page,
            ),
            lookups.explaining(),
        ],
        pagination=Pagination(
            cursor_params=offset, next_page=next_page_by("cursor", "mix_infos"), total="total", why_empty=lookups.nothing
        ),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_mix_detail", kind="mix", kinds=[MIX_EPISODE], record="mix", params=[MIX_ID], summary="a mix without its posts",
        routes=_detail(
            "mix/detail", mix_query, "mix_info", parse=parse_mix, is_requested=_is("mix_id"), referer=mix_page
        ),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_music_detail", kind="music", record="music", params=[MUSIC_ID], summary="a sound",
        routes=_detail(
            "music/detail", music_query, "music_info", parse=parse_music,
            is_requested=_is("music_id"), referer=music_page,
        ),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_hashtag_detail", kind="hashtag", record="hashtag", params=[HASHTAG_ID],
        summary="a hashtag with its view and post counts",
        routes=_detail(
            "challenge/detail", hashtag_query, "ch_info", parse=parse_hashtag,
            is_requested=_is("hashtag_id"), referer=hashtag_page,
        ),
    ),
]  # fmt: skip
