"""`/runs`: the runs that the ledger knows, and the start of a job for a whole list."""

import asyncio
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from scraper.front.front import FrontOf
from scraper.front.job_routes import NewJob, add_job
from scraper.front.pages.forms import own_form_of
from scraper.front.pages.rendering import page
from scraper.output.run_rows import run_rows

PATH = "/runs"
_MOST = 100
_SPIDER = "hybrid"  # takes the links of all platforms
router = APIRouter(include_in_schema=False)


@router.get(PATH)
async def show(request: Request, front: FrontOf) -> Response:
    rows = await asyncio.to_thread(run_rows, front.settings)
    jobs = {job.id for job in await front.jobs.latest("", _MOST)}
    is_started = request.query_params.get("started") in jobs
    return page(request, "runs", rows=rows[:_MOST], jobs=jobs, started=is_started)


@router.post(PATH)
async def start(request: Request, front: FrontOf) -> Response:
    """Start a job for a whole list."""
    form = await own_form_of(request, front)
    wanted = {name: form[name] for name in ("url", "router") if form.get(name)}
    job = await add_job(front, NewJob.model_validate({**wanted, "spider": _SPIDER}))
    query = {"started": job.id, **({"lang": form["lang"]} if form.get("lang") else {})}
    return RedirectResponse(f"{PATH}?{urlencode(query)}", 303)
