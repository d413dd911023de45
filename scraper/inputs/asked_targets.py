"""What the user asks for, each target once, with the further inputs that mean the same.

The inputs are read once, a few at a time, ahead of the crawl. What was read waits in a temporary file, so that a long
file needs little memory: a number for each target, and the texts of those that come again.
"""

import time
from collections import deque
from collections.abc import Container, Generator, Iterator, Sequence
from functools import partial
from heapq import heappop, heappush
from tempfile import SpooledTemporaryFile
from typing import NamedTuple

import msgspec

from scraper.inputs.ask import Ask
from scraper.inputs.hashing import NumberTable, hash64
from scraper.inputs.policy import NO_POLICY, Policies, Policy, identity, priority_of
from scraper.inputs.standard_input import NotYet
from scraper.platform.targets import Target
from scraper.responses.catch_all import attempt
from scraper.responses.exceptions import ArgumentError

_POLL_S = 0.01  # between two looks at an input that has not arrived
_AT_ONCE = 20  # a few milliseconds
_AHEAD = 1_000  # targets that are read before the first is taken, if rows have policies: one may have a priority
_PLACE_BITS, _PRIORITY_BITS = 48, 80  # of a place in the temporary file, and of that and a number
_PLACES, _NUMBERS = (1 << 48) - 1, (1 << 32) - 1
_IN_MEMORY = 4 * 1024 * 1024


class Row(NamedTuple):
    """A target of a row that has a policy of its own."""

    target: Target
    policy: Policy


class Unread(NamedTuple):
    """An input that could not be read.

    :ivar given: the part of it that identifies it in messages
    """

    given: str
    error: Exception
    policy: Policy = NO_POLICY


class Asked(NamedTuple):
    """A target to ask for.

    :ivar number: its place among all targets; one that comes again has the number of the first
    :ivar others: further inputs that mean the same, as they were given
    :ivar places: the places of those among all inputs, or of the input itself if it came again
    :ivar is_again: whether the same target was taken before, so that it may be answered already
    :ivar error: why it could not be read
    :ivar policy: of its row
    :ivar ask: of its row, None if its row has no policy
    """

    number: int
    target: Target
    others: list[str]
    places: Sequence[int] = ()
    is_again: bool = False
    error: Exception | None = None
    policy: Policy = NO_POLICY
    ask: Ask | None = None


class SkippedInputs(NamedTuple):
    """What an earlier start of a run took.

    :ivar taken: all targets up to this number
    :ivar beyond: the numbers of further ones
    :ivar repeated: the places of inputs that came again, and were taken as well
    """

    taken: int = 0
    beyond: Container[int] = ()
    repeated: Container[int] = ()


class _Waiting(msgspec.Struct, array_like=True, omit_defaults=True):
    """A line of the temporary file.

    :param problem: why the row cannot be crawled, "" if it can
    """

    target: Target
    policy: dict[str, str] = {}
    problem: str = ""


