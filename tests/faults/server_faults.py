"""Faults of a PostgreSQL server: it is away, cuts connections, has no space left, is locked, or has strange tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager

import pytest

from scraper.ledger import backends, store
from tests.faults.cell import Cell, Fault, at_request
from tests.faults.outputs import Database

_FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM {table}) >= {room} THEN
        RAISE 'could not extend file "base/16384/16400": No space left on device' USING ERRCODE = 'disk_full';
    END IF;
    RETURN NEW;
END $$;
CREATE {kind} TRIGGER full_disk {when} INSERT ON {table} {how} FOR EACH ROW EXECUTE FUNCTION full_disk()
"""


def _database(cell: Cell) -> Database:
    assert cell.place.database
    return cell.place.database


@contextmanager
def _impatient(cell: Cell, tries: int = 3) -> Iterator[None]:
    """Have the crawl wait for seconds at most, and start the server again if it is stopped."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backends, "LOCK_TIMEOUT_S", 0.05)
        patch.setattr(store, "_TRIES", tries)
        patch.setattr(store, "_PAUSE_S", 0.01)
        yield
    if not (server := _database(cell).server).is_running:
        server.start()


@contextmanager
def _away(cell: Cell) -> Iterator[None]:
    with _impatient(cell):
        _stop(cell)
        yield


def _stop(cell: Cell) -> None:
    _database(cell).server.stop()


def _restart(cell: Cell) -> None:
    _stop(cell)
    _database(cell).server.start()


def _cut(cell: Cell) -> None:
    _database(cell).server.cut(_database(cell).name)


def _in_mid_crawl(act: str, request: int = 1) -> Fault:
    """Return a statement of another program that the crawl does not survive, but its resumption does."""

    @contextmanager
    def around(cell: Cell) -> Iterator[None]:
        with _impatient(cell), at_request(request, lambda cell: _database(cell).execute(act))(cell):
            yield

    return Fault(codes={7}, around=around, mend=_mend)


def _full(room: int = 0, *, at_commit: bool = False, table: str = "video") -> Fault:
    kind, when, how = ("CONSTRAINT", "AFTER", "DEFERRABLE INITIALLY DEFERRED") if at_commit else ("", "BEFORE", "")
    return _in_mid_crawl(_FULL.format(kind=kind, when=when, how=how, table=table, room=room))


def _mend(cell: Cell) -> None:
    """Undo what the other program did."""
    database = _database(cell)
    database.execute("DROP FUNCTION IF EXISTS full_disk CASCADE")
    database.execute("ALTER TABLE IF EXISTS video DROP COLUMN IF EXISTS mine")


def _locking(statement: str, request: int = 0) -> Fault:
    """Return a lock that another program holds, from the start or from the answer to a request."""

    @contextmanager
    def around(cell: Cell) -> Iterator[None]:
        database = _database(cell)
        with _impatient(cell), closing(database.server.connect(database.name)) as other, other.transaction():
            if request:
                with at_request(request, lambda cell: other.execute(statement))(cell):  # type: ignore[call-overload]
                    yield
            else:
                other.execute(statement)  # type: ignore[call-overload]
                yield

    return Fault(codes={7}, around=around, is_refused=not request)


@contextmanager
def _strange_table(cell: Cell) -> Iterator[None]:
    _database(cell).execute("CREATE TABLE video (key TEXT PRIMARY KEY, mine TEXT NOT NULL)")
    yield


def _drop_table(cell: Cell) -> None:
    _database(cell).execute("DROP TABLE video")


def _harmless(act: object, *requests: int) -> Fault:
    """Return what happens before the answers to some requests, and costs nothing."""

    @contextmanager
    def around(cell: Cell) -> Iterator[None]:
        with _impatient(cell, 8), ExitStack() as stack:
            for request in requests:
                stack.enter_context(at_request(request, act)(cell))  # type: ignore[arg-type]
            yield

    return Fault(codes=(), around=around)


def _stopping(request: int) -> Fault:
    @contextmanager
    def around(cell: Cell) -> Iterator[None]:
        with _impatient(cell), at_request(request, _stop)(cell):
            yield

    return Fault(codes={7}, around=around)


_ADVISORY = "SELECT pg_advisory_xact_lock(x'736372617065'::bigint)"
FAULTS: Mapping[str, Fault] = {
    "none": Fault(codes=()),
    "server stopped": Fault(codes={7}, around=_away, is_refused=True),
    "server stopped in mid crawl": _stopping(1),
    "server stopped after some answers": _stopping(5),
    "server restarted": _harmless(_restart, 1),
    "connection cut": _harmless(_cut, 1),
    "connection cut again and again": _harmless(_cut, 1, 3, 5),
    "disk full": _full(),
    "disk full after some records": _full(30),
    "disk full after some comments": _full(10, table="comment"),
    "disk full at a commit": _full(at_commit=True),
    "database locked": _locking(_ADVISORY),
    "database locked in mid crawl": _locking(_ADVISORY, 1),
    "table locked": _locking("LOCK TABLE video IN ACCESS EXCLUSIVE MODE", 1),
    "a table with a strange column": Fault(codes={7}, around=_strange_table, mend=_drop_table, is_refused=True),
    "a strange column in mid crawl": _in_mid_crawl("ALTER TABLE video ADD COLUMN mine TEXT NOT NULL"),
    "table dropped in mid crawl": _in_mid_crawl("DROP TABLE video"),
}
