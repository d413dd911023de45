"""Faults from outside: signals, the network, and proxies of many kinds."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests import in_process
from tests.faults.cell import Cell, Fault, at_request
from tests.simulator import Fault as Answered
from tests.simulator.connection import Connection

_CLOSED_PORT = "http://127.0.0.1:9"
_SHORT = {"DOWNLOAD_TIMEOUT": 0.5}


def _signal(number: signal.Signals, request: int) -> Fault:
    return Fault(codes={3}, around=at_request(request, lambda cell: in_process.send(number)))


def _down(cell: Cell) -> Mapping[str, str]:
    return dict.fromkeys(("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"), _CLOSED_PORT)


def _proxy(act: Callable[[Connection], None], every: int = 1, after: int = 0) -> Fault:
    """Return what a proxy does to connections: to each, or to some."""

    def around(cell: Cell) -> AbstractContextManager[object]:
        return _acting(act, every, after)

    return Fault(codes={1, 3}, around=around, settings=lambda cell: _SHORT)


@contextmanager
def _acting(act: Callable[[Connection], None], every: int, after: int) -> Iterator[None]:
    sound, number = Connection._connect, iter(range(10**6))

    def connect(connection: Connection, target: str) -> None:
        count = next(number)
        if count >= after and count % every == 0:
            act(connection)
        else:
            sound(connection, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "_connect", connect)
        yield


def _answer(text: bytes) -> Callable[[Connection], None]:
    def send(connection: Connection) -> None:
        connection._busy = True
        connection._transport.write(text)
        connection._transport.close()

    return send


def _says_nothing(connection: Connection) -> None:
    connection._busy = True


def _refuses(status: int) -> Callable[[Connection], None]:
    return lambda connection: connection._refuse(status)


FAULTS: Mapping[str, Fault] = {
    "SIGINT": _signal(signal.SIGINT, 1),
    "SIGINT after some answers": _signal(signal.SIGINT, 5),
    "SIGTERM": _signal(signal.SIGTERM, 1),
    "SIGTERM after some answers": _signal(signal.SIGTERM, 5),
    "SIGHUP": _signal(signal.SIGHUP, 1),
    "SIGHUP after some answers": _signal(signal.SIGHUP, 5),
    "network down": Fault(codes={3}, env=_down),
    "network down in mid crawl": Fault(codes={3}, answers=lambda: [Answered(after=3, do="reset")]),
    "proxy asks for a password": _proxy(_refuses(407)),
    "proxy has no way": _proxy(_refuses(502)),
    "proxy has no way now and then": _proxy(_refuses(502), every=2),
    "proxy is forbidden after some": _proxy(_refuses(403), after=2),
    "proxy hangs": _proxy(_says_nothing),
    "proxy hangs now and then": _proxy(_says_nothing, every=2),
    "proxy resets": _proxy(Connection._reset, every=2),
    "proxy speaks something else": _proxy(_answer(b"SSH-2.0-OpenSSH_9.2\r\n")),
    "proxy gives a tunnel and cuts it": _proxy(_answer(b"HTTP/1.1 200 Connection established\r\n\r\n")),
    "answers break off": Fault(codes={3}, answers=lambda: [Answered(every=3, do="truncate")]),
    "connections are reset": Fault(codes={3}, answers=lambda: [Answered(every=3, do="reset")]),
    "answers never end": Fault(
        codes={3}, answers=lambda: [Answered(every=4, do="stall")], settings=lambda cell: _SHORT
    ),
}
