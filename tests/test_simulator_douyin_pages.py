"""The simulated Douyin: its pages, hops, files and gates, through a real client."""

from __future__ import annotations

import aiohttp
import pytest

from tests.simulator import Simulator, World
from tests.simulator.browser import Reply, visit
from tests.simulator.reading.douyin import (
    DETAIL,
    KNOWN,
    LOOKS,
    PHONE,
    PLAYER,
    SITE,
    body,
    flight,
    player,
    router_data,
    seen,
    share,
    slides,
    user_of,
)
from tests.simulator.worlds.douyin import CODES, SHARE, DouyinWorld


@pytest.fixture
def world(sim: Simulator) -> DouyinWorld:
    sim.faults = []
    return sim.world.douyin


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
        f"https://webcast.amemv.com/webcast/room/reflow/info/?room_id={room}&sec_user_id=x&app_id=1128",
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
    violations = [(violation.kind, violation.what) for violation in sim.violations]
    assert ("foreign", "SESSDATA") in violations
    assert ("stray", "sessionid") in violations
    assert {kind for kind, _ in violations} == {"foreign", "stray"}
    assert {violation.number for violation in sim.violations} == {request.number for request in sim.requests[:2]}


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
