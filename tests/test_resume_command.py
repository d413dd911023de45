"""From a target back to the parameters that name it."""

import shlex

from scraper.inputs import parameters
from scraper.inputs.arguments import parse
from scraper.jobs.job import Job
from scraper.output.resume_command import arguments, command, naming
from scraper.platform import Endpoint
from scraper.platform.atlas import Atlas
from scraper.platform.platform import Platform
from scraper.platform.targets import SHORT_LINK, Pattern, Target, match
from tests.cases import ENDPOINTS, PLATFORMS, every_endpoint, every_pattern
from tests.cases import ROUTER as ROUTER_OF
from tests.every import every
from tests.toys import PLATFORM, ROUTER


@every_endpoint
def test_what_each_parameter_names_is_named_by_it(platform: Platform, endpoint: Endpoint) -> None:
    atlas = Atlas([platform])
    for group in parameters.alternatives(endpoint):
        for param in group:
            same = {other.name for other in group}
            others = {name: text for name, text in parameters.example(endpoint).items() if name not in same}
            target, _ = parameters.target({**others, param.name: param.example}, [endpoint], atlas)
            again, _ = parameters.target(naming(endpoint, target), [endpoint], atlas)
            assert again.key == target.key


LISTS = [row for row in ENDPOINTS if row[1].pagination and parameters.example(row[1])]


@every(LISTS, ROUTER_OF)
def test_a_command_goes_on_from_a_cursor(platform: Platform, endpoint: Endpoint) -> None:
    starts = next((param for param in endpoint.params if param.cursor), None)
    target, _ = parameters.target(parameters.example(endpoint), [endpoint], Atlas([platform]))
    cursor = starts.read(starts.example) if starts else "no cursor of its own"
    job = Job(router=endpoint.router, target=target)
    words = shlex.split(command(job, cursor or "", Atlas([platform])))
    if starts is None:
        assert words == [], "nothing that cannot be given is proposed"
        return
    assert words[:5] == ["scrapy", "crawl", platform.name, "-a", f"router={endpoint.name}"]
    given = dict(word.split("=", 1) for word in words[4::2])
    assert not cursor or given[starts.name] == cursor


def test_a_target_that_no_parameter_reads_is_not_named(platform: Platform) -> None:
    endpoint = next(endpoint for endpoint in platform.endpoints if parameters.example(endpoint))
    assert naming(endpoint, Target(endpoint.kind, "\x00", "?")) == {}
    for target in (Target("\x00", "\x00", "?"), Target(SHORT_LINK, "x", "https://x.example/1")):
        assert command(Job(router=endpoint.router, target=target), "", Atlas([platform])) == ""


@every_pattern
def test_each_list_that_a_link_leads_to_is_asked_for_again(platform: Platform, pattern: Pattern) -> None:
    atlas, target = Atlas([platform]), match(pattern.example, platform.patterns)
    lists = [
        endpoint for endpoint in platform.endpoints if target and endpoint.kind == target.kind and endpoint.pagination
    ]
    for endpoint in lists:
        words = arguments(Job(router=endpoint.router, target=target), "", atlas)
        ((_, again, *_),) = parse(words, atlas).targets(atlas)
        narrowed = {param.narrows for param in endpoint.params if param.narrows}
        assert again.id == target.id and all(again.get(name) == target.get(name) for name in narrowed), words


def test_what_a_record_led_to_is_not_named_by_the_link_of_that_record(platform: Platform) -> None:
    endpoint = next(endpoint for endpoint in platform.endpoints if parameters.example(endpoint))
    job = Job(router=endpoint.router, target=Target(endpoint.kind, "\x00", "https://x.example/1"), depth=1)
    assert arguments(job, "", Atlas([platform])) == {}


def test_a_link_goes_without_its_query_where_that_says_nothing() -> None:
    tiktok = Atlas([platform for platform in PLATFORMS if platform.name == "tiktok"])
    link = "https://www.tiktok.com/@sample.user"
    job = Job(router="/api/tiktok/web/fetch_user_repost", target=match(f"{link}?token=abc", tiktok.patterns))
    assert arguments(job, "5", tiktok) == {"router": "fetch_user_repost", "url": link, "cursor": "5"}


def test_what_tunes_a_list_goes_with_its_cursor() -> None:
    toys, target = Atlas([PLATFORM]), Target("search", "x", "x", platform="toy")
    given = parse({"router": "fetch_search", "keyword": "x", "sort": "old", "counts": "30", "max_pages": "2"}, toys)
    words = arguments(Job(router=f"{ROUTER}/fetch_search", target=target, ask=given.ask), "60", toys)
    assert words == {"router": "fetch_search", "keyword": "x", "cursor": "60", "sort": "old", "count": "30"}
    assert parse(words, toys).ask.options == given.ask.options and parse(words, toys).ask.count == 30


def test_what_is_followed_from_a_list_is_followed_from_its_rest() -> None:
    both = Atlas(PLATFORMS)
    given = parse({"url": "https://www.tiktok.com/@sample.user", "with": "replies,danmaku", "sort": "time"}, both)

    def tuned(name: str, kind: str, **more: str) -> dict[str, str]:
        target = Target(kind, "7300000000000000002", "", tuple(more.items()), "tiktok")
        return arguments(Job(router=f"/api/tiktok/web/{name}", target=target, ask=given.ask, depth=1), "", both)

    comments = tuned("fetch_post_comment", "video")
    assert comments.pop("aweme_id") and comments.pop("router")
    assert comments == {"with": "comments,replies", "sort": "time"}, "TikTok has no danmaku"
    assert not {"with", "sort"} & set(tuned("fetch_post_comment_reply", "comment", video="7300000000000000003"))
