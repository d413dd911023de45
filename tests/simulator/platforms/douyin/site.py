"""The pages of computers: works, creators, live rooms."""

from __future__ import annotations

from typing import Any

from tests.simulator.messages import Answer, Request, html_answer, redirect_answer
from tests.simulator.platforms.douyin import failures, rooms
from tests.simulator.platforms.douyin.api import code_of, reason_of
from tests.simulator.platforms.douyin.aweme import aweme, images_of
from tests.simulator.platforms.douyin.gate import Gate
from tests.simulator.platforms.douyin.profile import camel, user
from tests.simulator.platforms.douyin.share import SHELL, SITE, detail, flight, render_data, scripted
from tests.simulator.worlds.douyin import DouyinWorld
from tests.simulator.worlds.realm import Maker

WORKS = ("video", "note", "slides", "gallery")


def www(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """A page of www.douyin.com."""
    if not gate.known(request):
        return failures.nonce_page()
    first, _, rest = request.path.strip("/").partition("/")
    if first in WORKS and rest:
        return _work(world, gate, request, first, rest)
    if first == "user" and rest:
        return _user(world, gate, request, rest)
    return gate.visited(request, html_answer(SHELL.format("抖音-记录美好生活", "", "")))


def live(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """A page of live.douyin.com; without a room it is where a visitor gets an id."""
    name = request.path.strip("/")
    maker = world.maker_of_room(name)
    store: dict[str, Any] = {"web_rid": name}
    if maker is not None:
        store |= {"room": rooms.room(world, maker), "roomId": world.room(maker)}
    state = {"state": {"roomStore": {"roomInfo": store}, "streamStore": {"streamData": {}}}}
    return gate.visited(request, html_answer(SHELL.format("抖音直播", "", flight(state))))


def reflow(world: DouyinWorld, request: Request) -> Answer:
    """The share page of a live room, which names the room as addresses do."""
    maker = world.maker_of_room(request.path.rstrip("/").rpartition("/")[2])
    if maker is None:
        return html_answer(SHELL.format("直播已结束", "", ""))
    words = scripted(f'{{"webRid":"{world.web_rid(maker)}","roomId":"{world.room(maker)}"}}')
    return html_answer(SHELL.format("抖音直播", "", f"<script>self.__data={words}</script>"))


def _work(world: DouyinWorld, gate: Gate, request: Request, kind: str, ident: str) -> Answer:
    work = gate.find(request, ident.strip("/"))
    if work is not None and kind == "video" and images_of(work):
        return redirect_answer(f"{SITE}/note/{work.id}")
    refusal = work and (code_of(work) or failures.refused(work.kind))
    if refusal:
        return refusal
    reason = reason_of(work)
    data: dict[str, Any] = {"statusCode": 0, "detail": None, "filterReason": reason}
    if work is not None and not reason:
        data["detail"] = detail(aweme(world, work), work)
    return gate.visited(request, html_answer(SHELL.format("抖音", "", flight({"aweme": data}))))


def _user(world: DouyinWorld, gate: Gate, request: Request, sec_uid: str) -> Answer:
    maker = world.creator_of(sec_uid)
    if maker is not None and maker.kind == "user_challenge":
        return failures.nonce_page()
    gone = maker is None or maker.kind == "user_gone"
    state = {"statusCode": 2065 if gone else 0, "user": _shown(world, maker) if maker and not gone else None}
    data = {"secUid": sec_uid, "user": state, "isHideImpInfo": True}
    older = maker is not None and (maker.kind == "user_render" or (not maker.kind and maker.number % 2 == 1))
    visitor = {"isClient": False, "pathname": request.path, "user": {"isLogin": gate.logged_in(request)}}
    script = render_data({"1": visitor, str(41 + len(sec_uid) % 5): data}) if older else flight(data)
    return gate.visited(request, html_answer(SHELL.format("的抖音 - 抖音", "", script)))


def _shown(world: DouyinWorld, maker: Maker) -> dict[str, Any]:
    shown: dict[str, Any] = camel(user(world, maker))
    url = shown["avatarThumb"]["urlList"][0]
    return shown | {"desc": shown["signature"], "avatarUrl": url.removeprefix("https:")}
