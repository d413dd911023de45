"""`/calls`: all calls of programs, as OpenAPI describes them. Unlike `/docs`, it loads no scripts of another host."""

from typing import Any, NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from scraper.front.pages.rendering import page

router = APIRouter(include_in_schema=False)
_FIRST, _LAST = ("hybrid", "download", "jobs"), ("fleet", "health")  # tags; those of the platforms are between


class Call(NamedTuple):
    """
    :ivar example: a path with example values, "" for calls with a body
    """

    method: str
    path: str
    summary: str
    parameters: list[str]
    example: str


@router.get("/calls")
async def show(request: Request) -> Response:
    return page(request, "calls", groups=_groups(request.app.openapi()))


def _groups(described: dict[str, Any]) -> dict[str, list[Call]]:
    """Return the calls by their tags."""
    groups: dict[str, list[Call]] = {}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if method == "head":
                continue
            parameters = [parameter for parameter in operation.get("parameters", ()) if parameter["in"] == "query"]
            query = [
                f"{parameter['name']}={parameter['example']}" for parameter in parameters if "example" in parameter
            ]
            example = f"{path}?{query[0]}" if query and method == "get" else ""
            names = [parameter["name"] for parameter in parameters]
            call = Call(method.upper(), path, operation.get("summary", ""), names, example)
            groups.setdefault((operation.get("tags") or [""])[0], []).append(call)
    return {tag: groups[tag] for tag in sorted(groups, key=lambda tag: (tag not in _FIRST, tag in _LAST, tag))}
