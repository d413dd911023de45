"""The downloads that a run still owes, and the files that runs have downloaded, as rows of the ledger."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from scraper.ledger.schema import MEDIA_FILE, MEDIA_POST, OWED_MEDIA
from scraper.ledger.store import insert_for

_AT_ONCE = 500


class OwedRow(NamedTuple):
    """
    :ivar plan: the encoded plan of its download
    """

    id: int
    plan: bytes


class FileRow(NamedTuple):
    """A file that was downloaded, or could not be: see the table `media_file`."""

    key: str
    post: str
    run_id: str
    store: str
    path: str | None = None
    size: int | None = None
    sha256: str | None = None
    source: str | None = None
    mime: str | None = None
    duration_ms: int | None = None
    plan: bytes | None = None


def add_owed(connection: Connection, run_id: str, plans: Sequence[bytes], after: int = 0) -> None:
    """Add downloads, behind all that the run has had: SQLite would use the ids of settled ones again.

    :param after: the id of the last one that the run took
    """
    last = connection.execute(select(func.coalesce(func.max(OWED_MEDIA.c.id), 0))).scalar_one()
    numbered = enumerate(plans, max(last, after) + 1)
    connection.execute(insert(OWED_MEDIA), [{"id": id, "run_id": run_id, "plan": plan} for id, plan in numbered])


def owed(connection: Connection, run_id: str, after: int, most: int) -> list[OwedRow]:
    """Return some of the downloads that a run owes, in their order.

    :param after: the id of the last one that is known
    """
    columns = OWED_MEDIA.c
    query = select(columns.id, columns.plan).where(columns.run_id == run_id, columns.id > after)
    return [OwedRow(*row) for row in connection.execute(query.order_by(columns.id).limit(most))]


def number_owed(connection: Connection, run_id: str) -> int:
    """Return how many downloads a run owes."""
    return connection.execute(select(func.count()).where(OWED_MEDIA.c.run_id == run_id)).scalar_one()


def add_posts(connection: Connection, run_id: str, posts: Mapping[str, bytes]) -> None:
    """Keep the encoded posts that texts may follow, by the ids of their videos."""
    added = insert_for(connection.dialect)(MEDIA_POST)
    changed = added.on_conflict_do_update(index_elements=["run_id", "video_id"], set_={"post": added.excluded.post})
    connection.execute(changed, [{"run_id": run_id, "video_id": ident, "post": post} for ident, post in posts.items()])


def kept_post(connection: Connection, run_id: str, video_id: str) -> bytes | None:
    """Return an encoded post that a run has seen, None if it has not."""
    query = select(MEDIA_POST.c.post).filter_by(run_id=run_id, video_id=video_id)
    return connection.execute(query).scalar_one_or_none()


def incomplete_posts(connection: Connection, run_id: str) -> list[str]:
    """Return `meta.key` of the posts of which a run could not download a file."""
    columns = MEDIA_FILE.c
    query = select(columns.post).where(columns.run_id == run_id, columns.path.is_(None)).distinct()
    return list(connection.execute(query).scalars())


def settle(connection: Connection, id: int, file: FileRow, further: Sequence[bytes] = (), after: int = 0) -> None:
    """Replace a download by what came of it, and by the downloads that follow from it.

    :param after: see `add_owed`
    """
    connection.execute(delete(OWED_MEDIA).where(OWED_MEDIA.c.id == id))
    values = file._asdict()
    if further:
        add_owed(connection, file.run_id, further, after)
    added = insert_for(connection.dialect)(MEDIA_FILE).values(values)
    connection.execute(added.on_conflict_do_update(index_elements=["key", "store"], set_=values))


def stored_sources(connection: Connection, store: str) -> list[str]:
    """Return the sources of all files in a store."""
    columns = MEDIA_FILE.c
    query = select(columns.source).where(columns.store == store, columns.path.is_not(None), columns.source.is_not(None))
    return list(connection.execute(query).scalars())


def file_of(connection: Connection, store: str, source: str) -> FileRow | None:
    """Return the file in a store that was made of certain bytes, None if there is none."""
    query = select(MEDIA_FILE).filter_by(store=store, source=source).where(MEDIA_FILE.c.path.is_not(None))
    row = connection.execute(query.order_by(MEDIA_FILE.c.key).limit(1)).first()
    return FileRow(*row) if row else None


def failed_plans(connection: Connection, run_id: str) -> list[bytes]:
    """Return the encoded plans of the files that a run could not download."""
    columns = MEDIA_FILE.c
    query = select(columns.plan).where(columns.run_id == run_id, columns.plan.is_not(None)).order_by(columns.key)
    return [plan for plan in connection.execute(query).scalars() if plan is not None]


def stored_files(connection: Connection) -> Iterator[FileRow]:
    """Yield all files that were downloaded, by the store and path."""
    query = select(MEDIA_FILE).where(MEDIA_FILE.c.path.is_not(None)).order_by(MEDIA_FILE.c.store, MEDIA_FILE.c.path)
    for row in connection.execute(query, execution_options={"yield_per": _AT_ONCE}):
        yield FileRow(*row)


def bytes_of_run(connection: Connection, run_id: str) -> int:
    """Return the size of all files that a run downloaded."""
    size = func.coalesce(func.sum(MEDIA_FILE.c.size), 0)
    return int(connection.execute(select(size).where(MEDIA_FILE.c.run_id == run_id)).scalar_one())


def files_of_run(connection: Connection, run_id: str, store: str) -> list[FileRow]:
    """Return the files that a run put into a store."""
    query = select(MEDIA_FILE).filter_by(run_id=run_id, store=store).where(MEDIA_FILE.c.path.is_not(None))
    return [FileRow(*row) for row in connection.execute(query.order_by(MEDIA_FILE.c.path))]


def known_file(connection: Connection, key: str, store: str) -> FileRow | None:
    """Return the last result of a file for a store, None if there is none."""
    row = connection.execute(select(MEDIA_FILE).filter_by(key=key, store=store)).first()
    return FileRow(*row) if row else None
