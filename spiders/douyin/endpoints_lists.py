"""Endpoints of lists of posts: of creators, mixes, sounds and hashtags."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from scraper.platform import (
    END,
    SIZE_OF_PLATFORM,
    Context,
    Endpoint,
    NewestFirst,
    NextPage,
    Pagination,
    Param,
    Relation,
    Route,
    empty_lists,
    listed,
    no_cursor,
    single_page,
)
from scraper.platform.targets import Target
from scraper.responses.outcomes import Outcome
from scraper.responses.values import dig, ident, obj
from spiders.douyin import lookups
from spiders.douyin.endpoints_common import (
    API,
    ROUTER,
    USER_ID,
    WEB,
    WORK_ID,
    Query,
    counts,
    either,
    listing,
    offset,
    size,
    starts,
    user_page,
    work_page,
)
from spiders.douyin.endpoints_works import SHARE_PAGE
from spiders.douyin.hidden_reasons import of_row
from spiders.douyin.ids import HASHTAG, OWN, WORK
from spiders.douyin.pagination import next_page_by
from spiders.douyin.parse import parse_work
from spiders.douyin.shapes import Post, PostList

_MS = "1790000000000"
MIX_ID = Param(name="mix_id", regex=WORK, example="7400000000000000001", kind="mix")
MIX_EPISODE, _LARGEST_GAP = "mix episode", 10
_EPISODE = Param(name="episode", regex=r"[1-9]\d{0,5}", example="3", kind=MIX_EPISODE, narrows="episode")
MUSIC_ID = Param(name="music_id", regex=WORK, example="7400000000000000002", kind="music")
HASHTAG_ID = Param(name="ch_id", regex=HASHTAG, example="1600000000000000", kind="hashtag", aliases=("hashtag_id",))
_MISSING = NextPage(stop=Outcome.NOT_FOUND, message="the mix has no such episode, or does not show it")
_WORKS: dict[str, Any] = {
    "path": "aweme_list",
    "parse": parse_work,
    "raw_type": Post,
    "shape": PostList,
    "row_reading": of_row,
}
_by_time, _by_offset = (
    next_page_by("max_cursor", "aweme_list", empty_is_common=True),
    next_page_by("cursor", "aweme_list"),
)


def mix_page(target: Target) -> str:
    return f"{WEB}/collection/{target.id}"


def music_page(target: Target) -> str:
    return f"{WEB}/music/{target.id}"


def hashtag_page(target: Target) -> str:
    return f"{WEB}/hashtag/{target.id}"


def mix_query(context: Context) -> Mapping[str, Any]:
    return {"mix_id": context.target.id}


def _around_episode(context: Context) -> Mapping[str, Any]:
    """Ask for the posts around an episode: one that is gone or hidden has no place in the list, but keeps its number."""
    place = int(context.target.get("episode", "1")) - 1
    return {**mix_query(context), "cursor": max(0, place - _LARGEST_GAP), "count": 2 * _LARGEST_GAP}


def _is_episode(record: Any, context: Context) -> bool:
    return record.mix is not None and str(record.mix.episode) == context.target.get("episode")


def _episode_page(data: Any, context: Context, cursor: str) -> NextPage:
    """Say that an episode does not exist if the posts around it came without it."""
    asked, posts = context.target.get("episode"), obj(data).get("aweme_list")
    numbers = {
        ident(dig(post, "mix_info.statis.current_episode")) for post in (posts if isinstance(posts, list) else ())
    }
    return _MISSING if numbers and asked not in numbers else END


def _no_episode(context: Context) -> NextPage:
    """Say why there are no posts around an episode: its number is too high, or the mix is empty or missing."""
    declared = empty_lists.counted(context.target)
    is_beyond = declared is not None and int(context.target.get("episode", "1")) > declared
    return _MISSING if is_beyond else empty_lists.nothing_in("the mix")(context)


def music_query(context: Context) -> Mapping[str, Any]:
    return {"music_id": context.target.id, "scene": 1}


def hashtag_query(context: Context) -> Mapping[str, Any]:
    return {"ch_id": context.target.id}


def _likes_page(target: Target) -> str:
    return f"{user_page(target)}?showTab=like"


def _favourites_page(target: Target) -> str:
    return f"{WEB}/user/self?showTab=favorite_collection"


def _of_user(context: Context) -> Mapping[str, Any]:
    return {
        "sec_user_id": context.target.id, "count": size(context, 18), "locate_query": "false", "show_live_replay_strategy": 1,
        "time_list_query": 0, "whale_cut_token": "", "cut_version": 1, "publish_video_strategy_type": 2, "from_user_page": 1,
    }  # fmt: skip


def _since(cursor: str, context: Context) -> Mapping[str, Any]:
    return {"max_cursor": cursor or 0, "need_time_list": 0 if cursor else 1}


def _works(path: str, query: Query, referer: Callable[[Target], str]) -> list[Route]:
    return listing(f"{API}/{path}/", query, raw=listed("aweme_list"), referer=referer, **_WORKS)


def _related(context: Context) -> Mapping[str, Any]:
    return {"aweme_id": context.target.id, "count": size(context), "filterGids": "", "sub_channel_id": 3}


def _of_work(data: Any) -> Mapping[str, str]:
    """Return the hints of a post's share page: that the post exists."""
    path = "item_list.0.aweme_id"
    return empty_lists.existing(dig(data, path), None, path)


