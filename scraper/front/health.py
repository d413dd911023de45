"""Whether the server works, for those who watch it."""

import logging

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from scraper.front.fleet_metrics import fleet_metrics
from scraper.front.front import Front, FrontOf
from scraper.front.replies import Refusal

logger = logging.getLogger(__name__)
router = APIRouter(tags=["health"])


@router.get("/healthz", summary="200 as soon as calls can be taken")
@router.head("/healthz", include_in_schema=False)
async def healthz() -> Response:
    return PlainTextResponse("ok\n")


@router.get("/readyz", summary="200 while calls are taken, else 503")
@router.head("/readyz", include_in_schema=False)
async def readyz(front: FrontOf) -> Response:
    return PlainTextResponse("ready\n") if front.is_ready else PlainTextResponse("not ready\n", 503)


@router.get("/metrics", summary="numbers of calls and requests, in the text format of Prometheus")
async def metrics(front: FrontOf) -> Response:
    gauges = {
        "open_calls": ("calls that are being answered", front.limits.open_calls),
        "open_asks": ("questions that the crawler works on", front.live.open_asks if front.is_ready else 0),
        "ready": ("1 while calls are taken", int(front.is_ready)),
    }
    stats = front.live.crawler.stats if front.is_ready else None
    sent = stats.get_value("downloader/request_count", 0) if stats else 0
    text = front.metrics.text(gauges, {"requests_total": ("requests that the crawler sent", sent)})
    text += await _fleet(front)
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


async def _fleet(front: Front) -> str:
    """Return the numbers of the fleet, "" if there is none."""
    try:
        view = await front.fleet.now()
    except Refusal as error:
        logger.warning("/metrics lacks the fleet: %s", error)
        return fleet_metrics(None)
    return fleet_metrics(view) if view else ""
