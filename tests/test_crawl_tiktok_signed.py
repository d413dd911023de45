"""TikTok's endpoints where nothing is answered unsigned: by its own page, in a real Chromium."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browsers import chromium
from tests.crawling import Crawl, crawl
from tests.simulator import Fault, World
from tests.simulator.signing import Signing

PLAIN = {"tiktok_web": ""}
SHORT = {"PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": 1500}
NEVER = Signing(ready_after=10**6)
DEAD = "sessionid=00000000000000000000000000000000"
OTHERS = ("/@*", "/aweme/v1/feed/", "/api/creator/item_list/")  # with these gone, the signed API is left


def run(*words: str, signing: Signing | None = None, **more: Any) -> tuple[Crawl, World]:
    chromium()
    world = World(seed=1, creators=3, videos=12, comments=45, replies=3, signing={"tiktok": signing or Signing()})
    done = crawl(*words, world=world, process=True, **{"command": ("crawl", "tiktok"), "configs": PLAIN, **more})
    return done, world


@pytest.fixture(scope="module")
def links() -> dict[str, str]:
    tiktok = World(seed=1, creators=3, videos=12, comments=45, replies=3).tiktok
    user = f"https://www.tiktok.com/@{tiktok.creator(0).handle}"
    return {"work": tiktok.url(tiktok.video(0, 0)), "busy": tiktok.url(tiktok.special_work("busy")), "user": user}


@pytest.mark.nightly
def test_comments_are_signed_by_the_page(links: dict[str, str]) -> None:
    done, _ = run(f"url={links['busy']}", "router=fetch_post_comment")
    assert (done.code, done.failures, len(done.records)) == (0, [], 45)
    assert {record["meta"]["surface"] for record in done.records} == {"browser"}
    signed = [request for request in done.requests if "X-Gnarly" in request.query]
    assert {request.status for request in signed} == {200}
    assert [*signed[0].query][-3:] == ["msToken", "X-Bogus", "X-Gnarly"]


@pytest.mark.parametrize("router", [pytest.param("fetch_one_video", marks=pytest.mark.nightly), "fetch_user_profile"])
def test_what_pages_and_feed_do_not_tell_the_api_does(router: str, links: dict[str, str]) -> None:
    broken = [Fault(do="captcha", path=path) for path in OTHERS]
    link = links["work"] if router == "fetch_one_video" else links["user"]
    done, _ = run(f"url={link}", f"router={router}", faults=broken)
    assert (done.code, done.failures) == (0, [])
    assert [record["meta"]["surface"] for record in done.records] == ["browser"]


@pytest.mark.parametrize(
    "config, name",
    [
        pytest.param("", "SIGNATURE_REJECTED", id="stale routes", marks=pytest.mark.nightly),
        pytest.param(f'cookie: "{DEAD}"\n', "COOKIE_EXPIRED", id="dead cookie"),
    ],
)
def test_a_probe_says_why_every_route_was_refused(config: str, name: str, links: dict[str, str]) -> None:
    words = f"url={links['busy']}", "router=fetch_post_comment"
    done, _ = run(*words, signing=NEVER, settings=SHORT, configs={"tiktok_web": config})
    assert [failure["error"]["name"] for failure in done.failures] == [name]
