"""The HTTP front: calls of the names that users know, over a real socket."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from scrapy.exceptions import DropItem

from scraper.front.front import Access
from scraper.identities.service_pools import pools_of
from scraper.responses import Verdict
from scraper.responses.outcomes import Outcome
from tests.front_support import served
from tests.long_lived import WORLD
from tests.simulator import Fault

ROUTER = "/api/bilibili/web"
HYBRID = "/api/hybrid/video_data"
TIKTOK = "https://www.tiktok.com/@user/video/7300000000000000001"


def test_a_share_text_is_answered_by_its_post(live: Any) -> None:
    post = WORLD.video(1, 3).bvid
    text = f"看 https://www.bilibili.com/video/{post} 快来"

    async def calls() -> None:
        async with served(live) as (_, client, sim):
            full = (await client.get(HYBRID, params={"url": text})).json()
            assert (full["code"], full["router"], full["data"]["video_id"]) == (200, HYBRID, post)
            minimal = (await client.get(HYBRID, params={"url": text, "minimal": "true"})).json()["data"]
            assert {*minimal} < {*full["data"]} and {"video_id", "author", "video_data", "meta"} <= {*minimal}
            assert minimal["statistics"] == full["data"]["statistics"]
            older = (await client.get(HYBRID, params={"url": text, "dialect": "v4"})).json()["data"]
            assert (older["video_id"], older["aweme_id"], older["meta"]["dialect"]) == (post, post, "v4")
            asked = len(sim.requests)
            for wrong in (f"url={post}&dialect=v9", f"url={post}&minimal=perhaps", "url=x&url=y", "minimal=true"):
                assert (await client.get(f"{HYBRID}?{wrong}")).status_code == 400
            assert len(sim.requests) == asked, "a wrong call costs no request"

    asyncio.run(calls())


def test_a_list_is_walked_by_its_cursor(live: Any) -> None:
    mid = WORLD.creator(0).mid

    async def calls() -> None:
        async with served(live) as (_, client, _):
            path, params, seen = f"{ROUTER}/fetch_user_post_videos", {"uid": str(mid)}, []
            while True:
                body = (await client.get(path, params=params)).json()
                assert (body["code"], body["router"]) == (200, path), body
                seen += [item["video_id"] for item in body["data"]["items"]]
                if not body["data"]["has_more"]:
                    assert body["data"]["cursor"] is None
                    break
                params["pn"] = body["data"]["cursor"]
            assert len(seen) == len(set(seen)) == 95

    asyncio.run(calls())


def test_what_is_wrong_with_a_call_is_an_envelope(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as (_, client, _):
            cases = {
                f"{ROUTER}/fetch_one_video": "bv_id",
                f"{ROUTER}/fetch_one_video?bvid=x&bv_id=y": "bv_id",
                f"{ROUTER}/fetch_one_video?cookie=SESSDATA%3Dsecret": "cookie",
                f"{ROUTER}/fetch_one_video?file=/etc/passwd": "file",
                f"{HYBRID}": "url",
                f"{HYBRID}?url=https://space.bilibili.com/{WORLD.creator(0).mid}": "kind 'user'",
                f"{HYBRID}?url=http://169.254.169.254/latest": "",
                f"{ROUTER}/fetch_one_video?url={TIKTOK}": "takes 'video' (bilibili)",
            }
            for path, word in cases.items():
                got = await client.get(path)
                body = got.json()
                assert (got.status_code, body["code"], body["data"]["error"]["name"]) == (400, 400, "BAD_INPUT"), body
                assert word in body["data"]["error"]["message"], body
                assert "secret" not in got.text

    asyncio.run(calls())


def test_an_id_that_two_platforms_may_have_names_the_call_of_each(live: Any) -> None:
    ident = WORLD.tiktok.video(0, 0).id
    calls_ = [f"/api/tiktok/web/fetch_one_video?itemId={ident}", f"/api/douyin/web/fetch_one_video?aweme_id={ident}"]

    async def calls() -> None:
        async with served(live) as (_, client, sim):
            for path in (HYBRID, "/api/download"):
                got = await client.get(path, params={"url": ident})
                error = got.json()["data"]["error"]
                assert (got.status_code, got.json()["router"], error["input"]) == (400, path, ident)
                assert all(call in error["message"] for call in calls_) and "scrapy" not in got.text
            (in_batch,) = (await client.post("/api/batch", json={"urls": [ident]})).json()["data"]["items"]
            assert in_batch["data"]["error"] == error and sim.requests == []
            assert (await client.get(calls_[0])).json()["data"]["video_id"] == ident

    asyncio.run(calls())


def test_callers_of_the_same_thing_share_one_request(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as (_, client, sim):
            path = f"{ROUTER}/fetch_user_profile?uid={WORLD.creator(2).mid}"
            got = await asyncio.gather(*(client.get(path) for _ in range(10)))
            assert {one.status_code for one in got} == {200}, got[0].text
            assert {one.json()["data"]["uid"] for one in got} == {str(WORLD.creator(2).mid)}
            asked = [request for request in sim.requests if "acc/info" in request.path]
            assert len(asked) == 1

    asyncio.run(calls())


def test_forms_of_the_same_thing_share_its_requests_and_are_each_answered_as_given(live: Any) -> None:
    post, other = WORLD.video(1, 3).bvid, WORLD.video(1, 4).bvid
    link, mobile = f"https://www.bilibili.com/video/{post}", f"https://m.bilibili.com/video/{post}?share=1"
    given = {post: post, link: link, f"看 {mobile} 快来": mobile, other: other}
    one, slow = f"{ROUTER}/fetch_one_video", Fault(path="*/view", do="slow", delay=1)

    async def calls() -> None:
        async with served(live, [slow]) as (_, client, sim):

            async def asked(path: str, params: list[dict[str, str]]) -> tuple[list[Any], list[str]]:
                """Return the records of calls at the same time, and the posts that were requested for them."""
                earlier = len(sim.requests)
                got = await asyncio.gather(*(client.get(path, params=words) for words in params))
                views = [request.query["bvid"] for request in sim.requests[earlier:] if request.path.endswith("/view")]
                return [answer.json()["data"] for answer in got], views

            records, views = await asked(HYBRID, [{"url": form} for form in [*given, *given]])
            assert sorted(views) == sorted([post, other])
            assert [record["meta"]["target"] for record in records] == [*given.values(), *given.values()]
            assert [record["video_id"] for record in records] == [post, post, post, other] * 2
            names: list[dict[str, str]] = [{"bv_id": post}, {"bvid": post}, {"url": post}, {"url": link}]
            records, views = await asked(one, names)
            assert views == [post]
            assert [record["meta"]["target"] for record in records] == [post, post, post, link]

    asyncio.run(calls())


class Dropping:
    """A user's pipeline that drops everything."""

    def process_item(self, item: object) -> object:
        raise DropItem("not popular")


