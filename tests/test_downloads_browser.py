"""Files of the HTTP front in the `<video>` tag of another site's page, in a real Chromium."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.async_api import async_playwright

from tests.browsers import FLAGS, chromium
from tests.front_support import served
from tests.long_lived import WORLD, Live

SIZE = 30_000_000  # so large that a browser does not load it whole
WORK = WORLD.tiktok.video(1, 0)
CLIP = WORLD.tiktok.url(WORK)
LINKS = {"passed through": CLIP, "made of picture and sound": WORLD.video(1, 3).bvid}
SEEK = """async (seconds) => {
    const video = document.querySelector('video');
    const next = name => new Promise((done, failed) => {
        video.addEventListener(name, done, {once: true});
        video.addEventListener('error', () => failed(new Error(video.error.message)), {once: true});
    });
    if (video.error) throw new Error(video.error.message);
    if (video.readyState < 1) await next('loadedmetadata');
    const place = seconds < 0 ? video.duration + seconds : seconds;
    const sought = next('seeked');
    video.currentTime = place;
    await sought;
    if (video.readyState < 2) await next('canplay');
    return {place, at: video.currentTime, length: video.duration, width: video.videoWidth};
}"""
PLAY = """async () => {
    const video = document.querySelector('video');
    const ended = new Promise(done => video.addEventListener('ended', done, {once: true}));
    await video.play();
    await ended;
    return video.currentTime;
}"""


@asynccontextmanager
async def site(html: str) -> AsyncIterator[str]:
    """Yield the address of another site with one page. It is of this machine, since browsers keep others from it."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(html)}\r\nConnection: close\r\n\r\n"
        writer.write(f"{head}{html}".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://localhost:{server.sockets[0].getsockname()[1]}/"


@pytest.mark.parametrize("kind", LINKS)
def test_a_video_tag_plays_and_seeks(live: Live, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(WORLD.files, "size", SIZE)

    async def drive() -> tuple[list[dict[str, Any]], list[str], float]:
        async with served(live) as front, async_playwright() as driver:
            browser = await driver.chromium.launch(executable_path=chromium(), args=list(FLAGS))
            try:
                query = urlencode({"url": LINKS[kind], "quality": "h264"}).replace("&", "&amp;")
                tag = f'<video muted preload="metadata" src="{front.client.base_url}/api/download?{query}"></video>'
                async with site(f"<!doctype html>{tag}") as url:
                    page = await browser.new_page()
                    parts: list[str] = []
                    page.on("response", lambda answer: parts.append(answer.headers.get("content-range", "")))
                    await page.goto(url)
                    seen = [await page.evaluate(SEEK, seconds) for seconds in (-2, 1, -1)]
                    return seen, parts[1:], await page.evaluate(PLAY)
            finally:
                await browser.close()

    seen, parts, end = asyncio.run(asyncio.wait_for(drive(), 40))
    for state in seen:
        assert abs(state["at"] - state["place"]) < 0.1 and state["width"] > 0, state
    ranges = [re.fullmatch(r"bytes (\d+)-\d+/(\d+)", part) for part in parts]
    assert all(ranges) and any(int(part[1]) > int(part[2]) / 2 for part in ranges if part), (
        "the end was requested without what comes before it"
    )
    assert abs(end - seen[0]["length"]) < 0.1, "it was played to its end"
