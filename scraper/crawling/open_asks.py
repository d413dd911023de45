"""Keep the state of the asks under way, and detect when one is done. Nothing is kept of a finished ask."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from scraper.crawling.list_registry import ListRegistry
from scraper.inputs.ask import Ask
from scraper.inputs.duplicates import InputTracker
from scraper.jobs.job import Job
from scraper.ledger.stops import Stop
from scraper.output.envelope import Envelope


class Receiver(Protocol):
    """Receives the envelopes of an ask."""

    def receive(self, envelopes: Sequence[Envelope]) -> None:
        """Take the envelopes of one page, as the pipelines left them."""

    def finish(self, complete: bool) -> None:
        """Note that there are no more envelopes.

        :param complete: whether every input was answered; False if the crawl was stopped
        """


class OpenAsk:
    """One ask under way.

    :ivar inputs: its targets: requested, followed, and sharing an answer
    :ivar lists: its lists
    :ivar pending: number of its requests and pages under way
    :ivar is_left: whether its caller has stopped waiting
    :ivar results: how its lists ended or stopped, if its caller asks for them; see `ListRegistry.take_ended`
    """

    def __init__(self, ask: Ask, lists: ListRegistry, receiver: Receiver | None = None):
        self.ask, self.lists, self.receiver = ask, lists, receiver
        self.inputs = InputTracker()
        self.pending = 0
        self.is_left = False
        self.results: list[dict[str, Any]] | None = None
        self._under_way: dict[int, list[Job]] = {}  # by identity: a request and a page may have the same job

    @property
    def under_way(self) -> list[Job]:
        """The jobs of requests and pages that were not finished."""
        return [job for same in self._under_way.values() for job in same]

    def started(self, job: Job) -> None:
        """Note that a request or a page of a job is under way."""
        self.pending += 1
        self._under_way.setdefault(id(job), []).append(job)

    def ended(self, job: Job) -> None:
        """Note that a request or a page of a job is finished."""
        self.pending -= 1
        if same := self._under_way.get(id(job)):
            same.pop()
            if not same:
                del self._under_way[id(job)]


class OpenAsks:
    """All asks of a crawl, by id. An ask with a receiver is forgotten as soon as none of its requests is under way."""

    def __init__(self, new_lists: Callable[[], ListRegistry]):
        self._new_lists = new_lists
        self._open: dict[int, OpenAsk] = {}

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[OpenAsk]:
        return iter(self._open.values())

    def open(self, ask: Ask, receiver: Receiver | None = None) -> OpenAsk:
        """Add an ask and return its state."""
        opened = self._open[ask.id] = OpenAsk(ask, self._new_lists(), receiver)
        return opened

    def of(self, job: Job) -> OpenAsk:
        """Return the ask of a job. It is added if the job was read from disk and is the first of its ask."""
        return self._open.get(job.ask.id) or self.open(job.ask)

    def open_one(self, ask_id: int) -> OpenAsk:
        """Return the open ask with an id."""
        return self._open[ask_id]

    def started(self, job: Job) -> None:
        """Note that a request or a page of a job is under way."""
        self.of(job).started(job)

    def ended(self, job: Job) -> None:
        """Note that a request or a page of a job is finished."""
        known = self._open.get(job.ask.id)
        if known is None:
            return
        known.ended(job)
        if known.pending <= 0 and known.receiver is not None:
            self._close(known, complete=True)

    def receive(self, job: Job, envelopes: Sequence[Envelope]) -> None:
        """Pass a page to the receiver of its ask."""
        known = self._open.get(job.ask.id)
        if known is not None and known.receiver is not None and not known.is_left:
            known.receiver.receive(envelopes)

    def leave(self, ask_id: int) -> None:
        """Note that the caller of an ask has stopped waiting: no more requests are sent for it."""
        if (known := self._open.get(ask_id)) is not None:
            known.is_left = True

    def close(self, reason: Stop) -> list[dict[str, Any]]:
        """Finish all asks at the end of the crawl, and return the results of the lists that were open.

        :param reason: why it ends
        """
        lists = []
        for known in list(self._open.values()):
            lists += known.lists.interrupt(reason)
            self._close(known, complete=False)
        return lists

    def unanswered(self) -> list[str]:
        """Return the targets that got no answer."""
        return [target for known in self._open.values() for target in known.inputs.unanswered()]

    def _close(self, known: OpenAsk, complete: bool) -> None:
        self._open.pop(known.ask.id, None)
        if known.receiver is not None:
            known.receiver.finish(complete)
