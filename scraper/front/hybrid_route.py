"""`/api/hybrid/video_data`: the post of any link or share text."""

from typing import Any

from fastapi import APIRouter, Request
from msgspec import UNSET
from starlette.responses import Response

from scraper.front.calls import Calls
from scraper.front.described import DIALECT_PARAMETER, RESPONSES, parameter
from scraper.front.disconnects import while_connected
from scraper.front.front import Front, FrontOf
from scraper.front.query import (
    DIALECT,
    LINK,
    MINIMAL,
    ambiguous,
    arguments_of,
    kind_of,
    one_target,
    switch,
    wrong_kind,
)
from scraper.front.replies import bad_input, dropped, reply
from scraper.output.envelope import Envelope, Failure
from scraper.output.record_changes import RecordChanges
from scraper.output.selection import Selection
from scraper.platform.targets import AMBIGUOUS, Target
from scraper.records import Video

PATH = "/api/hybrid/video_data"
router = APIRouter(tags=["hybrid"])
_FIELDS = (
    "type", "video_id", "url", "title", "desc", "text", "create_time", "author", "music", "statistics", "hashtags",
    "cover_data", "video_data", "image_data", "meta",
)  # fmt: skip
_MINIMAL = RecordChanges(Selection(_FIELDS), None)
MINIMAL_PARAMETER = parameter(
    MINIMAL, f"only {', '.join(_FIELDS)}; without effect on a dialect", None, {"type": "boolean", "default": False}
)
_PARAMETERS = [
    parameter(LINK, "a link, an id, or a share text with one link", "看 https://… 快来", {"type": "string"}),
    MINIMAL_PARAMETER,
    DIALECT_PARAMETER,
]


@router.get(
    PATH,
    summary="a post of any platform, by a link, an id or a share text",
    openapi_extra={"parameters": _PARAMETERS},
    responses=RESPONSES,
)
async def video_data(request: Request, front: FrontOf) -> Response:
    arguments = arguments_of(request, (LINK, MINIMAL, DIALECT))
    is_minimal, dialect = switch(MINIMAL, arguments.get(MINIMAL, "false")), arguments.get(DIALECT, "")
    front.check_dialect(dialect)
    envelope = await while_connected(request, post_of(front, arguments.get(LINK, "")))
    return reply(as_asked(front, envelope, dialect, is_minimal=is_minimal))


def as_asked(front: Front, envelope: Envelope, dialect: str, *, is_minimal: bool) -> Any:
    """Return the envelope of a post in a dialect, or with its most important fields only."""
    answer = front.in_dialect(envelope, dialect)
    if is_minimal and answer is envelope and not envelope.failed:  # a dialect needs fields that minimal leaves out
        (answer,) = _MINIMAL.of([envelope], UNSET)
    return answer


async def post_of(front: Front, url: str, calls: Calls | None = None, path: str = PATH) -> Envelope:
    """Return the envelope of the post that a link leads to, or of why there is none.

    :param calls: who asks; by default, the calls whose answers are shown
    :param path: the call that it is for, which the envelope names as its router
    :raises Refusal: if it is not one link, leads to something else, or a pipeline dropped the post
    """
    if not url.strip():
        raise bad_input("url is missing: give a link, an id or a share text")
    target = one_target(url, front.atlas)
    if target.kind == AMBIGUOUS:
        raise ambiguous(target, front.atlas)
    endpoint = front.atlas.default(target) if kind_of(target) else None
    if endpoint is not None and (endpoint.record != Video.record_type or endpoint.is_list):
        raise wrong_kind(target, path, "video", endpoint)
    answer = await (calls or front.calls).ask("", path, {LINK: url, "max_pages": "1"})
    if not answer.router:
        raise dropped()
    endpoint = front.atlas.endpoints.get(answer.router)
    is_list = endpoint is not None and endpoint.is_list
    for envelope in answer.envelopes if len(answer.envelopes) == 1 else ():
        if isinstance(envelope.data, Failure) or (isinstance(envelope.data, Video) and not is_list):
            return envelope
    owner = front.atlas.owner(target, answer.router)
    led_to = Target(endpoint.kind if endpoint else "", "", target.given, platform=owner.name if owner else "")
    raise wrong_kind(led_to, path, "video", endpoint)
