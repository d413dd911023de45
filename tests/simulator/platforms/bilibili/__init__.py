"""Bilibili: its hosts, its routes and its own ways to fail."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase

from tests.simulator.faults import Fault
from tests.simulator.messages import Answer, Request, json_answer
from tests.simulator.platforms.bilibili import (
    boards,
    collections,
    comments,
    details,
    dynamics,
    failures,
    flying,
    listing,
    live,
    media,
    pages,
    people,
    session,
    streams,
    subtitles,
    users,
    work,
)
from tests.simulator.platforms.bilibili.gate import OPEN, Gate, Rules
from tests.simulator.world import World

API_HOST, LIVE_HOST = "api.bilibili.com", "api.live.bilibili.com"
SITE_HOSTS = ("www.bilibili.com", "bilibili.com", "m.bilibili.com", "space.bilibili.com")
PASSPORT_HOST = "passport.bilibili.com"
SHORT_HOSTS = ("b23.tv", "bili2233.cn", "bili22.cn", "bili23.cn", "bili33.cn")
Route = Callable[[Request], Answer]


class Bilibili:
    """The platform."""

    name = "bilibili"
    hosts: tuple[str, ...] = (
        API_HOST,
        PASSPORT_HOST,
        LIVE_HOST,
        subtitles.HOST,
        *SITE_HOSTS,
        *SHORT_HOSTS,
        *media.STREAM_HOSTS,
        *media.PICTURE_HOSTS,
    )
    cookie_domains: tuple[str, ...] = ("bilibili.com",)
    secret_names: frozenset[str] = frozenset({"SESSDATA", "bili_jct", "DedeUserID", "DedeUserID__ckMd5", "buvid3"})
    login_page = "https://passport.bilibili.com/login"
    cdn_cookies: frozenset[str] = frozenset()

    def __init__(self, world: World) -> None:
        self.world = world
        self.gate = Gate(world)
        self._routes = self._about_works() | self._about_users() | self._about_collections() | self._about_boards()
        self._routes |= self._about_texts()
        self._live = self._about_rooms()

    @property
    def login_cookie(self) -> str:
        """A whole Cookie header of a login."""
        return self.world.login_cookie

    def secrets(self) -> frozenset[str]:
        """The values of a login."""
        return frozenset({self.world.sessdata, self.world.account.csrf})

    def is_short(self, request: Request) -> bool:
        """Whether a short link is asked where it leads."""
        return request.host in SHORT_HOSTS

    def is_file(self, request: Request) -> bool:
        """Whether a file of a CDN is asked for."""
        patterns = (subtitles.HOST, *media.STREAM_HOSTS, *media.PICTURE_HOSTS)
        return any(fnmatchcase(request.host, pattern) for pattern in patterns)

    def forged(self, request: Request) -> str:
        """Its signature is made of keys that everyone is given, so none is forged."""
        return ""

    def handle(self, request: Request) -> Answer:
        """The true answer."""
        return self._refusal(request) or self._content(request)

    def damage(self, fault: Fault, request: Request) -> Answer:
        """The answer with a fault that looks like Bilibili's."""
        if fault.do == "repeat":
            return self._refusal(request) or self._content(failures.first_page(request))
        if fault.do in {"half_page", "empty_page"}:
            return failures.shortened(self.handle(request), 0.5 if fault.do == "half_page" else 0.0)
        answer = failures.instead(fault, self.gate)
        if answer is None:
            raise ValueError(f"no such fault here: {fault.do}")
        return answer

    def _refusal(self, request: Request) -> Answer | None:
        if request.host in (API_HOST, LIVE_HOST):
            rules, _ = self._apis(request).get(request.path, (OPEN, None))
            return self.gate.browser(request) or self.gate.refuse(request, rules)
        return self.gate.browser(request) if request.host in SITE_HOSTS else None

    def _content(self, request: Request) -> Answer:
        host = request.host
        if host in (API_HOST, LIVE_HOST):
            _, route = self._apis(request).get(request.path, (OPEN, _unknown))
            return route(request)
        if host == PASSPORT_HOST:
            return pages.passport(self.gate, request)
        if host == subtitles.HOST:
            return subtitles.file(request)
        if host in SITE_HOSTS:
            return pages.site(self.world, self.gate, request)
        if self.is_short(request):
            return pages.short(self.world, request)
        if any(fnmatchcase(host, pattern) for pattern in media.PICTURE_HOSTS):
            return media.picture(request)
        return media.stream(self.world, request)

    def _apis(self, request: Request) -> dict[str, tuple[Rules, Route]]:
        return self._routes if request.host == API_HOST else self._live

    def _about_works(self) -> dict[str, tuple[Rules, Route]]:
        world, gate = self.world, self.gate
        signed, known = Rules(sign="forbid"), Rules(referer=True)
        play, talk = Rules(referer=True, sign="voucher"), Rules(referer=True, sign="forbid")
        return {
            "/x/web-interface/view": (OPEN, lambda request: work.view(world, request)),
            "/x/web-interface/wbi/view": (signed, lambda request: work.view(world, request)),
            "/x/web-interface/view/detail": (OPEN, lambda request: details.view_detail(world, request)),
            "/x/web-interface/wbi/view/detail": (signed, lambda request: details.view_detail(world, request)),
            "/x/player/pagelist": (OPEN, lambda request: work.pagelist(world, request)),
            "/x/tag/archive/tags": (OPEN, lambda request: details.tags(world, request)),
            "/x/player/wbi/playurl": (play, lambda request: streams.playurl(world, gate, request)),
            "/x/player/playurl": (known, lambda request: streams.playurl(world, gate, request)),
            "/x/v2/reply/wbi/main": (talk, lambda request: comments.lazy(world, gate, request)),
            "/x/v2/reply": (known, lambda request: comments.paged(world, gate, request)),
            "/x/v2/reply/reply": (known, lambda request: comments.replies(world, request)),
        }

    def _about_users(self) -> dict[str, tuple[Rules, Route]]:
        world, gate = self.world, self.gate
        space, known = Rules(referer=True, buvid=True, sign="risk"), Rules(referer=True)
        return {
            "/x/web-interface/nav": (OPEN, lambda request: session.nav(gate, world.account, request)),
            "/x/frontend/finger/spi": (OPEN, lambda request: session.finger(gate)),
            "/x/web-frontend/getbuvid": (OPEN, lambda request: session.getbuvid(gate)),
            "/x/space/wbi/arc/search": (space, lambda request: listing.arc_search(world, request)),
            "/x/space/wbi/acc/info": (space, lambda request: users.acc_info(world, request)),
            "/x/web-interface/card": (OPEN, lambda request: users.card(world, request)),
            "/x/relation/stat": (OPEN, lambda request: users.relation_stat(world, request)),
            "/x/space/upstat": (OPEN, lambda request: users.upstat(world, gate, request)),
            "/x/space/navnum": (OPEN, lambda request: users.navnum(world, request)),
            "/x/relation/followers": (known, lambda request: people.relations(world, gate, request, followers=True)),
            "/x/relation/followings": (known, lambda request: people.relations(world, gate, request, followers=False)),
            "/x/polymer/web-dynamic/v1/feed/space": (space, lambda request: dynamics.feed(world, request)),
        }

    def _about_texts(self) -> dict[str, tuple[Rules, Route]]:
        world, gate, known = self.world, self.gate, Rules(referer=True)
        talk = Rules(referer=True, sign="forbid")
        tracks = subtitles.Subtitles(world, gate)
        return {
            "/x/v2/dm/web/seg.so": (known, lambda request: flying.segment(world, gate, request)),
            "/x/v2/dm/wbi/web/seg.so": (talk, lambda request: flying.segment(world, gate, request)),
            "/x/v1/dm/list.so": (known, lambda request: flying.xml(world, request)),
            "/x/player/wbi/v2": (Rules(referer=True, sign="voucher"), tracks.player),
            "/x/player/v2": (known, tracks.player),
        }

    def _about_rooms(self) -> dict[str, tuple[Rules, Route]]:
        world, known = self.world, Rules(referer=True)
        return {
            "/room/v1/Room/get_info": (known, lambda request: live.info(world, request)),
            "/room/v1/Room/playUrl": (known, lambda request: live.old_play(world, request)),
            "/room/v1/Area/getList": (known, live.areas),
            "/xlive/web-room/v2/index/getRoomPlayInfo": (known, lambda request: live.play(world, request)),
            "/xlive/web-interface/v1/second/getList": (
                Rules(referer=True, sign="risk"),
                lambda request: live.streaming(world, request),
            ),
        }

    def _about_collections(self) -> dict[str, tuple[Rules, Route]]:
        world, gate, known = self.world, self.gate, Rules(referer=True)
        return {
            "/x/v3/fav/folder/created/list-all": (known, lambda request: collections.folders(world, gate, request)),
            "/x/v3/fav/resource/list": (known, lambda request: collections.saved(world, gate, request)),
            "/x/polymer/web-space/seasons_series_list": (known, lambda request: collections.lists(world, request)),
            "/x/polymer/web-space/seasons_archives_list": (known, lambda request: collections.season(world, request)),
            "/x/series/series": (OPEN, lambda request: collections.about_series(world, request)),
            "/x/series/archives": (known, lambda request: collections.series(world, request)),
            "/pgc/review/user": (known, collections.media),
            "/pgc/player/web/v2/playurl": (known, lambda request: streams.broadcast(world, gate, request)),
            "/pgc/view/web/season": (known, lambda request: collections.broadcast(world, request)),
        }

    def _about_boards(self) -> dict[str, tuple[Rules, Route]]:
        world, known = self.world, Rules(referer=True)
        rules = Rules(referer=True, buvid=True, sign="voucher")
        return {
            "/x/web-interface/popular": (known, lambda request: boards.popular(world, request)),
            "/x/web-interface/ranking/v2": (known, lambda request: boards.ranking(world, request)),
            "/x/web-interface/wbi/search/type": (rules, lambda request: boards.search(world, request)),
        }


def _unknown(request: Request) -> Answer:
    return json_answer({"code": -404, "message": "啥都木有", "ttl": 1}, 404)
