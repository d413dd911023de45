"""Whole crawls of TikTok: the ladder of its routes, short links, helpers, and who asks for what."""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests import in_process
from tests.cases import FIXTURES
from tests.crawling import crawl
from tests.simulator import Fault, World

ID, OTHER = "7300000000000000002", "7300000000000000077"
WWW = "https://www.tiktok.com"
PAGE, PROFILE, DETAIL = f"{WWW}/@_/video/{ID}", f"{WWW}/@sample.user", f"{WWW}/api/user/detail/"
FEED = "https://api22-normal-c-alisg.tiktokv.com/aweme/v1/feed/"
ONE, APP, USER = (
    "/api/tiktok/web/fetch_one_video",
    "/api/tiktok/app/fetch_one_video",
    "/api/tiktok/web/fetch_user_profile",
)
ITEM = f"{WWW}/api/item/detail/"
EMPTY = {"body": ""}


def canned(case: str) -> dict[str, Any]:
    """Return the answer of a fixture."""
    (path,) = FIXTURES.glob(f"tiktok/{case}.response.*")
    return {"body": path.read_text("utf-8")}


GOOD, FED, WRONG = canned("web/fetch_one_video/video_2026"), canned("app/fetch_one_video/video_2026"), canned(
    "app/fetch_one_video/other_video"
)  # fmt: skip
MISSING = canned("web/fetch_one_video/missing_in_browser")


class Crawl:
    """What came of a crawl."""

    def __init__(self, folder: Path, answers: dict[str, Any], *words: str):
        for service in ("tiktok_web", "tiktok_app"):
            (folder / service).mkdir()
            (folder / service / "config.yaml").write_text("pace: {delay_s: 0, concurrency: 4}\n", "utf-8")
        listed = {url: answer if isinstance(answer, list) else [answer] for url, answer in answers.items()}
        (folder / "canned.json").write_text(json.dumps(listed), "utf-8")
        settings = {
            "TRANSPORTS": json.dumps(dict.fromkeys(("direct", "browser", "impersonate"), "tests.canned.Canned")),
            "CANNED": folder / "canned.json", "CONFIG_DIR": folder,
            "RETRY_TIMES": 0, "RATE_LIMIT_WAIT": 0.1, "STATE_DIR": folder,
        }  # fmt: skip
        named = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
        given = [word for argument in words for word in ("-a", argument)]
        command = ["crawl", "tiktok", *given, *named, "-O", str(folder / "out.jsonl")]
        done = in_process.run(command, env=dict(os.environ))
        assert "Traceback" not in done.err, done.err
        self.envelopes = self._lines(folder / "out.jsonl")
        self.seen = self._lines(folder / "canned.seen")

    @staticmethod
    def _lines(path: Path) -> list[Any]:
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []

    @property
    def only(self) -> Any:
        assert len(self.envelopes) == 1, self.envelopes
        return self.envelopes[0]

    @property
    def urls(self) -> list[str]:
        return [request["url"].partition("?")[0] for request in self.seen]


def test_a_page_serves_and_nothing_else_is_asked(tmp_path: Path) -> None:
    done = Crawl(tmp_path, {PAGE: GOOD, FEED: FED}, f"url={WWW}/@sample.user/video/{ID}?is_copy_url=1")
    assert (done.only["code"], done.only["router"]) == (200, ONE)
    meta = done.only["data"]["meta"]
    assert (meta["surface"], meta["key"]) == ("page", f"tiktok:video:{ID}")
    assert meta["target"] == f"{WWW}/@sample.user/video/{ID}?is_copy_url=1"
    assert done.urls == [PAGE] and "?" not in done.seen[0]["url"]
    headers = done.seen[0]["headers"]
    assert headers["Accept"].startswith("text/html") and "Chrome/" in headers["User-Agent"]
    assert done.only["data"]["video_data"]["headers"]["User-Agent"] == headers["User-Agent"]


