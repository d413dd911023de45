"""The pages that sign: in a real Chromium they are answered, and nothing else is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.async_api import Browser, BrowserContext, Error, Page, async_playwright

from tests.browsers import CALLS_HOME, FLAGS, chromium, trusting
from tests.simulator import Simulator, World
from tests.simulator.browser import Reply, visit
from tests.simulator.front import DECOR
from tests.simulator.notary import MISSING, SEAL, SESSION, TOKEN, VERSION, Notary
from tests.simulator.signing import Signing

NAMES = ("douyin", "tiktok")
WAYS = {
    "fetch": "address => fetch(address).then(reply => reply.text())",
    "url": "address => fetch(new URL(address, location.href)).then(reply => reply.text())",
    "request": "address => fetch(new Request(address)).then(reply => reply.text())",
    "xhr": """address => new Promise(done => {
        const call = new XMLHttpRequest();
        call.onload = () => done(call.responseText);
        call.open("GET", address);
        call.send();
    })""",
}
SENT = "address => fetch(address).then(reply => reply.url)"
STATUS = "address => fetch(address).then(reply => reply.status)"


class Place(NamedTuple):
    """A platform as the tests use it: its home, a signed address, and what the answer to it holds."""

    notary: Notary
    home: str
    address: str
    holds: str

    def asked(self) -> str:
        return self.home.removesuffix("/") + self.address


class Lab:
    """One browser and one simulator for all tests of the module."""

    def __init__(self, sim: Simulator, loop: asyncio.AbstractEventLoop, browser: Browser) -> None:
        self.sim = sim
        self._loop = loop
        self._browser = browser

    def place(self, name: str) -> Place:
        douyin, tiktok = self.sim.world.douyin, self.sim.world.tiktok
        notary = self.sim.notaries[name]
        if name == "douyin":
            path = "/aweme/v1/web/user/profile/other/?device_platform=webapp&aid=6383&sec_user_id="
            return Place(notary, "https://www.douyin.com/", path + douyin.creator(0).sec_uid, douyin.creator(0).uid)
        ident = tiktok.video(0, 0).id
        return Place(notary, "https://www.tiktok.com/", f"/api/item/detail/?aid=1988&itemId={ident}&n=a%20b", ident)

    def talk(self, talk: Callable[[BrowserContext], Coroutine[Any, Any, Any]]) -> Any:
        """Run a conversation in a context of its own."""

        async def whole() -> Any:
            context = await self._browser.new_context()
            try:
                return await asyncio.wait_for(talk(context), 30)
            finally:
                await context.close()

        return self._loop.run_until_complete(whole())

    def session(self, place: Place) -> tuple[str, dict[str, str]]:
        """A signed address that was answered, and the headers with which a page sent it."""

        async def talk(context: BrowserContext) -> tuple[str, dict[str, str]]:
            page = await opened(context, place)
            address = await page.evaluate(SENT, place.address)
            cookies = {each["name"]: each["value"] for each in await context.cookies(place.home)}
            agent = await page.evaluate("navigator.userAgent")
            jar = "; ".join(f"{name}={value}" for name, value in cookies.items())
            return address, {"User_Agent": agent, "Cookie": jar}

        found: tuple[str, dict[str, str]] = self.talk(talk)
        return found


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    path, loop = chromium(), asyncio.new_event_loop()
    with Simulator(World(creators=2, videos=10)) as sim:
        home = tmp_path_factory.mktemp("home")
        env = trusting(home, Path(sim.env["SSL_CERT_FILE"]))
        playwright = loop.run_until_complete(async_playwright().start())
        launch = playwright.chromium.launch(
            executable_path=path, args=FLAGS, env=env, proxy={"server": sim.env["https_proxy"]}
        )
        browser = loop.run_until_complete(launch)
        yield Lab(sim, loop, browser)
        loop.run_until_complete(browser.close())
        loop.run_until_complete(playwright.stop())
    loop.close()


@pytest.fixture
def lab(started: Lab) -> Iterator[Lab]:
    """The laboratory as it was at first; what all tests hold is asked after each."""
    sim = started.sim
    sim.forget()
    for notary in sim.notaries.values():
        notary.signing = Signing()
        notary.verdicts.clear()
    yield started
    assert [host for host in sim.refused if not any(fnmatchcase(host, each) for each in CALLS_HOME)] == []
    assert {each.kind for each in sim.violations} <= {"imitation"}


async def opened(context: BrowserContext, place: Place) -> Page:
    """A page on the home of the platform, which passes the nonce challenge by itself."""
    page = await context.new_page()
    await page.goto(place.home)
    await page.wait_for_selector("video", state="attached")
    return page


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
        found = []
        for url, (address, word) in pages.items():
            page = await context.new_page()
            await page.goto(url)
            await page.wait_for_selector("video", state="attached")
            found.append(word in await page.evaluate(WAYS["fetch"], address))
        return found

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
        found = [place.holds in await page.evaluate(WAYS["fetch"], place.address) for _ in range(4)]
        await page.reload()
        return [*found, place.holds in await page.evaluate(WAYS["fetch"], place.address)]

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
    place.notary.signing = Signing(ready_after=0.4)

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


@pytest.mark.parametrize("name", NAMES)
def test_challenges_before_the_home_page(lab: Lab, name: str) -> None:
    place = lab.place(name)
    place.notary.signing = Signing(challenges=2)
    marks = {"douyin": "验证码中间页", "tiktok": "captcha-verify-container"}

    async def talk(context: BrowserContext) -> list[bool]:
        page, found = await context.new_page(), []
        for _ in range(2):
            await page.goto(place.home)
            found.append(marks[name] in await page.content())
        await opened(context, place)
        return found

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
    assert [each.path for each in lab.sim.requests if each.path.startswith(DECOR)] == []
    lab.talk(talk)
    asked = {each.path for each in lab.sim.requests if each.path.startswith(DECOR)}
    assert asked == {f"{DECOR}{name}" for name in ("logo.jpg", "intro.mp4", "letters.woff2")}
