"""The lists that runs watch: how far each was walked, the items that were seen, and which run walks it now."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

import msgspec
from sqlalchemy import Connection, Dialect, bindparam, insert, literal_column, select, text, update

from scraper.inputs.hashing import HashSet
from scraper.ledger.schema import SEEN, WATCHED
from scraper.ledger.store import Statement, insert_for, once_for_each_kind

LEASE_S = 120
_AT_ONCE = 10_000
Needs = Literal["items", "hashes", "nothing"]
_SIGN = 1 << 63
_NOW = {"sqlite": "CAST(strftime('%s', 'now') AS INTEGER)", "postgresql": "CAST(extract(epoch FROM now()) AS BIGINT)"}


class Part(msgspec.Struct, array_like=True, frozen=True):
    """A part of a list in order of time that was walked without a hole. Times are epoch seconds.

    :param top: the time of its newest item
    :param bottom: the time of the last item of its last page
    :param cursor: the cursor of that page; None if the part reaches to the end of the list
    """

    top: int
    bottom: int
    cursor: str | None


class SeenItem(NamedTuple):
    """An item of a watched list.

    :ivar item: the hash of its key
    :ivar key: None if its list is not in order of time
    :ivar state: PINNED and GONE, added
    :ivar content: see `item_content`
    """

    item: int
    key: str | None = None
    time: int | None = None
    state: int = 0
    content: int = 0


class WatchChange(NamedTuple):
    """What changed in a watched list.

    :ivar parts: None if they did not change
    :ivar items: those that are new, or changed
    :ivar is_ended: whether the run does not walk it any more
    :ivar is_complete: whether nothing failed
    """

    watched: int
    parts: Sequence[Part] | None
    items: Sequence[SeenItem]
    is_ended: bool
    is_complete: bool


class Claim(NamedTuple):
    """A list to walk.

    :ivar watched: the hash of what identifies it
    :ivar every: seconds between two runs, None if it is always due
    :ivar goes_on: whether an earlier start of the run walked it
    :ivar needs: what it needs of the items that were seen
    """

    watched: int
    router: str
    target: str
    every: int | None = None
    goes_on: bool = False
    needs: Needs = "nothing"


class ClaimedList(NamedTuple):
    """A list that a run may walk.

    :ivar refusal: why it must not, "" if it may
    """

    refusal: str
    parts: Sequence[Part] = ()
    items: Sequence[SeenItem] = ()
    hashes: HashSet | None = None


class WatchStatements:
    """The statements that write watched lists, compiled for one database."""

    def __init__(self, dialect: Dialect):
        names = ("list", "item", "key", "time", "state", "content")
        added = insert_for(dialect)(SEEN).values({name: bindparam(name) for name in names})
        changed = {name: added.excluded[name] for name in ("state", "content")}
        upsert = added.on_conflict_do_update(index_elements=[SEEN.c.list, SEEN.c.item], set_=changed)
        self._add_item = Statement(upsert, names, dialect)
        own = (WATCHED.c.list == bindparam("one"), WATCHED.c.run_id == bindparam("run"))
        self._set_parts = Statement(
            update(WATCHED).where(*own).values(parts=bindparam("now")), ("now", "one", "run"), dialect
        )
        ended = update(WATCHED).where(*own).values(expires=literal_column("0"))
        self._end = Statement(ended, ("one", "run"), dialect)
        self._complete = Statement(
            update(WATCHED).where(*own).values(completed_time=bindparam("began")), ("began", "one", "run"), dialect
        )

    def write(self, connection: Connection, run_id: str, began: int, changes: Sequence[WatchChange]) -> None:
        """Write what changed in watched lists. A list that another run took over keeps its parts."""
        rows = [(_signed(change.watched), *_stored(item)) for change in changes for item in change.items]
        self._add_item.run(connection, rows)
        parts = [
            (_encode(change.parts), _signed(change.watched), run_id) for change in changes if change.parts is not None
        ]
        self._set_parts.run(connection, parts)
        complete = [(began, _signed(change.watched), run_id) for change in changes if change.is_complete]
        self._complete.run(connection, complete)
        self._end.run(connection, [(_signed(change.watched), run_id) for change in changes if change.is_ended])


watch_statements_of = once_for_each_kind(WatchStatements)


def claim(
    connection: Connection, wanted: Claim, run_id: str, began: int, is_dead: Callable[[str], bool]
) -> ClaimedList:
    """Have a run walk a list, unless another one does, or it is not due.

    :param began: when the run began, in epoch seconds
    :param is_dead: returns whether a run is known to have ended without a word
    """
    watched = _signed(wanted.watched)
    row = connection.execute(select(WATCHED).filter_by(list=watched)).first()
    now = _now(connection)
    if row is None:
        values = {"list": watched, "router": wanted.router, "target": wanted.target}
        connection.execute(insert(WATCHED).values(**values, run_id=run_id, expires=now + LEASE_S))
        return ClaimedList("")
    if row.run_id != run_id:
        if row.expires > now and not is_dead(row.run_id):
            return ClaimedList(f"run {row.run_id} walks it")
        if wanted.goes_on:
            return ClaimedList(f"run {row.run_id} has walked it since")
        if wanted.every is not None and began < due_from(row.completed_time or 0, wanted.every):
            return ClaimedList(f"run {row.run_id} has just walked it")
    owned = update(WATCHED).where(WATCHED.c.list == watched).values(run_id=run_id, expires=now + LEASE_S)
    connection.execute(owned)
    return ClaimedList(
        "",
        msgspec.msgpack.decode(row.parts, type=list[Part]) if row.parts else (),
        _seen_items(connection, watched) if wanted.needs == "items" else (),
        _seen_hashes(connection, watched) if wanted.needs == "hashes" else None,
    )


def due_from(completed: int, every: int) -> int:
    """Return from when on a list is due again. It is so a little early, since a scheduler is never exact.

    >>> due_from(0, 3600), due_from(5, 100_000)
    (3420, 99705)

    :param completed: when the last complete run began
    :param every: seconds between two runs
    """
    return completed + every - min(every // 20, 300)


def renew(connection: Connection, run_id: str) -> None:
    """Keep the lists of a run that it walks."""
    held = update(WATCHED).where(WATCHED.c.run_id == run_id, WATCHED.c.expires > 0)
    connection.execute(held.values(expires=_now(connection) + LEASE_S))


def walks_lists(connection: Connection, run_id: str) -> bool:
    """Return whether a run holds lists whose walks are not complete."""
    held = select(WATCHED.c.list).where(WATCHED.c.run_id == run_id, WATCHED.c.expires > 0)
    return connection.execute(held.limit(1)).first() is not None


def release_all(connection: Connection, run_id: str) -> None:
    """Let other runs walk the lists of a run."""
    connection.execute(update(WATCHED).where(WATCHED.c.run_id == run_id).values(expires=0))


def _seen_items(connection: Connection, watched: int) -> list[SeenItem]:
    """Return the items of a list, by the number that the database has for it."""
    rows = connection.execute(select(SEEN).filter_by(list=watched))
    return [SeenItem(_unsigned(row.item), row.key, row.time, row.state, _unsigned(row.content)) for row in rows]


def _seen_hashes(connection: Connection, watched: int) -> HashSet:
    """Return the hashes of the same."""
    rows = connection.execute(select(SEEN.c.item).filter_by(list=watched))
    return HashSet(_unsigned(item) for (item,) in rows)


class CompletedTimes:
    """When the last complete run of each list began, by the hash of the list. A list takes 16 bytes.

    >>> times = CompletedTimes([[(-5, 9)], [(2**62, 8)]])
    >>> times[2**64 - 5], times[2**62], times[1]
    (9, 8, 0)

    :param parts: rows of the number that the database has for a list, and of the time, in the order of the numbers
    """

    def __init__(self, parts: Iterable[Sequence[Sequence[int]]] = ()):
        self._lists, self._times = array("q"), array("q")
        for rows in parts:
            self._lists.extend([row[0] for row in rows])
            self._times.extend([row[1] for row in rows])

    def __getitem__(self, watched: int) -> int:
        """Return the time of a list, 0 if it has none."""
        place = bisect_left(self._lists, _signed(watched))
        return self._times[place] if self._lists[place : place + 1] == array("q", [_signed(watched)]) else 0


def completed_times(connection: Connection) -> CompletedTimes:
    """Return when the last complete run of each list began."""
    query = select(WATCHED.c.list, WATCHED.c.completed_time).where(WATCHED.c.completed_time > 0)
    return CompletedTimes(connection.execute(query.order_by(WATCHED.c.list)).partitions(_AT_ONCE))


def _now(connection: Connection) -> int:
    """Return the time of the database, which all its users share."""
    return int(connection.execute(text(f"SELECT {_NOW[connection.dialect.name]}")).scalar_one())


def _encode(parts: Iterable[Part]) -> bytes:
    return msgspec.msgpack.encode(list(parts))


def _stored(item: SeenItem) -> tuple[object, ...]:
    return (_signed(item.item), item.key, item.time, item.state, _signed(item.content))


def _signed(number: int) -> int:
    """Return a 64-bit number as databases store it."""
    return number - (_SIGN << 1) if number >= _SIGN else number


def _unsigned(number: int) -> int:
    return number + (_SIGN << 1) if number < 0 else number
