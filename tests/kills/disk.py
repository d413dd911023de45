"""What a power failure leaves on a disk: computed from the writes and syncs of a run, as strace recorded them.

Data is safe after a sync of its file, and the name of a file after a sync of its folder. Of everything else, any part
may be on the disk: none, all, or some of the writes, the last of them cut off.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

STRACE = shutil.which("strace")
_CALLS = "openat,write,pwrite64,ftruncate,fsync,fdatasync,rename,unlink,lseek,close"
_LINE = re.compile(r"^(\d+) +(\w+)\((.*)$")
_FD = re.compile(r"^(\d+)<([^>]*)>(?:, ?|\)| )(.*)$", re.S)
_UNFINISHED = " <unfinished ...>"
_RESUMED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


def recorded(log: Path) -> list[str]:
    """Return the words of a command that records what follows."""
    assert STRACE
    return [STRACE, "-f", "-y", "-xx", "-s", "10000000", "-e", f"trace={_CALLS}", "-o", str(log)]


@dataclass
class File:
    """A file: what is safe, and the writes and truncations since then."""

    safe: bytes = b""
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)  # at a place; None cuts the file there
    now: bytearray = field(default_factory=bytearray)

    def write(self, place: int, data: bytes) -> None:
        self.pending.append((place, data))
        apply(self.now, place, data)

    def cut(self, size: int) -> None:
        self.pending.append((size, None))
        apply(self.now, size, None)

    def sync(self) -> None:
        self.safe, self.pending = bytes(self.now), []

    def after_failure(self, chance: Random) -> bytes:
        """Return what may be on the disk."""
        left = bytearray(self.safe)
        kept = chance.choice(("none", "all", "first", "some"))
        pending = self.pending if kept != "none" else []
        if kept == "first":
            pending = pending[: chance.randint(0, len(pending))]
        for number, (place, data) in enumerate(pending):
            if kept == "some" and chance.random() < 0.5:
                continue
            if data is not None and kept != "all" and number == len(pending) - 1:
                data = data[: chance.randint(0, len(data))]
            apply(left, place, data)
        return bytes(left)


def apply(content: bytearray, place: int, data: bytes | None) -> None:
    if data is None:
        if place < len(content):
            del content[place:]
        content.extend(bytes(place - len(content)))
        return
    content.extend(bytes(max(0, place - len(content))))
    content[place : place + len(data)] = data


class Disk:
    """The files below a folder.

    :ivar names: what the folders hold now
    :ivar safe_names: what they hold after a power failure at least
    """

    def __init__(self, root: Path, before: Path):
        """Start with the files of a folder, which are safe.

        :param root: where they were when the record began
        """
        self.root = str(root)
        self.names: dict[str, File] = {}
        for path in before.rglob("*"):
            if path.is_file():
                body = path.read_bytes()
                self.names[str(root / path.relative_to(before))] = File(body, now=bytearray(body))
        self.safe_names = dict(self.names)
        self.offsets: dict[tuple[str, str], int] = {}
        self.appending: set[tuple[str, str]] = set()

    def replay(self, log: Path) -> Iterator[str]:
        """Apply the calls of a record, and yield after each sync, and each write, what it was."""
        for line in _calls(log.read_text("ascii", "replace").splitlines()):
            if (match := _LINE.match(line)) and (what := self._call(match[2], match[3])):
                yield what

    def _call(self, name: str, rest: str) -> str | None:
        if name in ("openat", "rename", "unlink"):
            return self._by_path(name, rest)
        if not (match := _FD.match(rest)):
            return self._close(rest) if name == "close" else None
        number, path, rest = match[1], _plain(match[2]), match[3]
        if not path.startswith(self.root) or path.endswith("-shm"):
            return None
        if name in ("fsync", "fdatasync"):
            return self._sync(path)
        if (file := self.names.get(path)) is None:
            return None
        key = number, path
        if name == "lseek":
            if result := re.search(r"= (\d+)$", rest):
                self.offsets[key] = int(result[1])
        elif name == "ftruncate":
            file.cut(int(rest.split(")")[0]))
        elif data := _TEXT.search(rest):
            text = bytes.fromhex(data[1].replace("\\x", ""))
            if name == "pwrite64":
                place = int(re.findall(r", (\d+)\)?", rest[data.end() :])[1])
            else:
                place = len(file.now) if key in self.appending else self.offsets.get(key, 0)
                self.offsets[key] = place + len(text)
            file.write(place, text)
            return f"write {path}"
        return None

    def _close(self, rest: str) -> None:
        return None

    def _sync(self, path: str) -> str:
        if path in self.names:
            self.names[path].sync()
        else:
            for name in {*self.names, *self.safe_names}:
                if str(Path(name).parent) != path:
                    continue
                if name in self.names:
                    self.safe_names[name] = self.names[name]
                else:
                    self.safe_names.pop(name, None)
        return f"sync {path}"

    def _by_path(self, name: str, rest: str) -> str | None:
        paths = [bytes.fromhex(text.replace("\\x", "")).decode() for text in _TEXT.findall(rest)]
        if not paths or not paths[0].startswith(self.root) or " = -1 " in rest or paths[0].endswith("-shm"):
            return None
        if name == "unlink":
            self.names.pop(paths[0], None)
        elif name == "rename":
            self.names[paths[1]] = self.names.pop(paths[0])
        else:
            result = re.search(r"= (\d+)<", rest)
            if "O_CREAT" in rest and paths[0] not in self.names:
                self.names[paths[0]] = File()
            if "O_TRUNC" in rest and paths[0] in self.names:
                self.names[paths[0]].cut(0)
            if result and "O_DIRECTORY" not in rest:
                key = result[1], paths[0]
                self.offsets[key] = 0
                (self.appending.add if "O_APPEND" in rest else self.appending.discard)(key)
        return f"{name} {paths[0]}"

    def after_failure(self, chance: Random, to: Path) -> None:
        """Write what a power failure may leave to another folder."""
        loose = {name for name in {*self.names, *self.safe_names} if self.names.get(name) != self.safe_names.get(name)}
        keeps = chance.random() < 0.5
        for name in {*self.names, *self.safe_names}:
            held = self.names if name in loose and (keeps or chance.random() < 0.5) else self.safe_names
            if (file := held.get(name)) is not None:
                path = to / Path(name).relative_to(self.root)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(file.after_failure(chance))


def _calls(lines: list[str]) -> Iterator[str]:
    """Yield each call in one line. strace splits one in two if another thread calls meanwhile.

    A write and a sync count from when they began, so that a sync holds nothing that was written meanwhile.
    """
    opened: dict[str, str] = {}
    for line in lines:
        if line.endswith(_UNFINISHED) and " openat(" in line:
            opened[line.split(maxsplit=1)[0]] = line.removesuffix(_UNFINISHED)
        elif (match := _RESUMED.match(line)) and (start := opened.pop(match[1], None)):
            yield start + match[2]
        else:
            yield line


def _plain(path: str) -> str:
    return bytes.fromhex(path.replace("\\x", "")).decode() if path.startswith("\\x") else path
