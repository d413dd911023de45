"""`/`: what a link or a share text leads to. `/list`: a further page of a list. `/export`: a page as a file."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.resources import files
from io import BytesIO
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from scraper.crawling.long_lived import CrawlerStoppedError
from scraper.front.calls import Answer
from scraper.front.front import Front, FrontOf
from scraper.front.pages import views, words
from scraper.front.pages.memory import MemoryOf, PageMemory
from scraper.front.pages.rendering import page
from scraper.inputs.parameters import COUNT
from scraper.inputs.share_text import find_all
from scraper.ledger.stops import Stop
from scraper.output.encoding import to_lines
from scraper.output.envelope import Envelope, Failure
from scraper.output.record_table import TableExporter
from scraper.platform import Endpoint
from scraper.records import Record, Video
from scraper.responses.exceptions import ArgumentError
from scraper.responses.outcomes import Outcome

router = APIRouter(include_in_schema=False)
_BYTE_ORDER_MARK = "\ufeff".encode()  # without it, Excel reads CSV in the encoding of the machine


@router.get("/style.css")
async def style() -> Response:
    css = files("scraper.front.pages").joinpath("style.css").read_bytes()
    return Response(css, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


@router.get("/")
async def home(request: Request, front: FrontOf, memory: MemoryOf) -> Response:
    text = request.query_params.get("url", "").strip()
    if not text:
        return page(request, "home", text="", examples=words.EXAMPLES)
    atlas = front.atlas
    targets = [*find_all(text.splitlines(), atlas.patterns, atlas.bare_ids, atlas.link_hosts)]
    if len(targets) > 1:
        links = list(dict.fromkeys(target.given for target in targets))
        return page(request, "several", text=text, links=links)
    return await _shown(request, front, memory, "", {"url": text})


@router.get("/list")
async def further(request: Request, front: FrontOf, memory: MemoryOf) -> Response:
    """Show a page of a list by its endpoint's own parameters."""
    given = {name: value for name, value in request.query_params.items() if name != "lang"}
    endpoint = front.atlas.endpoints.get(given.get("router", ""))
    if endpoint is None or endpoint.pagination is None:
        return _failure(request, 404, Outcome.NOT_FOUND, "there is no such list", "")
    names = {name for param in endpoint.params for name in (param.name, *param.aliases)}
    if unknown := sorted(given.keys() - names - {"router", COUNT, "sort"}):
        return _failure(request, 400, Outcome.BAD_INPUT, f"{endpoint.name} does not take {', '.join(unknown)}", "")
    return await _shown(request, front, memory, _platform_of(front, endpoint), given)


@router.get("/export/{name}.{form}")
async def export(request: Request, memory: MemoryOf, name: str, form: str) -> Response:
    """Send a page of a list that was shown, as `<record type>.csv` or `records.jsonl`."""
    envelopes = memory.kept(request.query_params.get("page", ""))
    if envelopes is None:
        message = words.text(words.language_of(request)[0], "gone_page")
        return _failure(request, 410, Outcome.MEDIA_EXPIRED, message, "", "")
    if form == "csv":
        body = _BYTE_ORDER_MARK + await asyncio.to_thread(_table, name, envelopes)
    elif form == "jsonl":
        body = to_lines(envelopes)
    else:
        return _failure(request, 404, Outcome.NOT_FOUND, f"there is no export to {form}", "")
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/x-ndjson"
    return Response(body, headers={"Content-Type": kind, "Content-Disposition": f'attachment; filename="{name}.{form}"'})


def _table(record_type: str, envelopes: Sequence[Envelope]) -> bytes:
    """Return the records of one type as CSV."""
    file = BytesIO()
    exporter = TableExporter(file, record_type)
    exporter.export_page([one for one in envelopes if not one.failed and one.data.record_type == record_type])
    exporter.finish_exporting()
    return file.getvalue()


