"""A server of HTTP/2 that writes down how each connection begins: what fingerprints of it are made of (RFC 9113)."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS, WINDOW_UPDATE = 0, 1, 4, 8
ACK = END_STREAM = 1
END_HEADERS = 4
STATUS_200 = b"\x88"  # of HPACK's static table


@dataclass
class Spoken:
    """What one connection was used for.

    :param settings: in the order that they came in
    :param window: by how much the connection's window was made larger
    :param streams: of the requests
    """

    settings: dict[int, int] = field(default_factory=dict)
    window: int = 0
    streams: list[int] = field(default_factory=list)


class Http2:
    """Answers each request with 200 and `{"code":0}`."""

    def __init__(self) -> None:
        self.connections: list[Spoken] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak on one connection until the other side ends it."""
        spoken = Spoken()
        self.connections.append(spoken)
        writer.write(_frame(SETTINGS, 0, 0))
        async for kind, flags, stream, body in _frames(reader):
            if kind == SETTINGS and not flags & ACK:
                spoken.settings.update(struct.iter_unpack(">HI", body))
                writer.write(_frame(SETTINGS, ACK, 0))
            elif kind == WINDOW_UPDATE and not stream:
                spoken.window += int.from_bytes(body)
            elif kind == HEADERS:
                spoken.streams.append(stream)
                writer.write(_frame(HEADERS, END_HEADERS, stream, STATUS_200))
                writer.write(_frame(DATA, END_STREAM, stream, b'{"code":0}'))
        writer.close()


async def _frames(reader: asyncio.StreamReader) -> AsyncIterator[tuple[int, int, int, bytes]]:
    """Yield kind, flags, stream and body of each frame."""
    try:
        assert await reader.readexactly(len(PREFACE)) == PREFACE
        while True:
            size, kind, flags, stream = struct.unpack(">IBBI", b"\0" + await reader.readexactly(9))
            yield kind, flags, stream, await reader.readexactly(size)
    except (OSError, asyncio.IncompleteReadError):
        return


def _frame(kind: int, flags: int, stream: int, body: bytes = b"") -> bytes:
    return struct.pack(">IBBI", len(body), kind, flags, stream)[1:] + body
