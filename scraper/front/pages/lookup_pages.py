"""`/`: what a link or a share text leads to. `/list`: a further page of a list. `/export`: a page as a file."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.resources import files
from io import BytesIO

from fastapi import APIRouter, Request
from starlette.responses import Response

from scraper.front import download_route, hybrid_route
from scraper.front.calls import Answer
from scraper.front.disconnects import while_connected
from scraper.front.front import Front, FrontOf
from scraper.front.pages import views, words
from scraper.front.pages.refusals import failed_page, no_page
from scraper.front.pages.rendering import address, page
from scraper.front.query import LINK, ambiguous
from scraper.front.replies import REFUSALS, Refusal, bad_input
from scraper.inputs.parameters import COUNT
from scraper.inputs.share_text import find_all
from scraper.ledger.stops import Stop
from scraper.output.encoding import to_lines
from scraper.output.envelope import Envelope, Failure
from scraper.output.record_table import TableExporter
from scraper.platform import Endpoint
from scraper.platform.platform import Platform
from scraper.platform.targets import AMBIGUOUS
from scraper.records import Record, Video
from scraper.responses.outcomes import Outcome

router = APIRouter(include_in_schema=False)
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0b57a4"/>'
    '<path d="M6 4.5v7l5.5-3.5z" fill="#fff"/></svg>'
)
_EMPTY_LIST = "listing"  # the record of a list with nothing in it
_BYTE_ORDER_MARK = "\ufeff".encode()  # without it, Excel reads CSV in the encoding of the machine


@router.get("/style.css")
async def style() -> Response:
    css = files("scraper.front.pages").joinpath("style.css").read_bytes()
    return Response(css, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


@router.get("/icon.svg")
async def icon() -> Response:
    return Response(_ICON, media_type="image/svg+xml", headers={"Cache-Control": "max-age=86400"})


@router.get("/")
async def home(request: Request, front: FrontOf) -> Response:
    text = request.query_params.get("url", "").strip()
    if not text:
        return page(request, "home", text="", platforms=front.atlas.platforms, examples=views.examples_of(front.atlas))
    atlas = front.atlas
    targets = [*find_all(text.splitlines(), atlas.patterns, atlas.bare_ids, atlas.link_hosts)]
    if len(targets) > 1:
        links = list(dict.fromkeys(target.given for target in targets))
        return page(request, "several", text=text, links=links, form_token=front.page_memory.form_token)
    if targets[0].kind == AMBIGUOUS:
        raise ambiguous(targets[0], atlas)
    return await _shown(request, front, "", {"url": text})


@router.get("/list")
async def further(request: Request, front: FrontOf) -> Response:
    """Show a page of a list by its endpoint's own parameters."""
    given = {name: value for name, value in request.query_params.items() if name != "lang"}
    endpoint = front.atlas.endpoints.get(given.get("router", ""))
    if endpoint is None or not endpoint.is_list:
        raise no_page("there is no such list")
    names = {name for param in endpoint.params for name in (param.name, *param.aliases)}
    if unknown := sorted(given.keys() - names - {"router", LINK, COUNT, "sort"}):
        raise bad_input(f"{endpoint.name} does not take {', '.join(unknown)}")
    return await _shown(request, front, _platform_of(front, endpoint), given)


@router.get("/export/{name}.{form}")
async def export(request: Request, front: FrontOf, name: str, form: str) -> Response:
    """Send a page of a list that was shown, as `<record type>.csv` or `records.jsonl`."""
    envelopes = front.page_memory.kept(request.query_params.get("page", ""))
    if envelopes is None:
        name, remedy = "PAGE_EXPIRED", "look the list up again, then export it"
        raise Refusal(REFUSALS[name], name, "the page is not in memory any more", remedy)
    types = {one.data.record_type for one in envelopes if not isinstance(one.data, Failure)}
    if form == "csv" and name in types:
        body = _BYTE_ORDER_MARK + await asyncio.to_thread(_table, name, envelopes)
    elif (name, form) == ("records", "jsonl"):
        body = to_lines(envelopes)
    else:
        raise no_page(f"there is no export {name}.{form} of this page")
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/x-ndjson"
    return Response(
        body, headers={"Content-Type": kind, "Content-Disposition": f'attachment; filename="{name}.{form}"'}
    )


