"""Endpoints of videos: metadata, parts and streams."""

from collections.abc import Callable, Mapping
from typing import Any

from scraper.platform import Context, Endpoint, Extra, Route
from scraper.records import Record
from spiders.bilibili import parse, parse_part, streams
from spiders.bilibili.endpoints_common import API, CID, DM_IMG, PART, ROUTER, VIDEO, by_bvid, video_page
from spiders.bilibili.shapes import OneView, Part, PartList, PartStreams, View


def _playurl(record: Any, context: Context, **more: Any) -> Mapping[str, Any] | None:
    """Return the query for streams. `try_look` shows more of them without a login."""
    if not streams.has_cid(record):
        return None
    cid = record.alt_ids["cid"] if hasattr(record, "alt_ids") else record.cid
    asked = {
        "bvid": record.video_id,
        "cid": cid,
        "otype": "json",
        "fnver": 0,
        "web_location": 1315873,
        **more,
        **DM_IMG,
    }
    return asked if context.logged_in else {**asked, "try_look": 1}


def _streams(required: bool) -> list[Extra]:
    """Return the two requests for a part's streams: DASH in every quality, and one file with sound."""
    url = f"{API}/x/player/wbi/playurl"
    return [
        Extra(
            name="dash", url=url, signed=True, shape=PartStreams, referer=video_page, add=streams.add_dash, required=required,
            query=lambda record, context: _playurl(record, context, qn=127, fnval=4048, fourk=1, platform="pc"),
            fills=lambda record: ["video_data"],
        ),
        Extra(
            name="mp4", url=url, signed=True, shape=PartStreams, referer=video_page, add=streams.add_mp4,
            query=lambda record, context: _playurl(record, context, qn=80, fnval=1, platform="html5", high_quality=1),
            fills=lambda record: ["video_data.nwm_video_url"] if record.video_data else [],
        ),
    ]  # fmt: skip


def _parts(parse: Callable[[Any, Context], Record]) -> Route:
    """Return the route to the parts of a video."""
    url = f"{API}/x/player/pagelist"
    return Route(url=url, query=by_bvid, raw_type=Part, shape=PartList, parse=parse, referer=video_page)


VIDEOS = [
    Endpoint(
        router=f"{ROUTER}/fetch_one_video", kind="video", record="video", default=True, login="more",
        summary="a video with its counts, parts and streams", params=[*VIDEO, PART],
        routes=[
            Route(
                url=f"{API}/x/web-interface/view", query=by_bvid, raw_type=View, shape=OneView, parse=parse.parse_view,
                is_requested=parse.is_asked, referer=video_page,
            )
        ],
        extras=_streams(required=False),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_video_playurl", kind="video", record="stream_set", login="more", several=True, one_by="cid",
        summary="the streams of one part (cid), or of every part", params=[*VIDEO, CID],
        routes=[_parts(parse_part.parse_stream_part)],
        seed=parse_part.seed_stream_part, extras=_streams(required=True),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_video_parts", kind="video", record="part", params=[*VIDEO], summary="the parts of a video", several=True,
        routes=[_parts(parse_part.parse_part)],
    ),
    Endpoint(
        router=f"{ROUTER}/bv_to_aid", kind="video", record="id", params=[*VIDEO],
        summary="the av number of a BV code, without a request", seed=parse_part.seed_aid,
    ),
]  # fmt: skip
