"""HTTP/1.1 on one client connection: proxy requests, CONNECT tunnels and TLS inside them."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Protocol, cast
from urllib.parse import urlsplit

from tests.simulator.authority import Authority
from tests.simulator.messages import Answer, Request, parse_cookies, parse_query, whole
from tests.simulator.sending import PIECE, Sending

REASONS = {status.value: status.phrase for status in HTTPStatus}
HANDSHAKE_ERRORS = (OSError, TimeoutError, asyncio.CancelledError)
HEAD_LIMIT = 65536


class Hub(Protocol):
    """What a connection needs from the simulator."""

    authority: Authority
    gzip: bool
    held: int  # answers that are held back

    def admits(self, host: str) -> bool:
        """Whether `host` belongs to a platform; other hosts are noted as refused."""

    def answer(self, request: Request) -> Answer:
        """Answer one request."""

    def count(self, request: Request, sent: int) -> None:
        """Note that so many bytes of a body were sent."""

    def must_wait(self, answer: Answer) -> bool:
        """Whether an answer cannot go out at once."""

    def later(self, delay: float, send: Callable[[], None]) -> Callable[[], None]:
        """Send an answer when its time has come; returns what calls it off."""


class Connection(asyncio.Protocol):
    """Parses requests one after the other and writes the answers in the same order."""

    def __init__(self, hub: Hub, forget: Callable[[Connection], None]) -> None:
        self._hub = hub
        self._forget = forget
        self._buffer = bytearray()
        self._tunnel = ""
        self._busy = False
        self._transport: asyncio.Transport
        self._call_off: Callable[[], None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._sending: Sending | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start serving."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Drop whatever was still to be sent."""
        self._busy = True
        if self._call_off is not None:
            self._call_off()
            self._hub.held -= 1
        if self._sending is not None:
            self._sending.call_off()
        self._forget(self)

    def pause_writing(self) -> None:
        """Wait until the client has read."""
        if self._sending is not None:
            self._sending.pause()

    def resume_writing(self) -> None:
        """Send more of what is on its way."""
        if self._sending is not None:
            self._sending.resume()

    def data_received(self, data: bytes) -> None:
        """Collect bytes and answer every whole request."""
        self._buffer += data
        self._advance()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    def _advance(self) -> None:
        while not self._busy:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > HEAD_LIMIT:
                    self._refuse(431)
                return None
            lines = self._buffer[:end].decode("latin-1").split("\r\n")
            headers = _headers(lines[1:])
            if "transfer-encoding" in headers:
                return self._refuse(411)
            length = whole(headers.get("content-length", "0"))
            if length is None:
                return self._refuse(400)
            total = end + 4 + length
            if len(self._buffer) < total:
                return None
            body = bytes(self._buffer[end + 4 : total])
            del self._buffer[:total]
            self._dispatch(lines[0], headers, body)

    def _dispatch(self, line: str, headers: dict[str, str], body: bytes) -> None:
        parts = line.split(" ")
        if len(parts) != 3:
            return self._refuse(400)
        method, target, _ = parts
        if method == "CONNECT" and not self._tunnel:
            return self._connect(target)
        if target.startswith("/"):
            scheme, host = ("https", headers.get("host", self._tunnel)) if self._tunnel else ("http", "")
            path, _, query = target.partition("?")
        else:
            url = urlsplit(target)
            scheme, host, path, query = url.scheme, url.netloc, url.path or "/", url.query
        host = host.rsplit(":", 1)[0].lower()
        if not host or not self._hub.admits(host):
            return self._refuse(502)
        cookies = parse_cookies(headers.get("cookie", ""))
        request = Request(method, scheme, host, path, query, parse_query(query), headers, cookies, body)
        answer = self._hub.answer(request)
        if self._hub.must_wait(answer):
            self._busy = True
            self._hub.held += 1
            self._call_off = self._hub.later(answer.delay, partial(self._resume, request, answer))
        else:
            self._send(request, answer)

    def _resume(self, request: Request, answer: Answer) -> None:
        self._busy = False
        self._call_off = None
        self._hub.held -= 1
        self._send(request, answer)
        self._advance()

    def _send(self, request: Request, answer: Answer) -> None:
        if answer.ending == "reset":
            return self._reset()
        body = answer.body
        lines = [f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Unknown')}", f"Content-Type: {answer.kind}"]
        if self._hub.gzip and body and "gzip" in request.headers.get("accept-encoding", ""):
            body = answer.body = gzip.compress(body, 1, mtime=0)
            lines.append("Content-Encoding: gzip")
        lines += [f"{name}: {value}" for name, value in answer.headers]
        missing = 64 if answer.ending in ("truncate", "stall") else 0
        lines.append(f"Content-Length: {len(body) + missing if answer.announces is None else answer.announces}")
        closing = answer.ending != "keep" or request.headers.get("connection", "").lower() == "close"
        closing = closing or answer.announces is not None
        lines.append("Connection: close" if closing else "Connection: keep-alive")
        head = "\r\n".join(lines).encode() + b"\r\n\r\n"
        if request.method == "HEAD":
            self._transport.write(head)
        elif len(body) > PIECE or answer.pause or answer.sends is not None:
            return self._stream(request, answer, head, closing)
        else:
            self._hub.count(request, len(body))
            self._transport.write(head + body)
        self._ended(answer, closing)

    def _stream(self, request: Request, answer: Answer, head: bytes, closing: bool) -> None:
        """Send a long body, or one that does not come as a whole."""
        self._busy = True
        self._transport.write(head)
        self._sending = Sending(
            self._transport, answer, partial(self._hub.count, request), partial(self._streamed, answer, closing)
        )
        self._sending.step()

    def _streamed(self, answer: Answer, closing: bool) -> None:
        self._sending = None
        if answer.sends is not None:
            return self._reset()
        self._busy = False
        self._ended(answer, closing)
        self._advance()

    def _ended(self, answer: Answer, closing: bool) -> None:
        if closing:
            self._busy = True
        if closing and answer.ending != "stall":
            self._transport.close()

    def _reset(self) -> None:
        self._busy = True
        wire = cast(socket.socket | None, self._transport.get_extra_info("socket"))
        if wire is not None:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def _refuse(self, status: int) -> None:
        self._busy = True
        text = f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        self._transport.write(text.encode())
        self._transport.close()

    def _connect(self, target: str) -> None:
        host = target.rsplit(":", 1)[0].lower()
        if not self._hub.admits(host):
            return self._refuse(502)
        self._tunnel = host
        self._busy = True
        # Nothing of the handshake may reach this parser: start_tls resumes reading itself.
        self._transport.pause_reading()
        self._transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self._task = asyncio.get_running_loop().create_task(self._start_tls(host))

    async def _start_tls(self, host: str) -> None:
        context = self._hub.authority.context(host)
        loop = asyncio.get_running_loop()
        try:
            inner = await loop.start_tls(self._transport, self, context, server_side=True)
        except HANDSHAKE_ERRORS:
            self._forget(self)
            self._transport.abort()
            return
        if inner is not None:
            self._transport = inner
            self._busy = False
            self._advance()


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return headers
