"""Describe calls for OpenAPI."""

import re
from collections.abc import Sequence
from typing import Any

from scraper.front.query import DIALECT, LINK
from scraper.inputs.parameters import COUNT
from scraper.platform import Endpoint, Param

_FIRST = ("0", "1")  # cursors of the first page
_ONLY_PYTHON = re.compile(r"\(\?[^:=!<]|\\[AZ]")  # what the regular expressions of other languages lack
_ERROR = {
    "name": "NOT_FOUND",
    "message": "deleted, or never existed",
    "remedy": "nothing to do: it does not exist on the platform",
    "retryable": False,
    "retry_after": None,
    "input": "https://…",
}
_ENVELOPE = {
    "type": "object",
    "required": ["code", "router", "data"],
    "properties": {"code": {"type": "integer"}, "router": {"type": "string"}, "data": {"type": "object"}},
}


def _content(example: Any) -> dict[str, Any]:
    return {"application/json": {"schema": _ENVELOPE, "example": example}}


RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "the data; `code` is 206 if a list stopped before its end",
        "content": _content({"code": 200, "router": "/api/…", "data": {}}),
    },
    "default": {
        "description": "why there is none: `code` is the status; docs/http.md lists all",
        "content": _content({"code": 404, "router": "/api/…", "data": {"error": _ERROR, "meta": {}}}),
    },
}


def parameter(name: str, about: str, example: Any, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a query parameter.

    :param example: None for none
    """
    described = {"name": name, "in": "query", "required": False, "description": about, "schema": schema}
    return described if example is None else {**described, "example": example}


DIALECT_PARAMETER = parameter(
    DIALECT, "posts under the names of the older API", None, {"type": "string", "enum": ["v4"]}
)


def parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    """Return the parameters of an endpoint. One of those that name a target, or a link, is needed."""
    described = [
        parameter(name, _about(param, name), _example(param), _schema(param))
        for param in endpoint.params
        for name in (param.name, *param.aliases)
    ]
    if not endpoint.singleton:
        about = "a link, an id or a share text, in place of the parameters that name a target"
        described.append(parameter(LINK, about, None, {"type": "string"}))
    if endpoint.pagination:
        limits = {"type": "integer", "minimum": 1, "maximum": 100}
        about = endpoint.pagination.page_size or "items of a page, up to the platform's largest page"
        described.append(parameter(COUNT, about, 20, limits))
    if endpoint.sorted:
        described.append(
            parameter("sort", "the order", None, {"type": "string", "enum": ["hot", "time"], "default": "hot"})
        )
    described.append(DIALECT_PARAMETER)
    return list({known["name"]: known for known in described}.values())


def _about(param: Param, name: str) -> str:
    if name != param.name:
        return f"an older name of {param.name}"
    if param.cursor:
        return "where the page begins: the cursor of the page before"
    return f"names the {param.kind}" if param.kind else "tunes the request"


def _example(param: Param) -> Any:
    return int(param.example) if _is_number(param) else param.example


def _schema(param: Param) -> dict[str, Any]:
    if not _is_number(param):
        shape = {} if _ONLY_PYTHON.search(param.regex) else {"pattern": f"^(?:{param.regex})$"}
        return {"type": "string", **shape}
    schema: dict[str, Any] = {"type": "integer", "minimum": 0}
    if param.cursor and (first := _first(param)) is not None:
        schema["default"] = first
    return schema


def _is_number(param: Param) -> bool:
    """Return whether a parameter is a number to count with. Ids are texts: most have more digits than a double."""
    return not param.kind and param.example.isdecimal() and re.fullmatch(param.regex, "a") is None


def _first(param: Param) -> int | None:
    return next((int(text) for text in _FIRST if param.read(text) in ("", text)), None)


def names(endpoint: Endpoint) -> Sequence[str]:
    """Return the names of the parameters of an endpoint."""
    return [described["name"] for described in parameters(endpoint)]
