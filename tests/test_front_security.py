"""What callers, pages of other sites and slow clients must not achieve at the HTTP front."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from scraper.front import connection, server
from scraper.front.front import Access
from scraper.inputs.share_text import find_all
from scraper.platform.atlas import Atlas
from scraper.platform.targets import UNKNOWN
from tests.cases import PLATFORMS
from tests.front_support import served
from tests.long_lived import WORLD
from tests.simulator import Simulator
from tests.test_security import INSIDE, hostile

VIDEO = f"/api/bilibili/web/fetch_one_video?bv_id={WORLD.video(1, 3).bvid}"
PROFILE = f"/api/bilibili/web/fetch_user_profile?uid={WORLD.creator(0).mid}"
VIEW = "/x/web-interface/view"
HYBRID = "/api/hybrid/video_data"
PATHS = ["/", "/latest/meta-data/", "/video/BV1M1421t7hT", "/@user/video/7300000000000000002"]


@contextmanager
def held(sim: Simulator) -> Iterator[None]:
    """Hold the simulator's answers back."""
    sim.hold()
    try:
        yield
    finally:
        sim.release()


def corpus() -> list[str]:
    """Links to hosts inside a network, and to hosts that look like a platform's."""
    urls = [url for platform in PLATFORMS for url in hostile(platform)]
    urls += [f"http://{host}:{port}{path}" for host in INSIDE for port in (80, 6379) for path in PATHS]
    return [url for url in dict.fromkeys(urls) if not _has_link(url)]


def _has_link(text: str) -> bool:
    """Return whether a text has a platform's link in it, such as after `data:`."""
    atlas = Atlas(PLATFORMS)
    targets = find_all([text], atlas.patterns, atlas.bare_ids, atlas.link_hosts)
    return any(target.kind != UNKNOWN for target in targets)


def test_only_the_hosts_of_the_platforms_are_ever_requested(live: Any) -> None:
    urls = corpus()
    assert len(urls) >= 200

    async def calls() -> None:
        async with served(live, SERVE_CALLS_PER_MINUTE=0) as (_, client, sim):
            for url in urls:
                got = await client.get(HYBRID, params={"url": url})
                assert (got.status_code, got.json()["data"]["error"]["name"]) == (400, "BAD_INPUT"), url
            for start in range(0, len(urls), 50):
                body = (await client.post("/api/batch", json={"urls": urls[start : start + 50]})).json()
                assert {item["code"] for item in body["data"]["items"]} == {400}
            for path in ("/api/download", "/"):
                codes = [(await client.get(path, params={"url": url})).status_code for url in urls]
                assert set(codes) == {400}, path
            path = "/api/douyin/web/get_all_sec_user_id"
            for start in range(0, len(urls), 50):
                body = (await client.post(path, json=urls[start : start + 50])).json()
                assert not body["data"]["items"] and body["data"]["errors"]
            assert not sim.refused and not sim.requests

    asyncio.run(calls())


