"""A call for each endpoint of the platforms' tables, under every name that users know."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from scraper.front.front import Front, FrontOf
from scraper.front.replies import bad_input, page_of_list, reply
from scraper.inputs import parameters
from scraper.inputs.parameters import COUNT
from scraper.ledger.stops import Stop
from scraper.platform import Endpoint
from scraper.platform.atlas import Atlas
from scraper.responses.outcomes import Outcome

LINK = "url"


def routes_of(atlas: Atlas) -> APIRouter:
    """Return the routes of all endpoints."""
    router = APIRouter()
    for platform in atlas.platforms:
        for endpoint in platform.endpoints:
            for path in dict.fromkeys((endpoint.router, *_older_paths(endpoint))):
                router.add_api_route(
                    path,
                    _call(endpoint, path, platform.name),
                    methods=["GET"],
                    name=path,
                    summary=endpoint.summary,
                    tags=[platform.name],
                    openapi_extra={"parameters": _parameters(endpoint)},
                    include_in_schema=path == endpoint.router,
                )
    return router


def _older_paths(endpoint: Endpoint) -> list[str]:
    folder = endpoint.router.rpartition("/")[0]
    return [alias if alias.startswith("/") else f"{folder}/{alias}" for alias in endpoint.aliases]


def _call(endpoint: Endpoint, path: str, platform: str) -> Any:
    async def call(request: Request, front: FrontOf) -> Response:
        return reply(await _answer(front, endpoint, path, platform, _arguments(request, endpoint)))

    return call


def _arguments(request: Request, endpoint: Endpoint) -> dict[str, str]:
    """Return the parameters of a call as arguments of a crawl.

    :raises Refusal: if one is unknown or is given twice
    """
    taken = _names(endpoint)
    arguments: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name == "cookie":
            raise bad_input("do not send a cookie in a URL: logs and histories keep it",
                            remedy="send it in the body of POST /api/hybrid/update_cookie")  # fmt: skip
        if name not in taken:
            raise bad_input(f"unknown parameter {name}; {endpoint.name} takes {', '.join(taken)}")
        if name in arguments:
            raise bad_input(f"{name} is given twice")
        if value.strip():
            arguments[name] = value
    naming = {name for param in endpoint.params if param.kind for name in (param.name, *param.aliases)}
    if not endpoint.singleton and not ({*naming, LINK} & arguments.keys()):
        raise bad_input(f"nothing to ask for: {endpoint.name} takes {parameters.form(endpoint)}, or {LINK}")
    return arguments


def _names(endpoint: Endpoint) -> list[str]:
    named = [name for param in endpoint.params for name in (param.name, *param.aliases)]
    more = [COUNT] if endpoint.pagination else []
    if endpoint.sorted:
        more.append("sort")
    return list(dict.fromkeys([*named, *([] if endpoint.singleton else [LINK]), *more]))


async def _answer(front: Front, endpoint: Endpoint, path: str, platform: str, arguments: Mapping[str, str]) -> Any:
    """Return the envelope of a call."""
    words = {"router": endpoint.router, **arguments}
    older = path if path != endpoint.router else ""
    if endpoint.pagination is None:
        answer = await front.calls.ask(platform, older, words)
        if len(answer.envelopes) > 1:
            raise bad_input(f"{LINK} has {len(answer.envelopes)} links: give one", given=arguments.get(LINK, ""))
        return answer.envelopes[0]
    answer = await front.calls.ask(platform, older, {**words, "max_pages": "1"})
    envelopes = [envelope for envelope in answer.envelopes if not _is_empty_list(envelope)]
    if envelopes and all(envelope.failed for envelope in envelopes) and not _is_cut(envelopes):
        return envelopes[0]
    cursor, has_more = _continuation(endpoint, answer.lists)
    return page_of_list(path, envelopes, cursor, has_more=has_more)


def _is_empty_list(envelope: Any) -> bool:
    return not envelope.failed and envelope.data.record_type == "listing"


def _is_cut(envelopes: list[Any]) -> bool:
    return all(envelope.code == Outcome.INCOMPLETE for envelope in envelopes)


def _continuation(endpoint: Endpoint, lists: list[dict[str, Any]]) -> tuple[str | int | None, bool]:
    """Return what continues a list under the name that its callers know, and whether there is more of it."""
    ended = lists[-1] if lists else None
    if ended is None or ended["stopped"] is Stop.END:
        return None, False
    names = [param.name for param in endpoint.params if param.cursor]
    given = ended["arguments"] or {}
    cursor = next((given[name] for name in names if name in given), None)
    return (int(cursor) if cursor and cursor.isdecimal() and len(cursor) < 16 else cursor), cursor is not None


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    """Return the parameters as OpenAPI describes them. One of those that name a target, or a link, is needed."""
    described = []
    for param in endpoint.params:
        about = "where the page begins" if param.cursor else ""
        schema = {"type": "string", "pattern": f"^\\s*(?:{param.regex})\\s*$"}
        described.append(_parameter(param.name, about, param.example, schema))
    if not endpoint.singleton:
        described.append(_parameter(LINK, "a link or share text in place of the ids", None, {"type": "string"}))
    if endpoint.pagination:
        described.append(_parameter(COUNT, "items a page, as far as the platform allows", 20, {"type": "integer"}))
    if endpoint.sorted:
        described.append(_parameter("sort", "the order", "hot", {"type": "string", "enum": ["hot", "time"]}))
    return list({parameter["name"]: parameter for parameter in described}.values())


def _parameter(name: str, about: str, example: Any, schema: dict[str, Any]) -> dict[str, Any]:
    described = {"name": name, "in": "query", "required": False, "schema": schema}
    if about:
        described["description"] = about
    return described if example is None else {**described, "example": example}
