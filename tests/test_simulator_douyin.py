"""The simulated Douyin, seen through a real client."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import aiohttp
import orjson
import pytest

from tests.simulator import Fault, Simulator, World
from tests.simulator.browser import AGENT, Reply, visit
from tests.simulator.faults import KINDS
from tests.simulator.worlds.douyin import CODES, HALF, MAKERS, REASONS, REFUSED, SHARE, VISIBLE, DouyinWorld

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 "
    "Mobile/15E148 Safari/604.1"
)
SITE = "https://www.douyin.com"
DETAIL = f"{SITE}/aweme/v1/web/aweme/detail/"
PROFILE = f"{SITE}/aweme/v1/web/user/profile/other/"
SLIDES = "https://www.iesdouyin.com/web/api/v2/aweme/slidesinfo/"
PLAYER = {"Referer": "https://open.douyin.com/", "Origin": "https://open.douyin.com"}
KNOWN = {"Cookie": "ttwid=1"}


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator(World(creators=2, videos=30)) as running:
        yield running


@pytest.fixture
def world(sim: Simulator) -> DouyinWorld:
    sim.faults = []
    return sim.world.douyin


def body(reply: Reply) -> Any:
    return orjson.loads(reply.body)


def share(ident: str, kind: str = "video") -> str:
    return f"{SHARE}/{kind}/{ident}/"


def router_data(reply: Reply) -> dict[str, Any]:
    match = re.search(r"window\._ROUTER_DATA = (\{.*\})</script>", reply.body.decode())
    assert match is not None
    pages: dict[str, Any] = orjson.loads(match[1])["loaderData"]
    [name] = [name for name in pages if name.endswith("/page")]
    found: dict[str, Any] = pages[name]
    return found


def flight(reply: Reply) -> Any:
    chunks = re.findall(r"self\.__pace_f\.push\((\[.*?\])\)</script>", reply.body.decode())
    name, _, text = orjson.loads(chunks[-1])[1].partition(":")
    assert name.isdigit()
    return orjson.loads(text)[3]


def slides(ident: str) -> str:
    return f"{SLIDES}?aweme_ids=%5B{ident}%5D&request_source=200"


def player(ident: str) -> str:
    return f"{DETAIL}?aweme_id={ident}&aid=6383"


def seen(sim: Simulator, ident: str) -> list[Any]:
    """What the three unsigned routes show of a work, or None for each that shows nothing."""
    [page] = visit(sim, share(ident), User_Agent=PHONE)
    [some] = visit(sim, slides(ident))
    [one] = visit(sim, player(ident), **PLAYER)
    items = router_data(page).get("videoInfoRes", {}).get("item_list") if b"_ROUTER_DATA" in page.body else None
    return [items and items[0], (body(some)["aweme_details"] or [None])[0], one.body and body(one)["aweme_detail"]]


def test_ids_are_computed_both_ways(world: DouyinWorld) -> None:
    for index in range(world.creators + len(MAKERS)):
        maker = world.creator(index)
        assert re.fullmatch(r"MS4wLjABAAAA(?:[\w-]{43}|[\w-]{64})", maker.sec_uid)
        assert world.creator_of(maker.sec_uid) == maker
        for ident in world.ids(index):
            work = world.work_of(ident)
            assert work is not None
            assert (work.owner == index, len(ident)) == (True, 19)
            assert int(ident) >> 32 == work.created
            assert world.work_of(str(int(ident) + 1)) is None
    assert world.creator_of("MS4wLjABAAAA" + "A" * 43) is world.creator_of("nonsense") is world.work_of("x") is None


def test_visible_works(sim: Simulator, world: DouyinWorld) -> None:
    for name in (*VISIBLE, ""):
        ident = world.special.get(name) or world.video(0, 0).id
        found = seen(sim, ident)
        assert [each["aweme_id"] for each in found] == [ident] * 3, name
        assert found[2]["author"]["sec_uid"] == world.creator(world.work_of(ident).owner).sec_uid  # type: ignore[union-attr]
    shown = {name: seen(sim, world.special[name])[2] for name in VISIBLE}
    assert [image["clip_type"] for image in shown["mixed"]["images"]] == [2, 5, 2]
    assert shown["live_photo"]["images"][0]["video"]["play_addr"]["url_list"]
    assert all(rate["is_h265"] for rate in shown["h265_only"]["video"]["bit_rate"])
    assert (shown["no_bit_rate"]["video"]["bit_rate"], shown["null_bit_rate"]["video"]["bit_rate"]) == ([], None)
    assert "create_time" not in shown["no_create_time"]
    assert shown["null_lists"]["text_extra"] is None
    assert shown["nested"]["duet_origin_item"]["aweme_id"] == world.video(0, 0).id
    assert shown["in_mix"]["mix_info"]["mix_id"] == world.special["mix_id"]


def test_works_that_only_some_routes_show(sim: Simulator, world: DouyinWorld) -> None:
    for name in HALF:
        shown = [each is not None and each != [] and each != b"" for each in seen(sim, world.special[name])]
        assert shown == ([False, True, True] if name.startswith("page_") else [True, True, False]), name


def test_filtered_works(sim: Simulator, world: DouyinWorld) -> None:
    idents = {name: world.special[name] for name in REASONS}
    pages = visit(sim, *map(share, idents.values()), User_Agent=PHONE)
    some = visit(sim, *map(slides, idents.values()))
    ones = visit(sim, *map(player, idents.values()), **PLAYER)
    for name, page, many, one in zip(idents, pages, some, ones, strict=True):
        [lost] = router_data(page)["videoInfoRes"]["filter_list"]
        assert (body(one)["status_code"], body(one)["aweme_detail"]) == (0, None)
        assert body(many)["aweme_details"] == []
        found = [lost, body(many)["filter_list"][0], body(one)["filter_detail"]]
        assert [each["filter_reason"] for each in found] == [REASONS[name]] * 3
        assert {each["aweme_id"] for each in found} == {idents[name]}
    [unknown] = visit(sim, player(world.special["unknown_id"]), **PLAYER)
    assert body(unknown)["filter_detail"]["filter_reason"] == "SYSTEM_ITEM_NOT_EXIST"


def test_codes(sim: Simulator, world: DouyinWorld) -> None:
    idents = [world.special[name] for name in CODES]
    assert [body(reply)["status_code"] for reply in visit(sim, *map(player, idents), **PLAYER)] == list(CODES.values())
    assert [body(reply)["status_code"] for reply in visit(sim, *map(slides, idents))] == list(CODES.values())
    pages = visit(sim, *map(share, idents), User_Agent=PHONE)
    assert [router_data(page)["videoInfoRes"]["status_code"] for page in pages] == list(CODES.values())
    assert [body(reply)["status_code"] for reply in visit(sim, player("x"), **PLAYER)] == [5]


LOOKS = {
    "captcha_json": lambda reply: body(reply)["code"] == "10000",
    "captcha_page": lambda reply: "验证码中间页" in reply.body.decode(),
    "captcha_header": lambda reply: orjson.loads(base64.b64decode(reply.headers["bdturing-verify"])) != {},
    "ac_nonce": lambda reply: b"__ac_nonce" in reply.body and "__ac_nonce=" in reply.headers["set-cookie"],
    "argus": lambda reply: (reply.status, reply.body[:24]) == (403, b"Blocked by ArgusSecurity"),
    "uifid": lambda reply: reply.body == b"Uifid Not Found",
    "signature_text": lambda reply: reply.body == b"Signature Not Found",
    "blocked_text": lambda reply: reply.body == b"blocked",
    "close_444": lambda reply: reply.status == 444,
    "empty_body": lambda reply: (reply.status, reply.body) == (200, b""),
    "empty_object": lambda reply: body(reply) == {},
    "status_only": lambda reply: body(reply) == {"status_code": 0},
    "null_detail": lambda reply: body(reply) == {"status_code": 0, "aweme_detail": None},
    "no_info": lambda reply: body(reply) == {"status_code": 0, "aweme_detail": None},
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_works(sim: Simulator, world: DouyinWorld, name: str) -> None:
    ident = world.special[name]
    assert LOOKS[name](visit(sim, player(ident), **PLAYER)[0])
    assert LOOKS[name](visit(sim, slides(ident))[0])
    [page] = visit(sim, share(ident), User_Agent=PHONE)
    if b"_ROUTER_DATA" in page.body:
        info = router_data(page).get("videoInfoRes")
        assert info == {"empty_object": {}, "status_only": {"status_code": 0}}.get(name)
    else:
        assert LOOKS[name](page)


def test_signatures(sim: Simulator, world: DouyinWorld) -> None:
    ident, user = world.video(0, 0).id, world.creator(0).sec_uid
    query = f"device_platform=webapp&aid=6383&aweme_id={ident}"
    urls = [f"{DETAIL}?{query}", f"{DETAIL}?aid=6383&aweme_id={ident}", f"{DETAIL}?{query}&a_bogus=made-up"]
    replies = visit(sim, *urls, Referer=f"{SITE}/", **KNOWN)
    assert [reply.body for reply in replies] == [b"", b'{"status_code":0}', b"sign invalid"]
    assert [(each.kind, each.what) for each in sim.violations] == [("imitation", "a_bogus")]
    sealed = f"{DETAIL}?{query}&a_bogus={world.seal(query, AGENT)}"
    assert body(visit(sim, sealed, **KNOWN)[0])["aweme_detail"]["aweme_id"] == ident
    query = f"sec_user_id={user}&aid=6383"
    assert visit(sim, f"{PROFILE}?{query}", Cookie=world.login_cookie, **PLAYER)[0].body == b""
    [signed] = visit(sim, f"{PROFILE}?{query}&a_bogus={world.seal(query, AGENT)}", **KNOWN)
    assert body(signed)["user"]["sec_uid"] == user
    sim.forget()
    assert sim.violations == []


def test_the_old_application_number_shows_no_images(sim: Simulator, world: DouyinWorld) -> None:
    urls = [f"{DETAIL}?aweme_id={world.special['images_base']}&aid={number}" for number in (1128, 6383)]
    old, new = (body(reply) for reply in visit(sim, *urls, **PLAYER))
    assert old["filter_detail"]["filter_reason"] == "images_base"
    assert new["aweme_detail"]["images"]


def test_short_links(sim: Simulator, world: DouyinWorld) -> None:
    def hop(url: str) -> str:
        return visit(sim, url, User_Agent=PHONE)[0].headers.get("location", "")

    first = {
        name: hop(f"https://{host}/{code}/")
        for host in ("v.douyin.com", "v.iesdouyin.com")
        for name, code in world.special.items()
        if name.startswith("dy_")
    }
    assert first["dy_video"].startswith(f"{share(world.video(0, 0).id)}?region=CN&mid=")
    assert first["dy_note"].startswith(share(world.special["note"], "note"))
    assert first["dy_slides"].startswith(share(world.special["slides"], "slides"))
    assert first["dy_user"].startswith(f"{SHARE}/user/{world.creator(0).sec_uid}?sec_uid=")
    assert first["dy_mix"].startswith(f"{SHARE}/mix/detail/{world.special['mix_id']}/?")
    assert first["dy_live"].startswith("https://webcast.amemv.com/douyin/webcast/reflow/")
    assert first["dy_xigua"].startswith("https://www.ixigua.com/douyin/share/video/")
    assert first["dy_foreign"].startswith("https://ads.example.com/")
    assert first["dy_dead"] == first["dy_home"] == f"{SITE}/"
    assert hop(first["dy_loop"]) == f"https://v.douyin.com/{world.special['dy_loop']}/"
    url, hops = f"https://v.douyin.com/{world.special['dy_chain']}/", 0
    while "/share/" not in url:
        url, hops = hop(url), hops + 1
    assert (hops, hop(url)) == (6, "")
    with pytest.raises(aiohttp.ClientHttpProxyError):
        visit(sim, first["dy_xigua"])


def test_a_computer_is_sent_on(sim: Simulator, world: DouyinWorld) -> None:
    video, note = world.video(0, 0).id, world.special["note"]
    urls = [share(video), share(note, "note"), share(note, "slides"), f"{SHARE}/user/{world.creator(0).sec_uid}?x=1"]
    targets = [reply.headers["location"] for reply in visit(sim, *urls)]
    assert targets[0] == f"{SITE}/video/{video}?previous_page=web_code_link"
    assert targets[1] == targets[2] == f"{SITE}/note/{note}?previous_page=web_code_link"
    assert targets[3] == f"{SITE}/user/{world.creator(0).sec_uid}"
    challenge, page, note_page = visit(sim, targets[0]) + visit(sim, targets[0], f"{SITE}/video/{note}", **KNOWN)
    assert LOOKS["ac_nonce"](challenge)
    shown = flight(page)["aweme"]["detail"]
    assert (shown["awemeId"], shown["authorInfo"]["uid"]) == (video, world.creator(0).uid)
    assert note_page.headers["location"] == f"{SITE}/note/{note}"


def user_of(reply: Reply) -> Any:
    text = reply.body.decode()
    match = re.search(r'<script id="RENDER_DATA" type="application/json">([^<]*)</script>', text)
    if match is None:
        return flight(reply)["user"]["user"]
    return next(part for key, part in orjson.loads(unquote(match[1])).items() if key != "1")["user"]["user"]


def test_user_pages(sim: Simulator, world: DouyinWorld) -> None:
    def page(sec_uid: str) -> Reply:
        return visit(sim, f"{SITE}/user/{sec_uid}", **KNOWN)[0]

    for sec_uid in (world.creator(0).sec_uid, world.creator(1).sec_uid, world.special["user_pace"]):
        shown = user_of(page(sec_uid))
        maker = world.creator_of(sec_uid)
        assert maker is not None
        assert (shown["secUid"], shown["awemeCount"]) == (sec_uid, world.count(maker))
    assert b"RENDER_DATA" in page(world.special["user_render"]).body
    assert b"RENDER_DATA" not in page(world.special["user_pace"]).body
    assert user_of(page(world.special["user_gone"])) is user_of(page("MS4wLjABAAAA" + "x" * 43)) is None
    assert user_of(page(world.special["user_private"]))["secret"] == 1
    assert user_of(page(world.special["user_banned"]))["isBan"] is True
    assert user_of(page(world.special["user_live"]))["roomIdStr"] == world.special["room"]
    assert LOOKS["ac_nonce"](page(world.special["user_challenge"]))
    assert LOOKS["ac_nonce"](visit(sim, f"{SITE}/user/{world.creator(0).sec_uid}")[0])


def test_lives(sim: Simulator, world: DouyinWorld) -> None:
    room, rid = world.special["room"], world.special["web_rid"]
    info, reflow, live = visit(
        sim,
        f"https://webcast.amemv.com/webcast/room/reflow/info/?room_id={room}&app_id=1128",
        f"https://webcast.amemv.com/douyin/webcast/reflow/{room}?sec_user_id=x",
        f"https://live.douyin.com/{rid}",
    )
    assert body(info)["data"]["room"]["owner"]["web_rid"] == rid
    assert f'\\"webRid\\":\\"{rid}\\"' in reflow.body.decode()
    assert flight(live)["state"]["roomStore"]["roomInfo"]["room"]["status"] == 2
    assert "ttwid=" in live.headers["set-cookie"]


def test_media(sim: Simulator, world: DouyinWorld) -> None:
    shown = seen(sim, world.video(0, 0).id)[2]
    cdn, _, play = shown["video"]["play_addr"]["url_list"]
    cover = shown["video"]["cover"]["url_list"][0]
    [target] = visit(sim, play)
    urls = [cdn, target.headers["location"]]
    assert [reply.status for reply in visit(sim, *urls, Referer=f"{SITE}/", Range="bytes=0-9")] == [206, 206]
    assert [reply.status for reply in visit(sim, *urls)] == [403, 403]
    clock, world.now = world.now, lambda: 4_000_000_000
    expired = [reply.status for reply in visit(sim, cdn, cover, Referer=f"{SITE}/")]
    world.now = clock
    assert (expired, visit(sim, cover)[0].status) == ([403, 403], 200)


def test_secrets_in_the_wrong_place(sim: Simulator, world: DouyinWorld) -> None:
    sim.forget()
    url = share(world.video(0, 0).id)
    visit(sim, url, User_Agent=PHONE, Cookie=sim.world.login_cookie)
    visit(sim, "https://webcast.amemv.com/douyin/webcast/reflow/1", Cookie=world.login_cookie)
    visit(sim, f"{SITE}/", url, Cookie=world.login_cookie)
    found = [(each.kind, each.what) for each in sim.violations]
    assert ("foreign", "SESSDATA") in found
    assert ("stray", "sessionid") in found
    assert {kind for kind, _ in found} == {"foreign", "stray"}
    assert {each.number for each in sim.violations} == {each.number for each in sim.requests[:2]}


def test_a_login_sees_more(sim: Simulator, world: DouyinWorld) -> None:
    for name in ("code_8", "code_2483"):
        ident = world.special[name]
        login = {"Cookie": world.login_cookie}
        assert body(visit(sim, player(ident), **PLAYER, **login)[0])["aweme_detail"]["aweme_id"] == ident
        assert body(visit(sim, slides(ident), **login)[0])["aweme_details"][0]["aweme_id"] == ident
        [page] = visit(sim, share(ident), User_Agent=PHONE, **login)
        assert router_data(page)["videoInfoRes"]["item_list"][0]["aweme_id"] == ident
        [old] = visit(sim, player(ident), **PLAYER, Cookie="sessionid=expired")
        assert body(old)["status_code"] == CODES[name]


def test_only_browsers_are_let_in(sim: Simulator, world: DouyinWorld) -> None:
    for agent in ("", "curl/8", "python-requests/2"):
        assert LOOKS["argus"](visit(sim, share(world.video(0, 0).id), User_Agent=agent)[0])
    with Simulator(World(creators=1, videos=2, strict=False)) as lax:
        ident = lax.world.douyin.video(0, 0).id
        [reply] = visit(lax, f"{DETAIL}?aweme_id={ident}", User_Agent="curl/8")
        assert body(reply)["aweme_detail"]["aweme_id"] == ident


def test_same_seed_same_bytes() -> None:
    def conversation() -> list[bytes]:
        with Simulator(World(seed=4, creators=2, videos=9)) as sim:
            world = sim.world.douyin
            world.now = lambda: 1_794_000_000.0
            ident = world.video(1, 3).id
            pages = visit(sim, share(ident), f"{SHARE}/video/{world.special['mixed']}/", User_Agent=PHONE)
            more = visit(sim, slides(ident), f"{SITE}/user/{world.creator(1).sec_uid}", **KNOWN)
            return [reply.body for reply in pages + more]

    assert conversation() == conversation()


FAULTS: list[tuple[str, dict[str, Any], Any]] = [
    ("status", {"status": 502}, lambda reply: reply.status == 502),
    ("json", {"body": {"a": 1}}, lambda reply: body(reply) == {"a": 1}),
    ("empty", {}, LOOKS["empty_body"]),
    ("html", {}, lambda reply: reply.body.startswith(b"<!DOCTYPE html>")),
    ("garbage", {}, lambda reply: b"not json" in reply.body),
    ("slow", {"delay": 0.02}, lambda reply: body(reply)["aweme_details"]),
    ("redirect", {"location": "https://x.test/"}, lambda reply: reply.headers["location"] == "https://x.test/"),
    ("wrong_types", {}, lambda reply: body(reply) != {}),
    ("null_data", {}, LOOKS["null_detail"]),
    ("null_data", {"shape": "empty_object"}, LOOKS["empty_object"]),
    ("unknown_code", {}, lambda reply: body(reply)["status_code"] == 987654),
    ("rate_limit", {"retry_after": 3}, lambda reply: (reply.status, reply.headers["retry-after"]) == (429, "3")),
    ("rate_limit", {"status": 200}, lambda reply: body(reply)["status_code"] == 2863),
    ("banned", {}, LOOKS["argus"]),
    ("banned", {"status": 444}, LOOKS["close_444"]),
    ("voucher", {}, LOOKS["captcha_header"]),
    ("risk", {}, LOOKS["ac_nonce"]),
    ("captcha", {}, LOOKS["captcha_page"]),
    ("captcha", {"json": True}, LOOKS["captcha_json"]),
    ("sign", {}, LOOKS["signature_text"]),
    ("login", {}, lambda reply: body(reply)["status_code"] == 8),
    ("login", {"code": 2483}, lambda reply: body(reply)["status_code"] == 2483),
    ("repeat", {}, lambda reply: len(body(reply)["aweme_details"]) == 2),
    ("half_page", {}, lambda reply: len(body(reply)["aweme_details"]) == 1),
    ("empty_page", {}, lambda reply: body(reply)["aweme_details"] == []),
]


@pytest.mark.parametrize(("do", "args", "holds"), FAULTS)
def test_faults(sim: Simulator, world: DouyinWorld, do: str, args: dict[str, Any], holds: Any) -> None:
    sim.faults = [Fault(host="www.iesdouyin.com", do=do, **args)]
    [reply] = visit(sim, slides(f"{world.video(0, 0).id},{world.video(0, 1).id}"))
    assert holds(reply)


def test_faults_of_the_wire(sim: Simulator, world: DouyinWorld) -> None:
    for do, kind in (("reset", aiohttp.ClientOSError), ("truncate", aiohttp.ClientPayloadError)):
        sim.faults = [Fault(do=do)]
        with pytest.raises(kind):
            visit(sim, slides(world.video(0, 0).id))
    assert {do for do, _, _ in FAULTS} | {"reset", "truncate"} == KINDS
