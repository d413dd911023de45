"""`/api/download`: the video or the pictures of a post, as a file."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from scraper.front.described import RESPONSES
from scraper.front.downloads import Wish
from scraper.front.file_response import FileResponse
from scraper.front.front import FrontOf
from scraper.front.hybrid_route import post_of
from scraper.front.query import arguments_of

PATH = "/api/download"
router = APIRouter(tags=["download"])
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "the file", "content": {"video/mp4": {}, "image/jpeg": {}, "application/zip": {}}},
    206: {"description": "the part of it that Range asks for"},
    "default": RESPONSES["default"],
}


@router.head(PATH, include_in_schema=False)
@router.get(PATH, summary="the file of a post", responses=_FILE)
async def download(
    request: Request,
    front: FrontOf,
    url: Annotated[str, Query(description="a link, an id, or a share text with one link")] = "",
    prefix: Annotated[bool, Query(description="whether the name begins with platform and author")] = True,
    with_watermark: Annotated[bool, Query(description="the file with watermark if there is one")] = False,
    quality: Annotated[str, Query(description="best, h264, <=1080p or other lines, or smallest")] = "",
) -> Response:
    arguments_of(request, ("url", "prefix", "with_watermark", "quality"))
    wish = Wish(url.strip(), quality, with_watermark)
    ask = partial(post_of, front, calls=front.full_calls, path=PATH)
    return FileResponse(front.downloads, wish, ask, has_prefix=prefix)
