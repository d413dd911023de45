"""The exit code of a crawl. The first rule that applies decides:

1  an error of this program: a BUG envelope, an exception of a callback, a pipeline or an item, or an input without a
   line
7  an output failed: a feed, the database, or what is kept of a run
6  fields of the records are known so much less often than usual that the platform must have changed: DRIFT_EXIT
0  every input got its record or a definite answer, and the crawl ran to its end
2  nothing but bad input
4  nothing succeeded: blocked
5  nothing succeeded: a login is needed
6  nothing succeeded: the platform's answers changed
3  some inputs failed, or the crawl was stopped
"""

from collections.abc import Collection, Mapping

from scraper.output.sinks import OUTPUT_FAILURES
from scraper.output.statistics import DRIFTED, ITEM_ERRORS, PIPELINE_ERRORS, UNANSWERED, counts
from scraper.responses.outcomes import DEFINITE, Outcome
from scraper.responses.wording import counted

DONE, BUG, USAGE, SOME_FAILED, BLOCKED, LOGIN, CHANGED, OUTPUT = 0, 1, 2, 3, 4, 5, 6, 7
_SPIDER_EXCEPTIONS = "spider_exceptions/"
_NOTHING_SUCCEEDED: tuple[tuple[int, Collection[Outcome]], ...] = (
    (BLOCKED, (Outcome.CHALLENGE, Outcome.RATE_LIMITED, Outcome.SIGNATURE_REJECTED)),
    (LOGIN, (Outcome.LOGIN_REQUIRED, Outcome.COOKIE_EXPIRED)),
    (CHANGED, (Outcome.UPSTREAM_CHANGED,)),
)


def of_crawl(stats: Mapping[str, object]) -> int:
    """Return the exit code of a finished crawl.

    :param stats: all of the crawl's stats
    """
    outcomes = {outcome for _, outcome in counts(stats)}
    lost = stats.get(ITEM_ERRORS) or stats.get(PIPELINE_ERRORS)
    if Outcome.BUG in outcomes or lost or has_spider_exception(stats):
        return BUG
    if stats.get(OUTPUT_FAILURES):
        return OUTPUT
    if stats.get("finish_reason") == "finished" and stats.get(UNANSWERED):
        return BUG
    if stats.get(DRIFTED):
        return CHANGED
    return exit_code(outcomes, stats.get("finish_reason") == "finished")


def of_run(stats: Mapping[str, object], inputs: int) -> int:
    """Return the exit code of a finished crawl of links: without any, it is wrong usage.

    :param inputs: number of links that were read
    """
    code = of_crawl(stats)
    return USAGE if code == DONE and not counts(stats) and not inputs else code


def incomplete(stats: Mapping[str, object]) -> str:
    """Return why a crawl that ended is incomplete, apart from the inputs that have a failure; "" if it is not.

    >>> incomplete({"finish_reason": "closespider_timeout"})
    'the crawl was stopped before its end (closespider_timeout)'
    >>> incomplete({"finish_reason": "finished", UNANSWERED: 2}), incomplete({"finish_reason": "finished"})
    ('2 inputs were not answered', '')
    """
    reason = stats.get("finish_reason")
    unanswered = stats.get(UNANSWERED)
    if reason != "finished":
        return f"the crawl was stopped before its end ({reason})"
    if isinstance(unanswered, int) and unanswered:
        return f"{counted(unanswered, 'input')} {'was' if unanswered == 1 else 'were'} not answered"
    if stats.get(PIPELINE_ERRORS):
        return "a pipeline raised an exception when it closed, and its output may be incomplete"
    return "a component raised an exception" if has_spider_exception(stats) else ""


def has_spider_exception(stats: Mapping[str, object]) -> bool:
    """Return whether a callback raised an exception that Scrapy counted."""
    return any(name.startswith(_SPIDER_EXCEPTIONS) for name in stats)


def exit_code(outcomes: Collection[Outcome], finished: bool) -> int:
    """Return the exit code for the outcomes of a crawl's envelopes.

    >>> exit_code({Outcome.OK, Outcome.NOT_FOUND}, True), exit_code({Outcome.BAD_INPUT}, True)
    (0, 2)
    >>> exit_code({Outcome.OK, Outcome.CHALLENGE}, True), exit_code({Outcome.CHALLENGE, Outcome.UPSTREAM}, True)
    (3, 4)
    >>> exit_code({Outcome.OK}, False), exit_code({Outcome.BAD_INPUT, Outcome.LOGIN_REQUIRED}, True)
    (3, 5)
    >>> exit_code({Outcome.OK, Outcome.BUG}, True), exit_code({Outcome.BAD_INPUT}, False)
    (1, 3)
    """
    if Outcome.BUG in outcomes:
        return BUG
    failed = set(outcomes) - {Outcome.OK} - DEFINITE
    if not failed:
        return DONE if finished else SOME_FAILED
    if failed != set(outcomes):
        return SOME_FAILED
    if failed == {Outcome.BAD_INPUT}:
        return USAGE if finished else SOME_FAILED
    return next((code for code, kinds in _NOTHING_SUCCEEDED if failed & set(kinds)), SOME_FAILED)
