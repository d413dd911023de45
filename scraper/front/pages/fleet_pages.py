"""`/fleet`: how the workers over PostgreSQL are doing."""

from collections import defaultdict

from fastapi import APIRouter, Request
from starlette.responses import Response

from scraper.fleet.overview import Overview
from scraper.front.front import FrontOf
from scraper.front.pages.rendering import page

PATH = "/fleet"
router = APIRouter(include_in_schema=False)


@router.get(PATH)
async def show(request: Request, front: FrontOf) -> Response:
    view = await front.fleet.now()
    return page(request, "fleet", view=view, lines=_lines(view) if view else {})


def _lines(view: Overview) -> dict[str, list[tuple[str, int]]]:
    """Return the outcomes of each router, the most frequent first."""
    lines: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in sorted(view.outcomes, key=lambda row: -row.number):
        lines[row.router].append((row.outcome, row.number))
    return dict(sorted(lines.items()))
