"""The pages of the HTTP front in a real Chromium: from a pasted text to a file, and how they look."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.async_api import Browser, async_playwright

from tests.browsers import FLAGS, chromium
from tests.front_support import Served, served
from tests.long_lived import WORLD

SHORT_VIDEO = WORLD.tiktok.video(1, 0)
PLACES = {
    "home": "/",
    "post": "/?" + urlencode({"url": f"看 https://www.bilibili.com/video/{WORLD.video(1, 3).bvid} 快来"}),
    "images": "/?" + urlencode({"url": f"https://v.douyin.com/{WORLD.douyin.special['dy_note']}/"}),
    "list": f"/?url=https://space.bilibili.com/{WORLD.creator(0).mid}",
    "failure": f"/?url={WORLD.special['deleted']}",
    "several": "/?" + urlencode({"url": f"{WORLD.video(1, 3).bvid} {WORLD.video(1, 4).bvid}"}),
    "comments": f"/list?router=/api/bilibili/web/fetch_video_comments&url={WORLD.video(1, 3).bvid}",
    "cookies": "/cookies",
    "runs": "/runs",
    "fleet": "/fleet",
    "login": "/login",
    "calls": "/calls",
}

MISSING_PICTURES = """() => [...document.images].filter(
    image => image.getBoundingClientRect().top < 700 && !image.naturalWidth).length"""


@asynccontextmanager
async def browsing(live: Any, **settings: object) -> AsyncIterator[tuple[Served, Browser]]:
    async with served(live, **settings) as front, async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        try:
            yield front, browser
        finally:
            await browser.close()


def test_a_pasted_text_becomes_a_file(live: Any) -> None:
    async def drive() -> None:
        async with browsing(live) as (front, browser):
            context = await browser.new_context(java_script_enabled=False, locale="en-US")
            page, asked = await context.new_page(), []
            page.on("request", lambda request: asked.append(request.url))
            await page.goto(str(front.client.base_url))
            await page.get_by_label("Paste a link").fill(f"看 {WORLD.tiktok.url(SHORT_VIDEO)} 快来")
            await page.get_by_role("button", name="Show").click()
            button = page.get_by_role("link", name="Video, best quality")
            await button.wait_for()
            async with page.expect_download() as downloading:
                await button.click()
            path = await (await downloading.value).path()
            assert path.read_bytes()[4:8] == b"ftyp"
            assert {url.startswith(str(front.client.base_url)) for url in asked} == {True}, asked
            await page.goto(f"{front.client.base_url}/cookies")
            await page.get_by_label("Cookie").fill(WORLD.login_cookie)
            await page.get_by_role("button", name="Check and save").click()
            await page.get_by_text("was saved").wait_for()
            await context.close()

    asyncio.run(drive())


@pytest.mark.nightly
@pytest.mark.parametrize("name", PLACES)
def test_a_page_is_accessible_at_any_width_in_both_themes(live: Any, name: str) -> None:
    asyncio.run(check_accessibility(live, PLACES[name]))


async def check_accessibility(live: Any, path: str, **settings: object) -> None:
    """Check a page of a front at several widths, in both themes and languages."""
    axe = pytest.importorskip("axe_playwright_python.async_playwright")
    async with browsing(live, **settings) as (front, browser):
        for width in (1280, 800, 360):
            for scheme, language in (("light", "en-US"), ("dark", "zh-CN")):
                view = {"width": width, "height": 800}
                context = await browser.new_context(viewport=view, color_scheme=scheme, locale=language)  # type: ignore[arg-type]
                page = await context.new_page()
                await page.goto(f"{front.client.base_url}{path}", wait_until="networkidle")
                assert await page.evaluate("document.documentElement.scrollWidth") <= width, "nothing is cut off"
                assert await page.evaluate(MISSING_PICTURES) == 0
                checked = await axe.Axe().run(page)
                assert checked.violations_count == 0, checked.generate_report()
                await context.close()
