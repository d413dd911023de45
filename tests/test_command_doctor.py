"""`scrapy doctor` against the simulator: what is well, what is wrong, and that nothing secret is in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from scrapy.utils.test import get_crawler

from scraper.commands.quiet_crawl import spider_of
from scraper.commands.route_check import NOTE, OK, WRONG, RouteCheck, judged
from scraper.crawling.spider import PlatformSpider
from scraper.platform.registry import services_of
from scraper.responses import Verdict
from scraper.responses.outcomes import Outcome
from tests.commands import Shell
from tests.crawling import Crawl, crawl, together
from tests.simulator import Fault, World

WORLD = World(seed=1, creators=3, videos=40)
LOGIN = f"cookie: '{WORLD.login_cookie}'\n"
STALE = "cookie: 'SESSDATA=s3cr3tvalue%2C1893456000%2Cs3cr3t; bili_jct=s3cr3tcsrf; DedeUserID=42'\n"
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
        broken=lambda: doctor("bilibili", config="coookie: s3cr3tvalue\n"),
    )


def lines(done: Crawl, state: str) -> list[str]:
    return [line for line in done.out.splitlines() if f"  {state}  " in line]


def test_all_is_well(crawls: dict[str, Crawl]) -> None:
    done = crawls["well"]
    assert done.code == 0 and "checks are well" in done.out and not lines(done, WRONG)
    for words in ("cookie  ", "login  ", "signing keys", "fetch_one_video by api", "TLS"):
        assert words in done.out
    assert done.err == ""


def test_each_route_is_asked_once(crawls: dict[str, Crawl]) -> None:
    paths = [each.path for each in crawls["well"].requests]
    assert len(paths) == len(set(paths)) and len(paths) >= 7
    assert {each.host for each in crawls["well"].requests} == {"api.bilibili.com", "api.live.bilibili.com"}


def test_no_cookie_is_worth_a_note_and_nothing_wrong(crawls: dict[str, Crawl]) -> None:
    done = crawls["without"]
    assert done.code == 0 and any("no cookie" in line for line in lines(done, NOTE))


def test_a_cookie_that_is_not_accepted(crawls: dict[str, Crawl]) -> None:
    done = crawls["stale"]
    assert done.code == 1 and "the platform does not accept the cookie" in done.out
    assert "→ log in again with the browser, then scrapy update_cookie --service bilibili" in done.out


def test_after_a_challenge_nothing_more_is_asked(crawls: dict[str, Crawl]) -> None:
    done = crawls["challenged"]
    assert done.code == 1 and len(done.asked("/x/player/pagelist")) == 1
    assert [line.split()[0] for line in lines(done, WRONG)] == ["/api/bilibili/web/fetch_video_playurl"]
    assert any("not requested" in line for line in lines(done, NOTE))


@pytest.mark.parametrize(
    "name, words",
    [("keys", ["no signing keys", "none were given"]), ("changed", ["UPSTREAM_CHANGED", "report it"]),
     ("proxy", ["PROXY", "→ check https_proxy", "http://…@127.0.0.1:1"]), ("own_proxy", ["PROXY", "http://…@127.0.0.1:1"]),
     ("no_ca", ["set SSL_CERT_FILE to its file"]), ("bad_ca", ["SSL_CERT_FILE=/nowhere/ca.pem cannot be used"]),
     ("broken", ["configuration", "coookie", "→ correct what the message names"])],
)  # fmt: skip
def test_what_is_wrong_is_named(crawls: dict[str, Crawl], name: str, words: list[str]) -> None:
    done = crawls[name]
    assert done.code == 1 and "are wrong" in done.out
    assert [word for word in words if word not in done.out] == []


def test_it_is_safe_to_paste(crawls: dict[str, Crawl]) -> None:
    values = [pair.partition("=")[2] for pair in WORLD.login_cookie.split("; ")]
    for done in crawls.values():
        for secret in [*(each for each in values if len(each) >= 8), "hunter2", "s3cr3t"]:
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
    doctor = crawler._create_spider(services=[each.name for each in services_of(spider.platforms)])
    asked = {doctor.requests.page(job).url.partition("?")[0] for job in doctor.jobs()}
    assert len(asked) == len(list(doctor.jobs()))
    for endpoint in doctor.endpoints.values():
        assert not endpoint.routes or doctor._example(endpoint), endpoint.router
