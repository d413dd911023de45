"""Douyin: its hosts, its routes and its own ways to fail."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase

from tests.simulator.faults import Fault
from tests.simulator.messages import Answer, Request, html_answer, json_answer
from tests.simulator.platforms.douyin import api, failures, flown, media, share, site
from tests.simulator.platforms.douyin.gate import Gate
from tests.simulator.platforms.douyin.signed import SIGNED
from tests.simulator.world import World

SHORT_HOSTS = ("v.douyin.com", "v.iesdouyin.com")
SHARE_HOSTS = ("www.iesdouyin.com", "m.douyin.com")
SITE_HOSTS = ("www.douyin.com", "www-hj.douyin.com", "live.douyin.com", "webcast.amemv.com", "ttwid.bytedance.com")
PAGE_HOSTS = ("www.douyin.com", "www-hj.douyin.com", "live.douyin.com")
APP_HOSTS = ("aweme.snssdk.com", "api.amemv.com", "*.amemv.com")
MEDIA_HOSTS = (*media.STREAM_HOSTS, *media.PICTURE_HOSTS, *media.SOUND_HOSTS, *media.LIVE_HOSTS)
SCRIPT_HOSTS = ("lf-cdn-tos.bytescm.com",)
SIGNATURES = ("a_bogus", "X-Bogus")
Route = Callable[[Request], Answer]


class Douyin:
    """The platform."""

    name = "douyin"
    hosts: tuple[str, ...] = (*SHORT_HOSTS, *SHARE_HOSTS, *SITE_HOSTS, *APP_HOSTS, *MEDIA_HOSTS, *SCRIPT_HOSTS)
    cookie_domains: tuple[str, ...] = ("douyin.com", "iesdouyin.com")
    secret_names: frozenset[str] = frozenset()
    login_page = "https://www.douyin.com/"
    cdn_cookies: frozenset[str] = frozenset()

    def __init__(self, world: World) -> None:
        self.world = world.douyin
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
        return request.host in SHORT_HOSTS

    def is_file(self, request: Request) -> bool:
        """Whether a file of a CDN is asked for, or where it is."""
        return any(fnmatchcase(request.host, pattern) for pattern in (*MEDIA_HOSTS, "aweme.snssdk.com"))

    def forged(self, request: Request) -> str:
        """The parameter that pretends to be a signature, or nothing."""
        name = next((name for name in SIGNATURES if name in request.query), "")
        return "" if not name or self.gate.notary.made(request) else name

    def handle(self, request: Request) -> Answer:
        """The true answer."""
        if self.is_file(request):
            return self._file(request)
        return self.gate.browser(request) or self._content(request)

    def damage(self, fault: Fault, request: Request) -> Answer:
        """The answer with a fault that looks like Douyin's."""
        if fault.do == "repeat":
            return self.handle(request)
        if fault.do in {"half_page", "empty_page"}:
            return failures.shortened(self.handle(request), 0.5 if fault.do == "half_page" else 0.0)
        answer = failures.instead(fault, request)
        if answer is None:
            raise ValueError(f"no such fault here: {fault.do}")
        return answer

    def _content(self, request: Request) -> Answer:
        host, path = request.host, request.path
        if self.is_short(request):
            return share.short(self.world, request)
        if path in SIGNED:
            return self.gate.refuse(request) or SIGNED[path](self.world, self.gate, request)
        if path in self._routes:
            return self._routes[path](request)
        if path in media.PLAY:
            return media.play(self.world, request)
        if path.startswith(("/aweme/", "/web/api/", "/webcast/", "/live/promotions/")):
            return self.gate.refuse(request) or _mismatch()
        if host in PAGE_HOSTS:
            part = self.gate.front.answer(request, login=self.gate.logged_in(request))
            if part is not None:
                return part
        if host in SHARE_HOSTS:
            return share.page(self.world, self.gate, request)
        if host == "live.douyin.com":
            return site.live(self.world, self.gate, request)
        if host == "webcast.amemv.com":
            return site.reflow(self.world, request)
        if host in PAGE_HOSTS:
            return site.www(self.world, self.gate, request)
        return Answer()

    def _json_routes(self) -> dict[str, Route]:
        world, gate = self.world, self.gate
        return {
            "/web/api/v2/aweme/slidesinfo/": lambda request: api.slidesinfo(world, gate, request),
            "/webcast/room/reflow/info/": lambda request: api.reflow_info(world, request),
            "/aweme/v1/web/query/user/": lambda request: api.visitor(world, gate, request),
            "/aweme/v1/web/hot/search/list/": lambda request: flown.hot(world, request),
            "/ttwid/union/register/": lambda request: self._register(request),
        }

    def _register(self, request: Request) -> Answer:
        if request.method != "POST" or not request.body:
            return failures.coded(5)
        cookie = f"ttwid={self.gate.visitor()}; Path=/; Domain=bytedance.com; Max-Age=31536000; HttpOnly; Secure"
        return json_answer({"status_code": 0, "message": "success"}, headers=[("Set-Cookie", cookie)])

    def _file(self, request: Request) -> Answer:
        host = request.host
        if host == "aweme.snssdk.com":
            return media.play(self.world, request) if request.path in media.PLAY else Answer()
        if any(fnmatchcase(host, pattern) for pattern in media.STREAM_HOSTS):
            return media.stream(self.world, request)
        if any(fnmatchcase(host, pattern) for pattern in media.PICTURE_HOSTS):
            return media.picture(self.world, request)
        if any(fnmatchcase(host, pattern) for pattern in media.SOUND_HOSTS):
            return media.sound(self.world, request)
        return html_answer("404 Not Found", 404)


def _mismatch() -> Answer:
    """The answer to a path that is not simulated."""
    return json_answer({"status_code": 0, "status_msg": "url doesn't match", "log_pb": {"impr_id": "0"}})
