"""How the lists of the web go on, where it is by how many came before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.simulator.messages import Answer, Request, json_answer, whole
from tests.simulator.platforms.tiktok import failures
from tests.simulator.randomness import hex_of

USUAL, MOST = 20, 35


def log(request: Request) -> dict[str, Any]:
    """What stands beside every answer."""
    name = hex_of(request.path, request.raw_query).upper()
    return {"log_pb": {"impr_id": name}, "extra": {"fatal_item_ids": [], "logid": name}}


def paged(
    request: Request, every: Sequence[Any], make: Callable[[Any], Any], name: str = "itemList", rid: str | None = None
) -> Answer:
    """A page of a list; behind its end the list itself is left out, as at the beginning of an empty one.

    :param name: of the list in the answer
    :param rid: the name of a search, whose answers are of the older spelling
    """
    cursor, asked = whole(request.query.get("cursor", "0")), whole(request.query.get("count", str(USUAL)))
    if cursor is None or not asked or asked > MOST:
        return failures.coded(10201)
    shown = every[cursor : cursor + asked]
    end = cursor + len(shown)
    more = end < len(every)
    body: dict[str, Any] = {name: [make(entry) for entry in shown]} if shown else {}
    if rid is not None:
        body |= {"status_code": 0, "cursor": end, "has_more": int(more), "rid": rid}
    else:
        body |= {"statusCode": 0, "cursor": str(end), "hasMore": more}
    return json_answer({**body, **log(request)})
