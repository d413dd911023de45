"""Which requests go wrong, and how."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tests.simulator.messages import Request

NAMES = (
    "status json reset truncate empty html garbage slow stall redirect wrong_types null_data unknown_code "
    "rate_limit banned voucher risk captcha sign login repeat half_page empty_page"
)
KINDS = frozenset(NAMES.split())
FILE_KINDS = frozenset(["cut", "drip", "length", "gzip", "ignore_range", "packet_cut", "changed", "larger"])


class Fault:
    """One rule: of the requests that match, those that the counters select get the damage `do`.

    `nth`, `every`, `first`, `after` and `times` narrow the matches together; without any of them every match is hit.
    """

    def __init__(
        self,
        host: str = "*",
        path: str = "*",
        query: Mapping[str, object] | None = None,
        nth: int | None = None,
        every: int | None = None,
        first: int | None = None,
        after: int | None = None,
        times: int | None = None,
        *,
        do: str,
        **args: Any,
    ) -> None:
        if do not in KINDS | FILE_KINDS:
            raise ValueError(f"unknown kind of fault: {do!r}, known are {', '.join(sorted(KINDS | FILE_KINDS))}")
        self.host = host
        self.path = path
        self.query = {key: str(value) for key, value in (query or {}).items()}
        self.nth = nth
        self.every = every
        self.first = first
        self.after = after
        self.times = times
        self.do = do
        self.args = args
        self.matches = 0
        self.hits = 0

    def __repr__(self) -> str:
        return f"Fault({self.host!r}, {self.path!r}, do={self.do!r}, hits={self.hits}/{self.matches})"

    def selects(self, request: Request) -> bool:
        """Count the request if it matches; true if it is one to be hit."""
        if not (fnmatchcase(request.host, self.host) and fnmatchcase(request.path, self.path)):
            return False
        if any(request.query.get(key) != value for key, value in self.query.items()):
            return False
        self.matches += 1
        return self._counted()

    def _counted(self) -> bool:
        count = self.matches
        return not (
            (self.nth is not None and count != self.nth)
            or (self.every is not None and count % self.every)
            or (self.first is not None and count > self.first)
            or (self.after is not None and count <= self.after)
            or (self.times is not None and self.hits >= self.times)
        )


def choose(faults: Iterable[Fault], request: Request) -> Fault | None:
    """The first fault that hits the request; the counters of all that match move on."""
    chosen = None
    for fault in list(faults):
        if fault.selects(request) and chosen is None:
            chosen = fault
    if chosen is not None:
        chosen.hits += 1
    return chosen


def load(path: Path) -> list[Fault]:
    """Read faults from a JSON list of objects with the arguments of `Fault`."""
    return [Fault(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
