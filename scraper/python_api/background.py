"""Run a crawl in a separate thread with its own event loop, independent of the caller's loops."""

import asyncio
import atexit
from concurrent.futures import Future
from threading import Thread
from typing import Any

from scraper.python_api.prepared import Prepared
from scraper.python_api.running import RunningCrawl

_under_way: set["BackgroundCrawl"] = set()


class BackgroundCrawl:
    """A crawl that starts when its first page is requested. Call its methods from the caller's thread."""

    def __init__(self, prepared: Prepared):
        self._prepared = prepared
        self._thread: Thread | None = None
        self._crawl: RunningCrawl | None = None
        self._stopping: Future[None] | None = None

    def next_page(self) -> "Future[list[Any] | None]":
        """Return a future of the next page of items, or of None at the end."""
        if self._thread is None:
            self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
            self._loop = self._runner.get_loop()
            self._thread = Thread(target=self._run, name="crawl", daemon=True)
            _under_way.add(self)
            self._thread.start()
        return asyncio.run_coroutine_threadsafe(self._next_page(), self._loop)

    def stop(self) -> "Future[None]":
        """Stop the crawl, and return a future that is done when everything it opened is closed."""
        if self._stopping is None:
            if self._thread is None:
                self._stopping = Future()
                self._stopping.set_result(None)
            else:
                self._stopping = asyncio.run_coroutine_threadsafe(self._stop(), self._loop)
                self._stopping.add_done_callback(lambda _: self._loop.call_soon_threadsafe(self._loop.stop))
        return self._stopping

    def close(self) -> None:
        """Stop the crawl, and return when its thread has ended."""
        self.stop().result()
        if self._thread is not None:
            self._thread.join()

    async def _next_page(self) -> list[Any] | None:
        if self._crawl is None:
            self._crawl = RunningCrawl(self._prepared)
        return await self._crawl.next_page()

    async def _stop(self) -> None:
        if self._crawl is not None:
            await self._crawl.stop()

    def _run(self) -> None:
        try:
            with self._runner:
                self._loop.run_forever()
        finally:
            _under_way.discard(self)


@atexit.register
def _close_all() -> None:
    """Close the crawls that are still open when the program ends, so that their outputs are complete."""
    for crawl in list(_under_way):
        crawl.close()
