"""What is refused again and again is left alone, and tried again after a rest that grows."""

from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.test import get_crawler

from scraper.crawling.route_breaker import RouteBreaker
from scraper.crawling.route_fallback import most_informative
from scraper.jobs.job import Job, Tried
from scraper.platform.targets import Target
from scraper.responses import Verdict
from scraper.responses.outcomes import Outcome

CHALLENGE, BROKEN = Verdict(Outcome.CHALLENGE, "a check"), Verdict(Outcome.UPSTREAM, "broken")
ROUTER = "/api/a/web/one"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def breaker(clock: Clock) -> RouteBreaker:
    return RouteBreaker(MemoryStatsCollector(get_crawler()), 60, {}, clock)


def test_a_route_rests_after_five_refusals_in_a_row() -> None:
    clock = Clock()
    known = breaker(clock)
    for _ in range(4):
        known.failed(ROUTER, "page", CHALLENGE)
    known.failed(ROUTER, "page", BROKEN)
    assert known.refused(ROUTER, "page") is None, "what is broken refuses nobody"
    known.failed(ROUTER, "page", CHALLENGE)
    refused = known.refused(ROUTER, "page")
    assert refused and refused.outcome is Outcome.CHALLENGE and "a check" in refused.message and refused.final
    assert known.refused(ROUTER, "feed") is None
    known.failed(ROUTER, "page", refused)
    clock.now += 61
    assert known.refused(ROUTER, "page") is None, "what was not asked is no refusal"
    known.failed(ROUTER, "page", CHALLENGE)
    clock.now += 61
    assert known.refused(ROUTER, "page"), "the second rest is longer"
    clock.now += 60
    known.served(ROUTER, "page")
    known.failed(ROUTER, "page", CHALLENGE)
    assert known.refused(ROUTER, "page") is None


def test_an_answer_in_between_starts_the_count_again() -> None:
    known = breaker(Clock())
    for _ in range(3):
        known.failed(ROUTER, "page", CHALLENGE)
        known.failed(ROUTER, "page", CHALLENGE)
        known.served(ROUTER, "page")
    assert known.refused(ROUTER, "page") is None


def test_of_all_routes_the_most_telling_outcome_is_told() -> None:
    job = Job(router=ROUTER, target=Target("video", "1", "1"))
    for first, last, expected in (
        (Outcome.CHALLENGE, Outcome.NOT_FOUND, Outcome.CHALLENGE),
        (Outcome.UPSTREAM, Outcome.GEO_BLOCKED, Outcome.GEO_BLOCKED),
        (Outcome.BAD_INPUT, Outcome.NOT_FOUND, Outcome.BAD_INPUT),
        (Outcome.BAD_INPUT, Outcome.UPSTREAM, Outcome.UPSTREAM),
        (Outcome.COOKIE_EXPIRED, Outcome.CHALLENGE, Outcome.COOKIE_EXPIRED),
    ):
        next_job = job.by_route(1, Tried(0, int(first), "first message", ""))
        reported = most_informative(next_job, Verdict(last, "last message"), ["page", "feed"], "feed")
        assert reported.outcome is expected


def test_the_message_says_what_came_of_each_route() -> None:
    names = ["page", "feed", "browser"]
    job = Job(router=ROUTER, target=Target("video", "1", "1")).by_route(1, Tried(0, Outcome.CHALLENGE, "empty", ""))
    same = most_informative(job, Verdict(Outcome.CHALLENGE, "empty"), names, "feed")
    assert same.message == "empty (page and feed routes)"
    job = job.by_route(2, Tried(1, Outcome.UPSTREAM, "truncated", ""))
    needs = Verdict(Outcome.SIGNATURE_REJECTED, "this needs a browser", unavailable=True)
    assert most_informative(job, needs, names, "browser").message == (
        "empty (page route); feed route: UPSTREAM: truncated; browser route: this needs a browser"
    )
