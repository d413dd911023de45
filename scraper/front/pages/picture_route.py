"""`/picture/…`: a picture that a page showed."""

import logging

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from scraper.front.front import FrontOf
from scraper.identities.masking import mask
from scraper.media.plan import MediaError

logger = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)
_HEADERS = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}


@router.get("/picture/{name}")
async def picture(front: FrontOf, name: str) -> Response:
    try:
        body, kind = await front.pictures.fetch(name)
    except MediaError as error:
        logger.info("A picture of a page could not be fetched: %s", mask(str(error)))
        return PlainTextResponse(f"{mask(str(error))}\n", error.outcome)
    return Response(body, media_type=kind, headers=_HEADERS)
