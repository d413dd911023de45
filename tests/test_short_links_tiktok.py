"""TikTok's short links: whose chains end at a work, at its home page, or at the word that it is not there."""

import pytest

from scraper.inputs.short_links import Hop, first_url, follow
from scraper.platform.targets import SHORT_LINK, Target, match
from scraper.responses import Answer
from scraper.responses.outcomes import Outcome
from spiders.tiktok.spider import TIKTOK

SHORT = "https://vm.tiktok.com/ZMSample1/"
LONG = "https://www.tiktok.com/t/ZTSample1/"
VIDEO = "7300000000000000002"


def hop(location: str = "", status: int = 302, body: bytes = b"", url: str = SHORT, hops: int = 1) -> Hop:
    headers = {"location": location} if location else {}
    return follow(Answer(status, headers, body), url, hops, Target(SHORT_LINK, "ZMSample1", SHORT), TIKTOK)


@pytest.mark.parametrize("url", [SHORT, "https://vt.tiktok.com/ZSSample1", LONG, "https://m.tiktok.com/t/ZTSample1"])
def test_a_short_link_is_known(url: str) -> None:
    target = match(f"{url}?k=1", TIKTOK.patterns)
    assert target and target.kind == SHORT_LINK and first_url(target) == url
    assert url.split("/")[2] in TIKTOK.service.hosts


@pytest.mark.parametrize(
    "location, kind, ident",
    [
        (f"https://www.tiktok.com/@sample.user/video/{VIDEO}?_r=1&_t=ZM-8", "video", VIDEO),
        (f"https://www.tiktok.com/@sample.user/photo/{VIDEO}?_r=1", "video", VIDEO),
        (f"https://m.tiktok.com/v/{VIDEO}.html?u_code=d&share_item_id={VIDEO}", "video", VIDEO),
        (f"https://www.tiktok.com/@/video/{VIDEO}", "video", VIDEO),
        ("https://www.tiktok.com/@Sample.User?_t=8", "user", "sample.user"),
        ("https://www.tiktok.com/@sample.user/live?_r=1", "live room", "sample.user"),
    ],
)
def test_where_it_leads(location: str, kind: str, ident: str) -> None:
    target = hop(location).target
    assert target and (target.kind, target.id, target.given) == (kind, ident, SHORT)


def test_a_chain_of_short_links_goes_on() -> None:
    assert hop(LONG).url == LONG
    assert hop(f"https://m.tiktok.com/v/{VIDEO}.html", url=LONG).target


@pytest.mark.parametrize(
    "home", ["https://www.tiktok.com/?_r=1", "https://www.tiktok.com/", "https://m.tiktok.com?_r=1"]
)
def test_the_home_page_does_not_mean_that_the_video_is_missing(home: str) -> None:
    verdict = hop(home).verdict
    assert verdict and verdict.outcome is Outcome.BAD_INPUT
    assert "home page" in verdict.message and "open it in a browser" in verdict.message


@pytest.mark.parametrize("page", ["https://www.tiktok.com/notfound", "https://www.tiktok.com/hk/notfound?x=1"])
def test_a_page_that_says_that_it_is_not_there(page: str) -> None:
    verdict = hop(page).verdict
    assert verdict and verdict.outcome is Outcome.NOT_FOUND and "region" in verdict.message


def test_a_wall_for_logins() -> None:
    verdict = hop("https://www.tiktok.com/login?redirect_url=x").verdict
    assert verdict and verdict.outcome is Outcome.LOGIN_REQUIRED


@pytest.mark.parametrize(
    "location", ["https://evil.example/@a/video/7300000000000000002", "https://tiktok.com.evil.example/"]
)
def test_a_foreign_host_is_not_followed(location: str) -> None:
    verdict = hop(location).verdict
    assert verdict and verdict.outcome is Outcome.BAD_INPUT and "which is another site" in verdict.message


@pytest.mark.parametrize("url", [SHORT, LONG])
@pytest.mark.parametrize("status, body", [(404, b""), (200, b"<!doctype html><html></html>"), (404, b"<html></html>")])
def test_a_code_that_is_not_known(status: int, body: bytes, url: str) -> None:
    verdict = hop("", status, body, url).verdict
    assert verdict and verdict.outcome is Outcome.NOT_FOUND


def test_a_page_of_no_known_form() -> None:
    verdict = hop("", 200, b"<!doctype html><html></html>", "https://www.tiktok.com/about").verdict
    assert verdict and verdict.outcome is Outcome.BAD_INPUT
