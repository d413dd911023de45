"""What the user asks for, each target once, with the further inputs that mean the same.

The inputs are read once, a few at a time, ahead of the crawl. What was read waits in a temporary file, so that a long
file needs little memory: a number for each target, and the texts of those that come again.
"""

import time
from collections import deque
from collections.abc import Generator, Iterator
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import NamedTuple

import msgspec

from scraper.inputs.hashing import NumberTable, hash64
from scraper.inputs.standard_input import NotYet
from scraper.inputs.target_files import TargetLines
from scraper.platform.targets import Target
from scraper.responses.catch_all import attempt

_POLL_S = 0.01  # between two looks at an input that has not arrived
_AT_ONCE = 20  # a few milliseconds
_IN_MEMORY = 4 * 1024 * 1024


class Unread(NamedTuple):
    """An input that could not be read.

    :ivar given: the part of it that identifies it in messages
    """

    given: str
    error: Exception


class Asked(NamedTuple):
    """A target to ask for.

    :ivar number: its place among all targets; one that comes again has the number of the first
    :ivar others: further inputs that mean the same, as they were given
    :ivar is_again: whether the same target was taken before, so that it may be answered already
    :ivar error: why it could not be read
    """

    number: int
    target: Target
    others: list[str]
    is_again: bool = False
    error: Exception | None = None


class AskedTargets:
    """The targets of one ask, in their order.

    :param inputs: yields all targets as they are read, including repeated ones
    :param unknown: the kind of target that stands for what could not be read
    :param lines: the lines of the file that the inputs are read from
    :ivar is_read: whether all inputs were read
    :ivar is_waiting: whether the next input has not arrived yet
    """

    def __init__(
        self, inputs: Generator[Target | Unread | NotYet, None, None], unknown: str, lines: TargetLines | None = None
    ):
        self._found, self._unknown, self._lines = inputs, unknown, lines
        self._waiting = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  closed by `close`
        self._decoder = msgspec.json.Decoder(Target)
        self._numbers = NumberTable()
        self._others: dict[int, list[str]] = {}
        self._again: deque[Asked] = deque()
        self._errors: dict[int, Exception] = {}
        self._last = self._taken = self._place = 0
        self.is_read = self.is_waiting = False

    @property
    def is_settled(self) -> bool:
        """Whether nothing that was taken can come again."""
        return self.is_read and not self._again

    @property
    def left(self) -> int:
        """How many targets that were read were not taken."""
        return self._last - self._taken

    def __iter__(self) -> Iterator[Asked]:
        """Yield all targets from the first on, each once. The inputs are read to their end before."""
        while not self.is_read:
            self.read()
            time.sleep(_POLL_S if self.is_waiting else 0)
        yield from self.so_far()

    def unread(self) -> Iterator[str]:
        """Return the lines of a file that were not read yet. Inputs from arguments are few, and read now."""
        if self._lines is not None:
            return iter(()) if self.is_read else self._lines.rest()
        while not self.is_read:
            self.read()
        return iter(())

    def so_far(self) -> Iterator[Asked]:
        """Yield the targets that were read, from the first on, each once."""
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

        It reads ahead, so that most that come again are known in time.
        """
        if not self.is_read:
            self.read()
        if self._again:
            return self._again.popleft()
        if self._taken == self._last:
            return None
        self._taken += 1
        asked, self._place = self._read_back(self._taken, self._place)
        return asked

    def close(self) -> None:
        """Forget what was read."""
        self._waiting.close()
        self._found.close()

    def _add(self, read: Target | Unread) -> None:
        if isinstance(read, Unread):
            self._errors[self._last + 1] = read.error
            read = Target(self._unknown, "", read.given)
        elif number := self._numbers[key := hash64(read.question)]:
            self._others.setdefault(number, []).append(read.given)
            if number <= self._taken:
                self._again.append(Asked(number, read, [], is_again=True))
            return
        else:
            self._numbers[key] = self._last + 1
        self._last += 1
        self._waiting.seek(0, 2)
        self._waiting.write(msgspec.json.encode(read) + b"\n")

    def _read_back(self, number: int, place: int) -> tuple[Asked, int]:
        """Return the target that stands at a place of the file, and the place after it."""
        self._waiting.seek(place)
        line = self._waiting.readline()
        others = [*self._others.get(number, ())]
        asked = Asked(number, self._decoder.decode(line), others, error=self._errors.get(number))
        return asked, place + len(line)
