"""Bilibili: its hosts, its routes and its own ways to fail."""

from __future__ import annotations

from collections.abc import Callable

from tests.simulator.faults import Fault
from tests.simulator.messages import Answer, Request, json_answer
from tests.simulator.platforms.bilibili import listing, session, work
from tests.simulator.platforms.bilibili.gate import OPEN, Gate, Rules
from tests.simulator.world import World

SHORT_HOSTS = ("b23.tv", "bili2233.cn", "bili22.cn", "bili23.cn", "bili33.cn")
Route = Callable[[Request], Answer]


class Bilibili:
    """The platform."""

    name = "bilibili"
    hosts: tuple[str, ...] = (
        "api.bilibili.com",
        "www.bilibili.com",
        "bilibili.com",
        "m.bilibili.com",
        "space.bilibili.com",
        *SHORT_HOSTS,
    )

    def __init__(self, world: World) -> None:
        self.world = world
        self.gate = Gate(world)
        self._routes = self._table()

    def handle(self, request: Request) -> Answer:
        """The true answer."""
        refused = self.gate.browser(request)
        if refused is not None:
            return refused
        if request.host == "api.bilibili.com":
            return self._api(request)
        return json_answer({"code": -404, "message": "啥都木有", "ttl": 1}, 404)

    def damage(self, fault: Fault, request: Request) -> Answer:
        """The answer with a fault that looks like Bilibili's."""
        raise NotImplementedError

    def _api(self, request: Request) -> Answer:
        found = self._routes.get(request.path)
        if found is None:
            return json_answer({"code": -404, "message": "啥都木有", "ttl": 1}, 404)
        rules, route = found
        return self.gate.refuse(request, rules) or route(request)

    def _table(self) -> dict[str, tuple[Rules, Route]]:
        world, gate = self.world, self.gate
        space = Rules(referer=True, buvid=True, sign="risk")
        return {
            "/x/web-interface/nav": (OPEN, lambda request: session.nav(gate, world.account, request)),
            "/x/frontend/finger/spi": (OPEN, lambda request: session.finger(gate)),
            "/x/web-frontend/getbuvid": (OPEN, lambda request: session.getbuvid(gate)),
            "/x/web-interface/view": (OPEN, lambda request: work.view(world, request)),
            "/x/web-interface/wbi/view": (Rules(sign="forbid"), lambda request: work.view(world, request)),
            "/x/player/pagelist": (OPEN, lambda request: work.pagelist(world, request)),
            "/x/space/wbi/arc/search": (space, lambda request: listing.arc_search(world, request)),
        }
