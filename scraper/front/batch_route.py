"""`POST /api/batch`: several posts in one call."""

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from scraper.front.described import DIALECT_PARAMETER, RESPONSES
from scraper.front.disconnects import while_connected
from scraper.front.front import Front, FrontOf
from scraper.front.hybrid_route import MINIMAL_PARAMETER, as_asked, post_of
from scraper.front.hybrid_route import PATH as ROUTER
from scraper.front.query import no_parameters
from scraper.front.replies import Refusal, bad_input, reply
from scraper.front.wrong_form import in_words_of_http
from scraper.output.envelope import Envelope
from scraper.responses.exceptions import ArgumentError

PATH = "/api/batch"
MOST = 50
_DIALECTS: dict[str, Any] = {"enum": ["", *DIALECT_PARAMETER["schema"]["enum"]]}
router = APIRouter(tags=["hybrid"])


class Links(BaseModel):
    """Links, ids or share texts, each with one post."""

    model_config = ConfigDict(extra="forbid")
    urls: list[str] = Field(min_length=1, max_length=MOST)
    minimal: bool = Field(False, description=MINIMAL_PARAMETER["description"])
    dialect: str = Field("", description=DIALECT_PARAMETER["description"], json_schema_extra=_DIALECTS)


@router.post(
    PATH,
    summary=f"up to {MOST} posts of any platforms, in the order of their links",
    responses=RESPONSES,
    dependencies=[Depends(no_parameters)],
)
async def batch(request: Request, front: FrontOf, body: Links) -> Response:
    front.check_dialect(body.dialect)
    envelopes = await while_connected(request, _all(front, body.urls))
    items = [as_asked(front, envelope, body.dialect, is_minimal=body.minimal) for envelope in envelopes]
    return reply({"code": 200, "router": PATH, "data": {"items": items}})


async def _all(front: Front, urls: Sequence[str]) -> list[Envelope]:
    return await asyncio.gather(*(_envelope(front, url) for url in urls))


async def _envelope(front: Front, url: str) -> Envelope:
    """Return the envelope of a post, or of what is wrong with its link."""
    try:
        return await post_of(front, url)
    except Refusal as refusal:
        return refusal.envelope(ROUTER)
    except ArgumentError as error:
        return bad_input(in_words_of_http(str(error)), given=url).envelope(ROUTER)
