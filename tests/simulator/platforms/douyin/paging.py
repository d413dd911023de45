"""What the pages of all lists have in common."""

from __future__ import annotations

import time
from typing import Any

from tests.simulator.messages import Request
from tests.simulator.randomness import hex_of
from tests.simulator.worlds.douyin import DouyinWorld

LARGEST = 20


def number(request: Request, name: str) -> int:
    """A number in the query; 0 where there is none."""
    text = request.query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else 0


def size(request: Request) -> int:
    """How many are wanted, at most as many as a page holds."""
    return min(number(request, "count") or LARGEST, LARGEST)


def around(world: DouyinWorld, about: str) -> dict[str, Any]:
    """What stands beside every answer."""
    log = log_pb(world, about)
    return {"extra": {"now": now_ms(world), "logid": log["impr_id"], "fatal_item_ids": []}, "log_pb": log}


def log_pb(world: DouyinWorld, about: str) -> dict[str, Any]:
    """The id of an answer, which begins with its time."""
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(int(world.now()) + 8 * 3600))
    return {"impr_id": f"{stamp}{hex_of(about)[:20].upper()}"}


def now_ms(world: DouyinWorld) -> int:
    """The time of the server."""
    return int(world.now()) * 1000
