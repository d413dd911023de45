"""`POST /api/batch`: several posts in one call."""

import asyncio
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from scraper.front.front import Front, FrontOf
from scraper.front.hybrid_route import PATH as ROUTER
from scraper.front.hybrid_route import post_of
from scraper.front.replies import Refusal, bad_input, reply
from scraper.responses.exceptions import ArgumentError

PATH = "/api/batch"
MOST = 50
router = APIRouter(tags=["hybrid"])


class Links(BaseModel):
    """Links, ids or share texts, each with one post."""

    urls: list[str] = Field(max_length=MOST)


@router.post(PATH, summary=f"up to {MOST} posts of any platforms, in the order of their links")
async def batch(front: FrontOf, body: Links) -> Response:
    items = await asyncio.gather(*(_envelope(front, url) for url in body.urls))
    return reply({"code": 200, "router": PATH, "data": {"items": items}})


async def _envelope(front: Front, url: str) -> Any:
    """Return the envelope of a post, or of what is wrong with its link."""
    try:
        return await post_of(front, url)
    except Refusal as refusal:
        return refusal.envelope(ROUTER)
    except ArgumentError as error:
        return bad_input(str(error), given=url).envelope(ROUTER)