def test_the_feed_serves_where_the_page_does_not(tmp_path: Path) -> None:
    done = Crawl(tmp_path, {PAGE: canned("web/fetch_one_video/waf"), FEED: FED}, f"url={ID}")
    assert (done.only["code"], done.only["router"], done.only["data"]["meta"]["surface"]) == (200, ONE, "app")
    assert done.urls == [PAGE, FEED]
    asked, headers = done.seen[1]["url"], done.seen[1]["headers"]
    assert f"aweme_id={ID}" in asked and "device_id=" in asked and "X-Bogus" not in asked
    assert headers["User-Agent"].startswith("com.zhiliaoapp.musically/") and "X-Ladon" in headers
    assert "Cookie" not in headers and "Referer" not in headers
    assert done.only["data"]["video_data"]["cookie_names"] == []


@pytest.mark.parametrize(
    "page, feed, code",
    [
        ("missing", None, 404),
        ("self_see", None, 451),
        ("cross_border", FED, 200),
        ("cross_border", WRONG, 452),
        ("classified", EMPTY, 401),
        ("classified", WRONG, 401),
        ("waf", WRONG, 423),
        ("empty", EMPTY, 423),
        ("empty_as_unsigned", WRONG, 403),
        ("empty_as_unsigned", EMPTY, 423),
        ("other_video", WRONG, 404),
        ("unknown_code", WRONG, 422),
    ],
)
def test_the_ladder(page: str, feed: Any, code: int, tmp_path: Path) -> None:
    answer = canned(f"web/fetch_one_video/{page}")
    if page == "empty_as_unsigned":
        answer["headers"] = {"tt_orcas_res": "1"}
    last = {ITEM: MISSING} if code == 404 else {}
    done = Crawl(tmp_path, {PAGE: answer, FEED: feed or FED, **last}, f"url={ID}")
    assert (done.only["code"], done.only["router"]) == (code, ONE)
    assert done.urls == ([PAGE] if feed is None else [PAGE, FEED] if code == 200 else [PAGE, FEED, ITEM])
    if code != 200:
        assert done.only["data"]["error"]["input"] == ID


def test_a_page_that_moved_on_its_host_is_followed(tmp_path: Path) -> None:
    named = f"{WWW}/@sample.user/video/{ID}"
    moved = {"status": 302, "headers": {"Location": f"/@sample.user/video/{ID}?lang=en"}}
    done = Crawl(tmp_path, {PAGE: moved, named: GOOD}, f"url={ID}")
    assert done.only["code"] == 200 and done.urls == [PAGE, named]


@pytest.mark.parametrize(
    "place",
    ["https://127.0.0.1/video/{}", f"{WWW}/", "/@_/video/7300000000000000077", "http://www.tiktok.com/@_/video/{}"],
)
def test_a_page_that_moved_elsewhere_is_not(place: str, tmp_path: Path) -> None:
    moved = {"status": 302, "headers": {"Location": place.format(ID)}}
    done = Crawl(tmp_path, {PAGE: moved, FEED: FED}, f"url={ID}")
    assert done.urls == [PAGE, FEED] and done.only["code"] == 200


def test_a_page_that_moves_for_ever_is_left(tmp_path: Path) -> None:
    other = f"{WWW}/@sample.user/video/{ID}"
    first, second = ({"status": 301, "headers": {"Location": place}} for place in (other, PAGE))
    done = Crawl(tmp_path, {PAGE: first, other: second, FEED: FED}, f"url={ID}")
    assert done.urls == [PAGE, other, PAGE, FEED] and done.only["code"] == 200


def test_a_page_that_moves_nowhere_is_left(tmp_path: Path) -> None:
    itself = {"status": 302, "headers": {"Location": ""}}
    assert Crawl(tmp_path, {PAGE: itself, FEED: FED}, f"url={ID}").urls == [PAGE, FEED]


def test_a_wrong_video_is_never_given(tmp_path: Path) -> None:
    done = Crawl(tmp_path, {FEED: WRONG}, "router=/api/tiktok/app/fetch_one_video", f"aweme_id={ID}")
    assert (done.only["code"], done.only["router"]) == (404, APP) and OTHER not in json.dumps(done.only)


