"""Whether the server works, for those who watch it."""

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from scraper.front.front import FrontOf

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="200 while the server runs")
async def healthz() -> Response:
    return PlainTextResponse("ok\n")


@router.get("/readyz", summary="200 while calls are taken, else 503")
async def readyz(front: FrontOf) -> Response:
    return PlainTextResponse("ready\n") if front.is_ready else PlainTextResponse("stopping\n", 503)
