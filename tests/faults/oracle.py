"""Whether a crawl lost anything without a word. Nothing here knows what the program believes of itself.

What is missing is judged by what the lines are worth to a reader: a line that names a record covers it, and one that
names a command or an input covers what that gives in a sound world, where it is run.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache

from tests.crawling import Crawl, crawl
from tests.faults.inputs import CONFIG, OTHER_SERVICES, WORLD, Given
from tests.faults.outputs import Row

_COMMAND = re.compile(r"scrapy crawl \w+(?: -a (?:'[^']*'|[^\s']+)+)+")
_RESUME = re.compile(r"To continue: scrapy resume (\S+)")
_WRITTEN = re.compile(r"^.*?(\S+) cannot be written: .*\((\d+) items are in it\)$", re.M)
NOT_STARTED = re.compile(r"The crawl did not start: .*no request was sent")


class Verdict:
    """What one crawl left.

    :param rows: of its output
    :param failures: the lines about what is not in it
    :param resumed: continues the run in a sound world, and returns what it left then
    """

    def __init__(
        self,
        given: Given,
        done: Crawl,
        rows: Collection[Row],
        failures: Iterable[Row],
        resumed: Callable[[str], Verdict | None],
    ):
        self._given, self._done, self.rows, self._resumed = given, done, rows, resumed
        self._failures = list(failures)
        self.keys = [row.key for row in rows if row.code == 200]
        self.missing = given.keys - set(self.keys)

    def check(self, uri: str) -> None:
        """Hold that all is there, or that lines and exit code say what is not."""
        assert len(self.keys) == len(set(self.keys)), "a row is there twice"
        assert set(self.keys) <= self._given.keys, "a row that nobody asked for"
        warnings = warnings_of(self._done.err)
        if self._done.code == 0:
            assert not self.missing and not self._failures, (self.missing, warnings)
        assert self._done.code in range(8), warnings
        for sink, number in _WRITTEN.findall(self._done.err):
            assert sink != uri or int(number) == len(self.rows), (number, len(self.rows), warnings)
        left = self.missing - self._covered()
        assert not left, (len(left), sorted(left)[:3], self._done.code, warnings)

    def _covered(self) -> set[str]:
        if not self.missing:
            return set()
        if NOT_STARTED.search(self._done.err):
            assert not self._done.requests
            return set(self._given.keys)
        covered: set[str] = set()
        for run_id in _RESUME.findall(self._done.err)[-1:]:
            if (whole := self._resumed(run_id)) is not None:
                whole.check("")
                covered |= {*whole.keys, *whole._covered()}
        for command in _COMMAND.findall(self._done.err):
            covered |= _given_by(command)
        for failure in self._failures:
            covered |= self._covered_by(failure)
        return covered

    def _covered_by(self, failure: Row) -> Collection[str]:
        error = failure.data["error"]
        assert error["message"] and error["remedy"] and error["input"], failure
        if commands := _COMMAND.findall(error["remedy"]):
            return {key for command in commands for key in _given_by(command)}
        if failure.key in self._given.keys:
            return {str(failure.key)}
        others = [word for word in self._given.words if not word.startswith("url=")]
        return _given_by(
            shlex.join(["scrapy", "crawl", self._given.spider, *_arguments([f"url={error['input']}", *others])])
        )


def without_repeated(printed: Sequence[Row], rows: Iterable[Row]) -> Sequence[Row]:
    """Return what earlier starts printed, without what a resumed one printed again.

    Only the last rows may be printed again: they are of pages that were under way when the earlier start ended.
    """
    again = {row.key for row in rows if row.code == 200}
    kept = [row for row in printed if row.key not in again]
    assert kept == [*printed[: len(kept)]], "a row of a complete page was printed again"
    return kept


def warnings_of(log: str) -> str:
    """The lines of a log that a reader is warned by, and what else is no ordinary line."""
    lines = (line for line in log.splitlines() if not re.search(r"\] (INFO|DEBUG): |^[ {]|^\[\]$", line))
    return "\n".join(lines)[-4000:]


def _arguments(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        yield from ("-a", word)


@cache
def _given_by(command: str) -> frozenset[str]:
    """Run a command in a sound world, and return the keys of its records."""
    words = shlex.split(command)
    assert words[:2] == ["scrapy", "crawl"] and set(words[3::2]) == {"-a"}
    done = crawl(
        *words[4::2], world=WORLD, command=words[1:3], config=CONFIG, configs=dict.fromkeys(OTHER_SERVICES, "")
    )
    assert done.code == 0, (command, done.err)
    return frozenset(record["meta"]["key"] for record in done.records)