LISTS = [
    Endpoint(
        router=f"{ROUTER}/fetch_user_post_videos", kind="user", record="video", listing="profile", default=True, login="more",
        params=[USER_ID, starts("max_cursor", _MS)], summary="a creator's posts: pinned ones first, then newest first",
        routes=[*_works("aweme/post", _of_user, user_page), lookups.explaining()],
        pagination=Pagination(cursor_params=_since, next_page=_by_time, why_empty=lookups.no_posts, newest_first=NewestFirst(pinned="flags.pinned")),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_user_like_videos", kind="user", record="video", listing="likes", login="more",
        params=[USER_ID, starts("max_cursor", _MS), counts("counts")], summary="a user's likes, if public",
        routes=[
            *_works("aweme/favorite", lambda context: {**_of_user(context), "min_cursor": 0}, _likes_page), lookups.explaining(),
        ],
        pagination=Pagination(cursor_params=_since, next_page=_by_time, why_empty=lookups.no_likes),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_user_collection_videos", kind="own favourites", record="video", singleton=OWN, default=True, login="needed",
        params=[starts("cursor", "1790000000000000", older="max_cursor"), counts("counts")],
        summary="the logged-in user's favourites",
        routes=listing(
            f"{API}/aweme/listcollection/", lambda context: {"publish_video_strategy_type": 2}, version="17.4.0",
            form=lambda context: {"count": size(context)}, raw=listed("aweme_list"), referer=_favourites_page, **_WORKS,
        ),
        pagination=Pagination(cursor_params=offset, next_page=_by_offset),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_user_mix_videos", kind="mix", kinds=[MIX_EPISODE], record="video", listing="mix", default=True,
        params=[MIX_ID, starts("cursor", older="max_cursor"), counts("counts")], summary="the posts of a mix, in order",
        routes=[
            *_works("mix/aweme", lambda context: {**mix_query(context), "count": size(context)}, mix_page),
            lookups.explaining_thing("mix", mix_query, mix_page),
        ],
        pagination=Pagination(
            cursor_params=offset, next_page=_by_offset, total="aweme_list.0.mix_info.statis.updated_to_episode",
            why_empty=empty_lists.nothing_in("the mix"),
        ),
        relation=Relation("in_mix", "mix", outward=False),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_mix_episode", kind=MIX_EPISODE, record="video", default=True,
        params=[replace(MIX_ID, kind=MIX_EPISODE), _EPISODE], summary="one post of a mix, by its place in the mix",
        routes=[
            *either(f"{API}/mix/aweme/", _around_episode, raw=listed("aweme_list"), referer=mix_page, is_requested=_is_episode, **_WORKS),
            lookups.explaining_thing("mix", mix_query, mix_page),
        ],
        pagination=Pagination(cursor_params=no_cursor, next_page=_episode_page, page_size=SIZE_OF_PLATFORM, why_empty=_no_episode),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_music_videos", kind="music", record="video", listing="music", default=True,
        params=[MUSIC_ID, starts("cursor")], summary="posts with a sound",
        routes=[
            *_works("music/aweme", lambda context: {"music_id": context.target.id, "count": size(context, 18)}, music_page),
            lookups.explaining_thing("music", music_query, music_page),
        ],
        pagination=Pagination(cursor_params=offset, next_page=_by_offset, why_empty=empty_lists.nothing_in("the sound")), relation=Relation("uses_music", "music", outward=False),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_hashtag_videos", kind="hashtag", record="video", listing="hashtag", default=True,
        params=[HASHTAG_ID, starts("cursor")], summary="posts with a hashtag",
        routes=[
            *_works("challenge/aweme", lambda context: {**hashtag_query(context), "sort_type": 0, "count": size(context)}, hashtag_page),
            lookups.explaining_thing("challenge", hashtag_query, hashtag_page),
        ],
        pagination=Pagination(cursor_params=offset, next_page=_by_offset, why_empty=empty_lists.nothing_in("the hashtag")), relation=Relation("uses_hashtag", "hashtag", outward=False),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_related_videos", kind="video", record="video", listing="related", params=[WORK_ID],
        summary="about twenty posts related to a post", relation=Relation("related", "video"),
        routes=[
            *either(f"{API}/aweme/related/", _related, raw=listed("aweme_list"), referer=work_page, **_WORKS),
            Route(name="share page", lookup=_of_work, explains_empty=True, authoritative=True, best_effort=True, **SHARE_PAGE),
        ],
        pagination=Pagination(cursor_params=no_cursor, next_page=single_page, why_empty=empty_lists.nothing_in("the post")),
    ),
]  # fmt: skip