FOREIGN = [
    {"host": "evil.example"},
    {"host": "127.0.0.1.evil.example"},
    {"host": "evil.example@127.0.0.1"},
    {"host": "192.168.1.5"},
    {"host": "[::1"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1.evil.example"},
    {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
    {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"},
]


def test_pages_of_other_sites_cannot_call(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as (_, client, sim):
            for headers in FOREIGN:
                got = await client.get(VIDEO, headers=headers)
                assert (got.status_code, got.json()["data"]["error"]["name"]) == (403, "FORBIDDEN"), headers
                body = {"service": "bilibili", "cookie": "SESSDATA=of-the-attacker"}
                got = await client.post("/api/hybrid/update_cookie", json=body, headers=headers)
                assert got.status_code == 403, headers
                assert "access-control-allow-origin" not in got.headers
            assert not sim.requests
            own = {"origin": str(client.base_url).rstrip("/"), "sec-fetch-site": "same-origin"}
            assert (await client.get("/readyz", headers=own)).status_code == 200
            link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
            assert (await client.get("/readyz", headers=link)).status_code == 200
            asks = {"origin": "https://evil.example", "access-control-request-method": "POST"}
            for headers in (asks, {**own, "access-control-request-method": "POST"}, own):
                got = await client.options("/api/hybrid/update_cookie", headers=headers)
                assert not got.is_success and not any(name.startswith("access-control") for name in got.headers)
            got = await client.get(VIDEO, headers=own)
            assert got.is_success and not any(name.startswith("access-control") for name in got.headers)

    asyncio.run(calls())


def test_names_of_the_server_are_allowed_and_addresses_where_it_binds_more_than_its_own(live: Any) -> None:
    async def calls() -> None:
        access = Access("0.0.0.0", "a-token-of-16-or-more, another-token-of-16", frozenset({"video-scraper-api"}))
        async with served(live, access=access) as (_, client, _):
            for token in access.tokens:
                for host in ("video-scraper-api:80", "Video-Scraper-API.", "192.168.1.5:8000", "[fd00::1]"):
                    headers = {"host": host, "authorization": f"bearer {token}"}
                    assert (await client.get("/readyz", headers=headers)).status_code == 200, host
            for headers in ({}, {"authorization": "Bearer"}, {"authorization": f"Bearer {access.token}"},
                            {"authorization": "Basic a-token-of-16-or-more"}):  # fmt: skip
                got = await client.get("/readyz", headers=headers)
                assert got.status_code == 401 and got.headers["www-authenticate"] == "Bearer"
            assert (await client.get("/healthz")).status_code == 200
            assert (await client.get("/healthz", headers={"host": "evil.example"})).status_code == 403

    asyncio.run(calls())


def test_what_is_too_large_or_secret_is_refused(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as (_, client, _):
            assert (await client.get(f"{HYBRID}?url={'a' * 17_000}")).status_code == 413
            got = await client.post("/api/hybrid/update_cookie", content=b"x" * 1_100_000)
            assert (got.status_code, got.json()["data"]["error"]["name"]) == (413, "TOO_LARGE")

            async def endless() -> Any:
                for _ in range(40):
                    yield b"x" * 65_536

            got = await client.post("/api/hybrid/update_cookie", content=endless())
            assert (got.status_code, got.json()["data"]["error"]["name"]) == (413, "TOO_LARGE")
            for name in ("cookie", "Cookie", "c%6fokie", "token", "authorization"):
                got = await client.get(f"{VIDEO}&{name}=5ecret")
                assert got.status_code == 400 and "5ecret" not in got.text

    asyncio.run(calls())


def test_too_many_calls_are_refused_with_the_time_to_wait(live: Any) -> None:
    async def calls() -> None:
        limits = {"SERVE_MAX_CALLS_EACH": 2, "SERVE_CALLS_PER_MINUTE": 3}
        async with served(live, **limits) as (front, client, sim):
            with held(sim):
                waiting = [asyncio.create_task(client.get(VIDEO)) for _ in range(2)]
                while front.limits.open_calls < 2:
                    await asyncio.sleep(0.01)
                got = await client.get(VIDEO)
                assert got.status_code == 429 and int(got.headers["retry-after"]) >= 1
                assert (await client.get("/healthz")).status_code == 200
            assert [(await call).status_code for call in waiting] == [200, 200]
            assert (await client.get(VIDEO)).status_code == 200
            got = await client.get(VIDEO)
            assert (got.status_code, got.json()["data"]["error"]["name"]) == (429, "RATE_LIMITED")
            assert 1 <= int(got.headers["retry-after"]) <= 20
            assert front.limits.open_calls == 0

    asyncio.run(calls())


def test_a_caller_that_uses_up_its_limits_leaves_the_others_theirs(live: Any) -> None:
    async def calls() -> None:
        access = Access(token="a-token-of-16-or-more,another-token-of-16")
        limits = {"SERVE_MAX_CALLS": 3, "SERVE_MAX_CALLS_EACH": 2, "SERVE_CALLS_PER_MINUTE": 4}
        async with served(live, access=access, **limits) as (front, client, sim):
            one, other = ({"authorization": f"Bearer {token}"} for token in access.tokens)
            with held(sim):
                waiting = [asyncio.create_task(client.get(VIDEO, headers=one)) for _ in range(2)]
                while front.limits.open_calls < 2:
                    await asyncio.sleep(0.01)
                got = await client.get(VIDEO, headers=one)
                assert got.status_code == 429 and "2 calls of yours are being answered" in got.text
                waiting.append(asyncio.create_task(client.get(VIDEO, headers=other)))
                while front.limits.open_calls < 3:
                    await asyncio.sleep(0.01)
                got = await client.get(VIDEO, headers=other)
                assert got.status_code == 429 and "3 calls are being answered" in got.text
                assert int(got.headers["retry-after"]) >= 1
            assert [(await call).status_code for call in waiting] == [200] * 3
            answers = [(await client.get(VIDEO, headers=one)).status_code for _ in range(3)]
            assert answers == [200, 200, 429], "four in a minute"
            assert (await client.get(VIDEO, headers=other)).status_code == 200

    asyncio.run(asyncio.wait_for(calls(), 60))


def test_a_caller_that_leaves_costs_the_others_nothing_and_holds_nothing(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as (front, client, sim):
            with held(sim):
                first, second = (asyncio.create_task(client.get(VIDEO)) for _ in range(2))
                while front.limits.open_calls < 2:
                    await asyncio.sleep(0.01)
                first.cancel()
                while front.limits.open_calls > 1:
                    await asyncio.sleep(0.01)
            assert (await second).status_code == 200
            assert len([request for request in sim.requests if request.path == VIEW]) == 1
            with held(sim):
                alone = asyncio.create_task(
                    client.get(f"/api/bilibili/web/fetch_user_profile?uid={WORLD.creator(0).mid}")
                )
                while not front.limits.open_calls:
                    await asyncio.sleep(0.01)
                alone.cancel()
                while front.limits.open_calls or front.calls.under_way:
                    await asyncio.sleep(0.01)
            while front.live.open_asks:
                await asyncio.sleep(0.01)

    asyncio.run(calls())


HEAD = b"HTTP/1.1\r\nhost: localhost\r\n"


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /healthz HT", b"POST /api/hybrid/update_cookie " + HEAD + b"content-length: 9\r\n\r\n{",
     b"GET /healthz " + HEAD + b"\r\nGET /hea"],
    ids=["nothing", "half a head", "half a body", "half a second request"],
)  # fmt: skip
def test_a_slow_client_holds_no_connection(live: Any, monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(connection, "REQUEST_S", 0.2)
    monkeypatch.setattr(server, "_IDLE_S", 0.2)

    async def calls() -> None:
        async with served(live) as (front, client, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
            writer.write(sent)
            try:
                async with asyncio.timeout(30):
                    while await reader.read(65_536):
                        pass
            except ConnectionResetError:
                pass
            writer.close()
            while front.limits.open_calls:
                await asyncio.sleep(0.01)
            assert (await client.get("/healthz")).status_code == 200

    asyncio.run(calls())


def test_a_url_that_is_not_encoded_is_refused_with_the_way_to_encode_it(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as (_, client, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
            writer.write(f"GET {HYBRID}?url=看 ".encode() + HEAD + b"\r\n")
            answer = await reader.read()
            writer.close()
            assert answer.startswith(b"HTTP/1.1 400 ") and b"--data-urlencode" in answer

    asyncio.run(calls())


def test_a_client_that_reads_nothing_is_cut(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "STALLED_S", 0.2)

    async def calls() -> None:
        async with served(live) as (_, client, _):
            with socket.create_connection(("127.0.0.1", client.base_url.port)) as stalled:
                stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                stalled.setblocking(False)
                request = b"GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n"
                loop = asyncio.get_running_loop()
                with pytest.raises(ConnectionError):  # it is cut while it still asks for more
                    async with asyncio.timeout(60):
                        while True:
                            await loop.sock_sendall(stalled, request * 20)
            assert (await client.get("/healthz")).status_code == 200

    asyncio.run(calls())


def test_the_calls_under_way_are_answered_when_the_server_stops(live: Any) -> None:
    async def calls() -> list[httpx.Response]:
        async with served(live) as (front, client, sim):
            with held(sim):
                waiting = [asyncio.create_task(client.get(VIDEO)) for _ in range(2)]
                while sim.held < 1:
                    await asyncio.sleep(0.01)
                stopping = asyncio.create_task(front.give_up())  # which takes until the request under way has ended
                answers = [await call for call in waiting]
                answers += [await client.get("/readyz"), await client.get(VIDEO)]
            await stopping
            return answers

    answers = asyncio.run(calls())
    assert [answer.status_code for answer in answers] == [503] * 4
    assert answers[0].json()["data"]["error"]["name"] == "STOPPING" and int(answers[0].headers["retry-after"]) >= 1
