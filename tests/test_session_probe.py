"""Where every route was refused: what a probe of the session says of it."""

import pytest

from scraper.crawling.session_probe import SessionProbes, judged
from scraper.identities.identity import Sent
from scraper.jobs.job import Job, Tried
from scraper.platform.targets import Target
from scraper.responses import Verdict
from scraper.responses.outcomes import Outcome

JOB = Job(router="/api/x", target=Target("video", "1", "1")).awaiting_probe(
    Tried(0, Outcome.CHALLENGE.value, "the answer is empty", "aaaa")
)


def sent(login_cookie: bool = False) -> Sent:
    return Sent("aaaa", login_cookie, None, "agent", "")


def test_a_session_that_is_served_elsewhere_means_that_the_routes_are_stale() -> None:
    verdict = judged(JOB, Verdict(Outcome.OK), None, sent())
    assert verdict.outcome is Outcome.SIGNATURE_REJECTED
    assert verdict.final
    assert "the answer is empty" in verdict.message


def test_a_session_that_is_not_logged_in_any_more_has_a_dead_cookie() -> None:
    assert judged(JOB, Verdict(Outcome.OK), False, sent(True)).outcome is Outcome.COOKIE_EXPIRED
    assert judged(JOB, Verdict(Outcome.OK), False, sent(False)).outcome is Outcome.SIGNATURE_REJECTED
    assert judged(JOB, Verdict(Outcome.OK), True, sent(True)).outcome is Outcome.SIGNATURE_REJECTED


@pytest.mark.parametrize(
    "outcome", [Outcome.CHALLENGE, Outcome.RATE_LIMITED, Outcome.GEO_BLOCKED, Outcome.COOKIE_EXPIRED]
)
def test_a_session_that_is_refused_everywhere_is_what_is_wrong(outcome: Outcome) -> None:
    verdict = judged(JOB, Verdict(outcome, "no", retry_after=3.0), None, sent(True))
    assert (verdict.outcome, verdict.retry_after, verdict.final) == (outcome, 3.0, False)


@pytest.mark.parametrize("outcome", [Outcome.UPSTREAM, Outcome.UPSTREAM_CHANGED, Outcome.PROXY, Outcome.NOT_FOUND])
def test_an_answer_that_tells_nothing_leaves_the_last_word_standing(outcome: Outcome) -> None:
    assert judged(JOB, Verdict(outcome), None, sent())[:2] == (Outcome.CHALLENGE, "the answer is empty")


def test_a_probe_is_believed_for_a_minute_and_for_its_identity_only() -> None:
    now = [1000.0]
    session_probes = SessionProbes(lambda: now[0])
    assert session_probes.known(JOB, sent()) is None
    verdict = session_probes.note(JOB, Verdict(Outcome.OK, data={"a": 1}), None, sent())
    assert session_probes.known(JOB, sent()) == verdict
    assert session_probes.known(JOB, sent()._replace(identity="bbbb")) is None
    now[0] += 61
    assert session_probes.known(JOB, sent()) is None
