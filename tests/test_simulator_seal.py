"""The pages that sign: in a real Chromium they are answered, and nothing else is."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext

from tests.lab import NAMES, WAYS, Lab, Place, opened
from tests.simulator import Simulator
from tests.simulator.browser import Reply, visit
from tests.simulator.notary import MISSING, SEAL, SESSION, TOKEN, VERSION
from tests.simulator.platforms import douyin, tiktok
from tests.simulator.signing import Signing

SIGNED = [
    *(f"https://www.douyin.com{path}" for path in (*douyin.SIGNED, "/aweme/v1/web/unheard/of/")),
    *(f"https://www.tiktok.com{path}" for path in (*tiktok.SIGNED, "/api/unheard/of/")),
]


@pytest.mark.parametrize("url", SIGNED)
def test_a_plain_client_is_told_nothing(sim: Simulator, url: str) -> None:
    before = sum(notary.verdicts[MISSING] for notary in sim.notaries.values())
    assert visit(sim, url, Cookie="ttwid=1")[0].body == b""
    assert sum(notary.verdicts[MISSING] for notary in sim.notaries.values()) == before + 1


def refused(place: Place, reply: Reply) -> bool:
    return place.holds.encode() not in reply.body


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_answered(lab: Lab, name: str) -> None:
    place = lab.place(name)

    async def talk(context: BrowserContext) -> list[str]:
        page = await opened(context, place)
        return [await page.evaluate(way, place.address) for way in WAYS.values()]

    assert [place.holds in text for text in lab.talk(talk)] == [True] * len(WAYS)
    session = place.notary.sessions[-1]
    assert place.notary.verdicts == session.verdicts == {"accepted": len(WAYS)}
    assert (session.pages, len(session.agents), session.cookies["msToken"]) == (1, 1, session.token)
    assert session.visitor == session.cookies["ttwid"]
    assert lab.sim.violations == []


def test_every_page_has_the_script(lab: Lab) -> None:
    douyin, tiktok = lab.sim.world.douyin, lab.sim.world.tiktok
    room = f"/webcast/room/web/enter/?aid=6383&web_rid={douyin.special['web_rid']}"
    pages = {
        f"https://www.douyin.com/user/{douyin.creator(0).sec_uid}": (lab.place("douyin").address, "sec_uid"),
        f"https://live.douyin.com/{douyin.special['web_rid']}": (room, "web_rid"),
        tiktok.url(tiktok.video(0, 0)): (lab.place("tiktok").address, "itemStruct"),
        "https://www.tiktok.com/login": (lab.place("tiktok").address, "itemStruct"),
    }

    async def talk(context: BrowserContext) -> list[bool]:
        served = []
        for url, (address, word) in pages.items():
            page = await context.new_page()
            await page.goto(url)
            await page.wait_for_selector("video", state="attached")
            served.append(word in await page.evaluate(WAYS["fetch"], address))
        return served

    assert lab.talk(talk) == [True] * len(pages)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_else_is_answered(lab: Lab, name: str) -> None:
    place = lab.place(name)
    sealed, headers = lab.session(place)
    other = place.notary.open("another visitor")
    own = place.notary.sessions[-2]
    agent = headers["User_Agent"]
    assert not refused(place, visit(lab.sim, sealed, **headers)[0])
    head, _, tail = sealed.partition("&msToken=")
    token, *seals = tail.split("&")
    foreign = place.notary.sign(place.asked().partition("?")[2], agent, other.token)
    place.notary.verdicts.clear()
    tries = {
        MISSING: (place.asked(), {}),
        SEAL: (sealed.replace("aid=", "aid=0"), {}),
        SEAL + " of another browser": (sealed, {"User_Agent": agent.replace("156", "155") + " "}),
        SEAL + " of an unlike agent": (sealed, {"User_Agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/1.0"}),
        TOKEN: (f"{place.asked().partition('?')[0]}?{foreign}", {}),
        TOKEN + " without its cookie": (sealed, {"Cookie": f"ttwid={own.visitor}"}),
        SESSION: (sealed, {"Cookie": f"ttwid=1; msToken={own.token}"}),
        "order": ("&".join((head, *seals, f"msToken={token}")), {}),
        "order, not the last": (f"{sealed}&webid=1", {}),
    }
    for what, (url, more) in tries.items():
        [reply] = visit(lab.sim, url, **{**headers, **more})
        assert refused(place, reply), what
        if name == "tiktok":
            assert (reply.status, reply.body, reply.headers["tt_orcas_res"]) == (200, b"", "1"), what
        else:
            assert (reply.status, reply.body) == (200, b"" if what == MISSING else b"sign invalid"), what
    assert place.notary.verdicts == {MISSING: 1, SEAL: 3, TOKEN: 2, SESSION: 1, "order": 2}
    assert not refused(place, visit(lab.sim, sealed, **headers)[0])


@pytest.mark.parametrize("name", NAMES)
def test_a_new_version_refuses_old_pages(lab: Lab, name: str) -> None:
    place = lab.place(name)
    place.notary.signing = Signing(rotate_after=2)
    before = place.notary.version

    async def talk(context: BrowserContext) -> list[bool]:
        page = await opened(context, place)
        served = [place.holds in await page.evaluate(WAYS["fetch"], place.address) for _ in range(4)]
        await page.reload()
        return [*served, place.holds in await page.evaluate(WAYS["fetch"], place.address)]

    assert lab.talk(talk) == [True, True, False, False, True]
    assert (place.notary.version, place.notary.verdicts[VERSION], lab.sim.violations) == (before + 1, 2, [])
    assert place.notary.sessions[-1].pages == 2
    sealed, headers = lab.session(place)
    place.notary.rotate()
    [reply] = visit(lab.sim, sealed, **headers)
    assert (reply.status, reply.body) == ((200, b"") if name == "tiktok" else (403, b"Signature Not Found"))


@pytest.mark.parametrize("name", NAMES)
def test_a_page_that_is_not_ready(lab: Lab, name: str) -> None:
    place = lab.place(name)
    place.notary.signing = Signing(ready_after=2.0)

    async def talk(context: BrowserContext) -> list[bool]:
        page = await opened(context, place)
        early = await page.evaluate(WAYS["fetch"], place.address)
        await page.wait_for_function("!fetch.toString().includes('native code')")
        return [place.holds in early, place.holds in await page.evaluate(WAYS["xhr"], place.address)]

    assert lab.talk(talk) == [False, True]
    assert place.notary.verdicts == {MISSING: 1, "accepted": 1}


@pytest.mark.parametrize("name", NAMES)
def test_open_paths(lab: Lab, name: str) -> None:
    place = lab.place(name)
    place.notary.signing = Signing(open=True)
    assert not refused(place, visit(lab.sim, place.asked())[0])
