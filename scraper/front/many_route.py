"""The calls `get_all_…`: the ids of many inputs. A failure costs only its own input."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends
from pydantic import BaseModel, Field
from starlette.responses import Response

from scraper.front.described import RESPONSES
from scraper.front.endpoint_routes import OF_MANY, is_of_many, paths
from scraper.front.front import FrontOf
from scraper.front.query import LINK, no_parameters
from scraper.front.replies import bad_input, page_of_list, reply
from scraper.inputs.share_text import find_all
from scraper.output.envelope import Envelope, Failure
from scraper.platform import Endpoint
from scraper.platform.atlas import Atlas

MOST = 50
_LONGEST = 2_000  # characters of an input
FORM = f'the body must be a list of up to {MOST} texts of at most {_LONGEST:,} characters, or {{"urls": […]}} with one'
"""What is wrong with a body of another form."""
_Text = Annotated[str, Field(max_length=_LONGEST)]


class Inputs(BaseModel):
    """Links, ids or share texts."""

    urls: list[_Text]


def many_routes(atlas: Atlas) -> APIRouter:
    """Return the routes of the endpoints that take many inputs."""
    router = APIRouter()
    for platform in atlas.platforms:
        for endpoint in filter(is_of_many, platform.endpoints):
            for path in paths(endpoint):
                router.add_api_route(
                    path,
                    _call(endpoint, path, platform.name),
                    methods=["POST"],
                    name=path,
                    summary=f"{endpoint.summary}: up to {MOST} in a call",
                    tags=[platform.name],
                    responses=RESPONSES,
                    dependencies=[Depends(no_parameters)],
                    include_in_schema=path == endpoint.router,
                )
    return router


def is_path(path: str) -> bool:
    """Return whether a path is one of these calls."""
    return path.rpartition("/")[2].startswith(OF_MANY)


def _call(endpoint: Endpoint, path: str, platform: str) -> Any:
    async def call(
        front: FrontOf, body: Annotated[list[_Text] | Inputs, Body(examples=[["https://…"], {"urls": ["https://…"]}])]
    ) -> Response:
        texts = body.urls if isinstance(body, Inputs) else body
        lines = [line for text in texts if (line := " ".join(text.split()))]
        if not lines or len(texts) > MOST:
            raise bad_input(f"the body has {len(lines)} inputs: give from 1 to {MOST}, as a list or in `urls`")
        older = path if path != endpoint.router else ""
        answer = await front.calls.ask(platform, older, {"router": endpoint.router, LINK: "\n".join(lines)})
        return reply(page_of_list(path, _in_order(answer.envelopes, lines, front.atlas), has_more=False))

    return call


def _in_order(envelopes: list[Envelope], lines: list[str], atlas: Atlas) -> list[Envelope]:
    """Return envelopes in the order of their inputs."""
    targets = find_all(lines, atlas.patterns, atlas.bare_ids, atlas.link_hosts)
    places = {target.given: place for place, target in reversed([*enumerate(targets)])}
    return sorted(envelopes, key=lambda envelope: places.get(_input(envelope) or "", len(places)))


def _input(envelope: Envelope) -> str | None:
    return envelope.data.error.input if isinstance(envelope.data, Failure) else envelope.data.meta.target
