"""`scrapy doctor` against the simulator: what is well, what is wrong, and that nothing secret is in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scrapy.utils.test import get_crawler

from scraper.commands.endpoint_report import FAILED, LIMITED, SERVED, UNKNOWN, state_of
from scraper.commands.environment_check import configuration
from scraper.commands.quiet_crawl import spider_of
from scraper.commands.route_check import NOTE, OK, WRONG, RouteCheck, judged
from scraper.crawling.spider import PlatformSpider
from scraper.platform import Endpoint, Route
from scraper.platform.registry import services_of
from scraper.responses import Verdict
from scraper.responses.outcomes import Outcome
from spiders.bilibili.spider import BILIBILI
from spiders.douyin.spider import DOUYIN
from tests.commands import Shell
from tests.crawling import Crawl, crawl, quiet_now, together, write_config
from tests.simulator import Fault, World

WORLD = World(seed=1, creators=3, videos=40)
LOGIN = f"cookie: '{WORLD.login_cookie}'\n"
STALE = "cookie: 'SESSDATA=s3cr3tvalue%2C1893456000%2Cs3cr3t; bili_jct=s3cr3tcsrf; DedeUserID=42'\n"
REFUSED_AGENT = "user_agent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/144.0.0.0 Safari/537.36'\n"
PROXY = {"https_proxy": "http://me:hunter2@127.0.0.1:1"}


def doctor(*words: str, **more: object) -> Crawl:
    return crawl(command=("doctor", *words), world=WORLD, feed=None, pace={"delay_s": 0, "concurrency": 1}, **more)


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    return together(
        well=lambda: doctor("bilibili", config=LOGIN),
        without=lambda: doctor("bilibili"),
        stale=lambda: doctor("bilibili", config=STALE),
        challenged=lambda: doctor("bilibili", config=LOGIN, faults=[Fault(path="/x/player/pagelist", do="risk")]),
        keys=lambda: doctor("bilibili", faults=[Fault(path="/x/web-interface/nav", do="status")]),
        changed=lambda: doctor("bilibili", faults=[Fault(path="/x/web-interface/view", do="unknown_code")]),
        proxy=lambda: doctor("bilibili", config=LOGIN, env=PROXY),
        own_proxy=lambda: doctor("bilibili", config=f"{LOGIN}proxy: 'http://me:hunter2@127.0.0.1:1'\n"),
        no_ca=lambda: doctor("bilibili", env={"SSL_CERT_FILE": None}),
        bad_ca=lambda: doctor("bilibili", env={"SSL_CERT_FILE": "/nowhere/ca.pem"}),
        quick=lambda: doctor("--quick", "--json", "bilibili", "tiktok_web", configs={"tiktok_web": REFUSED_AGENT}),
        at_night=lambda: doctor("bilibili", config=f"pace: {{quiet_hours: '{quiet_now()}'}}\n"),
        broken=lambda: doctor("bilibili", config="coookie: s3cr3tvalue\n"),
    )


def lines(done: Crawl, state: str) -> list[str]:
    return [line for line in done.out.splitlines() if f"  {state}  " in line]


def test_in_quiet_hours_it_sends_nothing_and_says_so(crawls: dict[str, Crawl]) -> None:
    done = crawls["at_night"]
    assert not done.requests and done.code == 0
    assert any("not requested: nothing is sent until" in line for line in lines(done, NOTE))


def test_all_is_well(crawls: dict[str, Crawl]) -> None:
    done = crawls["well"]
    assert done.code == 0 and "checks passed" in done.out and not lines(done, WRONG)
    for words in ("cookie  ", "login  ", "signing keys", "fetch_one_video by api", "TLS"):
        assert words in done.out
    assert done.err.startswith("testing the endpoints: ") and done.err.count("\n") == 1


def test_each_endpoint_says_by_which_route_it_is_served(crawls: dict[str, Crawl]) -> None:
    routers = {endpoint.router for endpoint in BILIBILI.endpoints}
    rows = {line.split()[0]: line for line in crawls["well"].out.split("why not")[1].splitlines() if line.strip()}
    assert [router for router in routers if "  yes" not in rows[router]] == []
    (failed,) = [line for line in crawls["changed"].out.split("why not")[1].splitlines() if "  NO  " in line]
    assert "fetch_one_video" in failed and "UPSTREAM_CHANGED" in failed


def test_a_proxy_that_answers_nothing_is_one_line(crawls: dict[str, Crawl]) -> None:
    for name in ("proxy", "own_proxy"):
        (line,) = lines(crawls[name], WRONG)
        assert "no request was answered: PROXY" in line and "endpoint" not in crawls[name].out


def test_quick_asks_little_and_is_read_by_programs(crawls: dict[str, Crawl]) -> None:
    done = crawls["quick"]
    report = json.loads(done.out)
    assert len([request for request in done.requests if "bilibili" in request.host]) <= 3 + 2, "and two for the session"
    assert {endpoint["served"] for endpoint in report["endpoints"]} <= {SERVED, LIMITED, FAILED, UNKNOWN}
    (agent,) = [check for check in report["checks"] if check["check"] == "tiktok_web:default user agent"]
    assert agent["state"] == WRONG and "Chrome 140 to 149" in agent["says"] and "set user_agent" in agent["remedy"]
    assert (done.code, report["ok"]) == (1, False)


def test_headers_that_browser_routes_do_not_send_are_named(tmp_path: Path) -> None:
    """Of those that the user set: the example's own are no news. Bilibili has no browser routes."""
    headers = "headers: {X-Mine: s3cr3tvalue, accept: text/html, Accept-Language: 'zh-CN,zh;q=0.9'}\n"
    rows = []
    for service in services_of([BILIBILI, DOUYIN]):
        write_config(tmp_path, headers, service_name=service.name)
        rows += [
            check for check in configuration(service, tmp_path / "config", 0.0) if check.check.endswith(" headers")
        ]
    (row,) = rows
    assert (row.check, row.state) == ("douyin_web headers", NOTE)
    assert "X-Mine" in row.says and "ccept" not in row.says and "s3cr3tvalue" not in row.says


