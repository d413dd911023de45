"""What each kind of fault does to an answer, as far as it is the same on every platform."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from tests.simulator.faults import Fault
from tests.simulator.media_damage import OF_FILES
from tests.simulator.messages import JSON_TYPE, Answer, Request, html_answer, json_answer, redirect_answer
from tests.simulator.platforms import Platform

PAGE = "<!DOCTYPE html><html><head><title>Error</title></head><body>Please try again later.</body></html>"


def apply(fault: Fault, request: Request, platform: Platform) -> Answer:
    """The damaged answer."""
    common = COMMON.get(fault.do)
    if common is not None:
        return common(fault, request, platform)
    return platform.damage(fault, request)


def _status(fault: Fault, request: Request, platform: Platform) -> Answer:
    headers = [(str(name), str(value)) for name, value in fault.args.get("headers", {}).items()]
    body = fault.args.get("body", "")
    return Answer(str(body).encode(), int(fault.args.get("status", 503)), "text/plain; charset=utf-8", headers)


def _json(fault: Fault, request: Request, platform: Platform) -> Answer:
    return json_answer(fault.args.get("body", {}), int(fault.args.get("status", 200)))


def _reset(fault: Fault, request: Request, platform: Platform) -> Answer:
    return Answer(ending="reset")


def _truncate(fault: Fault, request: Request, platform: Platform) -> Answer:
    answer = platform.handle(request)
    answer.body = answer.body[: len(answer.body) // 2]
    answer.ending = "truncate"
    return answer


def _empty(fault: Fault, request: Request, platform: Platform) -> Answer:
    return Answer()


def _html(fault: Fault, request: Request, platform: Platform) -> Answer:
    return html_answer(str(fault.args.get("body", PAGE)))


def _garbage(fault: Fault, request: Request, platform: Platform) -> Answer:
    return Answer(b'{"code":0,"data":\xff\xfe<<not json>>', kind=JSON_TYPE)


def _stall(fault: Fault, request: Request, platform: Platform) -> Answer:
    answer = platform.handle(request)
    answer.ending = "stall"
    return answer


def _slow(fault: Fault, request: Request, platform: Platform) -> Answer:
    answer = platform.handle(request)
    answer.delay += float(fault.args.get("delay", 1.0))
    return answer


def _redirect(fault: Fault, request: Request, platform: Platform) -> Answer:
    return redirect_answer(str(fault.args["location"]), int(fault.args.get("status", 302)))


def _wrong_types(fault: Fault, request: Request, platform: Platform) -> Answer:
    answer = platform.handle(request)
    try:
        value = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return answer
    answer.body = orjson.dumps({key: _twist(key, part) for key, part in value.items()})
    return answer


def _twist(key: str, value: Any) -> Any:
    """Exchange types below the envelope by the length of the keys, so that every run does the same."""
    if key in {"code", "message", "ttl"}:
        return value
    if isinstance(value, dict):
        return {name: _swap(name, part) for name, part in value.items()}
    return [_twist("", part) for part in value] if isinstance(value, list) else _swap(key, value)


def _swap(key: str, value: Any) -> Any:
    turn = len(key) % 3
    if isinstance(value, dict):
        return _twist("", value) if turn == 1 else None if turn == 2 else list(value.values())
    if isinstance(value, list):
        return [_twist("", part) for part in value]
    if isinstance(value, int) and not isinstance(value, bool) and turn:
        return str(value)
    return value


COMMON: dict[str, Callable[[Fault, Request, Platform], Answer]] = {
    "status": _status,
    "json": _json,
    "reset": _reset,
    "truncate": _truncate,
    "empty": _empty,
    "html": _html,
    "garbage": _garbage,
    "slow": _slow,
    "stall": _stall,
    "redirect": _redirect,
    "wrong_types": _wrong_types,
    **OF_FILES,
}
