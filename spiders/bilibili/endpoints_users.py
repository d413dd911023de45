"""Endpoints of creators: profiles, posts, dynamics, followers and following."""

from typing import Any

from scraper.platform import (
    END,
    SIZE_OF_PLATFORM,
    Context,
    Endpoint,
    Extra,
    Follow,
    NewestFirst,
    NextPage,
    Pagination,
    Param,
    Relation,
    Route,
    lacking,
    listed,
)
from scraper.platform.targets import Target
from scraper.responses.values import MissingError, dig, flag, ident, integer
from spiders.bilibili import lookups, parse, parse_dynamic, parse_user
from spiders.bilibili.endpoints_common import API, DM_IMG, PN, ROUTER, UID, by_number, space_page
from spiders.bilibili.hidden_rows import of_dynamic
from spiders.bilibili.ids import PLATFORM
from spiders.bilibili.pagination import counting
from spiders.bilibili.shapes import Dynamic, DynamicList, ListedVideo, UserVideos

_LARGEST_PAGE, _PAGE, _RELATIONS = 50, 30, 50
_FEATURES = (
    "itemOpusStyle,listOnlyfans,opusBigCover,onlyfansVote,forwardListHidden,decorationCard,commentsNewVersion,"
    "onlyfansAssetsV2,ugcDelete,onlyfansQaCard"
)


def _posts_turn(data: Any, context: Context, cursor: str) -> NextPage:
    return counting(dig(data, "data.page"), cursor, _posts(data), _posts_size(context))


def _posts_size(context: Context) -> int:
    return context.size(_PAGE, _LARGEST_PAGE)


def _posts(data: Any) -> list[Any]:
    lists = dig(data, "data.list")
    if not isinstance(lists, dict) or not isinstance(lists.get("vlist") or [], list):
        raise MissingError("data.list.vlist")
    return lists.get("vlist") or []


def _makers(video: Any, given: str) -> list[Target]:
    return [Target("user", video.author.uid, given, (), PLATFORM)] if video.author.uid else []


def _relations_turn(data: Any, context: Context, cursor: str) -> NextPage:
    """Stop at the total, or at an empty page if the platform shows fewer."""
    number, declared = int(cursor or 1), integer(dig(data, "data.total"))
    if declared is None:
        return lacking("data.total")
    return NextPage(cursor=str(number + 1)) if number * _RELATIONS < declared else END


def _relations(path: str, name: str, counted: str, summary: str, max_visible: int, *, outward: bool) -> Endpoint:
    """Return the endpoint of followers or following.

    :param counted: the hint that counts them
    :param max_visible: how many entries are shown of other users' lists
    """
    return Endpoint(
        router=f"{ROUTER}/{name}", kind="user", record="author", login="needed", params=[UID, PN], summary=summary,
        relation=Relation("follows", "author", outward=outward),
        routes=[
            Route(
                url=f"{API}/x/relation/{path}", referer=_fans_page,
                query=lambda context: {"vmid": context.target.id, "ps": _RELATIONS, "order": "desc", "order_type": ""},
                raw=listed("data.list"), path="data.list", parse=parse_user.parse_related,
            ),
            lookups.explaining(),
        ],
        pagination=Pagination(
            cursor_params=by_number, next_page=_relations_turn, page_size=SIZE_OF_PLATFORM, total="data.total", max_empty_pages=0, max_visible=max_visible,
            why_empty=lookups.nothing(counted),
        ),
    )  # fmt: skip


def _dynamics_page(target: Target) -> str:
    return f"https://space.bilibili.com/{target.id}/dynamic"


def _fans_page(target: Target) -> str:
    return f"https://space.bilibili.com/{target.id}/fans/fans"


def _dynamics_turn(data: Any, context: Context, cursor: str) -> NextPage:
    more, following = flag(dig(data, "data.has_more")), ident(dig(data, "data.offset"))
    if more is None:
        return lacking("data.has_more")
    if not more:
        return END
    return NextPage(cursor=following, empty_is_common=True) if following else lacking("data.offset")


USERS = [
    Endpoint(
        router=f"{ROUTER}/fetch_user_profile", kind="user", record="author", login="more", params=[UID],
        summary="a creator's profile and counts", follow=Follow(name="author", record="video", targets=_makers),
        routes=[
            Route(
                url=f"{API}/x/space/wbi/acc/info", referer=space_page, signed=True, parse=parse_user.parse_author,
                is_requested=lambda author, context: author.uid == context.target.id,
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
        router=f"{ROUTER}/fetch_user_post_videos", kind="user", record="video", default=True, listing="profile", params=[UID, PN],
        summary="all videos of a creator, newest first",
        routes=[
            Route(
                url=f"{API}/x/space/wbi/arc/search", referer=space_page, signed=True,
                query=lambda context: {
                    "mid": context.target.id, "ps": _posts_size(context), "tid": 0, "keyword": "", "order": context.target.get("order", "pubdate"),
                    "order_avoided": "true", "platform": "web", "web_location": "333.1387", "special_type": "", "index": 0, **DM_IMG,
                },
                raw=_posts, path="data.list.vlist", raw_type=ListedVideo, shape=UserVideos, parse=parse.parse_listed_video,
            ),
            lookups.explaining(),
        ],
        pagination=Pagination(
            cursor_params=by_number, next_page=_posts_turn, total="data.page.count", exact=True, why_empty=lookups.nothing(lookups.VIDEOS),
            newest_first=NewestFirst(applies=lambda target, sort: target.get("order", "pubdate") == "pubdate"),
        ),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_user_dynamic", kind="user", record="video", login="more", listing="feed",
        params=[UID, Param(name="offset", regex=r"\d{1,20}", example="800000000000000001", cursor=True)],
        summary="a user's posts of any kind, newest first",
        routes=[
            Route(
                url=f"{API}/x/polymer/web-dynamic/v1/feed/space", referer=_dynamics_page, signed=True,
                query=lambda context: {
                    "host_mid": context.target.id, "timezone_offset": -480, "platform": "web", "features": _FEATURES,
                    "web_location": "333.1387", **DM_IMG,
                },
                raw=listed("data.items"), path="data.items", raw_type=Dynamic, shape=DynamicList, parse=parse_dynamic.parse_dynamic, row_reading=of_dynamic,
            ),
            lookups.explaining(),
        ],
        pagination=Pagination(
            cursor_params=lambda cursor, context: {"offset": cursor}, next_page=_dynamics_turn, page_size=SIZE_OF_PLATFORM, why_empty=lookups.nothing(),
            newest_first=NewestFirst(pinned="flags.pinned"),
        ),
    ),
    _relations("followers", "fetch_user_followers", lookups.FOLLOWERS, "followers of a user, newest first", 1000, outward=False),
    _relations("followings", "fetch_user_following", lookups.FOLLOWING, "accounts that a user follows, newest first", 100, outward=True),
]  # fmt: skip
