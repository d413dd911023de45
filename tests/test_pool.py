"""The identities of a service: rotation, rest, and what is said when none is left. Time is told by the test."""

from pathlib import Path

import pytest

from scraper.identities.identity import Identity
from scraper.identities.pool import Pool
from scraper.identities.request_budget import RequestBudget
from scraper.identities.service_config import ConfigFile
from scraper.responses import Verdict
from scraper.responses.exceptions import Refused
from scraper.responses.outcomes import Outcome
from spiders.bilibili.spider import BILIBILI

CHALLENGE = Verdict(Outcome.CHALLENGE, "a captcha")
EXPIRED = Verdict(Outcome.COOKIE_EXPIRED, "logged out")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Stats(dict[str, int]):
    def inc_value(self, key: str, count: int = 1) -> None:
        self[key] = self.get(key, 0) + count


def write(folder: Path, **cookies: str) -> None:
    rows = ", ".join(f"{{name: {name}, cookie: SESSDATA={value}}}" for name, value in cookies.items())
    path = folder / BILIBILI.service.name / "config.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"identities: [{rows}]\n")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pool(tmp_path: Path, clock: Clock) -> Pool:
    write(tmp_path, a="1", b="2", c="3")
    pool = Pool(BILIBILI.service, ConfigFile(BILIBILI.service, tmp_path, {}), clock)
    pool.stats = Stats()
    return pool


def names(pool: Pool, *listings: str) -> list[str]:
    return [pool.choose(listing).credentials.name for listing in listings]


def identity(pool: Pool, name: str) -> Identity:
    member = pool.get(name)
    assert member.credentials.name == name
    return member


def test_new_listings_go_round_and_each_keeps_its_identity(pool: Pool) -> None:
    assert names(pool, "l1", "l2", "l3", "l4") == ["a", "b", "c", "a"]
    assert names(pool, "l3", "l1", "l4", "l2") == ["c", "a", "a", "b"]


def test_one_that_waits_gets_no_new_listing_but_keeps_its_own(pool: Pool, clock: Clock) -> None:
    assert names(pool, "l1") == ["a"]
    identity(pool, "a").wait(30, 60)
    assert "a" not in names(pool, "l2", "l3", "l4") and names(pool, "l1") == ["a"]
    clock.now += 31
    assert "a" in names(pool, "l5", "l6", "l7")


def test_a_listing_leaves_an_identity_that_is_stopped_and_does_not_come_back(pool: Pool, clock: Clock) -> None:
    assert names(pool, "l1") == ["a"]
    pool.stop(identity(pool, "a"), CHALLENGE)
    (other,) = names(pool, "l1")
    assert other != "a"
    clock.now += 61
    assert names(pool, "l1") == [other] and not identity(pool, "a").stopped


def test_the_rest_grows_up_to_six_hours(pool: Pool, clock: Clock) -> None:
    rests = []
    for _ in range(11):
        pool.stop(identity(pool, "a"), CHALLENGE)
        rests.append(identity(pool, "a").rested_at - clock.now)
        clock.now += rests[-1] - 1
        assert "a" not in names(pool, *(f"{clock.now} {n}" for n in range(3)))
        clock.now += 2
        assert "a" in names(pool, *(f"{clock.now} {n}" for n in range(3)))
    assert rests == [min(60.0 * 2**n, 21600.0) for n in range(11)]


def test_when_none_is_left_it_says_so_at_once_and_no_rest_helps(pool: Pool, clock: Clock) -> None:
    for name, verdict in (("a", CHALLENGE), ("b", EXPIRED), ("c", CHALLENGE)):
        clock.now += 1
        pool.stop(identity(pool, name), verdict)
    clock.now += 100_000
    with pytest.raises(Refused) as refused:
        pool.choose("any")
    verdict = refused.value.verdict
    assert verdict.outcome is Outcome.CHALLENGE and verdict.final
    assert "all 3 identities were stopped (a: CHALLENGE, b: COOKIE_EXPIRED, c: CHALLENGE)" in verdict.message


def test_a_crawl_without_an_end_uses_a_single_identity_again_after_its_rest(tmp_path: Path, clock: Clock) -> None:
    write(tmp_path, only="1")
    config = ConfigFile(BILIBILI.service, tmp_path, {})
    pool = Pool(BILIBILI.service, config, clock, challenge_stop=2, is_long_lived=True)
    pool.stop(pool.get("only"), CHALLENGE)
    clock.now += 20
    with pytest.raises(Refused) as refused:
        pool.choose("any")
    assert refused.value.verdict.retry_after == 40 and refused.value.verdict.final
    clock.now += 40
    assert names(pool, "any") == ["only"]
    pool.stop(pool.get("only"), CHALLENGE)
    clock.now += 1e6
    with pytest.raises(Refused) as refused:
        pool.choose("any")
    assert "CHALLENGE_STOP" in refused.value.verdict.message and refused.value.verdict.retry_after is None


