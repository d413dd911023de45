"""Recognise equal inputs: a target given twice is fetched once, and each input is answered once."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from scraper.inputs.hashing import HashSet, hash64
from scraper.platform.targets import Target


class ListId(NamedTuple):
    """Identifies one walk through a list, or one fetch of a single record.

    :param ask: the id of the ask
    :param input: the number of the input in its ask
    :param target: the key of the target
    :param policy: identifies what its row asks for, see `Ask`
    """

    ask: int
    input: int
    router: str
    target: str
    policy: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """Router, target and policy, without the input that requested them."""
        return (*self.asked, self.policy) if self.policy else self.asked

    @property
    def asked(self) -> tuple[str, str]:
        """Router and target."""
        return self.router, self.target


class Fetch(Protocol):
    """The job of an input, as the tracker uses it."""

    @property
    def walk(self) -> ListId: ...

    @property
    def target(self) -> Target: ...


class InputChanges(NamedTuple):
    """What changed in an `InputTracker` since it was last asked.

    :ivar asked: hashes of targets that inputs asked for
    :ivar led: hashes of targets that were followed
    :ivar repeated: the places of inputs that came again
    :ivar shared: walks, and inputs that get their answers as well
    :ivar answered: walks that got their first answer
    """

    asked: list[int]
    led: list[int]
    repeated: list[int]
    shared: list[tuple[ListId, str]]
    answered: list[ListId]


class InputTracker:
    """Tracks the targets of one ask, by router, target and policy.

    A target that comes again before its first answer shares that answer. After it, it gets the pages again that were
    kept. They are kept as long as inputs are read: later nothing is known to come again, but by a short link, whose
    target is then fetched anew.

    In memory are hashes of the requested targets, the walks without an answer, and the inputs that share an answer.
    Those inputs are kept until their walk ends, since they get each of its pages.
    """

    def __init__(self) -> None:
        self._pages: dict[ListId, list[Sequence[object]]] | None = None
        self._kept = 0
        self._asked, self._led = HashSet(), HashSet()
        self._open: dict[tuple[str, ...], ListId] = {}
        self._others: dict[ListId, list[str]] = {}
        self._suspended: set[tuple[str, ...]] = set()
        self._changes = InputChanges([], [], [], [], [])

    def take_changes(self) -> InputChanges:
        """Return what changed since the last call."""
        changes, self._changes = self._changes, InputChanges([], [], [], [], [])
        return changes

    def restore(
        self, asked: Iterable[int], led: Iterable[int], walks: Iterable[ListId], shared: Iterable[tuple[ListId, str]]
    ) -> None:
        """Restore the state of an earlier start of the run.

        :param walks: those without an answer
        """
        self._asked.add_all(asked)
        self._led.add_all(led)
        for walk in walks:
            self._open.setdefault(walk.key, walk)
        for walk, given in shared:
            self._others.setdefault(walk, []).append(given)

    def note_repeated(self, places: Iterable[int]) -> None:
        """Note that inputs that came again get an answer."""
        self._changes.repeated.extend(places)

    def is_open(self, walk: ListId) -> bool:
        """Return whether a walk has no answer yet."""
        return self._open.get(walk.key) == walk

    def ask(self, job: Fetch, others: Sequence[str] = (), from_short_link: bool = False) -> bool:
        """Return whether a target must be fetched. It need not if it shares an answer.

        :param others: other inputs that mean the same target, as given
        :param from_short_link: whether the target was found through a short link
        """
        key_hash = hash64(" ".join(job.walk.key))
        marks, changes = (self._led, self._changes.led) if from_short_link else (self._asked, self._changes.asked)
        hashes = [key_hash, hash64(" ".join(job.walk.asked))] if job.walk.policy else [key_hash]
        marks.add_all(hashes)
        changes.extend(hashes)
        walk = self._open.setdefault(job.walk.key, job.walk)
        is_first = walk == job.walk
        self._share(walk, [*others] if is_first else [job.target.given, *others])
        return is_first

    def follow(self, key: tuple[str, str]) -> bool:
        """Return whether a target found in a record must be fetched. Each is fetched once in a crawl."""
        key_hash = hash64(" ".join(key))
        if key_hash in self._asked or key_hash in self._led:
            return False
        self._led.add(key_hash)
        self._changes.led.append(key_hash)
        return True

    def unanswered(self) -> list[str]:
        """Return the targets that got no answer, not even a failure for now."""
        return [walk.target for key, walk in self._open.items() if key not in self._suspended]

    def suspend(self, job: Fetch) -> None:
        """Note that a target got a failure for now: a resumed run asks for it again."""
        self._suspended.add(job.walk.key)

    def answer(self, job: Fetch, page: Sequence[object] = ()) -> Sequence[str]:
        """Close a target after its first answer, and return the other inputs that share it.

        :param page: the envelopes of this page, as the first input gets them
        """
        self._close(job)
        if self._pages is not None:
            self._pages.setdefault(job.walk, []).append(page)
            self._kept += len(page)
        return self._others.get(job.walk, ())

    def repeat(self, job: Fetch) -> list[Sequence[object]] | None:
        """Have an input that came again share the answer to the first one, and return the pages that it missed.

        :return: None if it must be fetched: the first one led elsewhere
        """
        missed = (self._pages or {}).get(job.walk)
        if missed is None and self._open.get(job.walk.key) != job.walk:
            return None
        self._share(job.walk, [job.target.given])
        return [*missed] if missed else []

    def keep_pages(self) -> None:
        """Keep the pages of answers from now on: inputs are read that may come again."""
        self._pages = {}

    def forget_pages(self) -> None:
        """Keep none any more: all inputs were read."""
        self._pages, self._kept = None, 0

    @property
    def kept(self) -> int:
        """How many envelopes are kept."""
        return self._kept

    def leave(self, job: Fetch) -> Sequence[str]:
        """Forget a resolved short link, and return the other inputs that share it."""
        self._close(job)
        return self._others.pop(job.walk, ())

    def others(self, walk: ListId) -> Sequence[str]:
        """Return the other inputs that share the answers of a walk."""
        return self._others.get(walk, ())

    def _share(self, walk: ListId, inputs: Sequence[str]) -> None:
        if inputs:
            self._others.setdefault(walk, []).extend(inputs)
            self._changes.shared.extend((walk, given) for given in inputs)

    def _close(self, job: Fetch) -> None:
        if self.is_open(job.walk):
            del self._open[job.walk.key]
            self._changes.answered.append(job.walk)
