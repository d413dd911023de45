"""A proxy in front of the simulator that writes down how each connection begins: the ClientHello of TLS."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from contextlib import closing, suppress
from types import TracebackType
from typing import NamedTuple, Self

from tests.crawling import Running

ALPN = 16


class Hello(NamedTuple):
    """What a client offers.

    :param ciphers: the suites in their order, without the random ones that browsers mix in (GREASE)
    :param extensions: the bodies, by number
    :param greased: whether there were random ones
    """

    ciphers: list[int]
    extensions: dict[int, bytes]
    greased: bool

    @property
    def protocols(self) -> list[bytes]:
        """What is offered to be spoken on the connection."""
        names, rest = [], self.extensions.get(ALPN, b"")[2:]
        while rest:
            names.append(rest[1 : 1 + rest[0]])
            rest = rest[1 + rest[0] :]
        return names


def read(record: bytes) -> Hello:
    """Read a ClientHello, without the header of its record (RFC 8446, 4.1.2)."""
    rest = record[4 + 2 + 32 :]
    rest = rest[1 + rest[0] :]
    size = int.from_bytes(rest[:2])
    ciphers = [int.from_bytes(rest[place : place + 2]) for place in range(2, 2 + size, 2)]
    rest = rest[2 + size :]
    rest = rest[1 + rest[0] + 2 :]
    extensions = {}
    while rest:
        kind, size = int.from_bytes(rest[:2]), int.from_bytes(rest[2:4])
        extensions[kind] = rest[4 : 4 + size]
        rest = rest[4 + size :]
    real = [cipher for cipher in ciphers if cipher & 0x0F0F != 0x0A0A]
    return Hello(real, extensions, len(real) < len(ciphers))


class Tap:
    """Passes on what it gets, in a thread of its own, until it is closed.

    :ivar hellos: of each connection in order, after its CONNECT
    """

    def __init__(self) -> None:
        self.hellos: list[Hello] = []
        self.port = 0
        self._behind: Future[int] = Future()
        self._ready, self._thread = threading.Event(), threading.Thread(target=self._run, daemon=True)

    def before(self, running: Running) -> None:
        """Stand before the simulator of a crawl."""
        self._behind.set_result(running.sim.port)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._closing = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._closing.wait()
        server.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(OSError, asyncio.IncompleteReadError):
            port = await asyncio.wrap_future(self._behind)
            behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", port)
            with closing(behind_writer):
                behind_writer.write(await reader.readuntil(b"\r\n\r\n"))
                writer.write(await behind_reader.readuntil(b"\r\n\r\n"))
                head = await reader.readexactly(5)
                hello = await reader.readexactly(int.from_bytes(head[3:]))
                self.hellos.append(read(hello))
                behind_writer.write(head + hello)
                await asyncio.gather(_pass(reader, behind_writer), _pass(behind_reader, writer))


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with closing(writer):
        while data := await reader.read(65536):
            writer.write(data)
