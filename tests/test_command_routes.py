"""`scrapy routes` and `scrapy resolve`: what the tables say, and how a text is understood."""

import json
from pathlib import Path
from typing import Any

import pytest

from scraper.platform.platform import Platform
from scraper.platform.targets import NO_CONTENT, SHORT_LINK, Pattern
from tests.cases import ENDPOINTS, PATTERNS, PLATFORMS
from tests.commands import Shell
from tests.crawling import Crawl, crawl, quiet_now, together
from tests.simulator import Fault, World

WORLD = World(seed=1, creators=3, videos=40)
VIDEO = "https://www.bilibili.com/video/BV1L9Uoa9EUx?p=2"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_every_endpoint_has_its_row(shell: Shell) -> None:
    rows, entries = json.loads(shell("routes", "--json").out), table_rows(shell("routes").out)
    for _, endpoint in ENDPOINTS:
        (row,) = [row for row in rows if row["router"] == endpoint.router]
        assert [param["name"] for param in row["params"]] == [param.name for param in endpoint.params]
        assert [route["name"] for route in row["routes"]] == [route.name for route in endpoint.routes]
        assert row["record"] == endpoint.record and row["natural"] is endpoint.default
        (entry,) = [entry for entry in entries if entry.split()[0] == endpoint.router]
        assert all(param.name in entry for param in endpoint.params)


def table_rows(text: str) -> list[str]:
    """Return the rows of the table, each with the lines that its cells are wrapped to."""
    return [f"/api/{row}" for row in f"\n{text}".split("\n/api/")[1:]]


def test_the_table_fits_a_terminal(shell: Shell) -> None:
    done = shell("routes")
    endpoints = json.loads(shell("routes", "--json").out)
    assert max(map(len, done.out.splitlines())) <= 120 and len(table_rows(done.out)) == len(endpoints)


def test_routes_by_a_word(shell: Shell) -> None:
    done = shell("routes", "comment")
    assert done.code == 0 and "fetch_one_video" not in done.out and "fetch_comment_reply" in done.out
    assert shell("routes", "nothing-like-it").code == 2


@pytest.mark.parametrize(
    "word, routers",
    [
        ("comments", ["/api/tiktok/web/fetch_post_comment", "/api/bilibili/web/fetch_video_comments"]),
        ("Comment", ["/api/tiktok/web/fetch_post_comment"]),
        ("uniqueId", ["/api/tiktok/web/fetch_user_profile"]),
        ("danmaku", ["/api/bilibili/web/fetch_video_danmaku"]),
    ],
)
def test_routes_by_what_they_take_and_return(word: str, routers: list[str], shell: Shell) -> None:
    shown = [row["router"] for row in json.loads(shell("routes", word, "--json").out)]
    assert set(routers) <= set(shown) and "/api/douyin/web/fetch_hot_search" not in shown


def resolved(shell: Shell, examples: list[str], code: int) -> dict[str, dict[str, Any]]:
    """Have links of one text resolved, and return the rows by the link."""
    done = shell("resolve", "\n".join(f"看【标题】{example}，快来" for example in examples), "--json")
    assert done.code == code
    return {row["given"]: row for row in json.loads(done.out)}


def test_every_example_is_resolved_without_a_request(shell: Shell) -> None:
    empty = [pattern.example for _, pattern in PATTERNS if pattern.kind == NO_CONTENT]
    others = [pattern.example for _, pattern in PATTERNS if pattern.kind != NO_CONTENT]
    rows = resolved(shell, empty, 2) | resolved(shell, others, 0)
    for platform, pattern in PATTERNS:
        assert_resolved(rows[pattern.example], platform, pattern)


def assert_resolved(row: dict[str, Any], platform: Platform, pattern: Pattern) -> None:
    assert row["understood"] is (pattern.kind != NO_CONTENT), row
    assert (row["kind"], row["platform"]) == (pattern.kind if row["understood"] else None, platform.name)
    own = [endpoint for endpoint in platform.endpoints if endpoint.kind == pattern.kind]
    shown = [endpoint for endpoint in own if endpoint.name == pattern.router]
    natural = shown if pattern.router or pattern.page else [endpoint for endpoint in own if endpoint.default]
    assert row["router"] == next((endpoint.router for endpoint in natural), None)
    assert bool(row["problem"]) is (not natural and pattern.kind != SHORT_LINK)


def test_a_text_with_several(shell: Shell) -> None:
    done = shell("resolve", f"看 {VIDEO} 不看 https://left.example/\n{VIDEO} https://evil.example/?bilibili")
    assert done.code == 0 and done.out.count(VIDEO) == 1
    assert "is a      video of bilibili: BV1L9Uoa9EUx, p 2" in done.out and "fetch_one_video" in done.out
    assert "evil.example is not supported (Bilibili, Douyin and TikTok are)" in done.out
    assert "left.example" not in done.out


