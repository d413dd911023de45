"""The reports of a worker's runs on their way to RUN_WEBHOOK. No target waits for it, however long it takes."""

import asyncio
import logging
from queue import Full, Queue
from threading import Thread

from scraper.output.webhook import post_report
from scraper.responses.wording import counted

logger = logging.getLogger(__name__)
_MOST = 1_000  # that wait
_AT_ONCE = 2
_CLOSING_S = 5.0
_POLL_S = 0.05


class RunReports:
    """
    :param url: None sends nothing
    """

    def __init__(self, url: str | None):
        self._url = url
        self._waiting: Queue[bytes] = Queue(_MOST)
        self._lost = 0
        for _ in range(_AT_ONCE if url else 0):
            Thread(target=self._send, name="report", daemon=True).start()

    def add(self, report: bytes | None) -> None:
        """Send a report soon. If too many wait, it is lost."""
        if not self._url or not report:
            return
        try:
            self._waiting.put_nowait(report)
        except Full:
            self._lost += 1

    async def close(self) -> None:
        """Send those that wait, but not for long."""
        end = asyncio.get_running_loop().time() + _CLOSING_S
        while self._waiting.unfinished_tasks and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(_POLL_S)
        if lost := self._lost + self._waiting.unfinished_tasks:
            logger.warning("%s not sent to RUN_WEBHOOK, which is too slow", counted(lost, "report"))

    def _send(self) -> None:
        while True:
            post_report(self._url, self._waiting.get())
            self._waiting.task_done()
