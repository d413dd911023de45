"""Who may use an identity now: always this process, or the worker of a fleet that holds it.

A single machine uses `InMemory`, which allows everything: its download slots keep the pace. In a fleet, the shared
database answers, so that one worker at a time uses an identity, and its pace is kept over a change of worker.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from typing import NamedTuple, Protocol

from scrapy.exceptions import IgnoreRequest

from scraper.identities.identity import Identity
from scraper.identities.service_config import Pace
from scraper.responses import Verdict


class NotHeldError(IgnoreRequest):
    """The request was not sent, since its identity is not held any more."""


class Holding(Protocol):
    """Which identities this process holds.

    :ivar closers: called before an identity is given back; they end whatever else may send as it, such as open pages
    """

    closers: set[Callable[[], Awaitable[None]]]

    def held(self, identities: Sequence[Identity]) -> Sequence[Identity]:
        """Return those identities that this process holds."""

    def is_held(self, identity: Identity) -> bool:
        """Return whether this process surely holds an identity. Ask right before each use: it knows without waiting."""

    async def obtain(self, service: str, name: str) -> Verdict | None:
        """Try to hold an identity of a service, if none is held.

        :param name: the one to prefer
        :return: why none can be held now, None if one is held. If it is final, it is given up: waiting does not help
        """

    async def reserve(self, identity: Identity, pace: Pace) -> float | None:
        """Reserve the next time at which an identity may send.

        :return: the time, of the identity's clock; None if it is not held any more
        """

    def using(self, identity: Identity) -> AbstractContextManager[None]:
        """Keep an identity that is held for something else than a request, such as a download of a file."""

    def stop(self, identity: Identity, verdict: Verdict) -> None:
        """Note that an identity was stopped: nobody uses it before its rest is over."""

    def pause(self, identity: Identity, seconds: float) -> None:
        """Note that an identity must not send for some seconds, whoever holds it."""


class InMemory:
    """The holding of a single machine: this process uses all of its identities."""

    def __init__(self) -> None:
        self.closers: set[Callable[[], Awaitable[None]]] = set()

    def held(self, identities: Sequence[Identity]) -> Sequence[Identity]:
        """See `Holding`."""
        return identities

    def is_held(self, identity: Identity) -> bool:
        """See `Holding`."""
        return True

    async def obtain(self, service: str, name: str) -> Verdict | None:
        """See `Holding`."""
        return None

    async def reserve(self, identity: Identity, pace: Pace) -> float | None:
        """See `Holding`. Download slots keep the pace."""
        return 0.0

    def using(self, identity: Identity) -> AbstractContextManager[None]:
        """See `Holding`."""
        return nullcontext()

    def stop(self, identity: Identity, verdict: Verdict) -> None:
        """See `Holding`. The identity itself knows it."""

    def pause(self, identity: Identity, seconds: float) -> None:
        """See `Holding`. The identity itself knows it."""


class _Sender(NamedTuple):
    """
    :ivar is_paced: whether what it sends counts for its pace
    """

    holding: Holding
    identity: Identity
    is_paced: bool


_SENDER: ContextVar[_Sender | None] = ContextVar("sender", default=None)


def sends_as(holding: Holding, identity: Identity) -> None:
    """Have `check_sender` check an identity from now on, in this task and those that it starts."""
    _SENDER.set(_Sender(holding, identity, is_paced=True))


def downloads_as(holding: Holding, identity: Identity) -> None:
    """Have `check_sender` check the identity for files of a CDN, which do not count for its pace."""
    _SENDER.set(_Sender(holding, identity, is_paced=False))


def sends_as_nobody() -> None:
    """Have `check_sender` check nothing from now on, in this task and those that it starts."""
    _SENDER.set(None)


def check_sender() -> None:
    """Check that the identity of this task is still held, and note that it sends now.

    Transports call it as late as they can before they send: opening a connection may take longer than the pace.

    :raises NotHeldError: if it is not held
    """
    if (sender := _SENDER.get()) is None:
        return
    if not sender.holding.is_held(sender.identity):
        raise NotHeldError(f"{sender.identity.slot} is not held any more")
    if sender.is_paced:
        sender.identity.last_sent = sender.identity.clock()