@pytest.mark.parametrize("text", ["nothing here", "https://evil.example/?bilibili", "file:///etc/passwd"])
def test_nothing_understood(shell: Shell, text: str) -> None:
    done = shell("resolve", text)
    assert done.code == 2 and "but  " in done.out


def test_an_ambiguous_id_names_the_commands_that_crawl_it(shell: Shell) -> None:
    done = shell("resolve", "7412345678901234567")
    assert done.code == 2 and "this id may belong to Douyin or TikTok: give a link instead" in done.out
    assert all(f"`scrapy crawl {name}`" in done.out for name in ("douyin", "tiktok")) and "bilibili" not in done.out


def test_no_text(shell: Shell) -> None:
    assert shell("resolve").code == shell("resolve", " ").code == 2


def b23(name: str) -> str:
    return f"https://b23.tv/{WORLD.special[name]}"


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    names = ("b23_part", "b23_space", "b23_foreign", "b23_home", "b23_loop", "b23_dead")
    text = " ".join([*map(b23, names), b23("b23_part"), VIDEO])

    def resolve(*words: str, **more: object) -> Crawl:
        return crawl(command=("resolve", *words), world=WORLD, feed=None, **more)

    return together(
        offline=lambda: resolve(text, "--json"),
        follow=lambda: resolve(text, "--follow", "--json"),
        words=lambda: resolve(b23("b23_part"), "--follow"),
        dead=lambda: resolve(b23("b23_dead"), "--follow", faults=[Fault(host="b23.tv", nth=1, do="status")]),
        secret=lambda: resolve(
            b23("b23_part"),
            "--follow",
            faults=[
                Fault(host="b23.tv", nth=1, do="redirect", location="https://b23.tv/token=hunter2/a?access_key=hunter2")
            ],
        ),
        at_night=lambda: resolve(b23("b23_part"), "--follow", config=f"pace: {{quiet_hours: '{quiet_now()}'}}\n"),
        proxy=lambda: resolve(b23("b23_part"), "--follow", env={"https_proxy": "http://me:hunter2@127.0.0.1:1"}),
        configuration=lambda: resolve(b23("b23_part"), "--follow", config="coookie: a=1"),
    )


def test_no_request_unless_it_is_asked_to_follow(crawls: dict[str, Crawl]) -> None:
    assert crawls["offline"].requests == [] and crawls["offline"].code == 0
    assert {row["kind"] for row in json.loads(crawls["offline"].out)} == {SHORT_LINK, "video"}


def test_short_links_are_followed_hop_by_hop(crawls: dict[str, Crawl]) -> None:
    done = crawls["follow"]
    rows = {row["given"]: row for row in json.loads(done.out)}
    assert done.code == 0 and {request.host for request in done.requests} == {"b23.tv"}
    assert not any("cookie" in request.headers for request in done.requests)
    part, loop = rows[b23("b23_part")], rows[b23("b23_loop")]
    assert (part["kind"], part["narrowing"], part["hops"]) == ("video", {"p": "2"}, [b23("b23_part")])
    assert part["router"].endswith("fetch_one_video") and rows[b23("b23_space")]["kind"] == "user"
    assert len(loop["hops"]) == 5 and "after 5 redirects" in loop["problem"]
    for name, words in (("foreign", "which is another site"), ("home", "home page"), ("dead", "NOT_FOUND")):
        row = rows[b23(f"b23_{name}")]
        assert words in row["problem"] and not row["understood"] and row["router"] is None
    assert rows[VIDEO]["understood"]


def test_what_it_says(crawls: dict[str, Crawl]) -> None:
    assert f"requested {b23('b23_part')}" in crawls["words"].out and "p 2" in crawls["words"].out
    assert crawls["words"].err == ""
    assert crawls["dead"].code == 2 and len(crawls["dead"].requests) == 2, "it is tried again as in a crawl"
    assert crawls["at_night"].code == 2 and "nothing is sent until" in crawls["at_night"].out
    assert not crawls["at_night"].requests
    assert crawls["proxy"].code == 2 and "PROXY" in crawls["proxy"].out
    assert "requested https://b23.tv" in crawls["secret"].out and "→ https://b23.tv/token=…" in crawls["secret"].out
    assert "hunter2" not in crawls["secret"].out + crawls["secret"].err
    assert "hunter2" not in crawls["proxy"].out + crawls["proxy"].err
    assert crawls["configuration"].code == 2 and "coookie" in crawls["configuration"].err


def test_the_platforms_are_those_of_the_spiders(shell: Shell) -> None:
    routers = {row["router"] for row in json.loads(shell("routes", "--json").out)}
    assert routers == {endpoint.router for platform in PLATFORMS for endpoint in platform.endpoints}


def test_a_forgotten_option_is_named(shell: Shell) -> None:
    done = shell("crawl", "hybrid", f"url={VIDEO}")
    assert done.code == 2 and "put -a before url=…: scrapy crawl hybrid -a url=…" in done.err
