"""What a run that ended has left to do."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, select

from scraper.inputs.duplicates import ListId
from scraper.jobs.dispatch import Purpose
from scraper.jobs.job import Job
from scraper.ledger.schema import LIST, LOOKUP, MARK, PAGE, REQUEST, SHARED
from scraper.ledger.step import decode_job, unpacked

_AT_ONCE = 500
_walk = msgspec.msgpack.Decoder(ListId).decode


class LeftRequest(NamedTuple):
    """A request that was not answered.

    :ivar unanswered: whether its input has no answer yet
    :ivar failure: why it was given up for now
    """

    number: int
    purpose: Purpose
    job: Job
    unanswered: bool
    failure: bytes | None


class LeftList(NamedTuple):
    """A list that has not ended."""

    walk: ListId
    state: bytes
    keys: Sequence[int]
    cursors: Sequence[str]


class Left(NamedTuple):
    """
    :ivar asked: hashes of targets that inputs asked for
    :ivar led: hashes of targets that were followed
    :ivar taken: the numbers of inputs that were taken before others in front of them
    :ivar repeated: the places of inputs that came again, and were answered
    :ivar shared: walks, and inputs that get their answers as well
    :ivar lookups: the hints from lookup routes, by source
    """

    requests: list[LeftRequest]
    lists: list[LeftList]
    asked: Sequence[int]
    led: Sequence[int]
    taken: frozenset[int]
    repeated: frozenset[int]
    shared: list[tuple[ListId, str]]
    lookups: dict[str, Mapping[str, str]]


def left_of(connection: Connection, run_id: str) -> Left:
    """Return what a run has left to do."""
    return Left(
        requests=_requests(connection, run_id, 0, None),
        lists=_lists(connection, run_id),
        asked=_marks(connection, run_id, "asked"),
        led=_marks(connection, run_id, "led"),
        taken=frozenset(_marks(connection, run_id, "taken")),
        repeated=frozenset(_marks(connection, run_id, "repeated")),
        shared=[
            (_walk(row.walk), row.input)
            for row in connection.execute(select(SHARED).filter_by(run_id=run_id).order_by(SHARED.c.id))
        ],
        lookups={
            row.source: msgspec.json.decode(row.hints)
            for row in connection.execute(select(LOOKUP).filter_by(run_id=run_id))
        },
    )


def suspended_requests(connection: Connection, run_id: str, after: int) -> list[LeftRequest]:
    """Return some of the requests that were given up for now, in their order."""
    return _requests(connection, run_id, after, _AT_ONCE, REQUEST.c.failure.is_not(None))


def left_jobs(connection: Connection, run_id: str) -> Iterator[Job]:
    """Yield the jobs of all requests without an answer."""
    return _jobs(connection, run_id)


def suspended_jobs(connection: Connection, run_id: str) -> Iterator[Job]:
    """Yield the jobs of the requests that were given up for now."""
    return _jobs(connection, run_id, REQUEST.c.failure.is_not(None))


def _jobs(connection: Connection, run_id: str, *further: object) -> Iterator[Job]:
    last = 0
    while requests := _requests(connection, run_id, last, _AT_ONCE, *further):
        last = requests[-1].number
        yield from (request.job for request in requests)


def _requests(connection: Connection, run_id: str, after: int, most: int | None, *further: object) -> list[LeftRequest]:
    query = select(REQUEST).where(REQUEST.c.run_id == run_id, REQUEST.c.number > after, *further)  # type: ignore[arg-type]
    return [
        LeftRequest(row.number, row.purpose, decode_job(row.job), bool(row.unanswered), row.failure)
        for row in connection.execute(query.order_by(REQUEST.c.number).limit(most))
    ]


def _lists(connection: Connection, run_id: str) -> list[LeftList]:
    lists = []
    for row in connection.execute(select(LIST).filter_by(run_id=run_id)):
        pages = connection.execute(select(PAGE).filter_by(run_id=run_id, walk=row.walk).order_by(PAGE.c.id)).all()
        keys = [key for page in pages for key in unpacked(page.keys)]
        lists.append(LeftList(_walk(row.walk), row.state, keys, [page.cursor for page in pages]))
    return lists


def _marks(connection: Connection, run_id: str, kind: str) -> list[int]:
    rows = connection.execute(select(MARK).filter_by(run_id=run_id, kind=kind))
    return [number for row in rows for number in unpacked(row.numbers)]
