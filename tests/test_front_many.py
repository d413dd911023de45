"""Calls for the ids of many inputs, cookies of all services, and paths that are not offered."""

import asyncio
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from tests.front_support import served
from tests.long_lived import SERVICES, WORLD

COOKIE = "/api/hybrid/update_cookie"
WORKS = ["7412345678901234567", "7412345678901234568"]
SECRET = "5ecretva1ue5ecretva1ue"


@pytest.mark.parametrize("is_wrapped", [False, True], ids=["list", "urls"])
def test_ids_of_many_inputs_come_in_their_order_and_a_failure_costs_only_itself(live: Any, is_wrapped: bool) -> None:
    texts = [f"看 https://www.douyin.com/video/{WORKS[0]}，快来", "nonsense", f"https://www.douyin.com/note/{WORKS[1]}"]

    async def calls() -> None:
        async with served(live) as (_, client, sim):
            path = "/api/douyin/web/get_all_aweme_id"
            got = await client.post(path, json={"urls": texts} if is_wrapped else texts)
            body = got.json()
            assert (got.status_code, body["code"], body["router"]) == (200, 206, path)
            assert [item["value"] for item in body["data"]["items"]] == WORKS
            assert [error["input"] for error in body["data"]["errors"]] == ["nonsense"]
            assert not sim.requests
            for wrong in ([], ["x"] * 51, {"urls": []}, {"links": texts}, "text", [["x"]], [1]):
                got = await client.post(path, json=wrong)
                assert (got.status_code, got.json()["data"]["error"]["name"]) == (400, "BAD_INPUT"), wrong
                assert got.json()["data"]["error"]["message"].startswith("the body "), wrong

    asyncio.run(calls())


