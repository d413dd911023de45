"""The share pages of telephones, and the hops that lead to them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from tests.simulator.messages import Answer, Request, html_answer, redirect_answer
from tests.simulator.platforms.douyin import failures
from tests.simulator.platforms.douyin.api import MISSING, reason_of
from tests.simulator.platforms.douyin.aweme import aweme, images_of, share_kind
from tests.simulator.platforms.douyin.gate import Gate, mobile
from tests.simulator.platforms.douyin.profile import camel
from tests.simulator.worlds.douyin import CODES, HALF, DouyinWorld
from tests.simulator.worlds.realm import Work

SITE = "https://www.douyin.com"
WORKS = ("video", "note", "slides")
LISTS = {"music": "music", "challenge": "hashtag"}
# Refusals that a page words as what its data lacks; the others replace the page.
DATA = {"empty_object": {}, "status_only": {"status_code": 0}, "null_detail": None, "no_info": None}
SHELL = '<!DOCTYPE html><html><head><meta charset="utf-8"><title>{}</title>{}</head><body>{}</body></html>'


def short(world: DouyinWorld, request: Request) -> Answer:
    """A short link; an unknown code leads home."""
    return redirect_answer(world.short_links.get(request.path.strip("/"), f"{SITE}/"))


def page(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """Anything under /share/."""
    _, _, rest = request.path.strip("/").partition("/")
    kind, _, ident = rest.partition("/")
    ident = ident.strip("/")
    if kind in WORKS and ident:
        return _work(world, gate, request, kind, ident)
    if kind == "mix" and ident.startswith("detail/"):
        target = f"{SITE}/collection/{ident.removeprefix('detail/')}"
    elif kind == "user" and ident:
        target = f"{SITE}/user/{ident}"
    elif kind in LISTS and ident:
        target = f"{SITE}/{LISTS[kind]}/{ident}"
    else:
        return redirect_answer(f"{SITE}/")
    return html_answer(SHELL.format("抖音", "", "")) if mobile(request) else redirect_answer(target)


def _work(world: DouyinWorld, gate: Gate, request: Request, kind: str, ident: str) -> Answer:
    if not mobile(request):
        word = "video" if kind == "video" else "note"
        return redirect_answer(f"{SITE}/{word}/{ident}?previous_page=web_code_link")
    work = gate.find(request, ident)
    way = _way(work)
    refusal = failures.refused(way) if way not in DATA else None
    if refusal is not None:
        return refusal
    page: dict[str, Any] = {"itemId": ident, "isSpider": False, "logId": "", "statusCode": 0}
    info = DATA[way] if way in DATA else _info(world, work, ident)
    if info is not None:
        page["videoInfoRes"] = info
    name = "video" if kind == "video" else "note"
    data = {"loaderData": {f"{name}_layout": None, f"{name}_(id)/page": page}, "errors": None}
    word = share_kind(work) if work else kind
    canonical = f'<link rel="canonical" href="{SITE}/{"video" if word == "video" else "note"}/{ident}">'
    script = f"<script>window._ROUTER_DATA = {scripted(data)}</script>"
    return html_answer(SHELL.format("抖音", canonical, script))


def _way(work: Work | None) -> str:
    kind = work.kind if work else ""
    return HALF[kind] if kind.startswith("page_") else kind


def _info(world: DouyinWorld, work: Work | None, ident: str) -> dict[str, Any]:
    if work is not None and work.kind in CODES:
        code = CODES[work.kind]
        return {"status_code": code, "status_msg": failures.MESSAGES.get(code, ""), "item_list": [], "filter_list": []}
    reason = "core_dep" if _way(work) == "core_dep" else MISSING if work is None else reason_of(work)
    items = [] if reason or work is None else [_shared(aweme(world, work))]
    lost = [failures.filtered(ident, reason)] if reason else []
    return {"status_code": 0, "item_list": items, "filter_list": lost, "is_oversea": 0, "extra": {"now": 0}}


def _shared(made: dict[str, Any]) -> dict[str, Any]:
    """The work as the share page shows it: one address, and that with a watermark."""
    if not made["images"]:
        uri = made["video"]["play_addr"]["uri"]
        url = f"https://aweme.snssdk.com/aweme/v1/playwm/?video_id={uri}&ratio=720p&line=0"
        made["video"] |= {"play_addr": {"uri": uri, "url_list": [url]}, "bit_rate": None}
        for name in ("play_addr_265", "play_addr_h264", "download_addr", "bit_rate_audio"):
            made["video"].pop(name, None)
    return made


def scripted(data: Any) -> str:
    """JSON that may stand in a script."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("/", "\\u002F").replace("<", "\\u003C")


def render_data(data: dict[str, Any]) -> str:
    """The older form of page data: percent-encoded JSON."""
    text = quote(json.dumps(data, ensure_ascii=False, separators=(",", ":")), safe="")
    return f'<script id="RENDER_DATA" type="application/json">{text}</script>'


def flight(data: dict[str, Any]) -> str:
    """The newer form of page data: chunks of strings."""
    chunk = "5:" + json.dumps(["$", "$L6", None, data], ensure_ascii=False, separators=(",", ":")) + "\n"
    first = scripted([1, '0:["$","$L1",null,{}]\n'])
    return f"<script>self.__pace_f.push({first})</script><script>self.__pace_f.push({scripted([1, chunk])})</script>"


def detail(made: dict[str, Any], work: Work) -> dict[str, Any]:
    """A work under the names of page data."""
    data: dict[str, Any] = camel(made)
    author = data.pop("author")
    counts = data.pop("statistics")
    data |= {"authorInfo": author, "stats": counts, "tag": {"isTop": bool(data.pop("isTop"))}}
    if not images_of(work):
        play = made["video"]["play_addr"]
        data["video"]["playAddr"] = [{"src": url} for url in play["url_list"][:2]]
        data["video"]["bitRateList"] = [_rate(rate) for rate in made["video"]["bit_rate"] or []]
        data["download"] = {"urlList": [f"{SITE}/aweme/v1/play/?video_id={play['uri']}&watermark=1"]}
    return data


def _rate(rate: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = camel(rate)
    made["playAddr"] = [{"src": url} for url in rate["play_addr"]["url_list"][:2]]
    return made
