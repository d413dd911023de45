"""Read standard input in a thread of its own, so that a crawl starts and stops while its producer pauses."""

import os
import sys
import time
from collections.abc import Generator, Iterator
from functools import partial
from io import BufferedReader, FileIO, RawIOBase, UnsupportedOperation
from pathlib import Path
from queue import Empty, Queue
from threading import Event, Thread
from typing import Any, Final, TypeVar, cast

from scraper.responses.catch_all import attempt

T = TypeVar("T")
STANDARD_INPUT = "-"
_POLL_S = 0.01
_AT_ONCE = 1 << 16
_AHEAD = 1_000  # lines


class NotYet:
    """Marks that the next line has not arrived yet."""


NOT_YET: Final = NotYet()


def as_they_arrive(lines: Iterator[T]) -> Generator[T | NotYet, None, None]:
    """Yield lines, or what was made of them, that another thread reads, and NOT_YET if none has arrived.

    :raises Exception: what reading them raised
    """
    arrived: Queue[T | Exception | None] = Queue(_AHEAD)
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


def _read(lines: Iterator[T], arrived: "Queue[T | Exception | None]", is_closed: Event) -> None:
    while not is_closed.is_set():
        line = attempt(partial(next, lines, None))
        arrived.put(line)
        if line is None or isinstance(line, Exception):
            return


def opened() -> FileIO:
    """Return another object for standard input: the interpreter cannot end while a thread waits in its own."""
    try:
        return FileIO(os.dup(sys.stdin.fileno()))
    except UnsupportedOperation:  # it was replaced by something in memory
        return cast(FileIO, sys.stdin.buffer)


def is_complete(copy: Path) -> bool:
    """Return whether a copy holds all of standard input."""
    return _end_of(copy).exists()


def complete(copy: Path) -> bool:
    """Read standard input again, and complete the copy of it that a run had made before it was stopped.

    Return whether this is possible: it is no terminal and not empty, and begins with what the run had read.

    :raises OSError: if it cannot be read, or the copy cannot be written
    """
    with opened() as stdin:
        if stdin.isatty():
            return False
        source: BufferedReader[Any] = BufferedReader(stdin)
        copy.touch()
        with copy.open("rb") as earlier:
            while known := earlier.read(_AT_ONCE):
                if source.read(len(known)) != known:
                    return False
        if not copy.stat().st_size and not source.peek(1):
            return False
        with copy.open("ab", 0) as target:
            _copy(source, target)
    _end_of(copy).touch()
    return True


class KeptInput(RawIOBase):
    """Reads what another thread copies from standard input to a file, so that a run that was killed can be resumed.

    If an earlier start of the run has made a complete copy, that is read instead.

    :param copy: the file; one with the ending `.end` marks that it is complete
    """

    def __init__(self, copy: Path):
        self._copying: Thread | None = None
        self._error: OSError | None = None
        if not is_complete(copy):
            copy.parent.mkdir(parents=True, exist_ok=True)
            target = copy.open("xb", 0)
            self._copying = Thread(target=self._copy, args=(opened(), target), name="standard input", daemon=True)
            self._copying.start()
        self._file = copy.open("rb", 0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Read some bytes, after waiting for them; 0 at the end of the input.

        :raises OSError: if the input cannot be read, or not be copied
        """
        while True:
            is_over = self._copying is None or not self._copying.is_alive()
            if size := self._file.readinto(buffer):
                return size
            if self._error is not None:
                raise self._error
            if is_over:
                return 0
            time.sleep(_POLL_S)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _copy(self, stdin: FileIO, target: FileIO) -> None:
        try:
            with stdin, target:
                _copy(BufferedReader(stdin), target)
            _end_of(Path(target.name)).touch()
        except OSError as error:
            self._error = error


def _copy(source: "BufferedReader[Any]", target: FileIO) -> None:
    """Copy all that is left of an input, as it arrives."""
    while read := source.read1(_AT_ONCE):
        target.write(read)
    os.fsync(target.fileno())


def _end_of(copy: Path) -> Path:
    return copy.with_suffix(".end")
