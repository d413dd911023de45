"""The downloads that are owed: in the ledger, so that a resumed run makes them, or in memory if a crawl has none."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, Protocol, TypeVar

import msgspec
from sqlalchemy import Connection

from scraper.jobs.job import Job
from scraper.ledger.ledger import Ledger
from scraper.ledger.left import suspended_jobs
from scraper.ledger.owed_media import (
    FileRow,
    add_owed,
    add_posts,
    bytes_of_run,
    file_of,
    files_of_run,
    incomplete_posts,
    kept_post,
    known_file,
    number_owed,
    owed,
    settle,
    stored_sources,
)
from scraper.ledger.step import Step
from scraper.media.archive import entry_of
from scraper.media.plan import Plan, Post

T = TypeVar("T")
_AT_ONCE = 20
_decode = msgspec.msgpack.Decoder(Plan).decode


class Owed(NamedTuple):
    """A download.

    :ivar id: its number in the ledger
    :ivar known: what an earlier download of the same file came to
    """

    id: int
    plan: Plan
    known: FileRow | None = None


class Earlier(NamedTuple):
    """What earlier starts of a run, and earlier runs, left.

    :ivar number: of the downloads that the run owes
    :ivar size: of the files that the run downloaded
    :ivar sources: what the files in the store were made of
    """

    number: int = 0
    size: int = 0
    sources: Sequence[str] = ()


class EarlierPosts(NamedTuple):
    """The posts of earlier starts of a run.

    :ivar left: the number of files that are still to be downloaded, by entry of the archive
    :ivar incomplete: `meta.key` of those of which a file could not be downloaded
    """

    left: Mapping[str | None, int] = {}
    incomplete: Sequence[str] = ()


class OwedDownloads(Protocol):
    """Where the downloads of a crawl are kept."""

    async def begin(self, store: str) -> Earlier:
        """Begin to download into a store, and return what earlier starts and runs left.

        :param store: the name of MEDIA_STORE
        """

    async def posts(self) -> EarlierPosts:
        """Return the posts of earlier starts of the run."""

    async def find(self, store: str, source: str) -> FileRow | None:
        """Return the file in a store that was made of certain bytes."""

    async def add(self, plans: Sequence[Plan]) -> None:
        """Add downloads, in the transaction of the records that they belong to."""

    async def take(self) -> list[Owed]:
        """Return the next downloads; [] if there are none now."""

    def settled(self, owed: Owed, file: FileRow, further: Sequence[Plan]) -> Step | None:
        """Return the step that replaces a download by what came of it, and by the downloads that follow from it."""

    async def known(self, key: str) -> FileRow | None:
        """Return the last result of a file in the store, of any run.

        :param key: of its record
        """

    async def is_settled(self, key: str) -> bool:
        """Return whether the result of a file is committed.

        :param key: of its record
        """

    async def files(self) -> list[FileRow]:
        """Return the files that the run put into the store."""

    async def keep_posts(self, posts: Mapping[str, Post]) -> None:
        """Keep the posts that texts may follow, by the ids of their videos, in the transaction of their records."""

    async def post(self, video_id: str) -> Post | None:
        """Return a post that was kept."""

    async def suspended(self) -> list[Job]:
        """Return the requests that were given up for now: a resumed run asks them again."""


class LedgerOwed:
    """Those of a crawl that can be resumed."""

    def __init__(self, ledger: Ledger):
        self._ledger, self._run_id, self._last = ledger, ledger.run.run_id, 0
        self._store = ""

    async def begin(self, store: str) -> Earlier:
        self._store = store

        def read(connection: Connection) -> Earlier:
            number, size = number_owed(connection, self._run_id), bytes_of_run(connection, self._run_id)
            return Earlier(number, size, stored_sources(connection, store))

        return await self._read(read) or Earlier()

    async def posts(self) -> EarlierPosts:
        return await self._read(self._posts) or EarlierPosts()

    def _posts(self, connection: Connection) -> EarlierPosts:
        left, last = Counter[str | None](), 0
        while rows := owed(connection, self._run_id, last, _AT_ONCE):
            left.update(entry_of(_decode(row.plan)) for row in rows)
            last = rows[-1].id
        return EarlierPosts(left, incomplete_posts(connection, self._run_id))

    async def find(self, store: str, source: str) -> FileRow | None:
        return await self._read(partial(file_of, store=store, source=source))

    async def add(self, plans: Sequence[Plan]) -> None:
        encoded = [msgspec.msgpack.encode(plan) for plan in plans]
        await self._ledger.store.run(partial(add_owed, run_id=self._run_id, plans=encoded, after=self._last))

    async def take(self) -> list[Owed]:
        rows = await self._read(self._next) or []
        self._last = rows[-1].id if rows else self._last
        return rows

    def _next(self, connection: Connection) -> list[Owed]:
        rows = []
        for row in owed(connection, self._run_id, self._last, _AT_ONCE):
            plan = _decode(row.plan)
            rows.append(Owed(row.id, plan, known_file(connection, plan.key, self._store)))
        return rows

    async def _read(self, read: Callable[[Connection], T]) -> T | None:
        """Read in a transaction of the ledger, which ends at once. None if it cannot be read."""
        results: list[T] = []
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def work(connection: Connection) -> None:
            results[:] = [read(connection)]  # a transaction may be repeated

        self._ledger.note(Step(work=work, then=partial(_tell, done)))
        return results[0] if await done and results else None

    def settled(self, owed: Owed, file: FileRow, further: Sequence[Plan]) -> Step | None:
        plans = [msgspec.msgpack.encode(plan) for plan in further]
        return Step(work=partial(settle, id=owed.id, file=file, further=plans, after=self._last))

    async def known(self, key: str) -> FileRow | None:
        return await self._read(partial(known_file, key=key, store=self._store))

    async def is_settled(self, key: str) -> bool:
        file = await self.known(key)
        return file is not None and file.run_id == self._run_id

    async def keep_posts(self, posts: Mapping[str, Post]) -> None:
        encoded = {ident: msgspec.msgpack.encode(post) for ident, post in posts.items()}
        await self._ledger.store.run(partial(add_posts, run_id=self._run_id, posts=encoded))

    async def post(self, video_id: str) -> Post | None:
        encoded = await self._ledger.store.run(partial(kept_post, run_id=self._run_id, video_id=video_id))
        return msgspec.msgpack.decode(encoded, type=Post) if encoded else None

    async def files(self) -> list[FileRow]:
        if not self._store:
            return []
        return await self._read(partial(files_of_run, run_id=self._run_id, store=self._store)) or []

    async def suspended(self) -> list[Job]:
        return await self._read(lambda connection: [*suspended_jobs(connection, self._run_id)]) or []


class MemoryOwed:
    """Those of a crawl without a ledger."""

    def __init__(self) -> None:
        self._waiting: deque[Plan] = deque()

    async def begin(self, store: str) -> Earlier:
        return Earlier()

    async def posts(self) -> EarlierPosts:
        return EarlierPosts()

    async def find(self, store: str, source: str) -> FileRow | None:
        return None

    async def add(self, plans: Sequence[Plan]) -> None:
        self._waiting.extend(plans)

    async def take(self) -> list[Owed]:
        return [Owed(0, self._waiting.popleft())] if self._waiting else []

    def settled(self, owed: Owed, file: FileRow, further: Sequence[Plan]) -> Step | None:
        self._waiting.extend(further)
        return None

    async def known(self, key: str) -> FileRow | None:
        return None

    async def is_settled(self, key: str) -> bool:
        return True

    async def files(self) -> list[FileRow]:
        return []

    async def keep_posts(self, posts: Mapping[str, Post]) -> None:
        pass

    async def post(self, video_id: str) -> Post | None:
        return None

    async def suspended(self) -> list[Job]:
        return []


def _tell(done: "asyncio.Future[bool]", is_committed: bool) -> None:
    if not done.done():  # who waits for it may have been cancelled
        done.set_result(is_committed)
