"""The steps that wait for their commit. Each comes after the one that made its request; inputs keep their order."""

import asyncio
from collections.abc import Iterable, Sequence

from scraper.ledger.step import Step


class CommitQueue:
    """Numbers requests and inputs, and orders the steps that answer them.

    :ivar numbered: number of requests that have a number
    :ivar steps: those to commit next
    """

    def __init__(self) -> None:
        self.numbered = self._last_input = 0
        self.steps: list[Step] = []
        self._later: dict[int, Step] = {}  # by the number that they wait for
        self._unqueued: set[int] = set()  # numbers whose step is not in the queue yet, or waits for another
        self._turns: dict[int, asyncio.Future[None]] = {}
        self._open: set[int] = set()
        self._given_up: set[int] = set()

    def restore(self, numbered: int, left: Iterable[int]) -> None:
        """Continue from an earlier start of the run.

        :param left: the requests that it left
        """
        self.numbered = numbered
        self._open.update(left)

    @property
    def left_open(self) -> int:
        """How many requests have no answer that is committed, or were given up for now."""
        return len(self._open)

    @property
    def lost(self) -> int:
        """How many requests got neither an answer nor a failure for now."""
        return len(self._open - self._given_up)

    @property
    def may_grow(self) -> bool:
        """Whether answers to other requests may come, and not only those to requests of steps that wait."""
        return len(self._open) > sum(1 + len(step.requests) for step in self.steps)

    def next_number(self) -> int:
        """Return the number of a new request."""
        self.numbered += 1
        self._unqueued.add(self.numbered)
        self._open.add(self.numbered)
        return self.numbered

    def next_input(self) -> int:
        """Return the number of a new input, for `Step.answered`."""
        self._last_input -= 1
        self._unqueued.add(self._last_input)
        return self._last_input

    async def turn(self, step: Step) -> None:
        """Wait until every step that comes before one is in the queue."""
        if (before := _before(step)) in self._unqueued:
            await self._turns.setdefault(before, asyncio.get_running_loop().create_future())

    def add(self, step: Step) -> None:
        """Put a step into the queue, as soon as those before it are there."""
        if (before := _before(step)) in self._unqueued:
            self._later[before] = step
            return
        self.steps.append(step)
        for number in (min(step.answered, 0), *(request.number for request in step.requests)):
            self._unqueued.discard(number)
            if (turn := self._turns.pop(number, None)) is not None and not turn.done():
                turn.set_result(None)
            if (later := self._later.pop(number, None)) is not None:
                self.add(later)

    def take(self) -> list[Step]:
        """Return the steps to commit together."""
        steps, self.steps = self.steps, []
        return steps

    def committed(self, steps: Sequence[Step]) -> None:
        """Note that steps are committed."""
        for step in steps:
            if step.failure is None:
                self._open.discard(step.answered)
            else:
                self._given_up.add(step.answered)
            self._given_up.update(made.number for made in step.requests if made.failure is not None)


def _before(step: Step) -> int:
    """Return the number of the request, or of the input, that comes before a step."""
    return step.answered + 1 if step.answered < 0 else step.answered
