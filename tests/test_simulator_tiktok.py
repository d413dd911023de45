"""The simulated TikTok, seen through a real client."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Iterator
from typing import Any

import aiohttp
import orjson
import pytest

from tests.simulator import Fault, Simulator, World
from tests.simulator.browser import AGENT, Browser, Reply, post, visit
from tests.simulator.faults import KINDS
from tests.simulator.worlds.tiktok import CODES, HALF, MAKERS, MESSAGES, REFUSED, VISIBLE, TiktokWorld

SITE = "https://www.tiktok.com"
FEED = "https://api22-normal-c-alisg.tiktokv.com/aweme/v1/feed/"
MULTI = "https://api16-normal-c-useast1a.tiktokv.com/aweme/v1/multi/aweme/detail/"
LIST = f"{SITE}/api/creator/item_list/"
APP = {"User_Agent": "com.zhiliaoapp.musically/2023501030 (Linux; U; Android 13; en_US; Pixel 7)", "x_ladon": "any"}
DEVICE = "7250000000000000007"


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator(World(creators=2, videos=40)) as running:
        yield running


@pytest.fixture
def world(sim: Simulator) -> TiktokWorld:
    sim.faults = []
    return sim.world.tiktok


def body(reply: Reply) -> Any:
    return orjson.loads(reply.body)


def page(ident: str) -> str:
    return f"{SITE}/@_/video/{ident}"


def script(reply: Reply, name: str = "__UNIVERSAL_DATA_FOR_REHYDRATION__") -> dict[str, Any]:
    match = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', reply.body.decode())
    assert match is not None, reply.body[:200]
    found: dict[str, Any] = orjson.loads(match[1])
    return found.get("__DEFAULT_SCOPE__", found)


def detail(reply: Reply) -> dict[str, Any]:
    found: dict[str, Any] = script(reply)["webapp.video-detail"]
    return found


def feed(ident: str) -> str:
    return f"{FEED}?aweme_id={ident}&device_id={DEVICE}&iid=1&aid=1180"


def listing(world: TiktokWorld, name: str | int, cursor: int, device: str = DEVICE, count: int = 15) -> str:
    maker = world.creator(name) if isinstance(name, int) else world.special_creator(name)
    return f"{LIST}?secUid={maker.sec_uid}&type=1&count={count}&cursor={cursor}&device_id={device}"


def test_ids_are_computed_both_ways(world: TiktokWorld) -> None:
    for index in range(world.creators + len(MAKERS)):
        maker = world.creator(index)
        assert re.fullmatch(r"MS4wLjABAAAA[\w-]{64}", maker.sec_uid)
        assert re.fullmatch(r"[\w.]{1,24}", maker.handle)
        assert world.creator_of(maker.sec_uid) == world.creator_by_handle(maker.handle.upper()) == maker
        assert world.creator_by_uid(maker.uid) == maker
        for ident in world.ids(index):
            work = world.work_of(ident)
            assert work is not None
            assert (work.owner == index, len(ident), int(ident) >> 32) == (True, 19, work.created)
    assert world.creator_by_handle("somebody.else") is world.creator_by_handle("x_zz") is world.work_of("x") is None


def test_a_page(sim: Simulator, world: TiktokWorld) -> None:
    video = world.video(0, 0)
    handle = world.creator(0).handle
    urls = [page(video.id), f"{SITE}/@{handle}/video/{video.id}?lang=en", f"{SITE}/@/video/{video.id}"]
    for reply in visit(sim, *urls, f"{SITE}/share/video/{video.id}"):
        found = detail(reply)
        assert (found["statusCode"], found["itemInfo"]["itemStruct"]["id"]) == (0, video.id)
        assert found["itemInfo"]["itemStruct"]["author"]["uniqueId"] == handle
        assert script(reply)["webapp.app-context"]["wid"].isdigit()
    assert "tt_chain_token=" in reply.headers["set-cookie"]
    assert "webapp.video-detail" not in script(visit(sim, f"{SITE}/@{handle}/photo/{video.id}")[0])
    assert "webapp.app-context" in script(visit(sim, f"{SITE}/explore")[0])


def test_the_cookies_of_a_page(sim: Simulator, world: TiktokWorld) -> None:
    async def talk() -> list[str]:
        async with Browser(sim) as browser:
            url = page(world.video(0, 0).id)
            async with browser.http.get(
                url, headers={"User-Agent": AGENT}, proxy=sim.env["https_proxy"], ssl=browser.context
            ) as response:
                return sorted(response.cookies)

    assert asyncio.run(talk()) == ["tt_chain_token", "tt_csrf_token", "ttwid"]


def test_visible_works(sim: Simulator, world: TiktokWorld) -> None:
    shown = {}
    for name in VISIBLE:
        ident = world.special[name]
        [reply] = visit(sim, page(ident))
        [told] = visit(sim, feed(ident), **APP)
        assert body(told)["aweme_list"][0]["aweme_id"] == ident
        if name != "sigi":
            shown[name] = detail(reply)["itemInfo"]["itemStruct"]
            assert shown[name]["id"] == ident
    state = script(visit(sim, page(world.special["sigi"]))[0], "SIGI_STATE")
    item = state["ItemModule"][world.special["sigi"]]
    assert item["author"] in state["UserModule"]["users"]
    assert (len(shown["photo"]["imagePost"]["images"]), shown["photo"]["video"]["playAddr"]) == (3, "")
    assert {rate["CodecType"] for rate in shown["h265_only"]["video"]["bitrateInfo"]} == {"h265_hvc1"}
    assert "bytevc2" in shown["bytevc2"]["video"]["bitrateInfo"][0]["PlayAddr"]["UrlKey"]
    assert "bitrateInfo" not in shown["no_bitrate"]["video"]
    assert shown["friends_only"]["forFriend"] is shown["private_flag"]["privateItem"] is True
    assert all(isinstance(value, str) for value in shown["string_counts"]["stats"].values())
    assert shown["null_lists"]["challenges"] is None


def test_messages_and_codes(sim: Simulator, world: TiktokWorld) -> None:
    every = {**MESSAGES, **CODES}
    replies = visit(sim, *(page(world.special[name]) for name in every))
    found = [(detail(reply)["statusCode"], detail(reply)["statusMsg"]) for reply in replies]
    assert found == list(every.values())
    assert not any(detail(reply).get("itemInfo") for reply in replies)
    unknown = detail(visit(sim, page(world.special["unknown_id"]))[0])
    assert unknown == {"statusCode": 10204, "statusMsg": "item doesn't exist", "itemInfo": {}}


LOOKS = {
    "waf": lambda reply: b"Please wait..." in reply.body and b'id="cs"' in reply.body,
    "captcha_json": lambda reply: body(reply)["code"] == "10000",
    "captcha_page": lambda reply: b"captcha-verify-container" in reply.body,
    "captcha_header": lambda reply: orjson.loads(base64.b64decode(reply.headers["bdturing-verify"])) != {},
    "login_redirect": lambda reply: reply.headers["location"].startswith(f"{SITE}/login?"),
    "notfound_redirect": lambda reply: reply.headers["location"].startswith(f"{SITE}/notfound"),
    "empty_body": lambda reply: (reply.status, reply.body) == (200, b""),
    "no_item": lambda reply: detail(reply) == {"statusCode": 0, "statusMsg": ""},
    "no_scope": lambda reply: "webapp.video-detail" not in script(reply),
    "geo_page": lambda reply: b"discontinued operating TikTok in your region" in reply.body,
    "content_classified": lambda reply: (
        detail(reply)["itemInfo"]["itemStruct"]["isContentClassified"]
        and "video" not in detail(reply)["itemInfo"]["itemStruct"]
    ),
    "short_drama": lambda reply: (
        b"short-drama-login-gated-surface" in reply.body
        and detail(reply)["itemInfo"]["itemStruct"]["video"]["playAddr"] == ""
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_works(sim: Simulator, world: TiktokWorld, name: str) -> None:
    ident = world.special[name]
    assert LOOKS[name](visit(sim, page(ident))[0])
    [reply] = visit(sim, feed(ident), **APP)
    if name == "empty_body":
        assert reply.body == b""
    else:
        assert ident not in [each["aweme_id"] for each in body(reply)["aweme_list"]]


def test_works_that_only_some_routes_show(sim: Simulator, world: TiktokWorld) -> None:
    for name, way in HALF.items():
        ident = world.special[name]
        [web] = visit(sim, page(ident))
        [told] = visit(sim, feed(ident), **APP)
        items = [each["aweme_id"] for each in body(told)["aweme_list"]] if told.body else []
        if name.startswith("page_"):
            assert LOOKS[way](web), name
            assert items[0] == ident
        else:
            assert detail(web)["itemInfo"]["itemStruct"]["id"] == ident
            assert (items.index(ident) if ident in items else None) == {"feed_second": 1}.get(name)
            assert bool(items) == (name != "feed_empty")


def test_the_app(sim: Simulator, world: TiktokWorld) -> None:
    ident, photo = world.video(0, 1).id, world.special["photo"]
    assert body(visit(sim, feed(photo), **APP)[0])["aweme_list"][0]["image_post_info"]["images"]
    browser, silent = visit(sim, feed(ident)) + visit(sim, feed(ident), User_Agent=APP["User_Agent"])
    assert browser.body == silent.body == b""
    unknown = body(visit(sim, feed(world.special["unknown_id"]), **APP)[0])["aweme_list"]
    assert world.special["unknown_id"] not in [each["aweme_id"] for each in unknown]
    known = f"{MULTI}?iid={world.iid}&device_id={world.device_id}&aid=0"
    form = f"aweme_ids=%5B{ident},{world.special['status_deleted']}%5D&request_source=0".encode()
    agent = {"User_Agent": APP["User_Agent"], "X_Argus": " "}
    some = post(sim, known, form, **agent)
    assert [each["aweme_id"] for each in body(some)["aweme_details"]] == [ident]
    assert post(sim, known.replace(world.iid, "1"), form, **agent).body == b""


def test_users(sim: Simulator, world: TiktokWorld) -> None:
    def told(name: str) -> dict[str, Any]:
        found: dict[str, Any] = script(visit(sim, f"{SITE}/@{name}")[0])["webapp.user-detail"]
        return found

    maker = world.creator(1)
    for name in (maker.handle, maker.uid, maker.sec_uid):
        info = told(name)["userInfo"]
        assert (info["user"]["secUid"], info["stats"]["videoCount"]) == (maker.sec_uid, 40)
    codes = {name: told(world.special[name]) for name in ("user_gone", "user_missing", "user_banned", "user_private")}
    assert [found["statusCode"] for found in codes.values()] == [10221, 10202, 10221, 10222]
    assert not any("userInfo" in found for found in codes.values())
    assert told("nobody.at_all")["statusCode"] == 10221
    counted = told(world.special["user_private_counted"])
    assert (counted["statusCode"], counted["userInfo"]["stats"]["videoCount"]) == (10222, 20)
    assert told(world.special["user_live"])["userInfo"]["user"]["roomId"]
    older = script(visit(sim, f"{SITE}/@{world.special['user_sigi']}")[0], "SIGI_STATE")
    assert world.special["user_sigi"] in older["UserModule"]["stats"]
    assert LOOKS["waf"](visit(sim, f"{SITE}/@{world.special['user_waf']}")[0])
    assert LOOKS["login_redirect"](visit(sim, f"{SITE}/@{world.special['user_login']}")[0])
    lives = visit(sim, *(f"{SITE}/@{world.special[name]}/live" for name in ("user_live", "user_gone")))
    assert ["LiveRoom" in script(reply, "SIGI_STATE") for reply in lives] == [True, False]


def walk(sim: Simulator, world: TiktokWorld, name: str | int) -> tuple[list[str], list[int]]:
    """All ids of a creator, as a client gets them, and how many came with each page."""
    found: list[str] = []
    sizes, cursor = [], 4_000_000_000_000
    while True:
        answer = body(visit(sim, listing(world, name, cursor))[0])
        items = answer.get("itemList") or []
        found += [item["id"] for item in items]
        sizes.append(len(items))
        if not answer["hasMorePrevious"]:
            return found, sizes
        last = int(items[-1]["createTime"]) * 1000 if items else cursor
        cursor = last if last != cursor else cursor - 7 * 86_400_000


def test_lists(sim: Simulator, world: TiktokWorld) -> None:
    assert walk(sim, world, 0) == (list(world.ids(0)), [15, 15, 10])
    holes = world.special_creator("user_holes")
    found, sizes = walk(sim, world, "user_holes")
    assert (found, 0 in sizes) == (list(world.ids(holes.number)), True)
    assert walk(sim, world, "showcase")[0] == list(world.ids(world.special_creator("showcase").number))
    for name in ("user_empty", "user_private", "user_private_counted"):
        assert "itemList" not in body(visit(sim, listing(world, name, 4_000_000_000_000))[0])
    assert body(visit(sim, listing(world, "user_gone", 1))[0])["statusCode"] == 10202
    last = world.video(0, 14).created * 1000
    replies = visit(sim, *(listing(world, 0, last, device) for device in (DEVICE, DEVICE + "0")))
    first = [body(reply)["itemList"][0]["id"] for reply in replies]
    assert first == [world.video(0, 15).id, world.video(0, 0).id]


def test_signed_routes(sim: Simulator, world: TiktokWorld) -> None:
    maker, ident = world.creator(0), world.video(0, 0).id
    sim.forget()
    for path, query in (("item", f"itemId={ident}"), ("user", f"uniqueId={maker.handle}&secUid=")):
        url = f"{SITE}/api/{path}/detail/?{query}&aid=1988"
        plain, forged = visit(sim, url, f"{url}&X-Gnarly=made-up")
        assert (plain.body, plain.headers["tt_orcas_res"], forged.body) == (b"", "1", b"")
        seal = world.seal(f"{query}&aid=1988", AGENT)
        answer = body(visit(sim, f"{url}&X-Gnarly={seal}")[0])
        assert answer["statusCode"] == 0
        assert ident in str(answer) or maker.sec_uid in str(answer)
    assert [(each.kind, each.what) for each in sim.violations] == [("imitation", "X-Gnarly")] * 2


def test_short_links(sim: Simulator, world: TiktokWorld) -> None:
    def hop(url: str) -> str:
        return visit(sim, url)[0].headers.get("location", "")

    video = world.video(0, 0)
    for base in ("https://vm.tiktok.com/", "https://vt.tiktok.com/", f"{SITE}/t/"):
        first = {name: hop(f"{base}{code}/") for name, code in world.special.items() if name.startswith("tt_")}
        assert first["tt_video"].startswith(f"{world.url(video)}?_t=")
        assert "/photo/" in first["tt_photo"]
        assert first["tt_user"].startswith(f"{SITE}/@{world.creator(0).handle}?")
        assert first["tt_live"].partition("?")[0].endswith("/live")
        assert first["tt_nameless"].startswith(f"{SITE}/@/video/{video.id}?")
        assert hop(first["tt_old"]) == f"{world.url(video)}?_r=1"
        assert first["tt_notfound"].startswith(f"{SITE}/notfound")
        assert first["tt_foreign"].startswith("https://ads.example.com/")
        assert first["tt_dead"] == first["tt_home"] == f"{SITE}/?_r=1"
        assert hop(first["tt_loop"]) == f"https://vm.tiktok.com/{world.special['tt_loop']}/"
    url, hops = f"https://vm.tiktok.com/{world.special['tt_chain']}/", 0
    while "/video/" not in url:
        url, hops = hop(url), hops + 1
    assert hops == 6
    for url in (f"https://www.tiktokv.com/share/video/{video.id}/", f"https://m.tiktok.com/v/{video.id}.html"):
        assert hop(url) == f"{world.url(video)}?_r=1"


def test_oembed(sim: Simulator, world: TiktokWorld) -> None:
    urls = [f"{SITE}/oembed?url={page(ident)}" for ident in (world.video(0, 0).id, world.special["status_deleted"])]
    good, bad = visit(sim, *urls)
    assert (body(good)["embed_product_id"], bad.status) == (world.video(0, 0).id, 400)


def test_media(sim: Simulator, world: TiktokWorld) -> None:
    number = next(place for place in range(40) if world.video(0, place).hash % 7 != 3)
    work = world.video(0, number)
    item = detail(visit(sim, page(work.id))[0])["itemInfo"]["itemStruct"]["video"]
    good = {"Referer": f"{SITE}/", "Cookie": f"tt_chain_token={world.chain_token(1)}"}
    assert [reply.status for reply in visit(sim, item["playAddr"], Range="bytes=0-9", **good)] == [206]
    for lack in good:
        assert visit(sim, item["playAddr"], **{**good, lack: ""})[0].status == 403
    app = body(visit(sim, feed(work.id), **APP)[0])["aweme_list"][0]["video"]["play_addr"]["url_list"][0]
    assert [reply.status for reply in visit(sim, app, item["cover"])] == [200, 200]
    clock, world.now = world.now, lambda: 4_000_000_000
    expired = [reply.status for reply in visit(sim, item["playAddr"], app, item["cover"], **good)]
    world.now = clock
    assert expired == [403, 403, 403]


def test_secrets_in_the_wrong_place(sim: Simulator, world: TiktokWorld) -> None:
    sim.forget()
    visit(sim, page(world.video(0, 0).id), Cookie=world.login_cookie)
    assert sim.violations == []
    visit(sim, page(world.video(0, 0).id), Cookie=sim.world.douyin.login_cookie)
    visit(sim, feed(world.video(0, 0).id), Cookie=world.login_cookie, **APP)
    visit(sim, "http://www.tiktok.com/explore", Cookie=world.login_cookie)
    assert {each.kind for each in sim.violations} == {"foreign", "stray", "plain"}


def test_a_login_sees_more(sim: Simulator, world: TiktokWorld) -> None:
    login = {"Cookie": world.login_cookie}
    for name in world.opened:
        struct = detail(visit(sim, page(world.special[name]), **login)[0])["itemInfo"]["itemStruct"]
        assert (struct["id"], "video" in struct) == (world.special[name], True)
    [user] = visit(sim, f"{SITE}/@{world.special['user_login']}", **login)
    assert script(user)["webapp.user-detail"]["statusCode"] == 0
    assert script(user)["webapp.app-context"]["user"]["uid"]


def test_only_browsers_are_let_in(sim: Simulator, world: TiktokWorld) -> None:
    assert LOOKS["waf"](visit(sim, page(world.video(0, 0).id), User_Agent="curl/8")[0])
    assert visit(sim, listing(world, 0, 1), User_Agent="curl/8")[0].headers["tt_orcas_res"] == "1"
    with Simulator(World(creators=1, videos=2, strict=False)) as lax:
        ident = lax.world.tiktok.video(0, 0).id
        [reply] = visit(lax, page(ident), User_Agent="curl/8")
        assert detail(reply)["itemInfo"]["itemStruct"]["id"] == ident


def test_same_seed_same_bytes() -> None:
    def conversation() -> list[bytes]:
        with Simulator(World(seed=4, creators=2, videos=9)) as sim:
            world = sim.world.tiktok
            world.now = lambda: 1_794_000_000.0
            urls = [page(world.video(1, 3).id), f"{SITE}/@{world.creator(1).handle}", listing(world, 1, 4 * 10**12)]
            return [reply.body for reply in visit(sim, *urls) + visit(sim, feed(world.special["photo"]), **APP)]

    assert conversation() == conversation()


FAULTS: list[tuple[str, dict[str, Any], Any, Any]] = [
    ("status", {"status": 502}, lambda reply: reply.status == 502, None),
    ("json", {"body": {"a": 1}}, lambda reply: body(reply) == {"a": 1}, None),
    ("empty", {}, LOOKS["empty_body"], None),
    ("html", {}, lambda reply: reply.body.startswith(b"<!DOCTYPE html>"), None),
    ("garbage", {}, lambda reply: b"not json" in reply.body, None),
    ("slow", {"delay": 0.02}, lambda reply: len(body(reply)["itemList"]) == 15, None),
    ("redirect", {"location": "https://x.test/"}, lambda reply: reply.headers["location"] == "https://x.test/", None),
    ("wrong_types", {}, lambda reply: body(reply) != {}, None),
    ("null_data", {}, lambda reply: body(reply) == {"statusCode": 0}, LOOKS["no_item"]),
    (
        "unknown_code",
        {},
        lambda reply: body(reply)["statusCode"] == 987654,
        lambda reply: detail(reply)["statusCode"] == 987654,
    ),
    ("rate_limit", {"retry_after": 3}, lambda reply: (reply.status, reply.headers["retry-after"]) == (429, "3"), None),
    ("rate_limit", {"status": 200}, lambda reply: body(reply)["statusCode"] == 10404, None),
    ("banned", {}, lambda reply: reply.status == 403, None),
    ("voucher", {}, LOOKS["captcha_header"], None),
    ("risk", {}, LOOKS["waf"], LOOKS["waf"]),
    ("captcha", {}, LOOKS["captcha_json"], LOOKS["captcha_page"]),
    ("sign", {}, lambda reply: (reply.body, reply.headers["tt_orcas_res"]) == (b"", "1"), None),
    ("sign", {"text": True}, lambda reply: body(reply)["status_msg"] == "url doesn't match", None),
    ("login", {}, lambda reply: body(reply)["statusCode"] == 10102, LOOKS["login_redirect"]),
    ("repeat", {}, lambda reply: len(body(reply)["itemList"]) == 15, None),
    ("half_page", {}, lambda reply: len(body(reply)["itemList"]) == 7 and body(reply)["hasMorePrevious"], None),
    ("empty_page", {}, lambda reply: body(reply)["itemList"] == [] and body(reply)["hasMorePrevious"], None),
]


@pytest.mark.parametrize(("do", "args", "of_list", "of_page"), FAULTS)
def test_faults(sim: Simulator, world: TiktokWorld, do: str, args: dict[str, Any], of_list: Any, of_page: Any) -> None:
    sim.faults = [Fault(do=do, **args)]
    assert of_list(visit(sim, listing(world, 0, world.video(0, 9).created * 1000))[0])
    assert of_page is None or of_page(visit(sim, page(world.video(0, 0).id))[0])


def test_faults_of_the_wire(sim: Simulator, world: TiktokWorld) -> None:
    for do, kind in (("reset", aiohttp.ClientOSError), ("truncate", aiohttp.ClientPayloadError)):
        sim.faults = [Fault(do=do)]
        with pytest.raises(kind):
            visit(sim, page(world.video(0, 0).id))
    assert {do for do, *_ in FAULTS} | {"reset", "truncate"} == KINDS
