"""Endpoints of TikTok's app API, which needs no signature: one post from the feed, or many at once."""

from typing import Any

from scraper.platform import (
    END,
    SIZE_OF_PLATFORM,
    Context,
    Endpoint,
    NextPage,
    Pagination,
    Param,
    Route,
    at,
    if_missing,
)
from scraper.responses.outcomes import Outcome
from scraper.responses.shapes import as_shape
from scraper.responses.values import ident
from spiders.tiktok.endpoints_common import APP, APP_SERVICE, AWEME_ID
from spiders.tiktok.ids import WORK
from spiders.tiktok.pagination import works
from spiders.tiktok.parse_app import parse_aweme
from spiders.tiktok.query import APP_DEVICE
from spiders.tiktok.shapes import AppPost, AppPostDetails, AppPostList
from spiders.tiktok.verdicts import of_status

FEED = "https://api22-normal-c-alisg.tiktokv.com/aweme/v1/feed/"
MULTI = "https://api16-normal-c-useast1a.tiktokv.com/aweme/v1/multi/aweme/detail/"
_AT_ONCE = 20


def is_asked(record: Any, context: Context) -> bool:
    """Return whether a post was requested; the app returns other posts if it does not have it."""
    return record.video_id in context.target.id.split(",")


def feed() -> Route:
    """Return the route through the app's feed."""
    return Route(
        name="feed", service=APP_SERVICE, url=FEED, query=lambda context: {**APP_DEVICE, "aweme_id": context.target.id},
        headers={"x-ladon": "unsigned"}, raw=at("aweme_list"), path="aweme_list", parse=parse_aweme,
        raw_type=AppPost, shape=AppPostList, is_requested=is_asked,
        lacks=if_missing("video_data", "image_data"),
    )  # fmt: skip


def multi(**shared: Any) -> Route:
    """Return the route to posts by their ids.

    :param shared: `raw`, `parse` and the like
    """
    return Route(
        name="multi", service=APP_SERVICE, url=MULTI, query=lambda context: APP_DEVICE, best_effort=True,
        form=lambda context: {"aweme_ids": f"[{context.target.id}]", "request_source": 0},
        headers={"X-Argus": ""}, path="aweme_details", **shared,
    )  # fmt: skip


def _many(text: str) -> str:
    """Return comma-separated ids without duplicates.

    >>> _many("7300000000000000002, 7300000000000000003,7300000000000000002")
    '7300000000000000002,7300000000000000003'
    """
    return ",".join(dict.fromkeys(text.replace(",", " ").split()))


def _next_page(data: Any, context: Context, cursor: str) -> NextPage:
    """Report the posts that the answer omits; it gives no reason."""
    came = {ident(as_shape(AppPost, work).aweme_id) for work in works("aweme_details")(data)}
    left_out = [work_id for work_id in context.target.id.split(",") if work_id not in came]
    if not left_out:
        return END
    return NextPage(stop=Outcome.NOT_FOUND, message=f"TikTok's app does not show {', '.join(left_out)}")


_IDS = Param(
    name="aweme_ids", regex=rf"{WORK}(?:\s*[,\s]\s*{WORK}){{0,{_AT_ONCE - 1}}}", example="7300000000000000002,7300000000000000003",
    kind="videos", make=_many,
)  # fmt: skip

APPS = [
    Endpoint(
        router=f"{APP}/fetch_one_video", kind="video", record="video", params=[AWEME_ID], routes=[feed()],
        summary="a video or image post from the app",
    ),
    Endpoint(
        router=f"{APP}/fetch_multi_video", kind="videos", record="video", params=[_IDS],
        summary=f"up to {_AT_ONCE} posts at once from the app",
        routes=[
            multi(
                raw=works("aweme_details"), parse=parse_aweme,
                raw_type=AppPost, shape=AppPostDetails, is_requested=is_asked, row_reading=of_status,
            )
        ],
        pagination=Pagination(cursor_params=lambda cursor, context: {}, next_page=_next_page, page_size=SIZE_OF_PLATFORM),
    ),
]  # fmt: skip
