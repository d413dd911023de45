"""Recognise equal inputs: a target given twice is fetched once, and each input is answered once."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from scraper.inputs.hashing import hash64
from scraper.platform.targets import Target

logger = logging.getLogger(__name__)


class ListId(NamedTuple):
    """Identifies one walk through a list, or one fetch of a single record.

    :param ask: the id of the ask
    :param input: the number of the input in its ask
    :param target: the key of the target
    """

    ask: int
    input: int
    router: str
    target: str

    @property
    def key(self) -> tuple[str, str]:
        """Router and target, without the input that requested them."""
        return self.router, self.target


class Fetch(Protocol):
    """The job of an input, as the tracker uses it."""

    @property
    def walk(self) -> ListId: ...

    @property
    def target(self) -> Target: ...


class _Kept(msgspec.Struct):
    """The state of an `InputTracker` that the next run of a paused crawl needs."""

    asked: set[int]
    led: set[int]
    open: list[ListId]
    others: list[tuple[ListId, list[str]]]


class InputTracker:
    """Tracks the targets of one ask, by router and target.

    A target that comes again before its first answer shares that answer. After it, it gets the pages again that were
    kept. They are kept as long as inputs are read: later nothing is known to come again, but by a short link, whose
    target is then fetched anew.

    In memory are hashes of the requested targets, the walks without an answer, and the inputs that share an answer.
    Those inputs are kept until their walk ends, since they get each of its pages.

    :ivar resumed: whether this run continues a paused crawl
    """

    def __init__(self) -> None:
        self._pages: dict[ListId, list[Sequence[object]]] | None = None
        self._kept = 0
        self._before: set[int] = set()
        self._asked: set[int] = set()
        self._led: set[int] = set()
        self._open: dict[tuple[str, str], ListId] = {}
        self._others: dict[ListId, list[str]] = {}
        self.resumed = False

    def ask(self, job: Fetch, others: Sequence[str] = (), from_short_link: bool = False) -> bool:
        """Return whether a target must be fetched. It need not if it shares an answer, or an earlier run fetched it.

        :param others: other inputs that mean the same target, as given
        :param from_short_link: whether the target was found through a short link
        """
        key_hash = hash64(" ".join(job.walk.key))
        if not from_short_link and key_hash in self._before:
            return False
        (self._led if from_short_link else self._asked).add(key_hash)
        walk = self._open.setdefault(job.walk.key, job.walk)
        is_first = walk == job.walk
        if shared := [*others] if is_first else [job.target.given, *others]:
            self._others.setdefault(walk, []).extend(shared)
        return is_first

    def follow(self, key: tuple[str, str]) -> bool:
        """Return whether a target found in a record must be fetched. Each is fetched once in a crawl."""
        key_hash = hash64(" ".join(key))
        if any(key_hash in marks for marks in (self._before, self._asked, self._led)):
            return False
        self._led.add(key_hash)
        return True

    def answered_before(self, job: Fetch) -> None:
        """Note that an earlier run, which was killed, requested a target. It may have been answered."""
        self.resumed = True
        self._close(job)

    def unanswered(self) -> list[str]:
        """Return the targets that got no answer."""
        return [target for _, target in self._open]

    def open_inputs(self) -> set[int]:
        """Return the numbers of the inputs that got no answer."""
        return {walk.input for walk in self._open.values()}

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
        self._others.setdefault(job.walk, []).append(job.target.given)
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

    def _close(self, job: Fetch) -> None:
        if self._open.get(job.walk.key) == job.walk:
            del self._open[job.walk.key]

    def load(self, path: Path) -> None:
        """Load the state of an earlier run.

        The file is rewritten without the open inputs: if this run is killed, it is unknown which of them it answered.
        """
        try:
            kept = msgspec.msgpack.decode(path.read_bytes(), type=_Kept)
        except FileNotFoundError:
            return
        except msgspec.DecodeError:
            logger.warning("%s cannot be read: inputs of earlier runs may be answered again", path)
            return
        self._before, self._led, self._others, self.resumed = kept.asked, kept.led, dict(kept.others), True
        self.save(path)
        self._open = {walk.key: walk for walk in kept.open}

    def save(self, path: Path) -> None:
        """Write the state for the next run, atomically."""
        kept = _Kept(self._before | self._asked, self._led, [*self._open.values()], [*self._others.items()])
        new = path.with_suffix(".new")
        new.write_bytes(msgspec.msgpack.encode(kept))
        new.replace(path)
