"""What the routes of Douyin lead to, one after the other: the machine is asked, and only the network is another."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from scrapy.http import Request, Response
from scrapy.utils.test import get_crawler

from scraper.crawling.input_feed import InputFeed
from scraper.crawling.route_breaker import RouteBreaker
from scraper.jobs.dispatch import dispatch_of, update
from scraper.output.envelope import EnvelopePage
from scraper.responses import Verdict
from scraper.responses.outcomes import Outcome
from spiders.douyin.spider import DouyinSpider
from tests.cases import FIXTURES

ID, SEC = "7412345678901234567", "MS4wLjABAAAA" + "sample-0_" * 4 + "sample1"
FILES = FIXTURES / "douyin" / "web"
Answer = tuple[int, dict[str, str], bytes]
EMPTY: Answer = (200, {}, b"")


def saved(name: str, router: str = "fetch_one_video") -> Answer:
    (path,) = (FILES / router).glob(f"{name}.response.*")
    return 200, {}, path.read_bytes()


def kind_of(request: Request) -> str:
    """Return which of the routes a request takes."""
    parts = urlsplit(request.url)
    if dispatch_of(request).transport:
        return dispatch_of(request).transport
    if parts.hostname == "v.douyin.com":
        return "short"
    if parts.path.endswith("/query/user/"):
        return "probe"
    steps = parts.path.strip("/").split("/")
    return steps[-1] if parts.query else steps[0]


class Crawl:
    """One crawl whose answers are given.

    :ivar asked: the routes that were taken, in their order
    """

    def __init__(self, answers: dict[str, Answer], folder: Path, cookie: str = "", **arguments: str):
        (folder / "douyin_web").mkdir(parents=True)
        (folder / "douyin_web" / "config.yaml").write_text(f'cookie: "{cookie}"\npace: {{delay_s: 0}}\n', "utf-8")
        settings = {"CONFIG_DIR": str(folder), "STATE_DIR": str(folder), "RETRY_TIMES": 2, "RATE_LIMIT_WAIT": 0.0}
        crawler = get_crawler(DouyinSpider, settings)
        self.spider = crawler.spider = crawler._create_spider(**arguments)
        self.spider.opened()
        self.spider.page_handler.is_closing = lambda: False
        self.answers, self.asked, self.requests = answers, [], []
        self.envelopes: list[dict[str, Any]] = []
        for asked in self.spider.arguments.targets(self.spider.atlas):
            self._drain(InputFeed(self.spider).begin(self.spider.arguments.ask, asked))

    def _drain(self, outputs: Any) -> None:
        for output in outputs:
            if isinstance(output, EnvelopePage):
                self.envelopes += [envelope.to_dict() for envelope in output]
            else:
                self._drain(self._answer(output))

    def _answer(self, request: Request) -> Any:
        pool = self.spider.pools[dispatch_of(request).service]
        identity = pool.choose(dispatch_of(request).list_id)
        update(request, identity=identity.credentials.name, sent=identity.sent())
        self.asked.append(kind_of(request))
        self.requests.append(request)
        assert len(self.asked) < 30
        status, headers, body = self.answers[self.asked[-1]]
        callback: Callable[..., Any] = request.callback
        return callback(Response(request.url, status, headers, body, request=request), **request.cb_kwargs)

    @property
    def only(self) -> dict[str, Any]:
        (envelope,) = self.envelopes
        return envelope


@pytest.fixture
def crawl(tmp_path: Path) -> Callable[..., Crawl]:
    def run(cookie: str = "", url: str = ID, router: str = "", **answers: Answer) -> Crawl:
        given = {"url": url, **({"router": router} if router else {})}
        return Crawl(answers, tmp_path / "config", cookie, **given)

    return run


def test_the_share_page_is_enough(crawl: Any) -> None:
    made = crawl(share=saved("share_video"))
    assert made.asked == ["share"] and made.only["code"] == 200
    assert made.only["router"] == "/api/douyin/web/fetch_one_video" and made.only["data"]["meta"]["surface"] == "page"
    (request,) = made.requests
    assert (
        request.url == f"https://www.iesdouyin.com/share/video/{ID}/"
        and "iPhone" in dispatch_of(request).headers["User-Agent"]
    )


@pytest.mark.parametrize(
    "page", ["share_reduced", "share_captcha", "share_challenge", "share_empty", "share_of_another"]
)
def test_a_page_without_the_work_leads_to_the_next_route(crawl: Any, page: str) -> None:
    made = crawl(share=saved(page), slidesinfo=saved("slides_note"))
    assert made.asked == ["share", "slidesinfo"] and made.only["data"]["kind"] == "image"
    assert made.only["data"]["meta"]["surface"] == "web"
    query = parse_qs(urlsplit(made.requests[1].url).query)
    assert query == {"aweme_ids": [f"[{ID}]"], "request_source": ["200"]}


def test_the_third_route_is_the_unsigned_detail(crawl: Any) -> None:
    made = crawl(share=saved("share_reduced"), slidesinfo=saved("slides_of_another"), detail=saved("detail_2026"))
    assert made.asked == ["share", "slidesinfo", "detail"] and made.only["code"] == 200
    request = made.requests[2]
    assert request.url == f"https://www.douyin.com/aweme/v1/web/aweme/detail/?aweme_id={ID}&aid=6383"
    headers = dispatch_of(request).headers
    assert (headers["Referer"], headers["Origin"]) == ("https://open.douyin.com/", "https://open.douyin.com")


@pytest.mark.parametrize("page, code", [("share_deleted", 404), ("share_private", 451)])
def test_a_definite_answer_ends_it(crawl: Any, page: str, code: int) -> None:
    made = crawl(share=saved(page))
    assert made.asked == ["share"] and made.only["code"] == code


def detail_answer(**body: Any) -> Answer:
    return 200, {}, json.dumps({"status_code": 0, **body}).encode()


GONE = detail_answer(aweme_details=[], filter_list=[{"aweme_id": ID, "filter_reason": "status_deleted"}])
PRIVATE = detail_answer(aweme_detail=None, filter_detail={"aweme_id": ID, "filter_reason": "status_self_see"})


@pytest.mark.parametrize("page", ["share_captcha", "share_empty"])
@pytest.mark.parametrize(
    "slides, detail, code", [(GONE, None, 404), (EMPTY, PRIVATE, 451), (EMPTY, detail_answer(status_code=2053), 404)]
)
def test_a_definite_answer_of_a_further_route_is_told(
    crawl: Any, page: str, slides: Answer, detail: Answer | None, code: int
) -> None:
    made = crawl(share=saved(page), slidesinfo=slides, **({"detail": detail} if detail else {}))
    assert made.asked == ["share", "slidesinfo", *(["detail"] if detail else [])] and made.only["code"] == code


def test_a_failed_back_end_is_believed_when_it_says_so_twice(crawl: Any) -> None:
    made = crawl(share=saved("share_core_dep"))
    assert made.asked == ["share", "share"] and made.only["code"] == 404
    assert "core_dep" in made.only["data"]["error"]["message"]


def test_a_block_by_region_is_told_before_all_else(crawl: Any) -> None:
    refused = saved("null_detail")
    made = crawl(share=saved("share_captcha"), slidesinfo=saved("filter_geo"), detail=refused, browser=refused)
    assert made.asked == ["share", "slidesinfo", "detail", "browser", "browser"] and made.only["code"] == 452


def test_a_page_cut_short_is_asked_for_again(crawl: Any) -> None:
    made = crawl(share=saved("share_cut_short"), slidesinfo=saved("slides_note"))
    assert made.asked == ["share", "share", "share", "slidesinfo"] and made.only["code"] == 200


def test_the_last_route_is_its_own_page(crawl: Any) -> None:
    made = crawl(share=saved("share_captcha"), slidesinfo=EMPTY, detail=saved("uifid"), browser=saved("detail_2026"))
    assert made.asked[-1] == "browser" and made.only["code"] == 200
    assert made.only["data"]["meta"]["surface"] == "browser"
    request = made.requests[-1]
    query = parse_qs(urlsplit(request.url).query)
    assert (query["aweme_id"], query["aid"], query["device_platform"]) == ([ID], ["6383"], ["webapp"])
    assert "browser_name" not in query and dispatch_of(request).describes_browser


def test_where_no_route_serves_the_check_is_reported(crawl: Any) -> None:
    uifid, probe = saved("uifid"), detail_answer(id="1", verify_ticket="a check")
    made = crawl(share=saved("share_captcha"), slidesinfo=EMPTY, detail=uifid, browser=uifid, probe=probe)
    assert made.asked == ["share", "slidesinfo", "detail", "browser", "browser", "probe"]
    assert made.only["code"] == 423 and made.only["data"]["error"]["input"] == ID


def test_a_route_that_was_requested_is_never_reported_as_skipped(crawl: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """While its answers were under way, each route was refused so often that it is skipped from now on."""
    skipped = Verdict(Outcome.CHALLENGE, "not requested, because it was refused 5 times in a row", final=True)
    monkeypatch.setattr(RouteBreaker, "refused", lambda *_: skipped)
    made = crawl(share=saved("share_captcha"), slidesinfo=EMPTY, detail=EMPTY, browser=(500, {}, b""))
    message = made.only["data"]["error"]["message"]
    assert made.asked[:3] == ["share", "slidesinfo", "detail"] and "not requested" not in message
    assert "captcha" in message and "empty answer" in message and "route" in message


def test_a_profile_comes_from_its_page(crawl: Any) -> None:
    page = saved("page_2026", "handler_user_profile")
    made = crawl(url=SEC, router="handler_user_profile", user=page)
    assert made.asked == ["user"] and made.only["code"] == 200 and made.only["data"]["sec_uid"] == SEC


@pytest.mark.parametrize("cookie, code", [("", 401), ("sessionid=0123456789abcdef0123456789abcdef", 440)])
def test_a_profile_without_a_login_says_what_is_needed(crawl: Any, cookie: str, code: int) -> None:
    page = saved("page_without_profile", "handler_user_profile")
    made = crawl(url=SEC, router="handler_user_profile", cookie=cookie, user=page, other=EMPTY, browser=EMPTY)
    assert made.asked == ["user", "other", "browser", "browser"]
    assert made.only["code"] == code and "cookie" in made.only["data"]["error"]["remedy"]


def test_a_refused_signature_says_nothing_of_the_session(crawl: Any) -> None:
    page = saved("page_cut_short", "handler_user_profile")
    profile = saved("profile_2023", "handler_user_profile")
    made = crawl(url=SEC, router="handler_user_profile", user=page, other=EMPTY, browser=profile)
    assert made.asked == ["user", "user", "user", "other", "browser"] and made.only["code"] == 200
    assert not made.spider.pools["douyin_web"].identities[0].stopped


def test_ids_are_told_without_a_request_and_a_failure_costs_only_itself(crawl: Any) -> None:
    lines = f"https://www.douyin.com/note/{ID}\nhttps://www.douyin.com/discover?modal_id={ID}\nhttps://www.douyin.com/x"
    made = crawl(url=f"{lines}\nhttps://www.douyin.com/user/{SEC}", router="get_all_aweme_id")
    assert made.asked == [] and [envelope["code"] for envelope in made.envelopes] == [200, 200, 400, 400]
    first, second = (envelope["data"] for envelope in made.envelopes[:2])
    assert (first["input"], first["value"], first["id_kind"]) == (f"https://www.douyin.com/note/{ID}", ID, "aweme_id")
    assert (second["input"], second["value"]) == (f"https://www.douyin.com/discover?modal_id={ID}", ID)


def test_a_short_link_is_followed_first(crawl: Any) -> None:
    moved = (302, {"Location": f"https://www.iesdouyin.com/share/user/{SEC}?sec_uid={SEC}&from=x"}, b"")
    made = crawl(url="看 https://v.douyin.com/AbCdEf1/", router="get_sec_user_id", short=moved)
    assert made.asked == ["short"] and made.only["data"]["value"] == SEC
    assert made.only["data"]["input"] == "https://v.douyin.com/AbCdEf1/"


@pytest.mark.parametrize(
    "answer, code",
    [
        ((302, {"Location": "https://www.douyin.com/"}, b""), 400),
        ((302, {"Location": "https://elsewhere.test/"}, b""), 400),
        ((404, {}, b""), 404),
    ],
)
def test_a_short_link_that_leads_nowhere(crawl: Any, answer: Answer, code: int) -> None:
    made = crawl(url="https://v.douyin.com/AbCdEf1/", short=answer)
    assert made.asked == ["short"] and made.only["code"] == code


def test_cookies_go_to_douyin_alone() -> None:
    (service,) = DouyinSpider.platforms[0].services
    for host in set(service.hosts) - {"webcast.amemv.com"}:  # which is given no cookie
        assert host.endswith(("douyin.com", "iesdouyin.com"))
    assert list(service.cookie_domains) == ["douyin.com", "iesdouyin.com"]
