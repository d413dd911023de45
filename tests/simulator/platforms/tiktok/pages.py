"""The pages of the web site, with the data that they are built from."""

from __future__ import annotations

import json
from typing import Any

from tests.simulator.messages import Answer, Request, html_answer, redirect_answer
from tests.simulator.platforms.tiktok import failures, profile
from tests.simulator.platforms.tiktok.gate import Gate
from tests.simulator.platforms.tiktok.item import item_struct
from tests.simulator.randomness import hex_of
from tests.simulator.worlds.realm import EPOCH, SEC_HEAD, Maker, Work
from tests.simulator.worlds.tiktok import CODES, HALF, MESSAGES, SITE, TiktokWorld

MISSING = (10204, "item doesn't exist")
SHELL = '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{}</title></head><body>{}</body></html>'
PLAIN = ("", "login", "explore", "foryou", "tag", "music", "embed", "player", "sticker", "place", "about")


def site(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """A page of www.tiktok.com."""
    first, _, rest = request.path.strip("/").partition("/")
    if first.startswith("@"):
        kind, _, ident = rest.partition("/")
        if kind == "video":
            return work_page(world, gate, request, ident)
        if kind == "live":
            return _live(world, gate, request, find(world, first[1:]))
        if kind in {"photo", "playlist", "collection"}:
            return page(world, gate, request, {})
        return user_page(world, gate, request, first[1:])
    if first == "share" and rest.startswith("video/"):
        return work_page(world, gate, request, rest.removeprefix("video/").strip("/"))
    if first in PLAIN:
        return page(world, gate, request, {})
    return html_answer(SHELL.format("TikTok", "404"), 404 if first != "notfound" else 200)


def old(world: TiktokWorld, request: Request) -> Answer:
    """The older addresses of a work, which lead to the canonical one."""
    parts = [part.removesuffix(".html") for part in request.path.split("/")]
    ident = next((part for part in parts if part.isdigit()), "")
    work = world.work_of(ident)
    if work is None:
        return redirect_answer(f"{SITE}/@/video/{ident}" if ident else f"{SITE}/?_r=1")
    return redirect_answer(f"{world.url(work)}?_r=1", 301)


def short(world: TiktokWorld, code: str) -> Answer:
    """A short link; an unknown code leads home."""
    target = world.short_links.get(code)
    return redirect_answer(target or f"{SITE}/?_r=1", 301 if target else 302)


def work_page(world: TiktokWorld, gate: Gate, request: Request, ident: str) -> Answer:
    """The page of a work; the creator's name in the address does not matter."""
    work = gate.find(request, ident.strip("/"))
    kind = work.kind if work else ""
    way = HALF[kind] if kind.startswith("page_") else kind
    refusal = failures.refused(way)
    if refusal is not None:
        return refusal
    if work is not None and way == "sigi":
        return gate.visited(request, html_answer(SHELL.format("TikTok", _sigi(world, work))))
    scopes = {} if way == "no_scope" else {"webapp.video-detail": video_detail(world, work)}
    marker = '<div class="short-drama-login-gated-surface"></div>' if way == "short_drama" else ""
    return page(world, gate, request, scopes, marker)


def video_detail(world: TiktokWorld, work: Work | None) -> dict[str, Any]:
    """The scope of a work."""
    code, message = MISSING if work is None else {**MESSAGES, **CODES}.get(work.kind, (0, ""))
    data: dict[str, Any] = {"statusCode": code, "statusMsg": message}
    if work is not None and not code and work.kind != "no_item":
        struct = item_struct(world, work)
        data |= {"itemInfo": {"itemStruct": struct}, "shareMeta": {"title": work.title, "desc": struct["desc"]}}
    elif (code, message) == MISSING:
        data["itemInfo"] = {}
    return data


def find(world: TiktokWorld, name: str) -> Maker | None:
    """The creator whom the address names: by chosen name, by number, or by secUid."""
    if name.startswith(SEC_HEAD):
        return world.creator_of(name)
    return world.creator_by_uid(name) if name.isdigit() else world.creator_by_handle(name)


def user_page(world: TiktokWorld, gate: Gate, request: Request, name: str) -> Answer:
    """The page of a creator."""
    maker = find(world, name)
    kind = maker.kind if maker else ""
    refusal = failures.refused(kind)
    if refusal is not None and not (kind == "user_login" and gate.logged_in(request)):
        return refusal
    data = profile.answer(world, maker)
    if kind == "user_sigi":
        info, user = data["userInfo"], data["userInfo"]["user"]
        state = {"users": {user["uniqueId"]: user}, "stats": {user["uniqueId"]: info["stats"]}}
        return gate.visited(request, html_answer(SHELL.format("TikTok", _script("SIGI_STATE", {"UserModule": state}))))
    return page(world, gate, request, {"webapp.user-detail": data})


def page(world: TiktokWorld, gate: Gate, request: Request, scopes: dict[str, Any], body: str = "") -> Answer:
    """A page with these scopes beside those that every page has."""
    wid = str(7_250_000_000_000_000_000 + int(hex_of(world.seed, "wid")[:12], 16))
    context: dict[str, Any] = {
        "language": "en",
        "region": "US",
        "appId": 1233,
        "appType": "m",
        "wid": wid,
        "webIdCreatedTime": str(EPOCH),
        "odinId": str(int(wid) + 77),
        "nonce": hex_of(world.seed, "nonce")[:21],
        "botType": "others",
        "csrfToken": hex_of(world.seed, "csrf")[:20],
    }
    if gate.logged_in(request):
        context["user"] = {"uid": world.creator(0).uid, "uniqueId": world.creator(0).handle}
    every = {"webapp.app-context": context, "webapp.biz-context": {"os": "windows"}, "webapp.i18n-translation": {}}
    every |= {"seo.abtest": {"canonical": f"{SITE}{request.path}"}, **scopes}
    script = _script("__UNIVERSAL_DATA_FOR_REHYDRATION__", {"__DEFAULT_SCOPE__": every})
    return gate.visited(request, html_answer(SHELL.format("TikTok - Make Your Day", body + script)))


def broken(world: TiktokWorld, gate: Gate, request: Request, code: int) -> Answer:
    """The page with nothing but a code in its scope."""
    scope = {"statusCode": code, "statusMsg": ""}
    name = "webapp.video-detail" if "/video/" in request.path else "webapp.user-detail"
    return page(world, gate, request, {name: scope})


def _live(world: TiktokWorld, gate: Gate, request: Request, maker: Maker | None) -> Answer:
    state: dict[str, Any] = {"MobileSharingSource": {}}
    if maker is not None and maker.kind == "user_live":
        user = {"id": maker.uid, "uniqueId": maker.handle, "secUid": maker.sec_uid, "roomId": world.room(maker)}
        room = {"user": {**user, "status": 2}, "liveRoom": {"title": "live", "status": 2}}
        state["LiveRoom"] = {"liveRoomUserInfo": room}
    return gate.visited(request, html_answer(SHELL.format("TikTok LIVE", _script("SIGI_STATE", state))))


def _sigi(world: TiktokWorld, work: Work) -> str:
    struct = item_struct(world, work)
    author, stats = struct["author"], struct.pop("authorStats")
    name = author["uniqueId"]
    item = {**struct, "author": name, "nickname": author["nickname"], "authorId": author["id"]}
    users = {"users": {name: author}, "stats": {name: stats}}
    return _script("SIGI_STATE", {"ItemModule": {work.id: item}, "UserModule": users})


def _script(name: str, data: Any) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("/", "\\u002F").replace("<", "\\u003C")
    return f'<script id="{name}" type="application/json">{text}</script>'
