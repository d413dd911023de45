"""The pages of the HTTP front, as a browser without scripts sees them: forms, links and files over a real socket."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from functools import partial
from html import unescape
from string import Formatter
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from scraper.front.front import Access
from scraper.front.pages import cookie_pages, words
from scraper.front.replies import REFUSALS
from scraper.responses.outcomes import Outcome
from tests.front_support import Served, served
from tests.long_lived import WORLD
from tests.simulator.worlds.bilibili import DYNAMICS, EPISODES, SEASON

HTML = {"Accept": "text/html,application/xhtml+xml"}
POST = WORLD.video(1, 3)
USER = f"https://space.bilibili.com/{WORLD.creator(0).mid}"
TOKEN = "a-token-of-this-test"


async def get(front: Served, path: str, **params: str) -> str:
    got = await front.client.get(path, params=params or None, headers=HTML)
    assert got.status_code == 200, got.text
    return got.text


def links(html: str, start: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'(?:href|src)="([^"]+)"', html) if unescape(link).startswith(start)]


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html.partition("<main")[2])).split())


def hidden(html: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html)}


def test_a_share_text_becomes_a_post_with_its_picture_numbers_and_files(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as front:
            html = await get(front, "/", url=f"7.43 看 https://www.bilibili.com/video/{POST.bvid} 复制此链接")
            data = (await front.client.get("/api/hybrid/video_data", params={"url": POST.bvid})).json()["data"]
            shown = text_of(html)
            assert data["title"] in shown and data["author"]["nickname"] in shown
            assert f"{data['statistics']['digg_count']:,} likes" in shown
            assert "1920 × 1080 h264" in shown
            (cover,) = links(html, "/picture/")
            picture = await front.client.get(cover)
            assert picture.headers["content-type"] == "image/jpeg" and picture.content[:3] == b"\xff\xd8\xff"
            files = [dict(parse_qsl(urlsplit(link).query)) for link in links(html, "/api/download")]
            assert [file.get("quality") for file in files] == [None, "h264", "<=720p", "<=480p", "smallest"]
            assert not re.search(r'(?:src|action)="https?:|<script|style=', html), (
                "nothing from other hosts, no scripts"
            )
            file = await front.client.get(links(html, "/api/download")[-1])
            assert file.headers["content-type"] == "video/mp4" and file.content[4:8] == b"ftyp"

    asyncio.run(calls())


def test_a_list_is_walked_by_its_links_and_exported(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as front:
            html, titles = await get(front, "/", url=USER, lang="zh"), []
            while True:
                titles += re.findall(r'<p class="name"><a href="/\?[^"]*url=[^"]*video%2F(\w+)', html)
                following = [unescape(link) for link in re.findall(r'href="([^"]+)" rel="next"', html)]
                if not following:
                    break
                assert following[0] == following[-1] and "lang=zh" in following[0]
                html = await get(front, following[0])
            assert len(titles) == len(set(titles)) == 95
            [table, lines] = links(html, "/export/")
            got = await front.client.get(table)
            assert got.headers["content-disposition"] == 'attachment; filename="video.csv"'
            rows = [*csv.DictReader(io.StringIO(got.content.decode("utf-8-sig")))]
            records = [json.loads(line) for line in (await front.client.get(lines)).text.splitlines()]
            assert [row["video_id"] for row in rows] == [line["data"]["video_id"] for line in records] == titles[-5:]
            for name in ("author.csv", "video.xlsx", "x%22.csv", "video.jsonl"):
                path = table.replace("video.csv", name)
                assert (await front.client.get(path, headers=HTML)).status_code == 404, name
            gone = await front.client.get("/export/video.csv", params={"page": "other"}, headers=HTML)
            assert gone.status_code == 410 and "Look the list up again" in text_of(gone.text)

    asyncio.run(calls())


def test_a_page_that_is_empty_leads_to_the_next_one(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as front:
            router, pages = "/api/bilibili/web/fetch_user_dynamic", []
            following = [f"/list?router={router}&uid={WORLD.creator(0).mid}&lang=en"]
            while following:
                pages.append(await get(front, following[0]))
                following = [unescape(link) for link in re.findall(r'href="([^"]+)" rel="next"', pages[-1])]
            numbers = [page.count('<p class="name">') for page in pages]
            assert sum(numbers) == DYNAMICS - 1 and numbers.count(0) == 1, "one of them is hidden, alone on its page"
            assert "nothing on this page, but the list continues" in text_of(pages[numbers.index(0)])

    asyncio.run(calls())


def test_a_link_to_several_records_shows_all_of_them(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as front:
            html = await get(front, "/", url=f"https://www.bilibili.com/bangumi/play/ss{SEASON}", lang="en")
            assert html.count('<p class="name">') == 1 + EPISODES and "end of the list" in text_of(html)

    asyncio.run(calls())


def test_an_export_leaves_out_what_the_settings_leave_out(live: Any) -> None:
    async def calls() -> None:
        async with served(live, DROP="author") as front:
            html = await get(front, "/", url=USER)
            name = (await front.client.get("/api/bilibili/web/fetch_user_profile", params={"url": USER})).json()
            assert name["data"]["nickname"] in text_of(html), "the screen shows everything"
            for link in links(html, "/export/"):
                assert name["data"]["nickname"] not in (await front.client.get(link)).text

    asyncio.run(calls())


def test_a_post_leads_to_its_comments(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as front:
            html = await get(front, "/", url=POST.bvid)
            [comments] = [link for link in links(html, "/list?") if "comments" in link and "lang=" not in link]
            shown = await get(front, comments)
            listed = await front.client.get("/api/bilibili/web/fetch_video_comments", params={"bv_id": POST.bvid})
            items = listed.json()["data"]["items"]
            form = hidden(shown.partition('action="/runs')[2])
            assert not form or form["router"].endswith("/fetch_video_comments")
            assert items and all(" ".join(item["text"].split())[:80] in text_of(shown) for item in items)

    asyncio.run(calls())


def test_what_fails_says_why_and_what_to_do(live: Any) -> None:
    cases = {
        WORLD.special["deleted"]: (404, "NOT_FOUND", "nothing to do"),
        "no link at all": (400, "BAD_INPUT", "give a link, an id, or a share text"),
        "https://www.youtube.com/watch?v=1": (400, "BAD_INPUT", "not supported"),
        WORLD.tiktok.video(0, 0).id: (400, "BAD_INPUT", "or call /api/"),
    }

    async def calls() -> None:
        async with served(live) as front:
            for text, (status, name, sentence) in cases.items():
                got = await front.client.get("/", params={"url": text}, headers=HTML)
                shown = text_of(got.text)
                assert got.status_code == status and name in shown and sentence in shown.lower(), shown
                chinese = await front.client.get("/", params={"url": text}, headers={**HTML, "Accept-Language": "zh"})
                assert 'lang="zh-CN"' in chinese.text and words.OUTCOMES[name].to_do in chinese.text
                assert '<dd lang="en">' in chinese.text and "原因（原文）" in chinese.text
            youtube = text_of((await front.client.get("/?url=https://www.youtube.com/watch", headers=HTML)).text)
            assert "www.youtube.com is not supported" in youtube, "a host stays as it is"
            missing = await front.client.get("/nothing", headers=HTML)
            assert missing.status_code == 404 and "There is no such page" in text_of(missing.text)
            program = (await front.client.get("/nothing")).json()
            assert (program["code"], program["data"]["error"]["name"]) == (404, "NOT_FOUND"), "it gets an envelope"
            many = await get(front, "/", url=f"{POST.bvid} {USER}")
            assert hidden(many.partition('action="/runs')[2])["url"] == f"{POST.bvid}\n{USER}"
            assert {dict(parse_qsl(urlsplit(link).query)).get("url") for link in links(many, "/?")} >= {POST.bvid, USER}
            failed = await front.client.get("/api/download", params={"url": WORLD.special["deleted"]}, headers=HTML)
            assert failed.status_code == 404 and "NOT_FOUND" in text_of(failed.text), "where a button leads"
            failed = await front.client.get("/api/download", params={"url": POST.bvid, "quality": "x"}, headers=HTML)
            assert failed.status_code == 400 and "quality" in text_of(failed.text).lower()
            assert (await front.client.get("/api/download", params={"url": "x"})).json()["code"] == 400
            hostile = await front.client.get("/", params={"url": "<script>alert(1)</script>"}, headers=HTML)
            assert "<script" not in hostile.text
            for path in ("/list?router=/etc", "/list?router=/api/bilibili/web/fetch_user_post_videos&file=/etc/passwd"):
                assert (await front.client.get(path, headers=HTML)).status_code in (400, 404)
            assert {request.host for request in front.sim.requests} <= {"api.bilibili.com", "www.bilibili.com"}

    asyncio.run(calls())


def test_a_picture_that_the_cdn_refuses_is_left_out_and_logged(live: Any, caplog: pytest.LogCaptureFixture) -> None:
    async def calls() -> None:
        async with served(live) as front:
            (cover,) = links(await get(front, "/", url=POST.bvid), "/picture/")
            [plan] = front.front.pictures._kept.values()
            plan.pieces[0].urls = ["https://evil.test/cover.jpg"]
            with caplog.at_level("INFO", "scraper.front.pages.picture_route"):
                refused = await front.client.get(cover)
            assert refused.status_code == 502 and "evil.test is not a host of the platform's CDN" in caplog.text
            assert "evil.test" not in {request.host for request in front.sim.requests}
            assert (await front.client.get("/picture/https://evil.test/cover.jpg")).status_code == 404
            assert (await front.client.get("/picture/other")).status_code == 404

    asyncio.run(calls())


def test_a_cookie_is_stored_by_the_form_of_this_server_only(live: Any) -> None:
    cookie = WORLD.login_cookie
    secret = cookie.partition("SESSDATA=")[2].partition(";")[0]

    async def calls() -> None:
        async with served(live) as front:
            form = hidden(await get(front, "/cookies")) | {"service": "bilibili", "cookie": cookie}
            own = {**HTML, "Origin": str(front.client.base_url)}
            for fields, headers in (
                ({**form, "form": "guessed"}, own),
                ({name: value for name, value in form.items() if name != "form"}, own),
                (form, {**HTML, "Origin": "https://evil.test"}),
                (form, {**HTML, "Origin": "null"}),
                (form, {**HTML, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}),
            ):
                assert (await front.client.post("/cookies", data=fields, headers=headers)).status_code == 403, fields
            before = text_of(await get(front, "/cookies"))
            assert "not set" in before and {"bilibili", "douyin", "tiktok_web", "tiktok_app"} <= set(before.split())
            saved = await front.client.post("/cookies", data=form, headers=own)
            assert saved.status_code == 200 and "logged in" in text_of(saved.text)
            wrong = await front.client.post("/cookies", data={**form, "cookie": "nothing"}, headers=own)
            assert wrong.status_code == 400 and "Nothing was changed" in text_of(wrong.text)
            assert secret and secret not in saved.text + wrong.text + await get(front, "/cookies")
            used = await front.client.get("/api/bilibili/web/fetch_one_video", params={"bv_id": POST.bvid})
            assert used.json()["data"]["meta"]["logged_in"]

    asyncio.run(calls())


def test_a_page_that_expired_is_headed_as_what_it_is(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as front:
            for path in ("/export/video.csv?page=old", "/export/records.jsonl?page=old"):
                got = await front.client.get(path, headers=HTML)
                assert got.status_code == 410 and '<h1 id="problem">The page to export has expired</h1>' in got.text
            form = {"form": "old", "service": "bilibili", "cookie": WORLD.login_cookie}
            old = await front.client.post("/cookies", data=form, headers={**HTML, "Origin": str(front.client.base_url)})
            assert old.status_code == 403 and "The form has expired" in text_of(old.text)
            chinese = await front.client.get("/nothing", headers={**HTML, "Accept-Language": "zh"})
            assert "没有这个页面" in chinese.text and "作品" not in text_of(chinese.text).partition("怎么办")[2]

    asyncio.run(calls())


@pytest.mark.parametrize(
    ("fields", "english", "chinese"),
    [
        ({"expires": 900_000}, "until 1970-01-11 10:00 UTC; 9 days left", "有效期至 1970-01-11 10:00 UTC；剩余 9 天"),
        (
            {"expires": 150_000},
            "until 1970-01-02 17:40 UTC; 14 hours left",
            "有效期至 1970-01-02 17:40 UTC；剩余 14 小时",
        ),
        ({"expires": 90_000, "logged_in": False}, "until 1970-01-02 01:00 UTC", "有效期至 1970-01-02 01:00 UTC"),
        ({"missing": ["a", "b"]}, "expiry unknown; missing: a, b", "有效期未知；缺少：a、b"),
        ({"present": False, "logged_in": False, "missing": ["a or b"]}, "a login needs a or b", "登录需要 a 或 b"),
        ({"logged_in": False}, "", ""),
    ],
)
def test_a_cookie_is_described_in_both_languages(fields: dict[str, Any], english: str, chinese: str) -> None:
    row = {"present": True, "logged_in": True, "expires": None, "missing": [], **fields}
    texts = [partial(words.text, language) for language in (words.ENGLISH, words.CHINESE)]
    assert [cookie_pages.details(text, 100_000.0, row) for text in texts] == [english, chinese]


def test_the_cookies_are_described_in_chinese(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as front:
            page = await get(front, "/cookies", lang="zh")
            state = text_of(page.partition("<tbody>")[2].partition("</tbody>")[0].join(("<main>", "")))
            assert "登录需要" in state and "login" not in state.lower()

    asyncio.run(calls())


def test_a_whole_list_becomes_a_job_among_the_runs(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as front:
            form = hidden((await get(front, "/", url=USER)).partition('action="/runs')[2])
            headers = {**HTML, "Origin": str(front.client.base_url)}
            assert (await front.client.post("/runs", data={**form, "form": ""}, headers=headers)).status_code == 403
            started = await front.client.post("/runs", data=form, headers=headers)
            assert started.status_code == 303
            page = await get(front, started.headers["location"])
            (feed,) = links(page, "/api/jobs/")
            lines = [json.loads(line) for line in (await front.client.get(feed)).text.splitlines()]
            assert {line["code"] for line in lines} == {200} and len(lines) == 95
            shown = text_of(await get(front, "/runs"))
            assert feed.split("/")[3] in shown and "finished, exit code 0" in shown and " 95 " in shown

    asyncio.run(calls())


def test_with_a_token_a_browser_logs_in(live: Any) -> None:
    async def calls() -> None:
        async with served(live, access=Access(token=TOKEN)) as front:
            refused = await front.client.get("/runs", headers=HTML)
            assert (refused.status_code, refused.headers["location"]) == (303, "/login?next=%2Fruns")
            assert (await front.client.get("/api/jobs", headers=HTML)).status_code == 401
            form = hidden(await get(front, refused.headers["location"]))
            own = {**HTML, "Origin": str(front.client.base_url)}
            wrong = await front.client.post("/login", data={**form, "token": "wrong"}, headers=own)
            assert wrong.status_code == 401 and "set-cookie" not in wrong.headers
            right = await front.client.post("/login", data={**form, "token": TOKEN}, headers=own)
            assert (right.status_code, right.headers["location"]) == (303, "/runs")
            setting = right.headers["set-cookie"]
            assert "HttpOnly" in setting and "samesite=strict" in setting.lower() and TOKEN not in setting
            assert "There is no run yet" in await get(front, "/runs")
            assert (await front.client.get("/api/jobs")).status_code == 200, "downloads of the page need it as well"
            elsewhere = await front.client.post("/login", data={"token": TOKEN, "next": "//evil.test"}, headers=own)
            assert elsewhere.headers["location"] == "/"
            await front.client.post("/logout", headers=own)
            assert (await front.client.get("/runs", headers=HTML)).status_code == 303

    asyncio.run(calls())


def test_the_headers_forbid_what_the_pages_do_not_need(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as front:
            got = await front.client.get("/", headers={**HTML, "Accept-Language": "fr, zh;q=0.8, en;q=0.5"})
            policy = got.headers["content-security-policy"]
            assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
            assert "frame-ancestors 'none'" in policy and got.headers["vary"] == "Accept-Language"
            assert got.headers["referrer-policy"] == "same-origin", "with no-referrer, forms have the origin `null`"
            assert '<html lang="zh-CN">' in got.text
            assert '<html lang="en">' in await get(front, "/", lang="en")

    asyncio.run(calls())


def test_the_page_of_calls_names_all_of_them(live: Any) -> None:
    async def calls() -> None:
        async with served(live) as front:
            shown = text_of(await get(front, "/calls"))
            paths = (await front.client.get("/openapi.json")).json()["paths"]
            assert [path for path in paths if f" {path} " not in shown] == [] and len(paths) > 90

    asyncio.run(calls())


@pytest.mark.parametrize("key", words._TEXTS)
def test_both_languages_have_every_text_with_the_same_values(key: str) -> None:
    english, chinese = ({name for _, name, _, _ in Formatter().parse(text) if name} for text in words._TEXTS[key])
    assert english == chinese and all(words._TEXTS[key])


def test_every_failure_has_a_text() -> None:
    assert {outcome.name for outcome in Outcome} - words.OUTCOMES.keys() == {"OK"}
    assert REFUSALS.keys() <= words.OUTCOMES.keys()
    assert all(all(texts) for texts in words.OUTCOMES.values())
