"""Downloads over HTTP: passed through from the CDN or made in the spool, in parts, and never broken without a sign."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import av
import httpx
import pytest

from scraper.front import spool
from scraper.front.file_response import disposition
from tests.front_support import Served, served
from tests.long_lived import WORLD, Live
from tests.simulator import Fault

VIDEO = WORLD.video(0, 0).bvid
WORK = WORLD.tiktok.video(0, 0)
CLIP = f"https://www.tiktok.com/@_/video/{WORK.id}"
POST = "www.tiktok.com", "/@_/video/*"
CDN = ("v1*-webapp*.tiktok.com", "/video/tos/*")
PICTURES = f"https://www.douyin.com/video/{WORLD.douyin.video(0, 1).id}"
DASH = "upos-*.bilivideo.com"


class Server:
    """A front before a simulator, and a client of it."""

    def __init__(self, front: Served, spool: Path):
        self.client, self.sim, self.downloads, self.spool = front.client, front.sim, front.front.downloads, spool

    async def get(self, link: str, method: str = "GET", headers: dict[str, str] | None = None, **more: Any) -> Any:
        return await self.client.request(method, "/api/download", params={"url": link, **more}, headers=headers)

    def asked(self, host: str, path: str = "*") -> list[Any]:
        """Return the requests to a host."""
        pattern: Any = Fault(host, path, do="status")
        return [request for request in self.sim.requests if pattern.selects(request)]


@asynccontextmanager
async def server_of(live: Live, *faults: Fault, **settings: object) -> AsyncIterator[Server]:
    async with served(live, faults, **settings) as front:
        yield Server(front, Path(front.front.settings["STATE_DIR"], "spool"))


def tracks(body: bytes) -> dict[str, float]:
    """Decode a video, and return the length of each track in seconds."""
    with av.open(io.BytesIO(body)) as container:
        ends = {stream.type: 0.0 for stream in container.streams}
        for frame in container.decode():
            kind = "video" if isinstance(frame, av.VideoFrame) else "audio"
            ends[kind] = max(ends[kind], frame.time or 0.0)
    return ends


def test_a_single_file_is_passed_through(live: Live) -> None:
    async def run() -> None:
        async with server_of(live) as server:
            whole = await server.get(CLIP)
            assert whole.status_code == 200 and whole.headers["content-type"] == "video/mp4"
            assert whole.headers["accept-ranges"] == "bytes" and set(tracks(whole.content)) == {"video", "audio"}
            size, tag = len(whole.content), whole.headers["etag"]
            head = await server.get(CLIP, "HEAD")
            assert (head.content, head.headers["content-length"], head.headers["etag"]) == (b"", str(size), tag)
            for asked, start, end in (("bytes=5-14", 5, 15), ("bytes=-7", size - 7, size), ("bytes=100-", 100, size)):
                part = await server.get(CLIP, headers={"Range": asked, "If-Range": tag})
                assert part.status_code == 206 and part.content == whole.content[start:end]
                assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
            changed = await server.get(CLIP, headers={"Range": "bytes=5-14", "If-Range": '"other"'})
            assert changed.status_code == 200 and changed.content == whole.content
            beyond = await server.get(CLIP, headers={"Range": f"bytes={size}-"})
            assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
            assert [path for path in server.spool.rglob("*") if path.name != "lock" and path.is_file()] == []
            assert len(server.asked(*POST)) == 1, "the address is fresh at the first request, then used again"
            assert whole.headers["content-disposition"].startswith('attachment; filename="tiktok_')
            plain = await server.get(CLIP, "HEAD", prefix="false")
            assert plain.headers["content-disposition"].startswith(f'attachment; filename="{WORK.id}_')

    asyncio.run(run())


def test_the_file_with_the_watermark_comes_on_request_only(live: Live) -> None:
    async def run() -> None:
        async with server_of(live) as server:
            bodies = [(await server.get(PICTURES, with_watermark=word)).content for word in ("false", "true")]
            asked = ["owner_watermark" in request.path for request in server.asked("*.douyinpic.com")]
            assert asked == [False] * (len(asked) // 2) + [True] * (len(asked) // 2) and len(asked) > 2
            assert bodies[0] != bodies[1] == (await server.get(PICTURES, with_watermark="true")).content

    asyncio.run(run())


def test_picture_and_sound_are_joined_once_for_all_callers(live: Live) -> None:
    async def run() -> None:
        async with server_of(live) as server:
            folder = server.spool
            both = await asyncio.gather(server.get(VIDEO), server.get(f"https://www.bilibili.com/video/{VIDEO}"))
            first, second = (answer.content for answer in both)
            part = await server.get(VIDEO, headers={"Range": "bytes=1000-1999"})
            head = await server.get(VIDEO, "HEAD")
            assert (head.content, int(head.headers["content-length"])) == (b"", len(first))
            small = await server.get(VIDEO, quality="smallest")
            assert len(server.asked(DASH)) == 4, "picture and sound, of two qualities"
            assert len([*folder.iterdir()]) == 1
            for prefix, plain in (("true", f"bilibili_{VIDEO}.mp4"), ("false", f"{VIDEO}.mp4")):
                named = (await server.get(VIDEO, "HEAD", prefix=prefix)).headers["content-disposition"]
                assert named.startswith(f"attachment; filename=\"{plain}\"; filename*=UTF-8''"), "the title is Chinese"
                assert VIDEO in named.partition("UTF-8")[2] and "%E" in named
        assert [answer.status_code for answer in (*both, part, small)] == [200, 200, 206, 200]
        assert first == second and part.content == first[1000:2000] and small.content != first
        assert set(tracks(first)) == {"video", "audio"}
        assert [*folder.iterdir()] == []

    asyncio.run(run())


def test_fields_that_are_hidden_are_in_no_name(live: Live) -> None:
    """The file is sent, although its addresses are among them."""

    async def run() -> None:
        async with server_of(live, FIELDS="video_id") as server:
            answer = await server.get(CLIP)
            assert set(tracks(answer.content)) == {"video", "audio"}
            name = answer.headers["content-disposition"].partition(";")[2].partition(";")[0]
            assert name == f' filename="tiktok_{WORK.id}.mp4"', "neither author nor title"

    asyncio.run(run())


def test_a_player_can_seek(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """FFmpeg opens the address as a player does, and reads the end without what is before."""

    def last_frame(url: str, seconds: float) -> float:
        with av.open(url) as container:
            container.seek(int(seconds * av.time_base))
            return max(frame.time or 0.0 for frame in container.decode(video=0))

    async def run() -> None:
        async with server_of(live) as server:
            monkeypatch.setenv("no_proxy", "127.0.0.1")  # FFmpeg would call by the simulator
            ends = tracks((await server.get(CLIP)).content)
            url = str(server.client.build_request("GET", "/api/download", params={"url": CLIP}).url)
            assert await asyncio.to_thread(last_frame, url, ends["video"] - 0.5) == ends["video"]

    asyncio.run(run())


def test_several_pictures_come_as_a_zip(live: Live) -> None:
    async def run() -> None:
        async with server_of(live) as server:
            answer = await server.get(PICTURES)
            assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
            assert ".zip" in answer.headers["content-disposition"]
            with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
                assert archive.testzip() is None
                names, sums = (
                    archive.namelist(),
                    [sha256(archive.read(name)).hexdigest() for name in archive.namelist()],
                )
            served_ = server.asked("*.douyinpic.com")
            assert len(names) == len(set(sums)) == len(served_) > 1
            assert all(name.startswith("douyin_") and name.endswith(".jpg") for name in names)
            again = await server.get(PICTURES)
            assert again.content == answer.content and len(server.asked("*.douyinpic.com")) == len(served_)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("link", "more", "faults", "code", "text"),
    [
        (WORLD.special["deleted"], {}, [], 404, ""),
        (CLIP, {}, [Fault(*CDN, do="status", status=500)], 502, "HTTP 500"),
        (CLIP, {}, [Fault(*CDN, do="html")], 502, ""),
        (CLIP, {}, [Fault(*CDN, do="status", status=403)], 410, "HTTP 403"),
        (CLIP, {"quality": "great"}, [], 400, "quality=great: must be one of best, h264"),
        (f"https://space.bilibili.com/{WORLD.creator(0).mid}", {}, [], 400, "/api/download takes 'video'"),
        ("no link at all", {}, [], 400, ""),
    ],
)
def test_a_failure_before_the_first_byte_is_told(
    live: Live, link: str, more: dict[str, str], faults: Iterable[Fault], code: int, text: str
) -> None:
    async def run() -> None:
        async with server_of(live, *faults, RETRY_TIMES=0) as server:
            answer = await server.get(link, **more)
            assert (answer.status_code, answer.json()["code"]) == (code, code) and text in answer.text
            assert answer.json()["router"] == "/api/download" and "MEDIA_QUALITY" not in answer.text

    asyncio.run(run())


def test_an_address_that_expired_is_replaced(live: Live) -> None:
    async def run() -> None:
        async with server_of(live, Fault(*CDN, first=2, do="status", status=403)) as server:
            assert set(tracks((await server.get(CLIP)).content)) == {"video", "audio"}
            assert len(server.asked(*POST)) == 2

    asyncio.run(run())


def test_a_connection_that_breaks_is_continued(live: Live) -> None:
    cut = Fault(*CDN, nth=2, do="cut", share=0.5)

    async def run() -> None:
        async with server_of(live, cut) as server:
            answer = await server.get(CLIP)
            assert set(tracks(answer.content)) == {"video", "audio"} and cut.hits == 1

    asyncio.run(run())


def test_a_fault_after_the_first_byte_cuts_the_connection(live: Live) -> None:
    """The client must see that something is missing."""
    faults = [Fault(*CDN, nth=2, do="cut", share=0.5), Fault(*CDN, after=2, do="status", status=404)]

    async def run() -> None:
        async with server_of(live, *faults) as server:
            with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
                await server.get(CLIP)
            faults[1].times = 0
            assert set(tracks((await server.get(CLIP)).content)) == {"video", "audio"}, "the next call finds it anew"

    asyncio.run(run())


@pytest.mark.parametrize("link", [VIDEO, CLIP])
def test_a_client_that_leaves_stops_the_work(live: Live, link: str) -> None:
    host = DASH if link == VIDEO else CDN[0]
    stuck = Fault(host, nth=1 if link == VIDEO else 2, do="slow", delay=60)

    async def run() -> None:
        async with server_of(live, stuck) as server:
            _, writer = await asyncio.open_connection("127.0.0.1", server.client.base_url.port)
            writer.write(f"GET /api/download?url={link} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            async with asyncio.timeout(30):
                while not stuck.hits:
                    await asyncio.sleep(0.02)
                writer.close()
                await writer.wait_closed()
                while server.downloads.under_way:
                    await asyncio.sleep(0.02)
            async with asyncio.timeout(20):  # it does not wait for what hung
                assert (await server.get(link)).status_code == 200

    asyncio.run(run())


@pytest.mark.parametrize(
    ("most", "settings", "code", "text"),
    [
        (200_000, {}, 507, "the spool has no room"),
        (1 << 30, {"MEDIA_MIN_FREE": "900T"}, 507, "MEDIA_MIN_FREE"),
    ],
)
def test_a_spool_without_room_says_so(
    live: Live, monkeypatch: pytest.MonkeyPatch, most: int, settings: dict[str, str], code: int, text: str
) -> None:
    monkeypatch.setattr(spool, "WATCH_S", 0.01)
    slow = Fault(DASH, "*-30280.m4s", do="slow", delay=0.5)

    async def run() -> None:
        async with server_of(live, slow, SERVE_SPOOL=most, **settings) as server:
            answer = await server.get(VIDEO)
            assert (answer.status_code, answer.json()["code"]) == (code, code) and text in answer.text

    asyncio.run(run())


def test_names_are_ascii_and_whole() -> None:
    assert disposition("a\r\nb.mp4", "") == "attachment; filename=\"a__b.mp4\"; filename*=UTF-8''a%0D%0Ab.mp4"