def test_what_a_pipeline_drops_is_no_error_in_the_program(live: Any) -> None:
    post, mid = WORLD.video(1, 3).bvid, WORLD.creator(0).mid

    async def calls() -> None:
        async with served(live, ITEM_PIPELINES={"tests.test_front.Dropping": 1}) as (_, client, _):
            for path in (f"{HYBRID}?url={post}", f"{ROUTER}/fetch_one_video?bv_id={post}"):
                got = await client.get(path)
                assert (got.status_code, got.json()["data"]["error"]["name"]) == (404, "DROPPED"), got.text
            shown = await client.get("/", params={"url": post})
            assert (shown.status_code, "pipeline" in shown.text) == (404, True)
            page = (await client.get(f"{ROUTER}/fetch_user_post_videos?uid={mid}")).json()
            assert (page["code"], page["data"]["items"], page["data"]["has_more"]) == (200, [], True)

    asyncio.run(calls())


def test_a_call_that_is_clear_is_not_answered_as_an_ambiguous_one(live: Any) -> None:
    """A number alone may belong to two platforms, and is refused, though the call is one of only one of them."""
    path, number = "/api/tiktok/app/fetch_one_video", WORLD.tiktok.video(0, 0).id

    async def calls() -> None:
        async with served(live) as (_, client, _):
            ways = [{"url": number}, {"aweme_id": number}]
            refused, answered = await asyncio.gather(*(client.get(path, params=words) for words in ways))
            assert (refused.status_code, answered.status_code) == (400, 200), answered.text
            assert answered.json()["data"]["video_id"] == number

    asyncio.run(calls())


