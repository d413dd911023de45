"""Connections with time limits that uvicorn's do not have: a slow or dead client holds nothing."""

import asyncio
import socket

from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_S = 20.0
"""How long a client may take to send a request, in seconds."""
STALLED_S = 60.0
"""How long a client may read nothing of an answer that waits for it, in seconds."""


class LimitedConnection(H11Protocol):
    """A connection that is cut if its client sends a request too slowly, or stops reading an answer."""

    _sending: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if (opened := transport.get_extra_info("socket")) is not None and opened.family != socket.AF_UNIX:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else head and body come 40 ms apart
        self._limit_sending()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._limit_sending()

    def send_400_response(self, msg: str) -> None:
        super().send_400_response(
            f"{msg} In URLs, percent-encode spaces and non-ASCII characters (curl: -G --data-urlencode)."
        )

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._limit_sending()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._reading is None:
            self._reading = self._cut_after(STALLED_S)

    def resume_writing(self) -> None:
        super().resume_writing()
        _cancel(self._reading)
        self._reading = None

    def connection_lost(self, exc: Exception | None) -> None:
        _cancel(self._sending)
        _cancel(self._reading)
        self._sending = self._reading = None
        super().connection_lost(exc)

    def _limit_sending(self) -> None:
        """Limit the time until the request that is being sent is whole. Between requests, keep-alive has a limit."""
        is_whole = self.cycle is not None and not self.cycle.more_body and not self.cycle.response_complete
        is_between = self.timeout_keep_alive_task is not None
        if is_whole or is_between or self.transport.is_closing():
            _cancel(self._sending)
            self._sending = None
        elif self._sending is None:
            self._sending = self._cut_after(REQUEST_S)

    def _cut_after(self, seconds: float) -> asyncio.TimerHandle:
        return self.loop.call_later(seconds, self.transport.abort)  # close() would wait until everything is written


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