REFUSED = Verdict(Outcome.SIGNATURE_REJECTED, "unsigned")
NO_BROWSER = Verdict(Outcome.SIGNATURE_REJECTED, "needs a browser", unavailable=True)


@pytest.mark.parametrize(
    "verdicts, login, has_login, served, route",
    [
        ([REFUSED, Verdict(Outcome.OK)], "", False, SERVED, "browser"),
        ([REFUSED, NO_BROWSER], "", True, LIMITED, ""),
        ([REFUSED, Verdict(Outcome.CHALLENGE)], "", False, FAILED, ""),
        ([Verdict(Outcome.LOGIN_REQUIRED)], "needed", False, LIMITED, ""),
        ([Verdict(Outcome.LOGIN_REQUIRED)], "needed", True, FAILED, ""),
        ([Verdict(Outcome.UPSTREAM_CHANGED), NO_BROWSER], "", False, FAILED, ""),
        ([Verdict(Outcome.CHALLENGE, "not requested, because the service was stopped")], "", False, UNKNOWN, ""),
        ([], "", False, UNKNOWN, ""),
    ],
)
def test_whether_an_endpoint_can_be_served(
    verdicts: list[Verdict], login: str, has_login: bool, served: str, route: str
) -> None:
    routes = [Route(url="https://site.test/"), Route(name="browser", url="https://site.test/", transport="browser")]
    endpoint = Endpoint(router="/a/b", kind="video", record="video", params=[], summary="", routes=routes, login=login)
    state = state_of(endpoint, dict(enumerate(verdicts)), has_login)
    assert (state.served, state.route) == (served, route) and bool(state.reason) is (served in (LIMITED, FAILED))


def test_each_route_is_asked_once(crawls: dict[str, Crawl]) -> None:
    paths = [request.path for request in crawls["well"].requests]
    assert len(paths) == len(set(paths)) and len(paths) >= 7
    assert {request.host for request in crawls["well"].requests} == {"api.bilibili.com", "api.live.bilibili.com"}


