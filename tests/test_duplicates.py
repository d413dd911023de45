"""Which inputs are fetched, which share an answer, and what the next start of a run knows of them."""

from collections.abc import Iterable

from scraper.inputs.duplicates import InputTracker, ListId
from scraper.jobs.job import Job
from scraper.platform.targets import Target


def job(ident: str, number: int, given: str = "", page: int = 1) -> Job:
    return Job(
        router="/api/x", target=Target("video", ident, given or f"link{number}", (), "toy"), input=number, page=page
    )


def resumed(inputs: InputTracker, open_walks: Iterable[ListId] = ()) -> InputTracker:
    """Return what the next start of the run knows."""
    changes, following = inputs.take_changes(), InputTracker()
    following.restore(changes.asked, changes.led, open_walks, changes.shared)
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


def test_each_thing_is_followed_once_and_not_where_the_user_asked_for_it() -> None:
    inputs = InputTracker()
    inputs.ask(job("1", 1))
    inputs.ask(job("2", 1), from_short_link=True)
    assert [inputs.follow(("/api/x", f"toy:video:{ident}")) for ident in "12334"] == [False, False, True, False, True]
    again = resumed(inputs)
    assert [again.follow(("/api/x", f"toy:video:{ident}")) for ident in "12345"] == [False] * 4 + [True]


def test_the_next_start_knows_who_waits_for_which_answer() -> None:
    inputs = InputTracker()
    for asking in (job("1", 1), job("2", 2), job("3", 3)):
        inputs.ask(asking, [f"again{asking.input}"])
    inputs.answer(job("1", 1))
    following = resumed(inputs, [job("2", 2).walk, job("3", 3).walk])
    assert following.unanswered() == ["toy:video:2", "toy:video:3"]
    assert not following.ask(job("2", 5), from_short_link=True) and following.ask(job("1", 6), from_short_link=True)
    assert following.answer(job("2", 2)) == ["again2", "link5"] and following.answer(job("1", 6)) == ()
    assert following.answer(job("1", 1, page=2)) == ["again1"], "of a list that goes on"
    following.suspend(job("3", 3))
    assert following.unanswered() == [] and following.is_open(job("3", 3).walk)
    changes = following.take_changes()
    assert changes.answered == [job("2", 2).walk, job("1", 6).walk] and changes.shared == [(job("2", 2).walk, "link5")]
