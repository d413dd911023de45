"""A body on its way to a client: piece by piece as the client reads it, or slower, or not to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.simulator.messages import Answer

PIECE = 262_144
LINGER_S = 0.05  # for the client to read what it was sent before a reset


class Sending:
    """Sends until the end of the body, or until it is called off.

    :param count: called with the number of bytes of each piece
    :param done: called after the last piece
    """

    def __init__(
        self, transport: asyncio.Transport, answer: Answer, count: Callable[[int], None], done: Callable[[], None]
    ) -> None:
        self._transport = transport
        self._answer = answer
        self._count = count
        self._done = done
        self._loop = asyncio.get_running_loop()
        self._at = 0
        self._end = len(answer.body) if answer.sends is None else min(answer.sends, len(answer.body))
        self._is_paused = False
        self._timer: asyncio.TimerHandle | None = None

    def pause(self) -> None:
        """Wait: the client reads more slowly."""
        self._is_paused = True

    def resume(self) -> None:
        """Send more."""
        self._is_paused = False
        if self._timer is None:
            self.step()

    def call_off(self) -> None:
        """Send no more."""
        self._at = self._end
        if self._timer is not None:
            self._timer.cancel()

    def step(self) -> None:
        """Send the next pieces."""
        self._timer = None
        answer, size = self._answer, self._answer.piece or PIECE
        while self._at < self._end:
            if self._is_paused:
                return
            piece = answer.body[self._at : min(self._at + size, self._end)]
            self._at += len(piece)
            self._count(len(piece))
            self._transport.write(piece)
            if answer.pause:
                self._timer = self._loop.call_later(answer.pause, self.step)
                return
        wait = LINGER_S if answer.sends is not None else 0.0
        self._timer = self._loop.call_later(wait, self._done)
