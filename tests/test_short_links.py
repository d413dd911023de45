"""Where a short link leads: one hop at a time, and never to a host that is not the platform's."""

import json

import pytest

from scraper.inputs.short_links import MOST_HOPS, Hop, first_url, follow
from scraper.platform.targets import SHORT_LINK, Target, match
from scraper.responses import Answer
from scraper.responses.outcomes import Outcome
from spiders.bilibili.spider import BILIBILI
from spiders.douyin.spider import DOUYIN

SHORT = "https://b23.tv/AbCd123"
GIVEN = Target(SHORT_LINK, "AbCd123", SHORT)
VIDEO = "https://www.bilibili.com/video/BV1L9Uoa9EUx"


def hop(location: str = "", status: int = 302, body: bytes = b"", hops: int = 1, url: str = SHORT) -> Hop:
    headers = {"location": location} if location else {}
    return follow(Answer(status, headers, body), url, hops, GIVEN, BILIBILI)


@pytest.mark.parametrize(
    "location, kind, ident, extra",
    [
        (f"{VIDEO}?share_source=copy_web&unique_k=AbCd123&p=1", "video", "BV1L9Uoa9EUx", ()),
        (f"{VIDEO}?p=2&t=3", "video", "BV1L9Uoa9EUx", (("p", "2"),)),
        ("http://m.bilibili.com/video/av170001", "video", "BV17x411w7KC", ()),
        ("https://space.bilibili.com/2?x=1", "user", "2", ()),
        ("//www.bilibili.com/video/av2", "video", "BV1xx411c7mD", ()),
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_link_that_leads_to_a_target(
    location: str, kind: str, ident: str, extra: tuple[tuple[str, str], ...], status: int
) -> None:
    assert hop(location, status).target == Target(kind, ident, SHORT, extra, "bilibili")


@pytest.mark.parametrize(
    "location",
    ["https://evil.example/video/BV1L9Uoa9EUx", "https://www.bilibili.com@evil.example/", "https://b23.tv.evil.example/x",
     "javascript:alert(1)", "file:///etc/passwd", "https://www.bilibili.com:8443/video/av2", "//evil.example", "https://["],
)  # fmt: skip
def test_a_link_that_leads_elsewhere_is_not_followed(location: str) -> None:
    step = hop(location)
    assert step.verdict and step.verdict.outcome is Outcome.BAD_INPUT and not step.url and not step.target


def test_a_link_that_leads_home_points_at_nothing() -> None:
    for location in ("https://www.bilibili.com/", "https://m.bilibili.com"):
        verdict = hop(location).verdict
        assert verdict and verdict.outcome is Outcome.BAD_INPUT and "home page" in verdict.message


def test_a_chain_goes_on_over_tls_until_it_is_too_long() -> None:
    assert hop("http://b23.tv/EfGh456").url == "https://b23.tv/EfGh456"
    assert hop("/EfGh456").url == "https://b23.tv/EfGh456"
    assert hop("https://b23.tv/EfGh456", hops=MOST_HOPS - 1).url
    last = hop("https://b23.tv/EfGh456", hops=MOST_HOPS).verdict
    assert last and last.outcome is Outcome.BAD_INPUT and str(MOST_HOPS) in last.message


@pytest.mark.parametrize(
    "status, body, outcome",
    [
        (200, json.dumps({"code": -404, "message": "啥都木有", "ttl": 1}).encode(), Outcome.NOT_FOUND),
        (200, b"nothing of interest", Outcome.NOT_FOUND),
        (404, b"", Outcome.NOT_FOUND),
        (404, b"<html><head><title>404</title></head></html>", Outcome.NOT_FOUND),
        (410, b"<!DOCTYPE html>", Outcome.NOT_FOUND),
        (200, "<html>页面不存在</html>".encode(), Outcome.NOT_FOUND),
        (302, b"", Outcome.UPSTREAM_CHANGED),
        (412, b"<!DOCTYPE html>", Outcome.RATE_LIMITED),
        (429, b"", Outcome.RATE_LIMITED),
        (200, json.dumps({"code": -352}).encode(), Outcome.CHALLENGE),
        (200, b"", Outcome.UPSTREAM),
        (503, b"", Outcome.UPSTREAM),
    ],
)
def test_a_link_that_leads_nowhere(status: int, body: bytes, outcome: Outcome) -> None:
    step = hop("", status, body)
    assert step.verdict and step.verdict.outcome is outcome and step.verdict.message


def test_a_page_of_the_platform_that_leads_on_no_further() -> None:
    step = hop("", 200, b"text", url="https://www.bilibili.com/blackboard/x.html")
    assert step.verdict and step.verdict.outcome is Outcome.BAD_INPUT
    step = hop("", 200, b"<html><body>a page of an event</body></html>", url="https://www.bilibili.com/h5/x")
    assert step.verdict and step.verdict.outcome is Outcome.BAD_INPUT


def test_a_link_to_another_platform_names_its_spider() -> None:
    answer = Answer(302, {"location": "https://www.douyin.com/video/7412345678901234567"}, b"")
    step = follow(answer, SHORT, 1, GIVEN, BILIBILI, {"douyin": DOUYIN})
    assert step.verdict and step.verdict.outcome is Outcome.BAD_INPUT
    assert "scrapy crawl douyin" in step.verdict.message


@pytest.mark.parametrize(
    "given, url",
    [(SHORT, SHORT), (f"{SHORT}?share_medium=android&bbid=XY", SHORT), ("http://b23.tv/AbCd123/", f"{SHORT}/"),
     ("b23.tv/AbCd123", SHORT), ("HTTPS://B23.TV/AbCd123", SHORT)],
)  # fmt: skip
def test_a_short_link_is_asked_without_tracking(given: str, url: str) -> None:
    target = match(given, BILIBILI.patterns)
    assert target and first_url(target) == url


@pytest.mark.parametrize("status", [200, 301])
def test_a_link_that_is_only_in_the_body(status: int) -> None:
    step = hop("", status, b'<a href="https://www.bilibili.com/video/BV1L9Uoa9EUx?p=2&amp;x=1">Moved</a>')
    assert step.target and (step.target.id, step.target.get("p")) == ("BV1L9Uoa9EUx", "2")
    step = hop("", status, b'<a href="https://evil.example/video/BV1L9Uoa9EUx">Moved</a>')
    assert step.verdict and step.verdict.outcome is Outcome.BAD_INPUT
    page = hop("", 200, b'<html><a href="https://www.bilibili.com/video/BV1L9Uoa9EUx">an advertisement</a></html>')
    assert page.verdict and page.verdict.outcome is Outcome.NOT_FOUND
