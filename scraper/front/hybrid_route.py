"""`/api/hybrid/video_data`: the post of any link or share text."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from scraper.front.front import FrontOf
from scraper.front.replies import bad_input, reply
from scraper.inputs.share_text import find_all
from scraper.output.envelope import Envelope, Failure
from scraper.platform.targets import SHORT_LINK
from scraper.records import Video

PATH = "/api/hybrid/video_data"
router = APIRouter(tags=["hybrid"])


@router.get(PATH, summary="a post of any platform, by a link, an id or a share text")
async def video_data(
    front: FrontOf, url: Annotated[str, Query(description="a link, an id, or a share text with one link")] = ""
) -> Response:
    if not url.strip():
        raise bad_input("url is missing: give a link, an id or a share text")
    atlas = front.atlas
    targets = [*find_all(url.splitlines(), atlas.patterns, atlas.bare_ids, atlas.link_hosts)]
    if len(targets) > 1:
        raise bad_input(f"the text has {len(targets)} links: give one, or send all to POST /api/batch", given=url)
    for target in targets:
        is_known = target.kind != SHORT_LINK and atlas.owner(target) is not None
        endpoint = atlas.default(target) if is_known else None
        if endpoint is not None and (endpoint.record != Video.record_type or endpoint.pagination):
            raise _of_kind(target.kind, endpoint.router, url)
    answer = await front.calls.ask("", PATH, {"url": url, "max_pages": "1"})
    return reply(_one(answer.envelopes, url))


def _one(envelopes: list[Envelope], url: str) -> Envelope:
    """Return the envelope of a post.

    :raises Refusal: if a short link led to something else
    """
    first = envelopes[0]
    if len(envelopes) > 1 or not isinstance(first.data, Video | Failure):
        raise _of_kind(first.data.meta.target_kind or "", first.data.meta.router or "", url)
    return first


def _of_kind(kind: str, route: str, url: str) -> Exception:
    return bad_input(
        f"this is a link of kind {kind!r}, and {PATH} takes the link of a post (kind 'video')",
        remedy=f"call {route} for it" if route else "",
        given=url,
    )
