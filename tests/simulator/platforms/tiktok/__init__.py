"""TikTok: its hosts, its routes and its own ways to fail."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase

from tests.simulator.faults import Fault
from tests.simulator.messages import Answer, Request
from tests.simulator.platforms.tiktok import api, app, failures, lists, live, media, pages
from tests.simulator.platforms.tiktok.gate import Gate
from tests.simulator.platforms.tiktok.signed import SIGNED
from tests.simulator.world import World

SITE = "www.tiktok.com"
SHORT_HOSTS = ("vm.tiktok.com", "vt.tiktok.com")
SHORT_PATHS = ("/t/", "/en/t/")
OLD_HOSTS = ("m.tiktok.com", "t.tiktok.com", "www.tiktokv.com")
APP_HOSTS = ("api*.tiktokv.com", "api*.tiktokv.us")
MEDIA_HOSTS = (*media.WEB_HOSTS, *media.CDN_HOSTS)
CREATOR = "/api/creator/item_list/"  # of which the first page is that of the latest moment
FIRST = str(10**15)
SIGNATURES = ("X-Gnarly", "X-Bogus")
Route = Callable[[Request], Answer]


class Tiktok:
    """The platform."""

    name = "tiktok"
    hosts: tuple[str, ...] = (SITE, "tiktok.com", live.HOST, *SHORT_HOSTS, *OLD_HOSTS, *APP_HOSTS, *MEDIA_HOSTS)
    cookie_domains: tuple[str, ...] = ("tiktok.com",)
    secret_names: frozenset[str] = frozenset({"tt_chain_token", "tt_csrf_token"})
    login_page = "https://www.tiktok.com/login"
    cdn_cookies: frozenset[str] = frozenset({"tt_chain_token", "ttwid", "msToken"})

    def __init__(self, world: World) -> None:
        self.world = world.tiktok
        self.gate = Gate(self.world)
        self._routes = self._json_routes()

    @property
    def login_cookie(self) -> str:
        """A whole Cookie header of a login."""
        return self.world.login_cookie

    def secrets(self) -> frozenset[str]:
        """The values of a login."""
        return self.world.secrets()

    def is_short(self, request: Request) -> bool:
        """Whether a short link is asked where it leads."""
        return request.host in SHORT_HOSTS or request.path.startswith(SHORT_PATHS)

    def is_file(self, request: Request) -> bool:
        """Whether a file of a CDN is asked for."""
        return _matches(request.host, MEDIA_HOSTS)

    def forged(self, request: Request) -> str:
        """The parameter that pretends to be a signature, or nothing."""
        name = next((name for name in SIGNATURES if name in request.query), "")
        return "" if not name or self.gate.notary.made(request) else name

    def handle(self, request: Request) -> Answer:
        """The true answer."""
        host, path = request.host, request.path
        self.world.viewer = self.gate.viewer(request)
        if _matches(host, media.WEB_HOSTS):
            return media.stream(self.world, request)
        if _matches(host, media.CDN_HOSTS):
            return media.file(self.world, request)
        if _matches(host, APP_HOSTS):
            return self._app(request)
        if host == live.HOST:
            return live.by_number(self.world, request) if path == live.INFO else Answer()
        if self.is_short(request):
            return pages.short(self.world, path.rstrip("/").rpartition("/")[2])
        if host in OLD_HOSTS:
            return pages.old(self.world, request)
        return self.gate.browser(request) or self._site(request)

    def damage(self, fault: Fault, request: Request) -> Answer:
        """The answer with a fault that looks like TikTok's."""
        if fault.do == "repeat":
            first = {"cursor": FIRST if request.path == CREATOR else "0"} if "cursor" in request.query else {}
            query = {**request.query, **first}
            return self.handle(request.asking_only(query))
        if fault.do in {"half_page", "empty_page"}:
            return failures.shortened(self.handle(request), 0.5 if fault.do == "half_page" else 0.0)
        answer = failures.instead(fault, request)
        if answer is None and fault.do in {"null_data", "unknown_code"}:
            code = failures.UNKNOWN_CODE if fault.do == "unknown_code" else 0
            answer = pages.broken(self.world, self.gate, request, code)
        if answer is None:
            raise ValueError(f"no such fault here: {fault.do}")
        return answer

    def _site(self, request: Request) -> Answer:
        gate, path = self.gate, request.path
        if path in SIGNED:
            return gate.refuse(request) or SIGNED[path](self.world, gate, request)
        if path in self._routes:
            return self._routes[path](request)
        if path.startswith("/api"):
            return gate.refuse(request) or failures.mismatch()
        part = gate.front.answer(request, login=gate.logged_in(request))
        return part or pages.site(self.world, gate, request)

    def _app(self, request: Request) -> Answer:
        if request.path == "/aweme/v1/feed/":
            return app.feed(self.world, self.gate, request)
        if request.path == "/aweme/v1/multi/aweme/detail/" and request.method == "POST":
            return app.multi_detail(self.world, self.gate, request)
        return Answer()

    def _json_routes(self) -> dict[str, Route]:
        world, gate = self.world, self.gate
        return {
            "/api/favorite/item_list/": lambda request: lists.likes(world, gate, request),
            "/api/repost/item_list/": lambda request: lists.reposts(world, gate, request),
            "/api/collection/item_list/": lambda request: lists.collection(world, gate, request),
            CREATOR: lambda request: api.creator_items(world, request),
            "/api-live/user/room/": lambda request: live.of_user(world, request),
            "/oembed": lambda request: api.oembed(world, request),
        }


def _matches(host: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(host, pattern) for pattern in patterns)
