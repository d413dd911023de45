"""The HTTP server of a front."""

import asyncio
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from scraper.front.app import build_app
from scraper.front.connection import LimitedConnection
from scraper.front.front import Front

_GRACE_S = 10  # for the calls under way when it is stopped
_LAST_S = 5  # for the answers that say so
_IDLE_S = 15  # of a connection between two calls
_CONNECTIONS = 1_000
_LONGEST_HEAD = 64 * 1024  # bytes


class FrontServer(uvicorn.Server):
    """A server that is stopped by a signal: it answers the calls under way, and after ten seconds gives them up.

    :param front: is running
    """

    def __init__(self, front: Front):
        self._front = front
        config = uvicorn.Config(
            build_app(front),
            http=LimitedConnection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,  # a URL may have what a caller should not have put there
            server_header=False,
            limit_concurrency=_CONNECTIONS,
            h11_max_incomplete_event_size=_LONGEST_HEAD,
            timeout_keep_alive=_IDLE_S,
            timeout_graceful_shutdown=_GRACE_S + _LAST_S,
        )
        super().__init__(config)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at a signal. Unlike uvicorn's own, the signal is not sent again at the end: the crawler stops then."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop, signals = asyncio.get_running_loop(), (signal.SIGINT, signal.SIGTERM)
        for number in signals:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        giving_up = asyncio.create_task(self._give_up_later())
        self._front.jobs.stop()
        try:
            await super().shutdown(sockets)
        finally:
            giving_up.cancel()

    async def _give_up_later(self) -> None:
        await asyncio.sleep(_GRACE_S)
        await self._front.give_up()
