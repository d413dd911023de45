"""Count what the workers do, in spans of ten minutes: runs by spider, lines by router, answers by service.

Of a run under way counts what it has committed. A worker adds up in memory and writes every few seconds: one that is
killed loses what it counted since then.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, literal_column, text
from sqlalchemy.dialects.postgresql import insert

from scraper.fleet.database import FleetDatabase
from scraper.fleet.schema import COUNT, NOW
from scraper.ledger.progress import Progress
from scraper.output.statistics import counts, records

RUN, LINE, ANSWER = "run", "line", "answer"
STARTS, COMPLETE, REQUESTS, RECORDS = "starts", "complete", "requests", "records"
"""The names of numbers of runs."""
SENT = "sent"
"""The name of the number of requests of a service. Its answers have the names of outcomes, or `ok`."""
SPAN_S = 600
KEPT_S = 2 * 86_400
_IDENTITIES = "identities/"
_MOST_DROPPED = 500  # rows at a time


class Key(NamedTuple):
    """What is counted: see `COUNT`."""

    part: str
    source: str
    name: str


@dataclass(eq=False)
class _Start:
    """One start of a run that is under way.

    :ivar committed: returns how far the run is, None until it has begun
    :ivar seen: what was counted of the run
    """

    spider: str
    committed: Callable[[], Progress | None]
    seen: Counter[Key]


class Tally:
    """What one worker counted and did not write yet."""

    def __init__(self) -> None:
        self._numbers: Counter[Key] = Counter()
        self._under_way: list[_Start] = []
        self._answers: Counter[Key] = Counter()

    @property
    def sent(self) -> int:
        """Number of requests that were seen in all."""
        return sum(number for key, number in self._answers.items() if key.name == SENT)

    @contextmanager
    def counting(self, spider: str, before: Progress, committed: Callable[[], Progress | None]) -> Iterator[None]:
        """Count one start of a run, and while it is under way what it commits.

        :param before: how far the run was when it was started
        :param committed: returns how far it is, None until it has begun
        """
        self._numbers[Key(RUN, spider, STARTS)] += 1
        start = _Start(spider, committed, _totals(spider, before))
        self._under_way.append(start)
        try:
            yield
        finally:
            self._under_way.remove(start)
            self._see_run(start)

    def see_runs(self) -> None:
        """Count what the runs under way committed since the last call."""
        for start in self._under_way:
            self._see_run(start)

    def _see_run(self, start: _Start) -> None:
        if (progress := start.committed()) is not None:
            now = _totals(start.spider, progress)
            self._numbers.update(now - start.seen)
            start.seen = now

    def add_complete(self, spider: str) -> None:
        """Count a run of which nothing is left."""
        self._numbers[Key(RUN, spider, COMPLETE)] += 1

    def see_answers(self, stats: Mapping[str, object]) -> None:
        """Count the requests and answers since the last call.

        :param stats: those of the crawl whose identities all runs of the worker use
        """
        now: Counter[Key] = Counter()
        for name, value in stats.items():
            if name.startswith(_IDENTITIES) and isinstance(value, int):
                _, service, _, what = name.split("/")
                now[Key(ANSWER, service, what)] += value
        self._numbers.update(now - self._answers)
        self._answers = now

    async def write(self, database: FleetDatabase, worker: str) -> None:
        """Write what was counted. What cannot be written now is written the next time.

        :raises sqlalchemy.exc.SQLAlchemyError: if the database refuses it, or is away
        :raises OSError: the same
        """
        numbers, self._numbers = +self._numbers, Counter()
        is_written = not numbers
        try:
            if numbers:
                await database.run(partial(_add, worker=worker, numbers=numbers), tries=1)
                is_written = True
        finally:
            if not is_written:
                self._numbers.update(numbers)


def _totals(spider: str, progress: Progress) -> Counter[Key]:
    """Return what all starts of a run did."""
    totals = Counter({Key(RUN, spider, REQUESTS): progress.sent})
    totals[Key(RUN, spider, RECORDS)] = sum(records(progress.counts).values())
    for (router, outcome), number in counts(progress.counts).items():
        totals[Key(LINE, router, outcome.name)] += number
    return totals


def _add(connection: Connection, worker: str, numbers: Mapping[Key, int]) -> None:
    span: ColumnElement[int] = literal_column(f"({NOW})::bigint / {SPAN_S} * {SPAN_S}")
    rows = [
        {"time": span, "worker": worker, "number": number, **key._asdict()} for key, number in sorted(numbers.items())
    ]
    added = insert(COUNT).values(rows)
    sums = {"number": COUNT.c.number + added.excluded.number}
    connection.execute(added.on_conflict_do_update(index_elements=[*COUNT.primary_key], set_=sums))
    connection.execute(text(_DROP))


_DROP = f"""DELETE FROM fleet_count WHERE ctid IN (
    SELECT ctid FROM fleet_count WHERE time < {NOW} - {KEPT_S} FOR UPDATE SKIP LOCKED LIMIT {_MOST_DROPPED})"""