class AskedTargets:
    """The targets of one ask, in their order: those of a higher priority first, among what was read.

    :param inputs: yields all targets as they are read, including repeated ones
    :param unknown: the kind of target that stands for what could not be read
    :param policies: makes the Ask of a row that has a policy
    :ivar is_read: whether all inputs were read
    :ivar is_waiting: whether the next input has not arrived yet
    """

    def __init__(
        self,
        inputs: Generator[Target | Row | Unread | NotYet, None, None],
        unknown: str,
        policies: Policies | None = None,
    ):
        self._found, self._unknown, self._policies = inputs, unknown, policies
        self._waiting = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  closed by `close`
        self._decoder = msgspec.json.Decoder(_Waiting)
        self._numbers = NumberTable()
        self._others: dict[int, list[tuple[int, str]]] = {}
        self._again: deque[Asked] = deque()
        self._errors: dict[int, Exception] = {}
        self._by_priority: list[int] = []  # a heap; an entry has the priority, the number and the place
        self._was_taken = bytearray()  # by number; an int each would take 30 times as much
        self._last = self._passed = self._place = self._end = 0
        self._has_policies = self.is_read = self.is_waiting = False
        self._read = 0
        self._skipped = SkippedInputs()

    @property
    def is_settled(self) -> bool:
        """Whether nothing that was taken can come again."""
        return self.is_read and not self._again

    @property
    def left(self) -> int:
        """How many targets that were read were not taken."""
        return self._last - sum(self._was_taken)

    def skip(self, skipped: SkippedInputs) -> None:
        """Leave out what an earlier start of the run took. Must be called before anything is read."""
        self._skipped = skipped

    def __iter__(self) -> Iterator[Asked]:
        """Yield all targets in the order of the input, each once. The inputs are read to their end before."""
        while not self.is_read:
            self.read()
            time.sleep(_POLL_S if self.is_waiting else 0)
        place = 0
        for number in range(1, self._last + 1):
            asked, place = self._read_back(number, place)
            yield asked

    def read(self) -> None:
        """Read some more inputs."""
        for _ in range(_AT_ONCE):
            read = attempt(partial(next, self._found, None))
            self.is_waiting = isinstance(read, NotYet)
            if isinstance(read, NotYet):
                return
            if isinstance(read, Exception):  # nothing says what would have come after it
                self._add(Unread("the inputs", read))
            if read is None or isinstance(read, Exception):
                self.is_read = True
                self._numbers = NumberTable()
                return
            self._add(read)

    def take(self) -> Asked | None:
        """Return the next target; None at the end, or while it waits for one.

        It reads ahead, so that most that come again, and most with a priority, are known in time.
        """
        if not self.is_read:
            self.read()
        while self._has_policies and self._last < _AHEAD and not (self.is_read or self.is_waiting):
            self.read()
        if self._again:
            return self._again.popleft()
        if self._by_priority and self._by_priority[0] < 0:
            return self._first_by_priority()
        while self._passed < self._last:
            self._passed += 1
            if not self._was_taken[self._passed - 1]:
                asked, self._place = self._read_back(self._passed, self._place)
                if not priority_of(asked.policy):
                    return self._taken(asked)
            else:
                self._place = self._after(self._place)
        return self._first_by_priority() if self._by_priority else None

    def close(self) -> None:
        """Forget what was read."""
        self._waiting.close()
        self._found.close()

    def _first_by_priority(self) -> Asked:
        place = heappop(self._by_priority)
        number, start = (place >> _PLACE_BITS) & _NUMBERS, place & _PLACES
        return self._taken(self._read_back(number, start)[0])

    def _taken(self, asked: Asked) -> Asked:
        self._was_taken[asked.number - 1] = 1
        return asked

    def _add(self, read: Target | Row | Unread) -> None:
        self._read += 1
        waiting = self._understood(read)
        given, target = identity(waiting.policy), waiting.target
        if not isinstance(read, Unread):
            key = hash64(f"{target.question}\n{given}" if given else target.question)
            if number := self._numbers[key]:
                if self._read not in self._skipped.repeated:
                    self._others.setdefault(number, []).append((self._read, target.given))
                    if self._was_taken[number - 1]:
                        self._again.append(self._asked(number, waiting, (), self._read))
                return
            self._numbers[key] = self._last + 1
        self._last += 1
        is_skipped = self._last <= self._skipped.taken or self._last in self._skipped.beyond
        self._was_taken.append(is_skipped)
        if not is_skipped and (priority := priority_of(waiting.policy)):
            heappush(self._by_priority, (-priority << _PRIORITY_BITS) | (self._last << _PLACE_BITS) | self._end)
        self._waiting.seek(0, 2)
        self._end += self._waiting.write(msgspec.json.encode(waiting) + b"\n")

    def _understood(self, read: Target | Row | Unread) -> _Waiting:
        """Return the line of an input. The error of one is kept, unless its text is enough."""
        if isinstance(read, Target):
            return _Waiting(read)
        if isinstance(read, Row):
            self._has_policies = True
            return _Waiting(read.target, dict(read.policy))
        problem = str(read.error) if isinstance(read.error, ArgumentError) else ""
        if not problem:
            self._errors[self._last + 1] = read.error
        return _Waiting(Target(self._unknown, "", read.given), dict(read.policy), problem)

    def _after(self, place: int) -> int:
        """Return the place after a line of the temporary file."""
        self._waiting.seek(place)
        return place + len(self._waiting.readline())

    def _read_back(self, number: int, place: int) -> tuple[Asked, int]:
        """Return the target that stands at a place of the file, and the place after it."""
        self._waiting.seek(place)
        line = self._waiting.readline()
        return self._asked(number, self._decoder.decode(line), self._others.get(number, ())), place + len(line)

    def _asked(
        self, number: int, waiting: _Waiting, others: Sequence[tuple[int, str]], again: int | None = None
    ) -> Asked:
        policy, error, ask = waiting.policy, self._errors.get(number), None
        if waiting.problem:
            error = ArgumentError(waiting.problem)
        if policy and self._policies:
            try:
                ask = self._policies.ask(policy)
            except ArgumentError as wrong:
                error, ask = error or wrong, self._policies.tagged(policy)
        places = [place for place, _ in others] if again is None else [again]
        given = [text for _, text in others]
        return Asked(number, waiting.target, given, places, again is not None, error, policy, ask)
