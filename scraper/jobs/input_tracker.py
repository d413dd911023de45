"""Which targets were asked for, so that the same one given twice is fetched once, and each is answered once."""

import logging
from collections.abc import Sequence
from pathlib import Path

import msgspec

from scraper.jobs.hashing import hash64
from scraper.jobs.job import Job, ListId

logger = logging.getLogger(__name__)


class _Kept(msgspec.Struct):
    """What the next run of a paused crawl must know; see `Inputs`."""

    asked: set[int]
    led: set[int]
    open: list[ListId]
    others: list[tuple[ListId, list[str]]]


class InputTracker:
    """The targets under way, by router and target.

    A target that comes again before its first answer shares that answer; after it, it is fetched anew, so that it
    gets all of its answer.

    In memory are hashes of what was asked for, the walks that got no answer yet, and the inputs that share an answer.
    Those go with their walk to its end, since they get each of its pages.

    :ivar resumed: whether an earlier run of a paused crawl left word
    """

    def __init__(self) -> None:
        self._before: set[int] = set()
        self._asked: set[int] = set()
        self._led: set[int] = set()
        self._open: dict[tuple[str, str], ListId] = {}
        self._others: dict[ListId, list[str]] = {}
        self.resumed = False

    def ask(self, job: Job, others: Sequence[str] = (), from_short_link: bool = False) -> bool:
        """Say whether a target must be fetched: not where it shares an answer, or where an earlier run has asked.

        :param others: further inputs that mean the same, as they were given
        :param led_to: whether a short link led to it, and not the user
        """
        known = hash64(" ".join(job.key))
        if not from_short_link and known in self._before:
            return False
        (self._led if from_short_link else self._asked).add(known)
        walk = self._open.setdefault(job.key, job.walk)
        is_first = walk == job.walk
        if shared := [*others] if is_first else [job.target.given, *others]:
            self._others.setdefault(walk, []).extend(shared)
        return is_first

    def follow(self, key: tuple[str, str]) -> bool:
        """Say whether a target that a record led to must be fetched: each only once in a crawl."""
        known = hash64(" ".join(key))
        if any(known in marks for marks in (self._before, self._asked, self._led)):
            return False
        self._led.add(known)
        return True

    def answered_before(self, job: Job) -> None:
        """Note that an earlier run, which did not end in order, has asked for a target: it may be answered."""
        self.resumed = True
        self._close(job)

    def unanswered(self) -> list[str]:
        """Return the targets that got no answer."""
        return [target for _, target in self._open]

    def open_asks(self) -> set[int]:
        """Return the numbers of the inputs that got no answer."""
        return {walk[0] for walk in self._open.values()}

    def answer(self, job: Job) -> Sequence[str]:
        """Return the further inputs that share an answer; from now on no input joins them."""
        self._close(job)
        return self._others.get(job.walk, ())

    def leave(self, job: Job) -> Sequence[str]:
        """Return the further inputs that a short link stood for, and forget it: it led on."""
        self._close(job)
        return self._others.pop(job.walk, ())

    def _close(self, job: Job) -> None:
        if self._open.get(job.key) == job.walk:
            del self._open[job.key]

    def load(self, path: Path) -> None:
        """Go on where an earlier run stopped.

        What was open then is known for this run only: when it is killed, nothing tells what was answered in it.
        """
        try:
            kept = msgspec.msgpack.decode(path.read_bytes(), type=_Kept)
        except FileNotFoundError:
            return
        except msgspec.DecodeError:
            logger.warning("%s cannot be read: what earlier runs answered may be answered again", path)
            return
        self._before, self._led, self._others, self.resumed = kept.asked, kept.led, dict(kept.others), True
        self.save(path)
        self._open = {walk[1:]: walk for walk in kept.open}

    def save(self, path: Path) -> None:
        """Write what the next run must know, in one step."""
        kept = _Kept(self._before | self._asked, self._led, [*self._open.values()], [*self._others.items()])
        new = path.with_suffix(".new")
        new.write_bytes(msgspec.msgpack.encode(kept))
        new.replace(path)