def test_a_session_that_a_challenge_stopped_is_used_again_after_its_rest(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as (front, client, sim):
            pool = pools_of(front.live.crawler).pools["bilibili_web"]
            (identity,) = pool.identities
            pool.stop(identity, Verdict(Outcome.CHALLENGE, "a captcha"))
            path = f"{ROUTER}/fetch_user_profile?uid={WORLD.creator(2).mid}"
            got = await client.get(path)
            assert (got.status_code, sim.requests) == (423, []) and 1 <= int(got.headers["retry-after"]) <= 60
            identity.rested_at = 0.0
            assert (await client.get(path)).status_code == 200

    asyncio.run(calls())


def test_only_callers_with_the_token_are_answered(live: Any) -> None:
    async def calls() -> None:
        async with served(live, access=Access(token="a-token-of-16-or-more")) as (_, client, _):
            right = {"Authorization": "Bearer a-token-of-16-or-more"}
            assert (await client.get("/healthz")).status_code == 200
            assert (await client.head("/healthz")).status_code == 200
            assert (await client.get("/readyz")).status_code == 401
            assert (await client.get("/readyz", headers={"Authorization": "Bearer wrong"})).status_code == 401
            assert (await client.get("/readyz", headers=right)).status_code == 200
            assert (await client.head("/readyz", headers=right)).status_code == 200
            foreign = [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Host": ""}]
            for more in foreign:
                got = await client.get("/readyz", headers={**right, **more})
                assert (got.status_code, json.loads(got.text)["data"]["error"]["name"]) == (403, "FORBIDDEN")

    asyncio.run(calls())


@pytest.mark.parametrize(
    "settings",
    [{}, {"FIELDS": "video_id,author,meta.target", "PRIVACY": "P1=drop"}, {"DIALECT": "v4"}],
    ids=["plain", "fields and privacy", "dialect"],
)
def test_a_feed_and_a_call_never_differ_by_a_byte(
    live: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]
) -> None:
    monkeypatch.setenv("PRIVACY_KEY", "0123456789abcdef" * 4)
    feed, bodies = tmp_path / "feed.jsonl", []

    async def calls() -> None:
        feeds = {str(feed): {"format": "jsonlines"}}
        async with served(live, FEEDS=feeds, **settings) as (_, client, _):
            post = await client.get(f"{ROUTER}/fetch_one_video", params={"bv_id": WORLD.video(1, 3).bvid})
            bodies.append(post.content)
            missing = await client.get(f"{ROUTER}/fetch_one_video?bv_id=BV1xx411c7mD")
            bodies.append(missing.content)
            assert (post.status_code, missing.status_code) == (200, 404)
            page = await client.get(f"{ROUTER}/fetch_user_post_videos?uid={WORLD.creator(0).mid}&count=5")
            bodies.append(page.content)

    asyncio.run(calls())
    lines = feed.read_bytes().splitlines()
    assert lines[:2] == bodies[:2]
    items = b",".join(line.partition(b'"data":')[2].removesuffix(b"}") for line in lines[2:])
    assert b'"items":[' + items + b"]" in bodies[2] and len(lines) > 6
    if "PRIVACY" in settings:
        assert str(WORLD.creator(0).mid).encode() not in bodies[2]


def test_a_cursor_comes_under_the_name_that_users_know(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as (_, client, _):
            path = f"{ROUTER}/fetch_user_post_videos?mid={WORLD.creator(0).mid}"
            first = (await client.get(path)).json()["data"]
            assert (first["pn"], first["cursor"], first["has_more"]) == (2, 2, True)
            assert (await client.get(f"{path}&pn=2")).json()["data"]["pn"] == 3

    asyncio.run(calls())


def test_a_list_that_stopped_is_sent_as_200_with_code_206(live: Any) -> None:
    faults = [Fault(path="/x/space/wbi/arc/search", do="empty_page")]

    async def calls() -> None:
        async with served(live, faults, RETRY_TIMES=0) as (_, client, _):
            got = await client.get(f"{ROUTER}/fetch_user_post_videos?uid={WORLD.creator(0).mid}")
            print(got.text)
            assert (got.status_code, got.json()["code"]) == (200, 206)
            wall = await client.get(f"{ROUTER}/fetch_video_comments?bv_id={WORLD.video(0, 0).bvid}&pn=2")
            print(wall.text)
            assert wall.status_code == wall.json()["code"] == 401

    asyncio.run(calls())


def test_a_part_that_a_video_lacks_is_no_fault_of_ours(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as (_, client, _):
            post = {"bv_id": WORLD.video(1, 3).bvid, "cid": "1", "pn": "2"}
            got = await client.get(f"{ROUTER}/fetch_video_subtitles", params=post)
            assert got.status_code not in (200, 500) and got.json()["code"] == got.status_code, got.text

    asyncio.run(calls())


def test_a_short_link_to_something_else_is_refused_like_a_plain_one(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as (_, client, _):
            link = f"https://b23.tv/{WORLD.special['b23_video']}"
            for path, kind, instead in (
                ("bilibili/web/fetch_user_profile", "user", "call /api/bilibili/web/fetch_one_video for it"),
                ("bilibili/web/fetch_user_post_videos", "user", "call /api/bilibili/web/fetch_one_video for it"),
            ):
                got = await client.get(f"/api/{path}", params={"url": link})
                error = got.json()["data"]["error"]
                words = f"this is a link of kind 'video' (bilibili), and /api/{path} takes '{kind}' (bilibili)"
                assert (got.status_code, error["message"], error["remedy"]) == (400, words, instead)
                assert error["input"] == link
            right = await client.get("/api/bilibili/web/fetch_one_video", params={"url": link})
            assert right.status_code == 200, "a short link to the right kind"

    asyncio.run(calls())


@pytest.mark.parametrize("do", ["", "empty_page"])
def test_a_short_link_to_a_list_is_refused_by_hybrid_whatever_the_list_has(live: Any, do: str) -> None:
    faults = [Fault(path="/x/space/wbi/arc/search", do=do)] if do else []

    async def calls() -> None:
        async with served(live, faults, RETRY_TIMES=0) as (_, client, _):
            link = f"https://b23.tv/{WORLD.special['b23_space']}"
            got = await client.get(HYBRID, params={"url": link})
            error = got.json()["data"]["error"]
            assert got.status_code == 400 and "link of kind 'user' (bilibili)" in error["message"], got.text
            assert error["remedy"] == "call /api/bilibili/web/fetch_user_post_videos for it"
            page = await client.get("/", params={"url": link}, headers={"Accept": "text/html"})
            assert page.status_code == 200

    asyncio.run(calls())


def test_the_page_with_scripts_of_another_host_says_so(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as (_, client, _):
            for accepted, words in (("en", "Without them, <a href"), ("zh", "如无法加载")):
                page = (await client.get("/docs", headers={"Accept-Language": accepted})).text
                place = page.partition('<div id="swagger-ui">')[2].partition("</div>")[0]
                assert words in place and 'href="/calls"' in place and "cdn.jsdelivr.net" in place
                assert set(re.findall(r"https?://([^/\"' ]+)", page)) == {"cdn.jsdelivr.net"}

    asyncio.run(calls())


def test_an_error_in_the_program_is_told_and_costs_no_other_call(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def calls() -> None:
        async with served(live) as (front, client, _):
            with monkeypatch.context() as broken:
                broken.setattr(front.calls, "ask", lambda *arguments: 1 / 0)
                got = await client.get(HYBRID, params={"url": WORLD.video(1, 3).bvid})
            assert (got.status_code, got.json()["data"]["error"]["name"]) == (500, "BUG")
            assert got.headers["connection"] == "close", "else the next call by it would meet a closed connection"
            for _ in range(3):
                assert (await client.get(HYBRID, params={"url": WORLD.video(1, 3).bvid})).status_code == 200

    asyncio.run(calls())
