"""The simulated TikTok: its pages, hops, files and gates, through a real client."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator import Simulator, World
from tests.simulator.browser import AGENT, visit
from tests.simulator.reading.tiktok import (
    APP,
    DEVICE,
    LOOKS,
    SITE,
    body,
    detail,
    feed,
    listing,
    page,
    script,
)
from tests.simulator.worlds.tiktok import TiktokWorld


@pytest.fixture
def world(sim: Simulator) -> TiktokWorld:
    sim.faults = []
    return sim.world.tiktok


def test_users(sim: Simulator, world: TiktokWorld) -> None:
    def user_detail(name: str) -> dict[str, Any]:
        data: dict[str, Any] = script(visit(sim, f"{SITE}/@{name}")[0])["webapp.user-detail"]
        return data

    maker = world.creator(1)
    for name in (maker.handle, maker.uid, maker.sec_uid):
        info = user_detail(name)["userInfo"]
        assert (info["user"]["secUid"], info["stats"]["videoCount"]) == (maker.sec_uid, 40)
    codes = {
        name: user_detail(world.special[name]) for name in ("user_gone", "user_missing", "user_banned", "user_private")
    }
    assert [data["statusCode"] for data in codes.values()] == [10221, 10202, 10221, 10222]
    assert not any("userInfo" in data for data in codes.values())
    assert user_detail("nobody.at_all")["statusCode"] == 10221
    counted = user_detail(world.special["user_private_counted"])
    assert (counted["statusCode"], counted["userInfo"]["stats"]["videoCount"]) == (10222, 20)
    assert user_detail(world.special["user_live"])["userInfo"]["user"]["roomId"]
    older = script(visit(sim, f"{SITE}/@{world.special['user_sigi']}")[0], "SIGI_STATE")
    assert world.special["user_sigi"] in older["UserModule"]["stats"]
    assert LOOKS["waf"](visit(sim, f"{SITE}/@{world.special['user_waf']}")[0])
    assert LOOKS["login_redirect"](visit(sim, f"{SITE}/@{world.special['user_login']}")[0])
    lives = visit(sim, *(f"{SITE}/@{world.special[name]}/live" for name in ("user_live", "user_gone")))
    assert ["LiveRoom" in script(reply, "SIGI_STATE") for reply in lives] == [True, False]


def walk(sim: Simulator, world: TiktokWorld, name: str | int) -> tuple[list[str], list[int]]:
    """All ids of a creator, as a client gets them, and how many came with each page."""
    idents: list[str] = []
    sizes, cursor = [], 4_000_000_000_000
    while True:
        answer = body(visit(sim, listing(world, name, cursor))[0])
        items = answer.get("itemList") or []
        idents += [item["id"] for item in items]
        sizes.append(len(items))
        if not answer["hasMorePrevious"]:
            return idents, sizes
        last = int(items[-1]["createTime"]) * 1000 if items else cursor
        cursor = last if last != cursor else cursor - 7 * 86_400_000


def test_lists(sim: Simulator, world: TiktokWorld) -> None:
    assert walk(sim, world, 0) == (list(world.ids(0)), [15, 15, 10])
    holes = world.special_creator("user_holes")
    idents, sizes = walk(sim, world, "user_holes")
    assert (idents, 0 in sizes) == (list(world.ids(holes.number)), True)
    assert walk(sim, world, "showcase")[0] == list(world.ids(world.special_creator("showcase").number))
    for name in ("user_empty", "user_private", "user_private_counted"):
        assert "itemList" not in body(visit(sim, listing(world, name, 4_000_000_000_000))[0])
    assert body(visit(sim, listing(world, "user_gone", 1))[0])["statusCode"] == 10202
    last = world.video(0, 14).created * 1000
    replies = visit(sim, *(listing(world, 0, last, device) for device in (DEVICE, DEVICE + "0")))
    first = [body(reply)["itemList"][0]["id"] for reply in replies]
    assert first == [world.video(0, 15).id, world.video(0, 0).id]


def test_signed_routes(sim: Simulator, world: TiktokWorld) -> None:
    maker, ident, notary = world.creator(0), world.video(0, 0).id, sim.notaries["tiktok"]
    token = notary.open("1").token
    sim.forget()
    for path, query in (("item", f"itemId={ident}"), ("user", f"uniqueId={maker.handle}&secUid=")):
        url = f"{SITE}/api/{path}/detail/?{query}&aid=1988"
        plain, forged = visit(sim, url, f"{url}&X-Gnarly=made-up")
        assert (plain.body, plain.headers["tt_orcas_res"], forged.body) == (b"", "1", b"")
        sealed = f"{SITE}/api/{path}/detail/?{notary.sign(f'{query}&aid=1988', AGENT, token)}"
        answer = body(visit(sim, sealed, Cookie=f"ttwid=1; msToken={token}")[0])
        assert answer["statusCode"] == 0
        assert ident in str(answer) or maker.sec_uid in str(answer)
    assert [(violation.kind, violation.what) for violation in sim.violations] == [("imitation", "X-Gnarly")] * 2


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
    assert {violation.kind for violation in sim.violations} == {"foreign", "stray", "plain"}
    sim.forget()
    short = ("https://vm.tiktok.com/ZMSample1/", f"{SITE}/t/ZTSample1/", f"{SITE}/en/t/ZTSample1/")
    for link in (*short, "https://v.douyin.com/AbCdEf1/", "https://b23.tv/AbCd123"):
        visit(sim, link, Cookie="any=1")
        visit(sim, link)
    assert [(violation.kind, violation.what) for violation in sim.violations] == [("short", "any")] * 5


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
