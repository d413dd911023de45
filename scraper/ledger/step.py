"""What one answer changed: requests, lists, inputs. It is committed together with the records of the answer."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
from sqlalchemy import Connection

from scraper.inputs.duplicates import ListId
from scraper.jobs.dispatch import Purpose
from scraper.jobs.job import Job
from scraper.ledger.watched import WatchChange
from scraper.records import RECORDS

MarkKind = Literal["asked", "led", "repeated", "taken"]


class NewRequest(NamedTuple):
    """A request that is not answered yet.

    :ivar unanswered: whether the input that led to it has no answer yet
    :ivar failure: why it is not sent now, None if it is
    """

    number: int
    purpose: Purpose
    job: Job
    unanswered: bool
    failure: bytes | None = None


class ListChange(NamedTuple):
    """What a page changed in its list.

    :ivar state: the encoded progress, None if the list has ended
    :ivar keys: hashes of the records that are new
    :ivar watched: what changed in the state that later runs see
    """

    walk: ListId
    state: bytes | None
    keys: Sequence[int]
    cursor: str
    watched: WatchChange | None = None


class Retry(NamedTuple):
    """What to request again after a failure.

    :ivar job: None if that cannot help
    :ivar arguments: those of a crawl that requests it alone; empty if there are none
    """

    job: Job | None
    arguments: Mapping[str, str] = {}
    title: str = ""


class FailureRow(NamedTuple):
    """A row of the table `failure`, without its run."""

    router: str
    input: str
    target: str | None
    title: str | None
    code: int
    name: str
    message: str
    arguments: str | None = None
    job: bytes | None = None
    number: int | None = None


class Step(msgspec.Struct, kw_only=True):
    """The changes that one answer, or one input, led to.

    :ivar answered: the number of the request that was answered; 0 for an input
    :ivar failure: why the request was given up for now; nothing else changes then
    :ivar requests: those that follow
    :ivar lists: the lists whose state changed
    :ivar settled: the numbers of other requests whose input was answered by this step
    :ivar marks: hashes of targets that were asked for or followed, and the places of repeated inputs
    :ivar shared: inputs that get the answers of a walk as well
    :ivar taken: the number of the input, None if it is none, or came again
    :ivar lookups: the hints from lookup routes that are new, by source; None for those that are forgotten
    :ivar ended: the results of lists that have ended
    :ivar counts: the numbers of its envelopes by stats key, once they are written
    :ivar failures: its failures, once they are written
    :ivar work: further work in the same transaction
    :ivar capture: writes the captured answer to disk, before the commit
    :ivar leave: called when the step is committed, or cannot be
    :ivar then: called with whether it is committed
    """

    answered: int = 0
    failure: bytes | None = None
    requests: list[NewRequest] = []
    lists: list[ListChange] = []
    settled: list[int] = []
    marks: Mapping[MarkKind, Sequence[int]] = {}
    shared: list[tuple[ListId, str]] = []
    taken: int | None = None
    lookups: Mapping[str, Mapping[str, str] | None] = {}
    ended: list[dict[str, Any]] = []
    counts: Mapping[str, int] = {}
    failures: Sequence[FailureRow] = ()
    work: Callable[[Connection], None] | None = None
    capture: Callable[[], None] | None = None
    leave: Callable[[], None] | None = None
    then: Callable[[bool], object] | None = None

    def end(self, is_committed: bool) -> None:
        """Tell those who wait for the step that it is committed, or cannot be."""
        if self.leave is not None:
            self.leave()
        if self.then is not None:
            self.then(is_committed)


def encode_job(job: Job) -> bytes:
    return msgspec.msgpack.encode(job)


def decode_job(stored: bytes) -> Job:
    """Decode a job with the records that it holds."""
    job = msgspec.msgpack.decode(stored, type=Job)
    if job.held is None and job.poorer is None:
        return job
    return msgspec.structs.replace(job, held=_record(job.held), poorer=_record(job.poorer))


def _record(values: Any) -> Any:
    return values and msgspec.convert(values, RECORDS[values["meta"]["record_type"]])


def suspended_failure(encoded: bytes, given: str | None, number: int) -> FailureRow:
    """Return the row of a request that was given up for now.

    :param encoded: its envelope
    :param given: another input that gets the same answer, None for its own
    """
    envelope = msgspec.msgpack.decode(encoded)
    error, key = envelope["data"]["error"], envelope["data"]["meta"].get("key")
    given = error["input"] if given is None else given
    return FailureRow(
        envelope["router"], given, key, None, envelope["code"], error["name"], error["message"], number=number
    )


def packed(numbers: Sequence[int]) -> bytes:
    """Return 64-bit numbers as bytes."""
    return array("Q", numbers).tobytes()


def unpacked(stored: bytes) -> "array[int]":
    numbers = array("Q")
    numbers.frombytes(stored)
    return numbers
