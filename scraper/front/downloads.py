"""From a link to the bytes of its post's file: passed through from the CDN, or made in the spool.

The addresses of a file are fresh when it is first requested. Further requests for parts of it use the same ones.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import NamedTuple, Protocol, Self

from msgspec import UNSET
from scrapy.settings import Settings

from scraper.crawling.long_lived import LongLivedCrawler
from scraper.crawling.refetcher import Refetcher, RefetchingSpider
from scraper.front.cdn_file import CdnFile
from scraper.front.shared_work import SharedWork
from scraper.front.spool import KEPT_S, Spool, Spooled
from scraper.identities.service_pools import pools_of
from scraper.ledger.owed_media import FileRow
from scraper.media.access import Access, access_of
from scraper.media.download import MediaSession
from scraper.media.fresh import FreshPlans, save_fresh
from scraper.media.names import NameTemplate, NameValues
from scraper.media.options import MediaOptions, media_options, quality_of, size_of
from scraper.media.part_file import Disk
from scraper.media.plan import Plan, Saved
from scraper.media.saving import Tools
from scraper.media.sources import StoredSources
from scraper.media.store import LocalStore
from scraper.media.transfers import Transfers
from scraper.media.wanted import plans, post_of
from scraper.media.zipping import zip_files
from scraper.output.envelope import Envelope
from scraper.output.record_changes import changes_of
from scraper.records import MediaRole, Video
from scraper.responses.exceptions import ArgumentError

_CONNECTIONS = 100
_MOST_KEPT = 1_000  # files whose addresses are remembered
_BLOCK = 1 << 16  # bytes
_ZIP = "application/zip"
_LONG, _SHORT = NameTemplate("{platform}_{author}_{id}_{title}.{ext}"), NameTemplate("{id}_{title}.{ext}")
_LONG_ID, _SHORT_ID = NameTemplate("{platform}_{id}.{ext}"), NameTemplate("{id}.{ext}")

Ask = Callable[[str], Awaitable[Envelope]]


class Wish(NamedTuple):
    """Which file a caller asks for.

    :ivar link: a link, id or share text
    :ivar quality: as MEDIA_QUALITY; "" for that
    """

    link: str
    quality: str = ""
    has_watermark: bool = False


class FailedError(Exception):
    """The post could not be fetched.

    :ivar envelope: says why
    """

    def __init__(self, envelope: Envelope):
        super().__init__(envelope.outcome.name)
        self.envelope = envelope


class File(Protocol):
    """A file whose bytes can be sent.

    :ivar tag: identifies its content
    """

    @property
    def size(self) -> int: ...

    @property
    def mime(self) -> str: ...

    @property
    def tag(self) -> str: ...

    def names(self, has_prefix: bool) -> tuple[str, str]:
        """Return its name, and a name without what author and title say."""

    def blocks(self, start: int, end: int) -> AsyncGenerator[bytes]:
        """Yield the bytes from `start` to `end`, which is one more than the last.

        :raises MediaError: if they cannot be completed
        :raises OSError: the same
        """


class _Passed:
    def __init__(self, file: CdnFile, size: int):
        self._file, self.size = file, size

    @property
    def mime(self) -> str:
        return self._file.content.mime

    @property
    def tag(self) -> str:
        return self._file.tag

    def names(self, has_prefix: bool) -> tuple[str, str]:
        return _names(self._file.plan, self._file.content.ext, has_prefix)

    def blocks(self, start: int, end: int) -> AsyncGenerator[bytes]:
        return self._file.blocks(start, end)


class _Made:
    def __init__(self, spooled: Spooled, plan: Plan):
        self._spooled, self._plan = spooled, plan
        self.size, self.mime, self.tag = spooled.size, spooled.mime, spooled.tag

    def names(self, has_prefix: bool) -> tuple[str, str]:
        return _names(self._plan, self._spooled.ext, has_prefix)

    async def blocks(self, start: int, end: int) -> AsyncGenerator[bytes]:
        with await asyncio.to_thread(self._spooled.path.open, "rb") as file:
            file.seek(start)
            while block := await asyncio.to_thread(file.read, min(_BLOCK, end - start)):
                start += len(block)
                yield block


class _Post(NamedTuple):
    """What a link leads to.

    :ivar passed: the file, if it is passed through
    :ivar plans: what it is made of otherwise
    """

    plans: Sequence[Plan]
    fresh: FreshPlans
    passed: _Passed | None


class _Kept(NamedTuple):
    work: SharedWork[_Post]
    since: float


class Downloads:
    """
    :param settings: those of a crawl
    :ivar under_way: number of callers that wait for a file, or receive it
    """

    def __init__(self, settings: Settings, live: LongLivedCrawler):
        self._settings, self._live = settings, live
        self.under_way, self._changes = 0, changes_of(settings)
        self._spool = Spool(Path(settings["STATE_DIR"], "spool"), size_of("SERVE_SPOOL", settings["SERVE_SPOOL"]))
        self._session = MediaSession(_CONNECTIONS)
        self._disk = Disk(least_free=self._options(Wish("")).least_free)
        self._kept: OrderedDict[Wish, _Kept] = OrderedDict()

    async def __aenter__(self) -> Self:
        """
        :raises ArgumentError: if the spool cannot be written
        """
        try:
            await self._spool.open()
        except OSError as error:
            raise ArgumentError(f"STATE_DIR: the spool cannot be written: {error}") from None
        return self

    async def __aexit__(self, *raised: object) -> None:
        """Stop all work, and remove all files."""
        for kept in self._kept.values():
            kept.work.stop()
        await self._spool.close()
        await self._session.close()
        self._disk.close()

    @asynccontextmanager
    async def file(self, wish: Wish, ask: Ask) -> AsyncIterator[File]:
        """Yield a file. What has to be made is made first.

        :param ask: returns the envelope of the post that a link leads to, with all fields, or of why there is none
        :raises FailedError: if its post could not be fetched
        :raises ArgumentError: if the quality is wrong, a library is missing, or the post has no file
        :raises MediaError: if the file cannot be downloaded
        :raises DiskError: if the spool cannot be written
        :raises SpoolFullError: if the file does not fit
        """
        self.under_way += 1
        try:
            post = await self._post(wish, ask)
            if post.passed:
                yield post.passed
                return
            content = " ".join([*(plan.key for plan in post.plans), *map(str, wish[1:])])
            async with self._spool.borrow(content, lambda folder: self._make(post, folder)) as spooled:
                yield _Made(spooled, post.plans[0])
        finally:
            self.under_way -= 1

    def forget(self, wish: Wish) -> None:
        """Have the next request for a file find it anew, since it could not be completed."""
        self._kept.pop(wish, None)

    async def _post(self, wish: Wish, ask: Ask) -> _Post:
        kept, now = self._kept.get(wish), time.monotonic()
        if kept is None or kept.work.is_lost or kept.work.is_stopped or now - kept.since > KEPT_S:
            kept = self._kept[wish] = _Kept(SharedWork(self._find(wish, ask)), now)
            self._kept.move_to_end(wish)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return await kept.work.result()

    async def _find(self, wish: Wish, ask: Ask) -> _Post:
        options = self._options(wish)
        envelope = await ask(wish.link)
        record = envelope.data
        if not isinstance(record, Video):
            raise FailedError(envelope)
        shown = self._changes.of([envelope], UNSET)[0].data if self._changes else record
        planned = plans(record, envelope.router, post_of(record.video_id, shown, b""), options)
        wanted = [plan for plan in planned if plan.role != "live_photo" or plan.family == "video"]
        if not wanted:
            raise ArgumentError(f"{wish.link}: the post has no video and no picture to download")
        refetcher = Refetcher(_spider_of(self._live))
        fresh = FreshPlans(refetcher.fetch, lambda record, plan: plans(record, plan.router, plan.post, options))
        passed = await self._passed(wanted[0], fresh) if len(wanted) == 1 and len(wanted[0].sources) == 1 else None
        return _Post(wanted, fresh, passed)

    async def _passed(self, plan: Plan, fresh: FreshPlans) -> _Passed | None:
        """Return a file as it is passed through, None if the CDN sends no parts of it."""
        file = CdnFile(plan, self._access, self._session, fresh.of)
        await file.look()
        return None if file.size is None else _Passed(file, file.size)

    def _access(self, plan: Plan) -> Access:
        shared = pools_of(self._live.crawler)
        assert shared.atlas
        platforms = {platform.name: platform for platform in shared.atlas.platforms}
        return access_of(plan, platforms[plan.meta.platform or ""], shared.pools)

    async def _make(self, post: _Post, folder: Path) -> Spooled:
        store = LocalStore(str(folder), self._disk)
        store.try_out()
        sources = StoredSources(_no_file)
        tools = Tools(self._session, store, self._disk, _LONG_ID, sources, Transfers())
        files: list[Saved] = []
        for plan in post.plans:
            _, saved, _ = await save_fresh(plan, self._access, tools, post.fresh)
            files.append(saved)
        paths = [folder / file.path for file in files]
        if len(files) == 1:
            (file,) = files
            return Spooled(paths[0], file.size, file.mime, paths[0].suffix[1:], file.sha256[:32])
        out = folder / "all.zip"
        members = [(PurePosixPath(path).name, path) for path in paths]
        await self._disk.run(zip_files, members, out, post.plans[0].post.create_time)
        for path in {*paths}:
            path.unlink()
        tag = sha256(" ".join(file.sha256 for file in files).encode()).hexdigest()[:32]
        return Spooled(out, out.stat().st_size, _ZIP, "zip", tag)

    def _options(self, wish: Wish) -> MediaOptions:
        """
        :raises ArgumentError: if the quality is wrong
        """
        settings = self._settings.copy()
        own = {"MEDIA": "image", "MEDIA_STORE": None, "MEDIA_WATERMARK": "1" if wish.has_watermark else "0"}
        if wish.quality:
            quality_of(wish.quality, "quality")  # so that a message has the parameter's name
            own["MEDIA_QUALITY"] = wish.quality
        settings.setdict(own, priority="cmdline")
        options = media_options(settings)
        assert options
        roles: frozenset[MediaRole] = frozenset(["video", "image", "live_photo"])
        return options._replace(roles=roles)  # whether PyAV is needed is known only when the post is


async def _no_file(source: str) -> FileRow | None:
    """Return no file: a folder of the spool has those of one post."""
    return None


def _spider_of(live: LongLivedCrawler) -> RefetchingSpider:
    spider: RefetchingSpider = live.crawler.spider  # type: ignore[assignment]
    return spider


def _names(plan: Plan, ext: str, has_prefix: bool) -> tuple[str, str]:
    post = plan.post
    values = NameValues(plan.meta.platform or "", post.id, "video", ext, author=post.author, title=post.title)
    whole, plain = (_LONG, _LONG_ID) if has_prefix else (_SHORT, _SHORT_ID)
    return next(whole.candidates(values)).name, next(plain.candidates(values)).name
