"""Parameters, referring pages and routes that Douyin's endpoint tables share."""

from collections.abc import Callable, Mapping
from typing import Any

from scraper.platform import Context, Param, Route, sent_as
from scraper.platform.targets import Target
from spiders.douyin import embedded_data
from spiders.douyin.ids import ROOM, SEC_UID, WORK
from spiders.douyin.query import common

ROUTER = "/api/douyin/web"
WEB = "https://www.douyin.com"
API = f"{WEB}/aweme/v1/web"
PAGE = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
MIRROR = "https://www-hj.douyin.com/aweme/v1/web"  # the same API under another name
Query = Callable[[Context], Mapping[str, Any]]
_LARGEST_PAGE = 20  # larger values are reduced to it
offset = sent_as("cursor")

WORK_ID = Param(name="aweme_id", regex=WORK, example="7412345678901234567", kind="video", aliases=("video_id",))
USER_ID = Param(
    name="sec_user_id",
    regex=SEC_UID,
    example="MS4wLjABAAAA" + "sample-0_" * 4 + "sample1",
    kind="user",
    aliases=("sec_uid",),
)
ROOM_NAME = Param(name="webcast_id", regex=ROOM, example="123456789012", kind="live room")


def starts(name: str, example: str = "20", regex: str = r"\d{1,18}", older: str = "") -> Param:
    """Return the parameter for the start of a list; 0 is its beginning.

    :param older: an older name of it
    """
    aliases = (older,) if older else ()
    return Param(
        name=name, regex=regex, example=example, cursor=True, make=lambda value: value.lstrip("0"), aliases=aliases
    )


def counts(older: str) -> Param:
    """Return the page size parameter with an older name."""
    return Param(name="count", regex=r"[1-9]\d{0,2}", example="20", aliases=(older,))


def user_page(target: Target) -> str:
    return f"{WEB}/user/{target.id}"


def work_page(target: Target) -> str:
    return f"{WEB}/video/{target.get('video') or target.id}"


def size(context: Context, usual: int = _LARGEST_PAGE, most: int = _LARGEST_PAGE) -> int:
    """Return the page size: the user's, up to Douyin's maximum."""
    return context.size(usual, most)


def by_page(
    url: str,
    query: Query,
    *,
    version: str = "29.1.0",
    decode: Callable[[bytes], Any] | None = None,
    **shared: Any,
) -> Route:
    """Return the route through Douyin's own page in a browser, which signs requests.

    :param shared: `raw`, `path`, `parse` and the like
    """
    return Route(
        name="browser", transport="browser", surface="browser", url=url, describes_browser=True, decode=decode,
        query=lambda context: {**common(version), **query(context)}, **shared,
    )  # fmt: skip


def plain(
    url: str,
    query: Query,
    *,
    version: str = "29.1.0",
    name: str = "api",
    **shared: Any,
) -> Route:
    """Return the unsigned route, which Douyin answers sometimes; a refusal does not count against the session."""
    return Route(
        name=name, url=url, describes_browser=True, best_effort=True, decode=embedded_data.decode_unsigned,
        query=lambda context: {**common(version), **query(context)}, **shared,
    )  # fmt: skip


def either(url: str, query: Query, *, decode: Callable[[bytes], Any] | None = None, **shared: Any) -> list[Route]:
    """Return both routes: unsigned, then through Douyin's own page.

    :param decode: decoder for the browser route
    """
    return [plain(url, query, **shared), by_page(url, query, decode=decode, **shared)]


def listing(url: str, query: Query, **shared: Any) -> list[Route]:
    """Return the routes of a list."""
    return either(url, query, decode=embedded_data.decode_list, **shared)
