"""Which inputs are fetched, which share an answer, and what the next run of a paused crawl knows of them."""

from pathlib import Path

import pytest

from scraper.inputs.duplicates import InputTracker
from scraper.jobs.job import Job
from scraper.platform.targets import Target


def job(ident: str, number: int, given: str = "", page: int = 1) -> Job:
    return Job(
        router="/api/x", target=Target("video", ident, given or f"link{number}", (), "toy"), input=number, page=page
    )


def resumed(inputs: InputTracker, folder: Path) -> InputTracker:
    """Return what the next run knows."""
    inputs.save(folder / "inputs")
    following = InputTracker()
    following.load(folder / "inputs")
    return following


def test_what_comes_before_the_first_answer_shares_it_and_each_of_its_pages() -> None:
    inputs, first, second, third = InputTracker(), job("1", 1), job("1", 2), job("1", 3)
    assert inputs.ask(first, ["again"]) and not inputs.ask(second, ["more"], from_short_link=True)
    assert inputs.unanswered() == ["toy:video:1"]
    assert inputs.answer(first) == ["again", "link2", "more"] and inputs.unanswered() == []
    assert inputs.ask(third, from_short_link=True), "it came later, and gets all of an answer of its own"
    assert inputs.answer(job("1", 1, page=2)) == ["again", "link2", "more"] and inputs.answer(third) == ()


def test_a_short_link_hands_on_whom_it_stood_for() -> None:
    inputs, short = InputTracker(), job("short", 1)
    inputs.ask(short, ["again"])
    assert inputs.ask(job("1", 1), inputs.leave(short), from_short_link=True) and inputs.unanswered() == ["toy:video:1"]
    assert inputs.answer(job("1", 1)) == ["again"] and inputs.leave(short) == ()


def test_each_thing_is_followed_once_and_not_where_the_user_asked_for_it(tmp_path: Path) -> None:
    inputs = InputTracker()
    inputs.ask(job("1", 1))
    inputs.ask(job("2", 1), from_short_link=True)
    assert [inputs.follow(("/api/x", f"toy:video:{ident}")) for ident in "12334"] == [False, False, True, False, True]
    assert not resumed(inputs, tmp_path).follow(("/api/x", "toy:video:1"))


def test_the_next_run_asks_for_nothing_again_and_loses_nobody(tmp_path: Path) -> None:
    inputs = InputTracker()
    for asking in (job("1", 1), job("2", 2), job("3", 3)):
        inputs.ask(asking, [f"again{asking.input}"])
    inputs.answer(job("1", 1))
    following = resumed(inputs, tmp_path)
    assert following.resumed and following.unanswered() == ["toy:video:2", "toy:video:3"]
    assert not any(following.ask(job(str(number), number), [f"again{number}"]) for number in (1, 2, 3))
    assert following.ask(job("4", 4)), "a line that was added"
    assert not following.ask(job("2", 5), from_short_link=True) and following.ask(job("1", 6), from_short_link=True)
    assert following.answer(job("2", 2)) == ["again2", "link5"] and following.answer(job("1", 6)) == ()
    assert following.answer(job("1", 1, page=2)) == ["again1"], "of a list that goes on"
    assert resumed(following, tmp_path).unanswered() == ["toy:video:3", "toy:video:4"]


def test_after_a_kill_nothing_joins_what_may_be_answered(tmp_path: Path) -> None:
    inputs = InputTracker()
    inputs.ask(job("1", 1), ["again"])
    killed = resumed(inputs, tmp_path)
    killed.answer(job("1", 1))
    following = InputTracker()
    following.load(tmp_path / "inputs")
    assert following.unanswered() == [] and following.ask(job("1", 2), from_short_link=True)
    assert not following.ask(job("1", 1)) and following.answer(job("1", 1)) == ["again"]
    unknown = InputTracker()
    assert unknown.ask(job("1", 1), ["again"])
    unknown.answered_before(job("1", 1))  # its request is on disk, or was answered
    assert (
        unknown.resumed and unknown.ask(job("1", 2), from_short_link=True) and unknown.answer(job("1", 1)) == ["again"]
    )


def test_a_file_that_cannot_be_read_costs_no_crawl(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    inputs = InputTracker()
    inputs.load(tmp_path / "inputs")
    assert not inputs.resumed and not caplog.messages
    for bad in (b"", b"\xc1junk", b"\x81\xa5asked\x01"):
        (tmp_path / "inputs").write_bytes(bad)
        inputs.load(tmp_path / "inputs")
        assert not inputs.resumed and inputs.ask(job("1", 1)) and "may be answered again" in caplog.messages.pop()
        caplog.clear()
        inputs = InputTracker()
