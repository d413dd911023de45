"""A call for each endpoint of the platforms' tables, under every name that users know."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from scraper.front import described
from scraper.front.described import RESPONSES
from scraper.front.disconnects import while_connected
from scraper.front.front import Front, FrontOf
from scraper.front.query import DIALECT, LINK, arguments_of, kind_of, one_target, wrong_kind
from scraper.front.replies import Refusal, bad_input, page_of_list, reply
from scraper.front.wrong_form import in_words_of_http
from scraper.inputs import parameters
from scraper.inputs.rejections import takes
from scraper.ledger.stops import Stop
from scraper.output.envelope import Envelope, Failure
from scraper.platform import Endpoint
from scraper.platform.atlas import Atlas
from scraper.platform.targets import UNKNOWN, Target
from scraper.responses.outcomes import Outcome

OF_MANY = "get_all_"
"""How the names of endpoints begin that take many inputs in the body of a call."""
_STALLED_S = 10.0
_LONGEST_NUMBER = 15  # digits that every JSON reader keeps


def routes_of(atlas: Atlas) -> APIRouter:
    """Return the routes of all endpoints but those of many inputs, which are in `many_route`."""
    router = APIRouter()
    for platform in atlas.platforms:
        for endpoint in platform.endpoints:
            for path in () if is_of_many(endpoint) else paths(endpoint):
                router.add_api_route(
                    path,
                    _call(endpoint, path, platform.name),
                    methods=["GET"],
                    name=path,
                    summary=endpoint.summary,
                    tags=[platform.name],
                    openapi_extra={"parameters": described.parameters(endpoint)},
                    responses=RESPONSES,
                    include_in_schema=path == endpoint.router,
                )
    return router


def is_of_many(endpoint: Endpoint) -> bool:
    """Return whether an endpoint takes many inputs in the body of a call."""
    return endpoint.name.startswith(OF_MANY)


def paths(endpoint: Endpoint) -> list[str]:
    """Return the paths of an endpoint, its own first, then its older ones."""
    folder = endpoint.router.rpartition("/")[0]
    older = [alias if alias.startswith("/") else f"{folder}/{alias}" for alias in endpoint.aliases]
    return list(dict.fromkeys((endpoint.router, *older)))


def _call(endpoint: Endpoint, path: str, platform: str) -> Any:
    taken = described.names(endpoint)
    naming = {LINK, *(name for param in endpoint.params if param.kind for name in (param.name, *param.aliases))}

    async def call(request: Request, front: FrontOf) -> Response:
        arguments = arguments_of(request, taken)
        dialect = arguments.pop(DIALECT, "")
        front.check_dialect(dialect)
        if not endpoint.singleton and not naming & arguments.keys():
            form = in_words_of_http(parameters.form(endpoint))
            raise bad_input(f"nothing to ask for: {endpoint.name} takes {form}, or {LINK}=…")
        if LINK in arguments:
            _check_kind(endpoint, path, platform, arguments[LINK], front.atlas)
        return reply(await while_connected(request, _answer(front, endpoint, path, platform, arguments, dialect)))

    return call


def _check_kind(endpoint: Endpoint, path: str, platform: str, text: str, atlas: Atlas) -> None:
    """
    :raises Refusal: if the text has several links, or one of another kind or platform
    """
    target = one_target(text, atlas)
    if kind_of(target) and (target.platform != platform or not takes(endpoint, target)):
        raise wrong_kind(target, path, endpoint.kind, atlas.default(target), platform)


def _check_end(endpoint: Endpoint, path: str, platform: str, envelopes: Sequence[Envelope], atlas: Atlas) -> None:
    """
    :raises Refusal: if a short link led to something of another kind
    """
    for data in (envelope.data for envelope in envelopes[:1] if envelope.code == Outcome.BAD_INPUT):
        assert isinstance(data, Failure)
        meta = data.meta
        end = Target(meta.target_kind or UNKNOWN, "", data.error.input, platform=meta.platform or platform)
        if kind_of(end) and not takes(endpoint, end):
            raise wrong_kind(end, path, endpoint.kind, atlas.default(end), platform)


async def _answer(
    front: Front, endpoint: Endpoint, path: str, platform: str, arguments: Mapping[str, str], dialect: str
) -> Any:
    """Return the envelope of a call."""
    words = {"router": endpoint.router, **arguments}
    older = path if path != endpoint.router else ""
    if not endpoint.is_list or endpoint.one_by in arguments:
        answer = await front.calls.ask(platform, older, words)
        _check_end(endpoint, path, platform, answer.envelopes, front.atlas)
        return front.in_dialect(answer.first, dialect)
    answer = await front.calls.ask(platform, older, {**words, "max_pages": "1"})
    _check_end(endpoint, path, platform, answer.envelopes, front.atlas)
    envelopes = [envelope for envelope in answer.envelopes if not _is_empty_list(envelope)]
    if envelopes and all(envelope.failed and envelope.code != Outcome.INCOMPLETE for envelope in envelopes):
        return envelopes[0]
    name, cursor = _continuation(endpoint, answer.lists)
    has_more = cursor is not None and str(cursor) not in _given_cursors(endpoint, arguments)
    if not has_more and not _has_ended(answer.lists) and not any(envelope.failed for envelope in envelopes):
        envelopes.append(_stalled().envelope(path))
    items = [front.in_dialect(envelope, dialect) for envelope in envelopes]
    return page_of_list(path, items, cursor, name=name, has_more=has_more)


def _given_cursors(endpoint: Endpoint, arguments: Mapping[str, str]) -> set[str | None]:
    """Return the cursors of a call, under whatever names of their parameters."""
    cursors = [param for param in endpoint.params if param.cursor]
    given = [(param, name) for param in cursors for name in (param.name, *param.aliases) if name in arguments]
    return {param.read(arguments[name]) for param, name in given}


def _has_ended(lists: list[dict[str, Any]]) -> bool:
    return not lists or lists[-1]["stopped"] is Stop.END


def _stalled() -> Refusal:
    """Return what is wrong with a page that is empty although its list continues: naive callers would ask for ever."""
    outcome = Outcome.INCOMPLETE
    message = "the platform sent an empty page, but the list continues"
    return Refusal(outcome.value, outcome.name, message, outcome.advice(""), retry_after=_STALLED_S)


def _is_empty_list(envelope: Any) -> bool:
    return not envelope.failed and envelope.data.record_type == "listing"


def _continuation(endpoint: Endpoint, lists: list[dict[str, Any]]) -> tuple[str, str | int | None]:
    """Return the parameter that continues a list, and its value, None if there is nothing to continue."""
    names = [param.name for param in endpoint.params if param.cursor]
    if not _has_ended(lists):
        for name in names:
            if cursor := (lists[-1]["arguments"] or {}).get(name):
                is_number = cursor.isdecimal() and len(cursor) <= _LONGEST_NUMBER
                return name, int(cursor) if is_number else cursor
    return names[0] if names else "cursor", None
