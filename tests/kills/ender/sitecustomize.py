"""Ends the process at the n-th write, sync, truncation, renaming, removal or commit. Python imports it by its name.

`END_AT` is `<event>:<number>:<signal>`; `END_LOG` names a file that gets a line for each event instead.
"""

import importlib
import io
import os
import sqlite3
import sqlite3.dbapi2
import sys

_EVENT, _NUMBER, _SIGNAL = (os.environ.get("END_AT") or "none:0:0").split(":")
_LOG = os.environ.get("END_LOG")
_seen = {}


def happens(event):
    """Count an event, and end the process if it is the chosen one."""
    if _LOG:
        with _open(_LOG, "a") as log:
            log.write(event + "\n")
    _seen[event] = _seen.get(event, 0) + 1
    return event == _EVENT and _seen[event] == int(_NUMBER)


def end():
    os.kill(os.getpid(), int(_SIGNAL))


def around(module, name):
    """End before or after the calls of a function."""
    call = getattr(module, name, None)
    if call is None:
        return

    def wrapped(*args, **named):
        if happens("before " + name):
            end()
        result = call(*args, **named)
        if happens("after " + name):
            end()
        return result

    setattr(module, name, wrapped)


class HalfWritten(io.FileIO):
    """A file, of whose chosen write only a half is done."""

    def write(self, data):
        if happens("half write"):
            super().write(bytes(data)[: len(data) // 2])
            end()
        return super().write(data)


class Connection(sqlite3.Connection):
    def commit(self):
        if self.in_transaction and happens("before commit"):
            end()
        was = self.in_transaction
        super().commit()
        if was and happens("after commit"):
            end()


class Finder:
    """Has the driver of PostgreSQL end the process at its commits, once it is imported."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "psycopg":
            sys.meta_path.remove(Finder)
            around(importlib.import_module(name).Connection, "commit")
        return None


def _opened(file, mode="r", *args, **named):
    if mode in ("ab", "wb", "xb"):
        return io.BufferedWriter(HalfWritten(os.fspath(file), mode))
    return _open(file, mode, *args, **named)


def _connected(*args, **named):
    return _connect(*args, **{"factory": Connection, **named})


_open, _connect = io.open, sqlite3.connect
if _LOG or _EVENT != "none":
    for _name in ("fdatasync", "fsync", "truncate", "ftruncate", "replace", "unlink"):
        around(os, _name)
    io.open = _opened
    sys.meta_path.insert(0, Finder)
    sqlite3.connect = sqlite3.dbapi2.connect = _connected