def test_a_profile_by_its_link_and_by_its_parameters(tmp_path: Path) -> None:
    good = canned("web/fetch_user_profile/profile_2026")
    done = Crawl(tmp_path, {PROFILE: good}, "router=fetch_user_profile", f"url={WWW}/@Sample.User?lang=en")
    assert done.only["code"] == 200 and done.only["data"]["statistics"]["follower_count"] == 12345
    assert done.urls == [PROFILE]


def test_a_profile_whose_page_is_refused(tmp_path: Path) -> None:
    waf = canned("web/fetch_one_video/waf")
    done = Crawl(tmp_path, {PROFILE: waf, DETAIL: EMPTY}, "router=fetch_user_profile", "uniqueId=@sample.user")
    assert (done.only["code"], done.urls) == (423, [PROFILE, DETAIL, DETAIL, f"{WWW}/"])  # the last is the probe
    assert "uniqueId=sample.user" in done.seen[1]["url"] and "secUid=&" in f"{done.seen[1]['url']}&"
    assert done.seen[1]["headers"]["Referer"] == done.seen[2]["headers"]["Referer"] == PROFILE


def test_a_link_that_has_no_default_yet(tmp_path: Path) -> None:
    done = Crawl(tmp_path, {}, f"url={WWW}/sticker/sample-1000001")
    assert (done.only["code"], done.only["router"], done.urls) == (400, ONE, [])
    assert "not supported yet" in done.only["data"]["error"]["message"]


def test_helpers_ask_for_nothing_that_the_link_says(tmp_path: Path) -> None:
    links = [f"{WWW}/@a/video/{ID}", f"https://m.tiktok.com/v/{ID}.html", f"{WWW}/@sample.user"]
    done = Crawl(tmp_path, {}, "router=get_all_aweme_id", "url=" + "\n".join(links))
    assert sorted(envelope["code"] for envelope in done.envelopes) == [200, 200, 400] and done.urls == []
    ids = [envelope["data"] for envelope in done.envelopes if envelope["code"] == 200]
    assert {(record["input"], record["value"], record["id_kind"]) for record in ids} == {
        (link, ID, "aweme_id") for link in links[:2]
    }


def test_a_sec_uid_is_read_from_the_page(tmp_path: Path) -> None:
    answers = {
        PROFILE: canned("web/fetch_user_profile/profile_2026"),
        f"{WWW}/@gone": canned("web/fetch_user_profile/banned"),
    }
    done = Crawl(tmp_path, answers, "router=get_all_sec_user_id", f"url={PROFILE}\n{WWW}/@gone")
    by_code = {envelope["code"]: envelope["data"] for envelope in done.envelopes}
    assert by_code[200]["value"].startswith("MS4wLjABAAAA") and by_code[200]["input"] == PROFILE
    assert by_code[404]["error"]["input"] == f"{WWW}/@gone"


def test_a_link_into_the_app_is_a_link(tmp_path: Path) -> None:
    done = Crawl(tmp_path, {PAGE: GOOD}, f"url=snssdk1233://aweme/detail/{ID}?refer=web")
    assert (done.only["code"], done.urls) == (200, [PAGE])


@pytest.mark.parametrize("language", ["", "/en", "/zh-Hant-TW"])
def test_a_short_link_is_followed_hop_by_hop(language: str, tmp_path: Path) -> None:
    short, longer = "https://vm.tiktok.com/ZMSample1/", f"{WWW}{language}/t/ZTSample1/"
    sets = {"Set-Cookie": "stray=1; Domain=.tiktok.com; Path=/; Secure"}
    answers = {
        short: {"status": 301, "headers": {"Location": longer, **sets}},
        longer: {"status": 302, "headers": {"Location": f"{WWW}/@sample.user/video/{ID}?_r=1&_t=x", **sets}},
        PAGE: GOOD,
    }
    done = Crawl(tmp_path, answers, f"url=look: {short}, nice")
    assert (done.only["code"], done.urls) == (200, [short, longer, PAGE])
    assert done.only["data"]["meta"]["target"] == short
    assert "Chrome/" not in done.seen[0]["headers"]["User-Agent"]
    assert not any("Cookie" in request["headers"] for request in done.seen), "a hop is nobody's, and makes nobody"


