"""What goes wrong with the pages that sign, each at its switch, in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, Error

from tests.lab import NAMES, SENT, STATUS, WAYS, Lab, opened
from tests.simulator.browser import visit
from tests.simulator.front import DECOR
from tests.simulator.signing import Signing


@pytest.mark.parametrize("name", NAMES)
def test_challenges_before_the_home_page(lab: Lab, name: str) -> None:
    place = lab.place(name)
    place.notary.signing = Signing(challenges=2)
    marks = {"douyin": "验证码中间页", "tiktok": "captcha-verify-container"}

    async def talk(context: BrowserContext) -> list[bool]:
        page, served = await context.new_page(), []
        for _ in range(2):
            await page.goto(place.home)
            served.append(marks[name] in await page.content())
        await opened(context, place)
        return served

    assert lab.talk(talk) == [True, True]
    place.notary.signing = Signing(challenges=1, challenge="waf")
    [reply] = visit(lab.sim, place.home, Cookie="ttwid=1")
    assert {"douyin": b"__ac_nonce", "tiktok": b"Please wait..."}[name] in reply.body


@pytest.mark.parametrize("name", NAMES)
def test_the_login_wall(lab: Lab, name: str) -> None:
    place = lab.place(name)
    sealed, headers = lab.session(place)
    alive = {"douyin": lab.sim.world.douyin, "tiktok": lab.sim.world.tiktok}[name].login_cookie.partition("; ")[2]
    place.notary.signing = Signing(wall=("home", "api"))
    for login, status in (("", 302), ("; sessionid=dead", 302), (f"; {alive}", 200)):
        cookie = {"Cookie": headers["Cookie"] + login}
        for url in (place.home, sealed):
            [reply] = visit(lab.sim, url, **{**headers, **cookie})
            assert (reply.status, "/login" in reply.headers.get("location", "")) == (status, status == 302)

    async def talk(context: BrowserContext) -> list[str]:
        page = await opened(context, place)
        return [page.url, await page.evaluate(SENT, place.address)]

    assert all("/login?" in url for url in lab.talk(talk))


@pytest.mark.parametrize("name", NAMES)
def test_a_session_has_a_limit(lab: Lab, name: str) -> None:
    place = lab.place(name)
    place.notary.signing = Signing(limit=(2, 60))

    async def talk(context: BrowserContext) -> list[int]:
        page = await opened(context, place)
        return [await page.evaluate(STATUS, place.address) for _ in range(3)]

    assert lab.talk(talk) == [200, 200, 429]
    assert lab.talk(talk) == [200, 200, 429]


@pytest.mark.parametrize("target", ["", "https://www.tiktok.com/explore"])
def test_a_page_that_leaves(lab: Lab, target: str) -> None:
    place = lab.place("tiktok")
    place.notary.signing = Signing(leave_after=2, leave_to=target)

    async def talk(context: BrowserContext) -> list[str]:
        page = await opened(context, place)
        first = await page.evaluate(WAYS["fetch"], place.address)
        async with page.expect_navigation():
            with pytest.raises(Error, match=r"context was destroyed|Failed to fetch"):
                await page.evaluate(WAYS["fetch"], place.address)
        return [first, page.url, await page.evaluate(WAYS["fetch"], place.address)]

    first, url, last = lab.talk(talk)
    assert (place.holds in first, url, place.holds in last) == (True, target or place.home, True)
    assert place.notary.sessions[-1].pages == 2


def test_a_page_that_crashes(lab: Lab) -> None:
    place = lab.place("tiktok")

    async def talk(context: BrowserContext) -> str:
        page = await opened(context, place)
        async with page.expect_event("crash"):
            with pytest.raises(Error):
                await page.goto("chrome://crash")
        text: str = await (await opened(context, place)).evaluate(WAYS["fetch"], place.address)
        return text

    assert place.holds in lab.talk(talk)


def test_what_a_page_shows_is_seen_to_be_asked(lab: Lab) -> None:
    place = lab.place("douyin")

    async def talk(context: BrowserContext) -> None:
        await (await opened(context, place)).wait_for_load_state("networkidle")

    async def lean(context: BrowserContext) -> None:
        unwanted = {"image", "media", "font"}
        await context.route(
            "**/*",
            lambda route: route.abort() if route.request.resource_type in unwanted else route.continue_(),
        )
        await talk(context)

    lab.talk(lean)
    assert [request.path for request in lab.sim.requests if request.path.startswith(DECOR)] == []
    lab.talk(talk)
    asked = {request.path for request in lab.sim.requests if request.path.startswith(DECOR)}
    assert asked == {f"{DECOR}{name}" for name in ("logo.jpg", "intro.mp4", "letters.woff2")}


@pytest.mark.parametrize("name", NAMES)
def test_somebody_logs_in(lab: Lab, name: str) -> None:
    place = lab.place(name)
    place.notary.signing = Signing(login_after=1.5, wall=("home", "api"))

    async def talk(context: BrowserContext) -> list[bool]:
        page = await context.new_page()
        await page.goto(place.home)
        barred = "/login?" in page.url
        await page.wait_for_url(place.home)
        await page.wait_for_selector("video", state="attached")
        return [barred, place.holds in await page.evaluate(WAYS["fetch"], place.address)]

    assert lab.talk(talk) == [True, True]
    assert place.notary.sessions[-1].pages == 2