def test_a_single_identity_rests_to_the_end(tmp_path: Path, clock: Clock) -> None:
    write(tmp_path, only="1")
    pool = Pool(BILIBILI.service, ConfigFile(BILIBILI.service, tmp_path, {}), clock)
    pool.stop(pool.get("only"), CHALLENGE)
    clock.now += 1_000_000
    with pytest.raises(Refused, match="was stopped: a captcha"):
        pool.choose("any")


def test_a_new_cookie_is_a_new_identity_in_health(pool: Pool, tmp_path: Path) -> None:
    for name in "abc":
        pool.stop(identity(pool, name), CHALLENGE)
    write(tmp_path, a="1", b="new and longer", c="3")
    pool.refresh()
    assert {*names(pool, "l1", "l2", "l3")} == {"b"}
    assert identity(pool, "b").stops == 0 and identity(pool, "a").stopped


def test_another_try_is_worth_it_while_another_is_well(pool: Pool, clock: Clock) -> None:
    sent = identity(pool, "a").sent()
    for name in "ab":
        pool.stop(identity(pool, name), CHALLENGE)
    assert pool.other_than(sent.identity)
    pool.stop(identity(pool, "c"), CHALLENGE)
    assert not pool.other_than(sent.identity)


def test_the_health_is_in_the_stats_without_a_cookie(pool: Pool) -> None:
    a = identity(pool, "a")
    pool.stop(a, CHALLENGE)
    pool.stop(a, CHALLENGE)
    pool.note(a.hash, "sent")
    assert pool.stats == {f"identities/bilibili_web/{a.hash}/{what}": 1 for what in ("stopped", "sent")}


def test_challenges_in_a_row_stop_the_service_though_identities_have_rested(tmp_path: Path, clock: Clock) -> None:
    write(tmp_path, a="1", b="2")
    pool = Pool(BILIBILI.service, ConfigFile(BILIBILI.service, tmp_path, {}), clock, challenge_stop=3)

    def challenge(name: str) -> None:
        clock.now += 7 * 3600  # longer than any rest
        pool.choose("another list")
        pool.stop(identity(pool, name), CHALLENGE)

    challenge("a")
    challenge("b")
    pool.challenges = 0  # as after a success
    challenge("a")
    challenge("b")
    pool.stop(identity(pool, "b"), CHALLENGE)  # by an answer that was under way
    assert names(pool, "l1") == ["a"]
    challenge("a")
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            pool.choose("l1")
        assert "challenged 3 times in a row (CHALLENGE_STOP): a captcha" in refused.value.verdict.message
        assert refused.value.verdict.outcome is Outcome.CHALLENGE and refused.value.verdict.final
        clock.now += 1e6
    write(tmp_path, a="1", b="new cookie")
    assert pool.refresh() and pool.challenges == 0 and names(pool, "l1") in (["a"], ["b"])


def test_requests_per_hour_outlive_a_new_cookie_and_another_identity_is_preferred(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 1e9)
    rows = "identities: [{name: a, cookie: SESSDATA=%s}, {name: b, cookie: SESSDATA=2}]\npace: {per_hour: 2}\n"
    path = tmp_path / BILIBILI.service.name / "config.yaml"
    path.parent.mkdir()
    path.write_text(rows % "1")
    pool = Pool(BILIBILI.service, ConfigFile(BILIBILI.service, tmp_path, {}), clock)
    for _ in range(2):
        identity(pool, "a").hourly.note_sent(1e9)
    assert pool.next_allowed(identity(pool, "a"), 1e9) == 1e9 + 3600
    assert names(pool, "l1", "l2", "l3") == ["b", "b", "b"]
    path.write_text(rows % "other")
    assert pool.refresh()
    assert pool.next_allowed(identity(pool, "a"), 1e9) == 1e9 + 3600


def test_the_requests_of_another_crawl_keep_their_distance(pool: Pool, clock: Clock) -> None:
    own, other, one = RequestBudget(), RequestBudget(), identity(pool, "a")
    assert pool.turn_left_s(one, own) == 0
    pool.take(one, own)
    assert pool.turn_left_s(one, own) == 0, "its own slot sees to that"
    assert pool.turn_left_s(one, other) == pool.delay_s > 0
    clock.now += pool.delay_s
    assert pool.turn_left_s(one, other) == 0
    assert (own.sent, other.sent) == (1, 0)