def test_no_cookie_is_worth_a_note_and_nothing_wrong(crawls: dict[str, Crawl]) -> None:
    done = crawls["without"]
    assert done.code == 0 and any("no cookie" in line for line in lines(done, NOTE))


def test_a_cookie_that_is_not_accepted(crawls: dict[str, Crawl]) -> None:
    done = crawls["stale"]
    assert done.code == 1 and "the platform does not accept the cookie" in done.out
    assert "→ log in again in your browser, then run scrapy update_cookie --service bilibili" in done.out


def test_after_a_challenge_nothing_more_is_asked(crawls: dict[str, Crawl]) -> None:
    done = crawls["challenged"]
    assert done.code == 1 and len(done.asked("/x/player/pagelist")) == 1
    assert [line.split()[0] for line in lines(done, WRONG)] == ["/api/bilibili/web/fetch_video_playurl"]
    assert any("not requested" in line for line in lines(done, NOTE))


@pytest.mark.parametrize(
    "name, words",
    [("keys", ["no signing keys", "not obtained"]), ("changed", ["UPSTREAM_CHANGED", "report it"]),
     ("proxy", ["PROXY", "→ check https_proxy", "http://…@127.0.0.1:1"]), ("own_proxy", ["PROXY", "http://…@127.0.0.1:1"]),
     ("no_ca", ["set SSL_CERT_FILE to its file"]), ("bad_ca", ["SSL_CERT_FILE=/nowhere/ca.pem cannot be used"]),
     ("broken", ["configuration", "coookie", "→ correct the configuration as the message says"])],
)  # fmt: skip
def test_what_is_wrong_is_named(crawls: dict[str, Crawl], name: str, words: list[str]) -> None:
    done = crawls[name]
    assert done.code == 1 and "checks failed" in done.out
    assert [word for word in words if word not in done.out] == []


def test_it_is_safe_to_paste(crawls: dict[str, Crawl]) -> None:
    values = [pair.partition("=")[2] for pair in WORLD.login_cookie.split("; ")]
    for done in crawls.values():
        for secret in [*(value for value in values if len(value) >= 8), "hunter2", "s3cr3t"]:
            assert secret not in done.out + done.err


def test_wrong_usage(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    assert shell("doctor", "nowhere").code == 2


@pytest.mark.parametrize(
    "outcome, message, expected, state",
    [
        (Outcome.OK, "3 records", False, OK),
        (Outcome.NOT_FOUND, "gone", False, OK),
        (Outcome.LOGIN_REQUIRED, "log in", True, NOTE),
        (Outcome.LOGIN_REQUIRED, "log in", False, WRONG),
        (Outcome.SIGNATURE_REJECTED, "unsigned", True, NOTE),
        (Outcome.CHALLENGE, "a captcha", True, WRONG),
        (Outcome.CHALLENGE, "a captcha", False, WRONG),
        (Outcome.CHALLENGE, "not requested, because the service was stopped: a captcha", False, NOTE),
    ],
)
def test_what_an_answer_says(outcome: Outcome, message: str, expected: bool, state: str) -> None:
    finding = judged("a route", Verdict(outcome, message), "the service", expected)
    assert finding.state == state and bool(finding.remedy) is (state != OK)


def test_every_endpoint_that_asks_something_has_an_example(spider: type[PlatformSpider], tmp_path: Path) -> None:
    kind = spider_of(RouteCheck, spider.platforms)
    crawler = get_crawler(kind, {"CONFIG_DIR": str(tmp_path)})
    doctor = crawler._create_spider(services=[service.name for service in services_of(spider.platforms)])
    keys = {(example.job.router, example.job.route): example.key for example in doctor.examples()}
    asked = [keys[job.router, job.route] for job in doctor.jobs()]
    assert len(asked) == len(set(asked)) and set(asked) == set(keys.values())
    quick = list(crawler._create_spider(services=doctor.services, most=3).jobs())
    assert 0 < len(quick) <= 3 * len(doctor.services)
    for endpoint in doctor.endpoints.values():
        assert not endpoint.routes or doctor._example(endpoint), endpoint.router