def test_a_cookie_of_each_service_is_used_by_the_next_request_and_never_shown(
    live: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    async def calls() -> None:
        async with served(live) as (_, client, sim):
            for service in SERVICES:
                got = await client.post(COOKIE, json={"service": service, "cookie": f"sid={SECRET}; SESSDATA={SECRET}"})
                assert (got.status_code, got.json()["code"]) == (200, 200), got.text
                assert SECRET not in got.text and "sid" in got.json()["data"]["cookies"]
            for short in ("douyin", "tiktok", "bilibili"):
                assert (await client.post(COOKIE, json={"service": short, "cookie": "a=1"})).status_code == 200
            got = await client.post(COOKIE, json={"service": "bilibili", "cookie": f"SESSDATA={SECRET}"})
            await client.get(f"/api/bilibili/web/fetch_one_video?bv_id={WORLD.video(1, 3).bvid}")
            views = [request for request in sim.requests if request.path == "/x/web-interface/view"]
            assert views and all(SECRET in request.headers.get("cookie", "") for request in views)

    asyncio.run(calls())
    assert SECRET not in caplog.text
    shown = capsys.readouterr()
    assert SECRET not in shown.out + shown.err


CREATOR = WORLD.douyin.creator(0)
USES = {
    "bilibili_web": ("/api/bilibili/web/fetch_one_video", {"bv_id": WORLD.video(1, 3).bvid}, "api.bilibili.com"),
    "douyin_web": ("/api/douyin/web/handler_user_profile", {"sec_user_id": CREATOR.sec_uid}, "www.douyin.com"),
    "tiktok_web": ("/api/tiktok/web/fetch_one_video", {"itemId": WORLD.tiktok.video(0, 0).id}, "www.tiktok.com"),
    "tiktok_app": ("/api/tiktok/app/fetch_one_video", {"aweme_id": WORLD.tiktok.video(0, 0).id}, "*.tiktokv.com"),
}


@pytest.mark.parametrize("service", SERVICES)
def test_a_new_cookie_and_its_browser_are_used_by_the_next_request(live: Any, service: str) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/151.0.0.0 Safari/537.36"
    path, parameters, host = USES[service]

    async def calls() -> None:
        async with served(live) as (_, client, sim):
            await client.get(path, params=parameters)
            before = len(sim.requests)
            body = {"service": service, "cookie": f"sid={SECRET}", "user_agent": agent}
            assert (await client.post(COOKIE, json=body)).status_code == 200
            await client.get(path, params=parameters)
            asked = [request for request in sim.requests[before:] if fnmatchcase(request.host, host)]
            sent = {(request.cookies.get("sid"), request.headers["user-agent"]) for request in asked}
            assert sent == {(SECRET, agent)}, [(request.host, request.path) for request in sim.requests[before:]]
            assert not [request for request in sim.requests[:before] if SECRET in request.headers.get("cookie", "")]

    asyncio.run(calls())


def test_a_cookie_that_is_none_changes_nothing(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as (front, client, _):
            before = {path: path.read_bytes() for path in Path(front.settings["CONFIG_DIR"]).rglob("config.yaml")}
            bodies: list[Any] = [
                {"service": "nowhere", "cookie": f"a={SECRET}"},
                {"service": "bilibili", "cookie": ""},
                {"service": "bilibili", "cookie": "no cookie at all"},
                {"service": "bilibili", "cookie": f"a={SECRET}", "user_agent": "curl/8"},
                {"service": "bilibili", "cookie": f"a={SECRET}", "identity": "second"},
                {"service": "bilibili", "cookie": {"a": SECRET}},
                {"service": "bilibili"},
                {"service": "bilibili", "cookie": f"a={SECRET}", "userAgent": "Mozilla/5.0"},
                [SECRET],
            ]
            for body in bodies:
                got = await client.post(COOKIE, json=body)
                assert (got.status_code, got.json()["data"]["error"]["name"]) == (400, "BAD_INPUT"), got.text
                assert SECRET not in got.text
            for kind, content, word in (
                ("application/x-www-form-urlencoded", f"cookie={SECRET}", "Content-Type: application/json"),
                ("", f"cookie={SECRET}", "Content-Type: application/json"),
                ("application/json", f'{{"cookie": {SECRET}', "not JSON: error at character 12"),
                ("application/json", "[" * 100_000, "nested too deeply"),
                ("application/json", b'{"cookie": "\xff"}', "not JSON in UTF-8"),
            ):
                got = await client.post(COOKIE, content=content, headers={"Content-Type": kind} if kind else {})
                assert got.status_code == 400 and word in got.text and SECRET not in got.text, got.text
            assert before == {path: path.read_bytes() for path in before}

    asyncio.run(calls())


def test_a_folder_that_cannot_be_written_is_named(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, text: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("scraper.identities.yaml_editing.write", refuse)

    async def calls() -> None:
        async with served(live) as (_, client, _):
            got = await client.post(COOKIE, json={"service": "bilibili", "cookie": f"a={SECRET}"})
            assert (got.status_code, got.json()["data"]["error"]["name"]) == (500, "NOT_WRITTEN")
            assert "Permission denied" in got.text and SECRET not in got.text

    asyncio.run(calls())


def test_what_is_not_offered_says_why(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as (_, client, _):
            paths = ["douyin/web/generate_real_msToken", "douyin/web/generate_ttwid", "douyin/web/generate_verify_fp",
                     "douyin/web/generate_s_v_web_id", "douyin/web/generate_x_bogus", "douyin/web/generate_a_bogus",
                     "tiktok/web/generate_real_msToken", "tiktok/web/generate_ttwid", "tiktok/web/generate_xbogus",
                     "ios/shortcut"]  # fmt: skip
            for path in paths:
                got = await client.get(f"/api/{path}")
                assert (got.status_code, got.json()["data"]["error"]["name"]) == (501, "NOT_OFFERED"), got.text
            for path in ("/api/nowhere", "/api/douyin/web/fetch_one_vidoe", "/favicon.ico"):
                got = await client.get(path)
                assert (got.status_code, got.json()["router"]) == (404, path)

    asyncio.run(calls())
