"""Creators: who they are, what they posted, and who follows whom. Wire contract, sections 5.6, 5.7, 5.12 and 5.16."""

from typing import Any

from scraper.endpoint import Context, Cursor, Endpoint, Extra, Route, Turn
from scraper.read import MissingError, dig
from spiders.bilibili import parse, parse_user
from spiders.bilibili.table import API, DM_IMG, PN, ROUTER, UID, by_number, size, space_page
from spiders.bilibili.turns import counting

_LARGEST_PAGE, _PAGE = 50, 30


def _posts_turn(data: Any, context: Context, cursor: str) -> Turn:
    return counting(dig(data, "data.page"), cursor, _posts(data), _posts_size(context))


def _posts_size(context: Context) -> int:
    return size(context, _PAGE, _LARGEST_PAGE)


def _posts(data: Any) -> list[Any]:
    found = dig(data, "data.list")
    if not isinstance(found, dict) or not isinstance(found.get("vlist") or [], list):
        raise MissingError("data.list.vlist")
    return found.get("vlist") or []


USERS = [
    Endpoint(
        router=f"{ROUTER}/fetch_user_profile", kind="user", record="author", login="more", params=[UID],
        summary="a creator's profile and counts",
        routes=[
            Route(
                url=f"{API}/x/space/wbi/acc/info", referer=space_page, signed=True, parse=parse_user.parse_author,
                query=lambda context: {"mid": context.target.id, "token": "", "platform": "web", "web_location": 1550101, **DM_IMG},
            )
        ],
        extras=[
            Extra(
                name="relation", url=f"{API}/x/relation/stat", query=lambda record, context: {"vmid": record.uid}, add=parse_user.add_relation,
                fills=lambda record: ["statistics.follower_count", "statistics.following_count"], referer=space_page,
            ),
            Extra(
                name="numbers", url=f"{API}/x/space/navnum", query=lambda record, context: {"mid": record.uid}, add=parse_user.add_numbers,
                fills=lambda record: ["statistics.video_count", "statistics.article_count", "statistics.audio_count", "statistics.mix_count"],
                referer=space_page,
            ),
            Extra(
                name="totals", url=f"{API}/x/space/upstat", query=lambda record, context: {"mid": record.uid}, add=parse_user.add_totals,
                fills=lambda record: ["statistics.total_favorited", "statistics.play_total"], login=True, referer=space_page,
            ),
        ],
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_user_post_videos", kind="user", record="video", natural=True, listing="profile", params=[UID, PN],
        summary="all videos of a creator, newest first",
        routes=[
            Route(
                url=f"{API}/x/space/wbi/arc/search", referer=space_page, signed=True,
                query=lambda context: {
                    "mid": context.target.id, "ps": _posts_size(context), "tid": 0, "keyword": "", "order": "pubdate",
                    "order_avoided": "true", "platform": "web", "web_location": "333.1387", "special_type": "", "index": 0, **DM_IMG,
                },
                raw=_posts, path="data.list.vlist", parse=parse.parse_listed_video,
            )
        ],
        cursor=Cursor(send=by_number, turn=_posts_turn, total="data.page.count", exact=True),
    ),
]  # fmt: skip
