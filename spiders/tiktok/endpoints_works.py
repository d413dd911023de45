"""Endpoints of posts and their ids: pages first, then unsigned requests, then the page in a browser."""

from collections.abc import Mapping
from typing import Any

from scraper.platform import Context, Endpoint, Route, at, if_missing
from scraper.platform.targets import Target
from scraper.records import Video, stream_choice
from scraper.responses.values import ident
from spiders.tiktok import embedded_data, lookups, parse_user
from spiders.tiktok.endpoints_app import feed, is_asked
from spiders.tiktok.endpoints_common import ITEM_ID, PAGE, WEB, api, in_page, unsigned, work_page
from spiders.tiktok.ids import HOME, created, user
from spiders.tiktok.pagination import works
from spiders.tiktok.parse_web import parse_item
from spiders.tiktok.query import creator
from spiders.tiktok.shapes import OnePost, Post, PostList
from spiders.tiktok.verdicts import is_shown

_MARGIN_S = 3600  # createTime is some seconds later than the id


def _creator_query(context: Context) -> Mapping[str, Any]:
    """Request the posts just older than the requested one's time: it is on this page or on none."""
    moment = (created(context.target.id) or 0) + _MARGIN_S
    return creator(context.target.hint("sec_uid"), moment * 1000, context.tries)


def _is_listable(target: Target) -> bool:
    return bool(target.hint("sec_uid")) and created(target.id) is not None


def _is_nameable(target: Target) -> bool:
    return bool(target.hint("handle")) and not target.hint("sec_uid") and created(target.id) is not None


def _author_page(target: Target) -> str:
    return f"{HOME}@{user(target.hint('handle') or target.hint('sec_uid'))}"


def _parse_listed(raw: Post, context: Context) -> Video | None:
    """Parse a listed post if it is the requested one; the others need not be readable."""
    is_it = ident(raw.id) == context.target.id and is_shown(raw)
    return parse_item(raw, context) if is_it else None


def _by_creator() -> list[Route]:
    """Return the route through the creator's posts, preceded by the secUid lookup if only the handle is known."""
    return [
        lookups.profile(url=lambda context: _author_page(context.target), is_available=_is_nameable),
        unsigned(
            api("creator/item_list"), _creator_query, "user", name="creator", referer=_author_page, raw=works(),
            path="itemList", parse=_parse_listed,
            raw_type=Post, shape=PostList, is_requested=is_asked, is_available=_is_listable, best_effort=True,
        ),
    ]  # fmt: skip


def detail_query(context: Context) -> Mapping[str, Any]:
    """Return the query for one post."""
    return {"itemId": context.target.id, "coverFormat": 2}


_ITEM: dict[str, Any] = {
    "raw": at("itemInfo.itemStruct"),
    "path": "itemInfo.itemStruct",
    "parse": parse_item,
    "raw_type": Post,
    "is_requested": is_asked,
}


_LACKS = if_missing("video_data", "image_data", "image_data.live_photos", stream_choice.NO_SOUND)

WORKS = [
    Endpoint(
        router=f"{WEB}/fetch_one_video", kind="video", record="video", default=True, login="more", params=[ITEM_ID],
        summary="a video or image post with its counts and streams",
        routes=[
            Route(
                name="page", surface="page", url=lambda context: work_page(context.target), decode=embedded_data.video_data,
                headers=PAGE, lacks=_LACKS, **_ITEM,
            ),
            feed(),
            *_by_creator(),
            in_page(api("item/detail"), detail_query, "video", referer=work_page, shape=OnePost, **_ITEM),
        ],
    ),
    *(
        Endpoint(
            router=f"{WEB}/{name}", kind="video", record="id", params=[], seed=parse_user.seed_work,
            summary=f"the id in a link to a post{of_many}",
        )
        for name, of_many in (("get_aweme_id", ""), ("get_all_aweme_id", ", of many inputs"))
    ),
]  # fmt: skip