def _table(record_type: str, envelopes: Sequence[Envelope]) -> bytes:
    """Return the records of one type as CSV."""
    file = BytesIO()
    exporter = TableExporter(file, record_type)
    records = (one for one in envelopes if not isinstance(one.data, Failure))
    exporter.export_page([one for one in records if getattr(one.data, "record_type", "") == record_type])
    exporter.finish_exporting()
    return file.getvalue()


async def _shown(request: Request, front: Front, platform: str, arguments: Mapping[str, str]) -> Response:
    """Return the page of what some arguments of a crawl lead to."""
    given = arguments.get("url", "")
    answer = await while_connected(request, front.full_calls.ask(platform, "", {**arguments, "max_pages": "1"}))
    endpoint = front.atlas.endpoints.get(arguments.get("router") or answer.router)
    if endpoint is not None and endpoint.is_list and not _is_failure(answer.envelopes):
        return _list(request, front, endpoint, answer, arguments)
    first = answer.first
    if isinstance(first.data, Failure):
        return failed_page(request, first, given)
    picture = partial(_picture, front)
    if isinstance(first.data, Video):
        return _post(request, front, first.data, picture, given)
    item, fields = views.item_of(first.data, picture), views.fields_of(first.data)
    return page(request, "record", text=given, item=item, fields=fields, platform=_platform(front, first.data))


def _is_failure(envelopes: Sequence[Envelope]) -> bool:
    return bool(envelopes) and all(one.failed and one.code != Outcome.INCOMPLETE for one in envelopes)


def _post(request: Request, front: Front, video: Video, picture: views.Picture, given: str) -> Response:
    images = video.image_data.no_watermark_image_list if video.image_data else []
    return page(
        request,
        "post",
        text=given,
        video=video,
        platform=_platform(front, video),
        cover=picture(video, views.cover_of(video)),
        images=[picture(video, url) for url in images] if len(images) > 1 else [],
        numbers=views.numbers_of(video),
        downloads=views.downloads_of(video),
        streams=video.video_data.streams if video.video_data else [],
        download=partial(address, download_route.PATH),
        data=partial(address, hybrid_route.PATH),
        comments=_comments_of(_platform(front, video)),
    )


def _comments_of(platform: Platform) -> str:
    """Return the router of the list of a post's comments, "" if there is none."""
    lists = (endpoint for endpoint in platform.endpoints if endpoint.pagination and endpoint.record == "comment")
    return next((endpoint.router for endpoint in lists if endpoint.kind == "video"), "")


def _list(request: Request, front: Front, endpoint: Endpoint, answer: Answer, arguments: Mapping[str, str]) -> Response:
    records = [one.data for one in answer.envelopes if not isinstance(one.data, Failure)]
    records = [record for record in records if record.record_type != _EMPTY_LIST]
    errors = [views.problem_of(one.data.error) for one in answer.envelopes if isinstance(one.data, Failure)]
    ended = answer.lists[-1] if answer.lists else None
    rest = (ended["arguments"] or {}) if ended and ended["stopped"] is not Stop.END else {}
    return page(
        request,
        "list",
        text=arguments.get("url", ""),
        endpoint=endpoint,
        items=[views.item_of(record, partial(_picture, front)) for record in records],
        types=list(dict.fromkeys(record.record_type for record in records)),
        kept=front.page_memory.keep(front.calls.as_written(answer.envelopes)) if records else "",
        further={**rest, "router": endpoint.router} if rest else {},
        heading=_heading(words.language_of(request)[0], endpoint, records),
        whole={name: arguments[name] for name in (LINK, "router") if name in arguments}
        if rest and LINK in arguments
        else {},
        form_token=front.page_memory.form_token,
        errors=errors,
    )


def _heading(language: str, endpoint: Endpoint, records: Sequence[Record]) -> str:
    """Return what a list is, with the name of its creator if all items have the same."""
    names = {author.nickname for record in records if (author := getattr(record, "author", None)) and author.nickname}
    about = words.list_title(language, endpoint.record, endpoint.summary)
    return f"{names.pop()}: {about}" if len(names) == 1 and len(records) > 1 else about


def _picture(front: Front, record: Record, url: str | None) -> str:
    return f"/picture/{front.pictures.keep(record, url)}" if url else ""


def _platform(front: Front, record: Record) -> Platform:
    return next(platform for platform in front.atlas.platforms if platform.name == record.meta.platform)


def _platform_of(front: Front, endpoint: Endpoint) -> str:
    return next(platform.name for platform in front.atlas.platforms if endpoint in platform.endpoints)
