"""The faults that look different on every platform, as Bilibili shows them."""

from __future__ import annotations

from typing import Any

import orjson

from tests.simulator.faults import Fault
from tests.simulator.messages import Answer, Request, json_answer
from tests.simulator.platforms.bilibili import envelope
from tests.simulator.platforms.bilibili.gate import Gate
from tests.simulator.randomness import uuid_of

UNKNOWN_CODE = 987654
LISTS = ("replies", "list", "medias", "archives", "result", "items", "subtitles")
PAGES = ("pn", "page", "page_num")


def instead(fault: Fault, gate: Gate) -> Answer | None:
    """The answer of a fault that does not look at the true one."""
    match fault.do:
        case "null_data":
            return envelope.ok(None)
        case "unknown_code":
            return envelope.refusal(UNKNOWN_CODE)
        case "rate_limit":
            return _rate_limit(fault)
        case "banned":
            return (
                envelope.banned_json(int(fault.args.get("status", 412)))
                if fault.args.get("json")
                else (envelope.banned_page())
            )
        case "voucher":
            return envelope.disguised(gate.voucher())
        case "risk":
            return envelope.risk(gate.voucher())
        case "captcha":
            return envelope.captcha(uuid_of("grisk", fault.hits).lower())
        case "sign":
            return envelope.refusal(-403)
        case "login":
            return envelope.refusal(-101)
    return None


def first_page(request: Request) -> Request:
    """The same request for the first page."""
    query = dict(request.query)
    query.pop("next", None)
    query |= {name: "1" for name in PAGES if name in query}
    if "pagination_str" in query:
        query["pagination_str"] = '{"offset":""}'
    return request.asking_only(query)


def shortened(answer: Answer, share: float) -> Answer:
    """The answer with only a share of its list."""
    body = orjson.loads(answer.body)
    items = _list_of(body.get("data"))
    if items:
        del items[int(len(items) * share) :]
        answer.body = orjson.dumps(body)
    return answer


def _list_of(data: Any) -> list[Any] | None:
    if isinstance(data, list):
        return data
    if not isinstance(data, dict):
        return None
    inner = data["list"].get("vlist") if isinstance(data.get("list"), dict) else None
    candidates = (inner, *(data.get(name) for name in LISTS))
    return next((rows for rows in candidates if isinstance(rows, list)), None)


def _rate_limit(fault: Fault) -> Answer:
    if int(fault.args.get("status", 200)) != 429:
        return envelope.refusal(-799)
    headers = [("Retry-After", str(fault.args.get("retry_after", 1)))]
    return json_answer({"code": -799, "message": envelope.MESSAGES[-799], "ttl": 1}, 429, headers)
