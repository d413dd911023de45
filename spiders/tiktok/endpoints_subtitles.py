"""The endpoint of subtitles: they are listed with their post, and their texts are files of the CDN."""

from typing import Any

from scraper.platform import (
    END,
    SIZE_OF_PLATFORM,
    Context,
    Endpoint,
    Extra,
    Follow,
    NextPage,
    Pagination,
    Route,
    no_cursor,
)
from scraper.platform.targets import Target
from scraper.records import Video
from scraper.responses.values import MissingError, dig, ident, obj, objs
from spiders.tiktok import embedded_data, parse_subtitles
from spiders.tiktok.endpoints_app import multi
from spiders.tiktok.endpoints_common import ITEM_ID, PAGE, WEB, api, in_page, work_page
from spiders.tiktok.endpoints_works import detail_query
from spiders.tiktok.ids import HOME, PLATFORM

_WEB: dict[str, Any] = {
    "raw": parse_subtitles.web_rows,
    "path": "itemInfo.itemStruct.video.subtitleInfos",
    "parse": parse_subtitles.parse_subtitle,
}


def _next_page(data: Any, context: Context, cursor: str) -> NextPage:
    """Return the end of the list, which comes at once.

    :raises MissingError: if the answer has another post, so that the next route is asked
    """
    posts = [*objs(obj(data).get("aweme_details")), obj(dig(data, "itemInfo.itemStruct"))]
    if context.target.id not in [ident(post.get("id") or post.get("aweme_id")) for post in posts]:
        raise MissingError("the requested post")
    return END


def _with_speech(video: Video, given: str) -> list[Target]:
    """Return a video as a target; image posts have no subtitles."""
    return [Target("video", video.video_id, given, (), PLATFORM)] if video.type == "video" else []


SUBTITLES = [
    Endpoint(
        router=f"{WEB}/fetch_video_subtitles", kind="video", record="subtitle", login="", params=[ITEM_ID],
        summary="subtitles of a video in every language: recognised, translated or by the creator",
        routes=[
            Route(
                name="page", surface="page", url=lambda context: work_page(context.target), headers=PAGE,
                decode=embedded_data.video_data, **_WEB,
            ),
            multi(raw=parse_subtitles.app_rows, parse=parse_subtitles.parse_subtitle),
            in_page(api("item/detail"), detail_query, "video", referer=work_page, **_WEB),
        ],
        pagination=Pagination(cursor_params=no_cursor, next_page=_next_page, page_size=SIZE_OF_PLATFORM),
        extras=[
            Extra(
                name="file", url="", from_cdn=True, referer=lambda target: HOME, decode=parse_subtitles.decode_file,
                place=lambda subtitle: subtitle.url or "",
                query=lambda subtitle, context: {} if parse_subtitles.has_file(subtitle) else None,
                add=parse_subtitles.add_file, fills=parse_subtitles.file_fields,
            )
        ],
        follow=Follow(name="subtitles", record="video", targets=_with_speech),
    ),
]  # fmt: skip
