"""`GET /api/fleet`: how the workers over PostgreSQL are doing."""

from typing import Any

import msgspec
from fastapi import APIRouter, Depends
from starlette.responses import Response

from scraper.fleet.overview import Overview
from scraper.front.described import RESPONSES
from scraper.front.front import FrontOf
from scraper.front.query import no_parameters
from scraper.front.replies import Refusal, reply
from scraper.responses.outcomes import Outcome

PATH = "/api/fleet"
BEGIN = "set DATABASE_URL to a PostgreSQL database, then `scrapy watch add targets.yaml` and `scrapy worker`"
_REFS = "#/"
router = APIRouter(tags=["fleet"])


def _schema() -> dict[str, Any]:
    """Return the schema of the answer, without references, which OpenAPI resolves in the whole description."""
    (data,), parts = msgspec.json.schema_components([Overview], ref_template=f"{_REFS}{{name}}")
    properties = {"code": {"type": "integer"}, "router": {"type": "string"}, "data": _inlined(data, parts)}
    return {"type": "object", "required": [*properties], "properties": properties}


def _inlined(part: Any, parts: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_inlined(inner, parts) for inner in part]
    if not isinstance(part, dict):
        return part
    if name := part.get("$ref"):
        return _inlined(parts[name.removeprefix(_REFS)], parts)
    return {key: _inlined(value, parts) for key, value in part.items()}


_ANSWER = {"description": "workers, targets, identities …", "content": {"application/json": {"schema": _schema()}}}


@router.get(
    PATH,
    summary="how the workers of the fleet are doing",
    responses={200: _ANSWER, "default": RESPONSES["default"]},
    dependencies=[Depends(no_parameters)],
)
async def fleet(front: FrontOf) -> Response:
    if (view := await front.fleet.now()) is None:
        raise Refusal(404, Outcome.NOT_FOUND.name, "there is no fleet in the database of this server", BEGIN)
    return reply({"code": 200, "router": PATH, "data": view})
