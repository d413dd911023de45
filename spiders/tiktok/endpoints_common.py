"""Parameters, referring pages and routes that TikTok's endpoint tables share."""

from collections.abc import Callable, Mapping
from typing import Any

from scraper.platform import Context, Param, Route, sent_as
from scraper.platform.targets import Target
from spiders.tiktok.ids import HANDLE, HOME, NUMBER, SEC_UID, WORK, user
from spiders.tiktok.query import common

WEB, APP = "/api/tiktok/web", "/api/tiktok/app"
APP_SERVICE = "tiktok_app"
PAGE = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
Query = Callable[[Context], Mapping[str, Any]]

ITEM_ID = Param(name="itemId", regex=WORK, example="7300000000000000002", kind="video", aliases=("video_id",))
AWEME_ID = Param(name="aweme_id", regex=WORK, example="7300000000000000002", kind="video", aliases=("video_id",))
UNIQUE_ID = Param(
    name="uniqueId", regex=rf"@?(?:{SEC_UID}|{HANDLE}|{NUMBER})", example="sample.user", kind="user", optional=True,
    make=lambda name: user(name.removeprefix("@")), aliases=("unique_id",),
)  # fmt: skip
SEC_USER_ID = Param(
    name="secUid",
    regex=SEC_UID,
    example="MS4wLjABAAAAsample0000000000000000",
    kind="user",
    aliases=("sec_uid", "sec_user_id"),
)
offset = sent_as("cursor")
COVER = Param(name="coverFormat", regex=r"[0-9]", example="2")


def starts(name: str = "cursor") -> Param:
    """Return the parameter for the start of a list; 0 is its beginning."""
    return Param(name=name, regex=r"\d{1,18}", example="20", cursor=True, make=lambda value: value.lstrip("0"))


def cover(context: Context) -> Mapping[str, Any]:
    """Return the parameter for the cover format."""
    return {"coverFormat": context.option(COVER.name, COVER.example)}


def api(path: str) -> str:
    """Return the URL of an API path given without slashes around it."""
    return f"{HOME}api/{path}/"


def work_page(target: Target) -> str:
    return f"{HOME}@_/video/{target.get('video') or target.id}"


def user_page(target: Target) -> str:
    return f"{HOME}@{target.id}"


def unsigned(url: str, query: Query, from_page: str, *, name: str = "api", **shared: Any) -> Route:
    """Return the unsigned route.

    :param from_page: see `spiders.tiktok.query.common`
    :param shared: `raw`, `path`, `parse` and the like
    """
    return Route(
        name=name, url=url, describes_browser=True,
        query=lambda context: {**common(from_page, context.logged_in), **query(context)}, **shared,
    )  # fmt: skip


def in_page(url: str, query: Query, from_page: str, *, name: str = "browser", **shared: Any) -> Route:
    """Return the route through TikTok's own page in a browser, which signs requests."""
    way = {"transport": "browser", "surface": "browser", **shared}
    return unsigned(url, query, from_page, name=name, **way)


def either(url: str, query: Query, from_page: str, **shared: Any) -> list[Route]:
    """Return both routes: unsigned, whose refusal proves little, then through TikTok's own page."""
    plain = unsigned(url, query, from_page, best_effort=True, **shared)
    return [plain, in_page(url, query, from_page, **shared)]
