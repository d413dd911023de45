"""A screen that nobody sees, and which processes of a browser are there: for tests with windows."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browsers import program

PATIENCE_S = 30.0


@contextmanager
def screen() -> Iterator[str]:
    """A display of its own; the value is what DISPLAY is set to."""
    reading, writing = os.pipe()
    words = [program(("Xvfb",)), "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    server = subprocess.Popen(words, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        assert number, "Xvfb did not start"
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


def below(ancestor: int) -> set[int]:
    """The processes that a process started, and those that these did."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    pids: set[int] = set()
    while more := {pid for pid, parent in parents.items() if parent in pids | {ancestor}} - pids:
        pids |= more
    return pids


def named_in_environment(word: str) -> set[int]:
    """The processes in whose environment a word stands, such as the path of a folder of this test alone."""
    pids = set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if word.encode() in path.read_bytes():
                pids.add(int(path.parent.name))
        except OSError:
            continue
    return pids - {os.getpid()}


def words_of(pid: int) -> bytes:
    """What a process was started with; nothing where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def left_of(pids: set[int], word: str) -> set[int]:
    """Which of these processes, and of those that `word` names, are left after a moment's patience."""
    end = time.monotonic() + PATIENCE_S
    while (left := {pid for pid in pids if _runs(pid)} | named_in_environment(word)) and time.monotonic() < end:
        time.sleep(0.1)
    return left


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
