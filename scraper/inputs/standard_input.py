"""Read standard input in a thread of its own, so that a crawl starts and stops while its producer pauses."""

from collections.abc import Generator, Iterator
from functools import partial
from queue import Empty, Queue
from threading import Event, Thread
from typing import Final

from scraper.responses.catch_all import attempt

_AHEAD = 1_000  # lines


class NotYet:
    """Marks that the next line has not arrived yet."""


NOT_YET: Final = NotYet()


def as_they_arrive(lines: Iterator[str]) -> Generator[str | NotYet, None, None]:
    """Yield lines that another thread reads, and NOT_YET if none has arrived.

    :raises Exception: what reading them raised
    """
    arrived: Queue[str | Exception | None] = Queue(_AHEAD)
    is_closed = Event()
    Thread(target=_read, args=(lines, arrived, is_closed), name="standard input", daemon=True).start()
    try:
        while True:
            try:
                line = arrived.get_nowait()
            except Empty:
                yield NOT_YET
                continue
            if line is None:
                return
            if isinstance(line, Exception):
                raise line
            yield line
    finally:
        is_closed.set()
        while not arrived.empty():
            arrived.get_nowait()  # so that the thread, if it waits for room, sees the end


def _read(lines: Iterator[str], arrived: "Queue[str | Exception | None]", is_closed: Event) -> None:
    line: str | Exception | None = ""
    while isinstance(line, str) and not is_closed.is_set():
        line = attempt(partial(next, lines, None))
        arrived.put(line)