async def _shown(
    request: Request, front: Front, memory: PageMemory, platform: str, arguments: Mapping[str, str]
) -> Response:
    """Return the page of what some arguments of a crawl lead to."""
    given = arguments.get("url", "")
    try:
        answer = await front.calls.ask(platform, "", {**arguments, "max_pages": "1"})
    except ArgumentError as error:
        return _failure(request, 400, Outcome.BAD_INPUT, str(error), given)
    except CrawlerStoppedError as error:
        return _failure(request, 503, "STOPPING", str(error), given, "")
    first = answer.envelopes[0]
    endpoint = front.atlas.endpoints.get(arguments.get("router") or first.data.meta.router or "")
    if endpoint is not None and endpoint.pagination is not None and not _is_failure(answer.envelopes):
        return _list(request, memory, endpoint, answer, arguments)
    if isinstance(first.data, Failure):
        problem = views.problem_of(first.data.error)
        return page(request, "failure", _status(first), problem=problem, text=given, needs_cookie=_needs_cookie(problem))
    picture = partial(_picture, memory)
    if isinstance(first.data, Video):
        return _post(request, first.data, picture, given)
    item = views.item_of(first.data, picture)
    return page(request, "record", text=given, item=item, fields=views.fields_of(first.data), platform=first.data.meta.platform)


def _is_failure(envelopes: Sequence[Envelope]) -> bool:
    return all(one.failed and one.code != Outcome.INCOMPLETE for one in envelopes)


def _post(request: Request, video: Video, picture: views.Picture, given: str) -> Response:
    images = video.image_data.no_watermark_image_list if video.image_data else []
    return page(
        request,
        "post",
        text=given,
        video=video,
        cover=picture(video, views.cover_of(video)),
        images=[picture(video, url) for url in images] if len(images) > 1 else [],
        numbers=views.numbers_of(video),
        downloads=views.downloads_of(video),
        streams=video.video_data.streams if video.video_data else [],
    )


def _list(
    request: Request, memory: PageMemory, endpoint: Endpoint, answer: Answer, arguments: Mapping[str, str]
) -> Response:
    records = [one.data for one in answer.envelopes if not isinstance(one.data, Failure)]
    records = [record for record in records if record.record_type != "listing"]
    errors = [views.problem_of(one.data.error) for one in answer.envelopes if isinstance(one.data, Failure)]
    ended = answer.lists[-1] if answer.lists else None
    rest = (ended["arguments"] or {}) if ended and ended["stopped"] is not Stop.END else {}
    return page(
        request,
        "list",
        text=arguments.get("url", ""),
        endpoint=endpoint,
        items=[views.item_of(record, partial(_picture, memory)) for record in records],
        types=list(dict.fromkeys(record.record_type for record in records)),
        kept=memory.keep(answer.envelopes) if records else "",
        further={"router": endpoint.router, **rest} if rest else {},
        errors=errors,
    )


def _picture(memory: PageMemory, record: Record, url: str | None) -> str:
    return f"/picture/{memory.pictures.keep(record, url)}" if url else ""


def _platform_of(front: Front, endpoint: Endpoint) -> str:
    return next(platform.name for platform in front.atlas.platforms if endpoint in platform.endpoints)


def _status(envelope: Envelope) -> int:
    return 200 if envelope.code == Outcome.INCOMPLETE else envelope.code


def _needs_cookie(problem: views.Problem) -> bool:
    return problem.name in words.NEEDS_COOKIE


def _failure(
    request: Request, status: int, outcome: Any, message: str, given: str, remedy: str | None = None
) -> Response:
    """Return the page of what this server itself refuses."""
    name, advice = (outcome.name, outcome.advice("")) if isinstance(outcome, Outcome) else (outcome, "")
    problem = views.Problem(name, message, advice if remedy is None else remedy, given, None)
    return page(request, "failure", status, problem=problem, text=given, needs_cookie=False)
