"""What is crawled of each platform: what is asked for, and what is answered. A row for each list or single item.

Targets are numbered. Their items are numbered too: from SPAN times the number of the target on.
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from types import SimpleNamespace
from typing import Any, NamedTuple

from scraper.platform import Context, Endpoint, with_query
from scraper.platform.targets import Target
from tests.bench.pages import Pages, Shape
from tests.bench.shapes import COMMENTS, POSTS, STREAMS, VIDEOS, bvid, number_at, number_of, plain_id, time_of
from tests.cases import FIXTURES, PLATFORMS
from tests.simulator.avbv import to_aid
from tests.simulator.messages import Request

SPAN = 10_000
_KEPT = 300  # answers, each of up to 600 kB
_SEC_UID, _FIRST_MID = "MS4wLjABAAAA", 100_000_000
_PROFILE = FIXTURES / "tiktok/web/fetch_user_post/profile_2026.response.html"
_PROFILE_ID = b"MS4wLjABAAAAsample0000000000000000"
Query = Mapping[str, str]


class Ask(NamedTuple):
    """One request, unsigned."""

    url: str
    signed: bool
    referer: str | None


@dataclass(frozen=True, kw_only=True)
class Subject(ABC):
    """A list of each target, or one item of each.

    :param name: platform and kind, such as douyin_posts
    :param router: last segment of the router
    :param path: matches the paths of its requests
    :param shape: of its answers
    :param items: path of the item, or of the list of items, in the JSON of an answer
    :param key: name of the id in a raw item
    :param record_key: name of the id in a record
    :param ident: from the number of an item to its id in both
    :param link: from the number of a target to its link
    :param target: from the number of a target to what the link points at
    """

    name: str
    router: str
    path: str
    shape: Shape
    items: str
    key: str
    record_key: str
    ident: Callable[[int], object]
    link: Callable[[int], str]
    target: Callable[[int], Target]

    @property
    def platform(self) -> str:
        return self.name.partition("_")[0]

    @property
    def endpoint(self) -> Endpoint:
        platform = next(declared for declared in PLATFORMS if declared.name == self.platform)
        return next(row for row in platform.endpoints if row.router.endswith(f"/web/{self.router}"))

    @cached_property
    def rendered(self) -> Pages:
        return Pages(self.shape)

    @cached_property
    def page(self) -> Callable[..., bytes]:
        """Renders an answer, and keeps those that were rendered last."""
        return lru_cache(_KEPT)(self.render)

    @abstractmethod
    def render(self, *numbers: int) -> bytes: ...

    def ask(self, target: Target, cursor: str = "", route: int = 0) -> Ask:
        """Return a request of the endpoint."""
        declared = self.endpoint.routes[route]
        url = self.endpoint.url_for(Context(target), cursor, route)
        return Ask(url, declared.signed, declared.referer(target) if declared.referer else None)


@dataclass(frozen=True, kw_only=True)
class Listing(Subject):
    """A list of each target.

    :param size: items a page
    :param owner: from a query to the number of the target
    :param place: from a query to the place of the page, the first is 0
    :param cursor: from the number of a target and a place to the cursor that asks for the page
    :param next_cursor: from the number of a target, a place and the number of pages to what the page tells of the next
    """

    size: int = 20
    owner: Callable[[Query], int]
    place: Callable[[Query], int]
    cursor: Callable[[int, int], str]
    next_cursor: Callable[[int, int, int], int]

    def asks(self, number: int, pages: int) -> list[Ask]:
        """Return the requests for a target: lookups, then every page."""
        target, routes = self.target(number), self.endpoint.routes
        first = next(place for place, route in enumerate(routes) if not route.lookup)
        lookups = [self.ask(target, "", place) for place in range(first) if routes[place].is_available(target)]
        cursors = ["", *(self.cursor(number, place) for place in range(1, pages))]
        return [*lookups, *(self.ask(target, cursor, first) for cursor in cursors)]

    def ids(self, number: int, pages: int) -> list[str]:
        return [str(self.ident(SPAN * number + item)) for item in range(self.size * pages)]

    def answer(self, request: Request, pages: int) -> bytes:
        """Return the page that is asked for."""
        if request.path.startswith("/@"):
            return _profile(int(re.findall(r"\d+", request.path)[0]))
        return self.page(self.owner(request.query), self.place(request.query), pages)

    def render(self, owner: int, place: int, pages: int) -> bytes:
        first = SPAN * owner + self.size * place
        cursor = self.next_cursor(owner, place, pages)
        return self.rendered.listed(range(first, first + self.size), cursor, place + 1 < pages)


@dataclass(frozen=True, kw_only=True)
class Single(Subject):
    """One item of each target.

    :param number: from a request to the number of the item
    """

    number: Callable[[Request], int]

    def asks(self, number: int, pages: int) -> list[Ask]:
        """Return the request for an item, and its extra requests."""
        target = self.target(number)
        record = SimpleNamespace(video_id=target.id, cid="1")
        extras = [(extra, extra.query(record, Context(target)) or {}) for extra in self.endpoint.extras]
        page = self.endpoint.routes[0].referer
        return [
            self.ask(target),
            *(Ask(with_query(extra.url, query), extra.signed, page and page(target)) for extra, query in extras),
        ]

    def ids(self, number: int, pages: int) -> list[str]:
        return [str(self.ident(number))]

    def answer(self, request: Request, pages: int) -> bytes:
        """Return the answer with the item that is asked for, or with its streams."""
        if request.path.endswith("/playurl"):
            return _streams("dash" if request.query["fnval"] == "4048" else "mp4")
        return self.page(self.number(request))

    def render(self, number: int) -> bytes:
        return self.rendered.single(number)


@cache
def _streams(name: str) -> bytes:
    return Pages(STREAMS[name]).single(0)


def _profile(number: int) -> bytes:
    """Return the page of a TikTok user, which tells their `secUid`."""
    return _PROFILE.read_bytes().replace(_PROFILE_ID, _sec_uid(number).encode()).replace(b'"videoCount": 7', b'"a": 7')


def _sec_uid(number: int) -> str:
    return f"{_SEC_UID}{number:043}"


def _last_digits(text: str) -> int:
    return int(text[-12:])


def _douyin_link(number: int) -> str:
    return f"https://www.douyin.com/user/{_sec_uid(number)}"


def _tiktok_place(query: Query) -> int:
    """Return the number of the page that begins at a time: the creation time of the last post of the page before."""
    newest = number_at(int(query["cursor"]) // 1000)
    return max(0, newest + 1 - SPAN * _last_digits(query["secUid"])) // 20


def _tiktok_cursor(number: int, place: int) -> str:
    return str(1000 * time_of(SPAN * number + 20 * place - 1))


def _tiktok_target(number: int) -> Target:
    handle = f"bench.user{number}"
    return Target("user", handle, handle, platform="tiktok").with_hints({"sec_uid": _sec_uid(number)})


def _bilibili_offset(place: int) -> str:
    return json.dumps({"type": 1, "direction": 1, "data": {"pn": place}}, separators=(",", ":"))


def _video(platform: str, ident: Callable[[int], object], link: str) -> dict[str, Any]:
    """Return what names a single post of a platform."""

    def target(number: int) -> Target:
        return Target("video", str(ident(number)), "", platform=platform)

    return {"link": lambda number: link.format(ident(number)), "target": target}


_VIDEO = {
    "douyin": _video("douyin", plain_id("douyin"), "https://www.douyin.com/video/{}"),
    "tiktok": _video("tiktok", plain_id("tiktok"), "https://www.tiktok.com/@sample.user/video/{}"),
    "bilibili": _video("bilibili", bvid, "https://www.bilibili.com/video/{}"),
}

_ROWS = [
    Listing(
        name="douyin_posts", router="fetch_user_post_videos", path="/aweme/v1/web/aweme/post/", shape=POSTS["douyin"],
        items="aweme_list", key="aweme_id", record_key="video_id", ident=plain_id("douyin"), link=_douyin_link,
        target=lambda number: Target("user", _sec_uid(number), "", platform="douyin"),
        owner=lambda query: _last_digits(query["sec_user_id"]),
        place=lambda query: int(query["max_cursor"]) % SPAN,
        cursor=lambda number, place: str(1000 * time_of(0) + place),
        next_cursor=lambda number, place, pages: 1000 * time_of(0) + place + 1,
    ),
    Listing(
        name="tiktok_posts", router="fetch_user_post", path=r"/api/creator/item_list/|/@bench\.user\d+",
        shape=POSTS["tiktok"],
        items="itemList", key="id", record_key="video_id", ident=plain_id("tiktok"),
        link=lambda number: f"https://www.tiktok.com/@bench.user{number}", target=_tiktok_target,
        owner=lambda query: _last_digits(query["secUid"]), place=_tiktok_place, cursor=_tiktok_cursor,
        next_cursor=lambda number, place, pages: 0,
    ),
    Listing(
        name="bilibili_posts", router="fetch_user_post_videos", path="/x/space/wbi/arc/search", shape=POSTS["bilibili"],
        items="data:list:vlist", key="bvid", record_key="video_id", ident=bvid, size=30,
        link=lambda number: f"https://space.bilibili.com/{_FIRST_MID + number}",
        target=lambda number: Target("user", str(_FIRST_MID + number), "", platform="bilibili"),
        owner=lambda query: int(query["mid"]) - _FIRST_MID, place=lambda query: int(query["pn"]) - 1,
        cursor=lambda number, place: str(place + 1), next_cursor=lambda number, place, pages: 30 * pages,
    ),
    Single(
        name="douyin_videos", router="fetch_one_video", path=r"/share/video/\d+/", shape=VIDEOS["douyin"],
        items="loaderData:video_(id)/page:videoInfoRes:item_list:0", key="aweme_id", record_key="video_id",
        ident=plain_id("douyin"), number=lambda request: number_of("douyin", request.path.split("/")[3]),
        **_VIDEO["douyin"],
    ),
    Single(
        name="tiktok_videos", router="fetch_one_video", path=r"/@[^/]+/video/\d+", shape=VIDEOS["tiktok"],
        items="__DEFAULT_SCOPE__:webapp.video-detail:itemInfo:itemStruct", key="id", record_key="video_id",
        ident=plain_id("tiktok"), number=lambda request: number_of("tiktok", request.path.split("/")[3]),
        **_VIDEO["tiktok"],
    ),
    Single(
        name="bilibili_videos", router="fetch_one_video", path=r"/x/web-interface/view|/x/player/wbi/playurl",
        shape=VIDEOS["bilibili"], items="data", key="bvid", record_key="video_id", ident=bvid,
        number=lambda request: number_of("bilibili", to_aid(request.query["bvid"])), **_VIDEO["bilibili"],
    ),
    Listing(
        name="douyin_comments", router="fetch_video_comments", path="/aweme/v1/web/comment/list/",
        shape=COMMENTS["douyin"],
        items="comments", key="cid", record_key="comment_id", ident=plain_id("douyin"),
        owner=lambda query: number_of("douyin", query["aweme_id"]), place=lambda query: int(query["cursor"]) // 20,
        cursor=lambda number, place: str(20 * place), next_cursor=lambda number, place, pages: 20 * (place + 1),
        **_VIDEO["douyin"],
    ),
    Listing(
        name="tiktok_comments", router="fetch_post_comment", path="/api/comment/list/", shape=COMMENTS["tiktok"],
        items="comments", key="cid", record_key="comment_id", ident=plain_id("tiktok"),
        owner=lambda query: number_of("tiktok", query["aweme_id"]), place=lambda query: int(query["cursor"]) // 20,
        cursor=lambda number, place: str(20 * place), next_cursor=lambda number, place, pages: 20 * (place + 1),
        **_VIDEO["tiktok"],
    ),
    Listing(
        name="bilibili_comments", router="fetch_video_comments", path="/x/v2/reply/wbi/main",
        shape=COMMENTS["bilibili"],
        items="data:replies", key="rpid", record_key="comment_id", ident=plain_id("bilibili"),
        owner=lambda query: number_of("bilibili", query["oid"]),
        place=lambda query: int((re.findall(r'"pn":(\d+)', query["pagination_str"].replace("\\", "")) or [0])[0]),
        cursor=lambda number, place: _bilibili_offset(place), next_cursor=lambda number, place, pages: place + 1,
        **_VIDEO["bilibili"],
    ),
]  # fmt: skip
SUBJECTS: dict[str, Listing | Single] = {row.name: row for row in _ROWS}
