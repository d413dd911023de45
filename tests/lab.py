"""A real Chromium on the pages of the simulator: what the tests of signatures are made of."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.browsers import FLAGS, NOWHERE, chromium, trusting
from tests.simulator import Simulator
from tests.simulator.notary import Notary
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
        """The whole address."""
        return self.home.removesuffix("/") + self.address


class Lab:
    """One browser and one simulator for all tests of the module."""

    def __init__(self, sim: Simulator, loop: asyncio.AbstractEventLoop, browser: Browser) -> None:
        self.sim = sim
        self._loop = loop
        self._browser = browser

    def renew(self) -> None:
        """As it was at first: nothing remembered, nothing switched on."""
        self.sim.forget()
        for notary in self.sim.notaries.values():
            notary.signing = Signing()
            notary.verdicts.clear()

    def place(self, name: str) -> Place:
        """A platform."""
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
            context = await self._browser.new_context(proxy={"server": self.sim.env["https_proxy"]})
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
            cookies = {cookie["name"]: cookie["value"] for cookie in await context.cookies(place.home)}
            agent = await page.evaluate("navigator.userAgent")
            jar = "; ".join(f"{name}={value}" for name, value in cookies.items())
            return address, {"User_Agent": agent, "Cookie": jar}

        signed: tuple[str, dict[str, str]] = self.talk(talk)
        return signed


async def opened(context: BrowserContext, place: Place) -> Page:
    """A page on the home of the platform, which passes the nonce challenge by itself."""
    page = await context.new_page()
    await page.goto(place.home)
    await page.wait_for_selector("video", state="attached")
    return page


@contextmanager
def laboratory(sim: Simulator, home: Path) -> Iterator[Lab]:
    """One browser that lives in `home`."""
    path, env = chromium(), {**os.environ, **trusting(home, Path(sim.env["SSL_CERT_FILE"]))}
    loop = asyncio.new_event_loop()
    playwright = loop.run_until_complete(async_playwright().start())
    launch = playwright.chromium.launch(executable_path=path, args=FLAGS, env=env, proxy=NOWHERE)
    browser = loop.run_until_complete(launch)
    yield Lab(sim, loop, browser)
    loop.run_until_complete(browser.close())
    loop.run_until_complete(playwright.stop())
    loop.close()
