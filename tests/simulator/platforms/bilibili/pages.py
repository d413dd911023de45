"""The pages of the web site and the short links."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from tests.simulator.avbv import FORM
from tests.simulator.messages import Answer, Request, html_answer, json_answer, redirect_answer, whole
from tests.simulator.platforms.bilibili import details, users, work
from tests.simulator.platforms.bilibili.gate import Gate
from tests.simulator.randomness import hex_of
from tests.simulator.world import World

MAIN = "https://www.bilibili.com"
STATE = "<script>window.__INITIAL_STATE__={};(function(){{var s;}}());</script>"


def site(world: World, gate: Gate, request: Request) -> Answer:
    """A page of the web site."""
    first, _, rest = request.path.strip("/").partition("/")
    if request.host == "space.bilibili.com":
        return _space(world, gate, request, first)
    if request.host != "www.bilibili.com":
        name = rest if first == "video" else first
        return redirect_answer(f"{MAIN}/video/{name}" if name else f"{MAIN}/")
    if first == "video":
        return _work(world, gate, request, rest.strip("/"))
    if not first:
        return _with_cookies(gate, request, html_answer(_page("哔哩哔哩", "")))
    return html_answer(_page("出错啦! - bilibili.com", "404"), 404)


def passport(gate: Gate, request: Request) -> Answer:
    """The page of logins."""
    return _with_cookies(gate, request, html_answer(_page("哔哩哔哩登录", "")))


def short(world: World, request: Request) -> Answer:
    """A short link."""
    code = request.path.strip("/")
    target = world.short_links.get(code)
    if target is None and (FORM.fullmatch(code) or (code[:2].lower() == "av" and whole(code[2:]))):
        target = f"{MAIN}/video/{code}"
    if target is None and code[:2] in {"ep", "ss"} and whole(code[2:]):
        target = f"{MAIN}/bangumi/play/{code}"
    if target is None:
        return json_answer({"code": -404, "message": "啥都木有", "ttl": 1})
    answer = redirect_answer(target)
    answer.headers.append(("bili-trace-id", hex_of(code)[:16]))
    return answer


def _work(world: World, gate: Gate, request: Request, name: str) -> Answer:
    query = {"aid": name[2:]} if name[:2].lower() == "av" else {"bvid": name}
    answer = work.find(world, query)
    if isinstance(answer, Answer):
        state: dict[str, Any] = {"error": {"code": 404, "trueCode": -404, "message": "啥都木有"}, "videoData": {}}
        return _with_cookies(gate, request, html_answer(_state_page("视频去哪了呢？", state), 404))
    creator = world.creator_of(answer.mid)
    assert creator is not None
    upper = {
        "mid": str(creator.mid),
        "name": creator.name,
        "face": work.face(creator),
        "fans": users.followers(creator),
    }
    state = {
        "aid": answer.aid,
        "bvid": answer.bvid,
        "p": whole(request.query.get("p")) or 1,
        "videoData": work.view_of(world, answer),
        "upData": upper,
        "tags": [{"tag_id": tag["tag_id"], "tag_name": tag["tag_name"]} for tag in details.tags_of(answer)],
        "error": {},
    }
    return _with_cookies(gate, request, html_answer(_state_page(answer.title, state)))


def _space(world: World, gate: Gate, request: Request, mid: str) -> Answer:
    creator = users.find(world, mid)
    if isinstance(creator, Answer):
        return html_answer(_page("出错啦! - bilibili.com", "404"), 404)
    token = f"eyJhbGciOiJFUzM4NCJ9.{hex_of(mid)}.{hex_of(mid, 'seal')}"
    data = quote(json.dumps({"access_id": token}))
    script = f'<script id="__RENDER_DATA__" type="application/json">{data}</script>'
    return _with_cookies(gate, request, html_answer(_page(f"{creator.name}的个人空间", script)))


def _with_cookies(gate: Gate, request: Request, answer: Answer) -> Answer:
    if "buvid3" not in request.cookies:
        shared = "path=/; domain=.bilibili.com; expires=Fri, 31 Dec 2032 00:00:00 GMT"
        answer.headers.append(("Set-Cookie", f"buvid3={gate.buvid3()}; {shared}"))
        answer.headers.append(("Set-Cookie", f"b_nut=1790000000; {shared}"))
    return answer


def _state_page(title: str, state: dict[str, Any]) -> str:
    return _page(title, STATE.format(json.dumps(state, ensure_ascii=False)))


def _page(title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body>{body}</body></html>"
    )