def test_a_short_link_that_leads_home(tmp_path: Path) -> None:
    short = "https://vt.tiktok.com/ZSSample1/"
    done = Crawl(tmp_path, {short: {"status": 302, "headers": {"Location": f"{WWW}/?_r=1"}}}, f"url={short}")
    assert done.only["code"] == 400 and "open it in a browser" in done.only["data"]["error"]["message"]


SEC = "MS4wLjABAAAAsample0000000000000000"
LIST = f"{WWW}/api/creator/item_list/"
LISTED, PROFILED = canned("web/fetch_one_video/creator_list"), canned("web/fetch_user_profile/profile_2026")
WALLED = {PAGE: canned("web/fetch_one_video/waf"), FEED: WRONG}


def test_the_creator_that_a_link_names_serves_where_page_and_feed_do_not(tmp_path: Path) -> None:
    done = Crawl(tmp_path, {**WALLED, LIST: LISTED}, f"url={WWW}/@{SEC}/video/{ID}")
    assert (done.only["code"], done.only["data"]["video_id"], done.only["data"]["meta"]["surface"]) == (200, ID, "web")
    assert done.urls == [PAGE, FEED, LIST] and OTHER not in json.dumps(done.only)
    query = parse_qs(urlsplit(done.seen[2]["url"]).query)
    assert [query[name] for name in ("secUid", "type", "count")] == [[SEC], ["1"], ["15"]]
    assert query["cursor"] == [str((1699663698 + 3600) * 1000)] and query["device_id"] and query["aid"] == ["1988"]
    assert not {"msToken", "X-Bogus", "X-Gnarly"} & set(query)
    assert done.seen[2]["headers"]["Referer"] == f"{WWW}/@{SEC}"


def test_a_handle_leads_to_the_creator_by_the_profile(tmp_path: Path) -> None:
    done = Crawl(tmp_path, {**WALLED, PROFILE: PROFILED, LIST: LISTED}, f"url={WWW}/@Sample.User/video/{ID}")
    assert (done.only["code"], done.urls) == (200, [PAGE, FEED, PROFILE, LIST])
    assert parse_qs(urlsplit(done.seen[3]["url"]).query)["secUid"][0].startswith("MS4wLjABAAAA")
    assert done.only["data"]["meta"]["key"] == f"tiktok:video:{ID}"


def test_a_creator_is_looked_up_once_for_all_works(tmp_path: Path) -> None:
    ids = [str(7300000000000000100 + place) for place in range(12)]
    walls = {f"{WWW}/@_/video/{ident}": WALLED[PAGE] for ident in ids} | {FEED: WRONG, PROFILE: PROFILED, LIST: LISTED}
    done = Crawl(tmp_path, walls, "url=" + "\n".join(f"{WWW}/@sample.user/video/{ident}" for ident in ids))
    assert [envelope["code"] for envelope in done.envelopes] == [423] * 12 and done.urls.count(LIST) == 12
    assert done.urls.count(PROFILE) <= 4  # as many as go out before the first answer


@pytest.mark.parametrize("link", [ID, f"{WWW}/@_/video/{ID}", f"{WWW}/embed/{ID}", f"{WWW}/@/photo/{ID}"])
def test_no_creator_is_asked_where_the_link_names_none(link: str, tmp_path: Path) -> None:
    done = Crawl(tmp_path, WALLED, f"url={link}")
    assert (done.only["code"], done.urls) == (423, [PAGE, FEED, ITEM])


@pytest.mark.parametrize(
    "page, listed, code",
    [
        ("waf", "creator_list_without_it", 423),
        ("other_video", "creator_list_without_it", 404),
        ("other_video", "creator_list_closed", 404),
        ("classified", "creator_list_not_shown", 401),
        ("cross_border", "creator_list_closed", 452),
        ("other_video", "empty", 423),
    ],
)
def test_the_ladder_down_to_the_creator(page: str, listed: str, code: int, tmp_path: Path) -> None:
    answers = {name: canned(f"web/fetch_one_video/{name}") for name in (page, listed)}
    given = {PAGE: answers[page], FEED: WRONG, LIST: answers[listed]} | ({ITEM: MISSING} if code == 404 else {})
    done = Crawl(tmp_path, given, f"url={WWW}/@{SEC}/video/{ID}")
    assert (done.only["code"], done.urls) == (code, [PAGE, FEED, LIST, ITEM])


