"""`/api/jobs`: crawls that are started now and asked about later."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from scraper.crawling.long_lived import CrawlerStoppedError
from scraper.front.described import RESPONSES
from scraper.front.front import Front, FrontOf
from scraper.front.jobs import IS_OVER, Job, TooManyJobsError
from scraper.front.query import arguments_of, no_parameters
from scraper.front.replies import REFUSALS, Refusal, bad_input, reply
from scraper.ledger.store import STORE_ERRORS, reason_of
from scraper.output.emitter import RUN_ID, is_run_id
from scraper.python_api.prepared import as_argument
from scraper.responses.catch_all import attempt_async
from scraper.responses.exceptions import ArgumentError
from scraper.responses.outcomes import Outcome

logger = logging.getLogger(__name__)
PATH = "/api/jobs"
_ACCEPTED = 202
_WAIT_S = 60.0
_BROKEN = (ArgumentError, CrawlerStoppedError, OSError)  # the ledger or the feed cannot be read, or the server stops
_PLAIN = [Depends(no_parameters)]
router = APIRouter(tags=["jobs"], responses={"default": RESPONSES["default"]})


class _Feed(StreamingResponse):
    """A feed. If it ends too early, the connection is closed without the last chunk, so that clients see it."""

    async def stream_response(self, send: Send) -> None:
        if isinstance(error := await attempt_async(super().stream_response(send)), Exception):
            if not isinstance(error, _BROKEN):
                raise error
            logger.warning("A feed was not sent to its end: %s", error)


class NewJob(BaseModel):
    """A crawl: its targets, and any further argument of `scrapy crawl` under its name."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"example": {"url": "https://…", "with": "comments"}})
    url: str | list[str] = Field("", description="links, ids or share texts")
    spider: str = Field("hybrid", description="hybrid, or the spider of one platform")


@router.post(PATH, status_code=_ACCEPTED, summary="start a crawl", dependencies=_PLAIN)
async def add(front: FrontOf, body: NewJob) -> Response:
    job = await add_job(front, body)
    return _reply(PATH, job, _ACCEPTED, {"Location": f"{PATH}/{job.id}"})


async def add_job(front: Front, body: NewJob) -> Job:
    """Start a crawl.

    :raises Refusal: if there are too many jobs, or the ledger cannot be written
    :raises ArgumentError: names the wrong argument and shows the right form
    """
    given = {name: value for name, value in body.model_dump().items() if name != "spider" and value not in (None, "")}
    if not given:
        example = '{"url": "https://…"}, or a `router` with its own parameters'
        raise bad_input(f"the body names nothing to crawl: give {example}")
    if "follow" in given:
        given["with"] = given.pop("follow")
    try:
        return await front.jobs.add(body.spider, {name: as_argument(name, value) for name, value in given.items()})
    except TooManyJobsError as error:
        remedy = "cancel some with DELETE, or try again later"
        raise Refusal(429, Outcome.RATE_LIMITED.name, str(error), remedy, retry_after=_WAIT_S) from None
    except STORE_ERRORS as error:
        remedy = "see the log of the server, correct STATE_DIR or DATABASE_URL, and send it again"
        raise Refusal(
            REFUSALS["NOT_WRITTEN"], "NOT_WRITTEN", f"the ledger cannot be written: {reason_of(error)}", remedy
        ) from None


@router.get(PATH, summary="the jobs, the latest first")
async def latest(
    request: Request,
    front: FrontOf,
    cursor: Annotated[
        str, Query(description="of the page before", json_schema_extra={"pattern": f"^(?:{RUN_ID})?$"})
    ] = "",
    count: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Response:
    arguments_of(request, ("cursor", "count"))
    if cursor and not is_run_id(cursor):
        raise bad_input(
            f"cursor={cursor}: give the `cursor` of the page before, which is the id of a job", given=cursor
        )
    jobs = await front.jobs.latest(cursor, count + 1)
    page, has_more = jobs[:count], len(jobs) > count
    data = {"items": page, "cursor": page[-1].id if has_more else None, "has_more": has_more}
    return _reply(PATH, data)


@router.get(PATH + "/{job_id}", summary="what has become of a job", dependencies=_PLAIN)
async def find(front: FrontOf, job_id: str) -> Response:
    return _reply(f"{PATH}/{job_id}", await _job(front, job_id))


@router.delete(
    PATH + "/{job_id}", status_code=_ACCEPTED, summary="cancel a job; its feed keeps what it has", dependencies=_PLAIN
)
async def cancel(front: FrontOf, job_id: str) -> Response:
    job = await _job(front, job_id)
    if not await front.jobs.cancel(job_id):
        message = f"job {job_id} is over ({job.state})"
        raise Refusal(
            REFUSALS["CONFLICT"], "CONFLICT", message, "nothing to do: it requests nothing any more", given=job_id
        )
    return _reply(f"{PATH}/{job_id}", await _job(front, job_id), _ACCEPTED)


@router.get(
    PATH + "/{job_id}/events", summary="a job, again after each change (server-sent events)", dependencies=_PLAIN
)
async def events(front: FrontOf, job_id: str) -> Response:
    await _job(front, job_id)
    return StreamingResponse(
        _events(front, job_id), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


@router.get(
    PATH + "/{job_id}/feed", summary="the lines of a job's feed, until it is over (NDJSON)", dependencies=_PLAIN
)
async def feed(front: FrontOf, job_id: str) -> Response:
    job = await _job(front, job_id)
    if job.rows and not Path(job.feed).is_file():
        raise Refusal(404, Outcome.NOT_FOUND.name, f"the feed {job.feed} is gone", "start the job anew", given=job_id)
    return _Feed(front.jobs.feed(job_id), media_type="application/x-ndjson")


async def _job(front: Front, job_id: str) -> Job:
    """
    :raises Refusal: if there is no such job
    """
    if (job := await front.jobs.find(job_id)) is None:
        remedy = f"GET {PATH} lists the jobs; old ones are removed (KEEP_RUNS)"
        raise Refusal(404, Outcome.NOT_FOUND.name, f"there is no job {job_id}", remedy, given=job_id)
    return job


async def _events(front: Front, job_id: str) -> AsyncIterator[bytes]:
    try:
        async for job in front.jobs.changes(job_id):
            name = "end" if job.state in IS_OVER else "progress"
            yield b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(job))
    except _BROKEN as error:
        logger.warning("Job %s: %s", job_id, error)
        yield b"event: error\ndata: %s\n\n" % msgspec.json.encode({"message": str(error)})


def _reply(path: str, data: Any, code: int = 200, headers: dict[str, str] | None = None) -> Response:
    return reply({"code": code, "router": path, "data": data}, headers)