def test_the_ladder_down_to_a_profile_that_is_refused(tmp_path: Path) -> None:
    done = Crawl(tmp_path, {**WALLED, PROFILE: EMPTY}, f"url={WWW}/@sample.user/video/{ID}")
    assert (done.only["code"], done.urls) == (423, [PAGE, FEED, PROFILE, ITEM])


def test_a_refused_creator_list_stops_no_identity_and_is_given_up(tmp_path: Path) -> None:
    ids = [str(7300000000000000100 + place) for place in range(8)]
    other = canned("web/fetch_one_video/other_video")
    answers = {f"{WWW}/@_/video/{ident}": other for ident in ids} | {FEED: WRONG, LIST: EMPTY}
    links = [f"{WWW}/@{SEC}/video/{ident}" for ident in ids]
    done = Crawl(tmp_path, {**answers, PAGE: GOOD}, "url=" + "\n".join([*links, f"{WWW}/@{SEC}/video/{ID}"]))
    assert sorted(envelope["code"] for envelope in done.envelopes) == [200, *[423] * 8]
    assert 5 <= done.urls.count(LIST) < 8 + 1 and done.urls.count(FEED) == 8


def test_one_work_by_several_links_is_asked_once(tmp_path: Path) -> None:
    links = [f"{WWW}/@{SEC}/video/{ID}", f"{WWW}/@sample.user/video/{ID}", f"{WWW}/embed/{ID}"]
    done = Crawl(tmp_path, {**WALLED, LIST: LISTED}, "url=" + "\n".join(links))
    assert [envelope["code"] for envelope in done.envelopes] == [200] * 3 and done.urls == [PAGE, FEED, LIST]
    assert {envelope["data"]["meta"]["target"] for envelope in done.envelopes} == set(links)


@pytest.mark.parametrize("named, asked", [("secUid", 0), ("handle", 1)])
def test_a_whole_crawl_in_which_only_the_creator_list_serves(named: str, asked: int, tmp_path: Path) -> None:
    for service in ("tiktok_web", "tiktok_app"):
        (tmp_path / "config" / service).mkdir(parents=True)
        (tmp_path / "config" / service / "config.yaml").write_text("pace: {delay_s: 0}\n", "utf-8")
    world = World(seed=1, creators=2, videos=40)
    work = world.tiktok.video(1, 30)
    maker = world.tiktok.creator(work.owner)
    name = maker.sec_uid if named == "secUid" else maker.handle
    faults = [
        Fault(host="www.tiktok.com", path="/@_/video/*", do="captcha"),
        Fault(host="api*.tiktokv.com", path="/aweme/v1/feed/", do="empty"),
    ]
    link = f"{WWW}/@{name}/video/{work.id}"
    done = crawl(
        f"url={link}", world=world, faults=faults, folder=tmp_path, command=("crawl", "tiktok"),
        settings={"RETRY_TIMES": 0},
    )  # fmt: skip
    envelope = done.only()
    assert (envelope["code"], envelope["data"]["video_id"]) == (200, work.id)
    assert envelope["data"]["author"]["sec_uid"] == maker.sec_uid and envelope["data"]["meta"]["target"] == link
    assert len(done.asked("/api/creator/item_list/")) == 1 and len(done.asked(f"/@{maker.handle}")) == asked


def test_an_unknown_user_says_nothing_of_a_work(tmp_path: Path) -> None:
    broken = {"status": 503}
    missing = canned("web/fetch_user_profile/missing")
    done = Crawl(tmp_path, {PAGE: broken, FEED: broken, PROFILE: missing}, f"url={WWW}/@sample.user/video/{ID}")
    assert done.only["code"] == 502 and done.urls == [PAGE, FEED, PROFILE, ITEM]
