"""Download the files of posts (MEDIA): a post's record is written at once, and each file ends in a record of its own.

The model is Scrapy's FilesPipeline, but files are not held in memory, posts do not wait for them, and what is owed
stays in the ledger until it is done.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Self

import msgspec
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider, NotConfigured
from scrapy.settings import BaseSettings

from scraper.identities.service_pools import ServicePools, pools_of
from scraper.inputs.share_text import target_of
from scraper.ledger.ledger import ledger_of
from scraper.ledger.owed_media import FileRow
from scraper.media import results
from scraper.media.access import Access, access_of
from scraper.media.archive import Archive
from scraper.media.danmaku_making import DanmakuFiles
from scraper.media.danmaku_parts import DanmakuParts, Shown
from scraper.media.download import MediaSession, TooLargeError
from scraper.media.downloads import Downloads
from scraper.media.fresh import FreshPlans, save_fresh
from scraper.media.manifest import add_to_manifest
from scraper.media.options import MediaOptions, media_options
from scraper.media.owed import LedgerOwed, MemoryOwed, Owed
from scraper.media.part_file import Disk
from scraper.media.plan import DiskError, MediaError, Plan, Post, Saved
from scraper.media.refetch import refetch_of
from scraper.media.s3_store import SCHEME, S3Store
from scraper.media.saving import Tools, saved_of
from scraper.media.sources import StoredSources
from scraper.media.store import PARTS, LocalStore, MediaStore
from scraper.media.texts import subtitle_plans
from scraper.media.transfers import transfers_of
from scraper.media.wanted import Pages, plans, post_of
from scraper.network.private_apis import is_closing, look_for_idle
from scraper.output.emitter import new_run_id
from scraper.output.encoding import plain, to_lines
from scraper.output.envelope import Envelope, EnvelopePage, all_answered
from scraper.output.record_types import record_type_of
from scraper.output.sinks import OUTPUT_FAILED, OutputError, note_failure
from scraper.output.statistics import ARCHIVED, ITEM_ERRORS
from scraper.platform.atlas import Atlas
from scraper.records import RECORDS, Danmaku, Meta, Record, StreamSet, Subtitle, Video
from scraper.responses.catch_all import attempt, attempt_async
from scraper.responses.outcomes import Outcome

logger = logging.getLogger(__name__)
_WITH_FILES = (Video.record_type, StreamSet.record_type, Subtitle.record_type)
_TEXTS = frozenset((Subtitle.record_type, Danmaku.record_type))
_MOST_POSTS = 1000  # whose subtitles may follow
_KEPT = ("path", "size", "sha256", "source", "mime", "duration_ms")


class MediaFollower:
    """A follower (`scraper.output.sinks.Follower`): what was written leads it to its downloads."""

    def __init__(self, crawler: Crawler, options: MediaOptions, shared: ServicePools, atlas: Atlas):
        self._crawler, self._options, self._shared = crawler, options, shared
        self._atlas = atlas
        self._platforms = {platform.name: platform for platform in atlas.platforms}
        self._ledger = ledger_of(crawler)
        self._owed = LedgerOwed(self._ledger) if self._ledger else MemoryOwed()
        disk = Disk(least_free=options.least_free)
        store = _store(options.store, disk, crawler.settings)
        sources = StoredSources(partial(self._owed.find, store.name))
        session = MediaSession(options.connections)
        self._transfers = transfers_of(crawler)
        self._tools = Tools(session, store, disk, options.name, sources, self._transfers, options.most_of_file)
        self._archive = Archive(Path(options.archive) if options.archive else None, disk)
        self._size = 0
        self._posts: OrderedDict[str, Post] = OrderedDict()
        self._seen: dict[str, Post] = {}
        self._danmaku = DanmakuFiles(DanmakuParts(store.parts, disk), self._owed, options.danmaku_formats, disk)
        self._making: asyncio.Task[None] | None = None
        self._downloads = Downloads(self._owed, self._handle, partial(look_for_idle, crawler), options.connections)
        self._fresh = FreshPlans(self._refetch, self._plans_again)
        self._closing: asyncio.Task[Any] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        options, shared = media_options(crawler.settings), pools_of(crawler)
        if options is None or shared.atlas is None:
            raise NotConfigured
        self = cls(crawler, options, shared, shared.atlas)
        crawler.signals.connect(self._begin, signals.spider_opened)
        crawler.signals.connect(self._wait_for_downloads, signals.spider_idle)
        crawler.signals.connect(self._start_making, all_answered)
        return self

    async def open(self) -> None:
        """See `scraper.output.sinks.Follower`."""
        try:
            self._tools.store.try_out()
            self._archive.open()
        except DiskError as error:
            raise OutputError(error.path, error.reason) from error

    async def _begin(self) -> None:
        self._danmaku.parts.begin(self._ledger.run.run_id if self._ledger else new_run_id())
        earlier = await self._owed.begin(self._tools.store.name)
        self._size = earlier.size
        self._tools.sources.restore(earlier.sources)
        if self._archive.is_kept:
            posts = await self._owed.posts()
            self._archive.restore(posts.left, posts.incomplete)
        self._transfers.expected += earlier.number
        self._downloads.start(earlier.number)

    async def _refetch(self, meta: Meta, url: str | None) -> Sequence[Envelope]:
        envelopes = await refetch_of(self._crawler)(meta, url)
        if is_closing(self._crawler):
            await asyncio.Event().wait()  # a resumed run asks again
        return envelopes

    async def follow(self, items: Sequence[Envelope], written: Sequence[Any]) -> None:
        """See `scraper.output.sinks.Follower`."""
        owed: list[Plan] = []
        await self._recall_posts(items)
        for item, shown in zip(items, written, strict=True):
            planned = attempt(self._plans, item, shown)
            if isinstance(planned, Exception):
                self._note_foreign(planned)
            else:
                wanted = self._archive.missing(planned)
                owed += wanted
                if planned and not wanted:
                    self._crawler.stats.inc_value(ARCHIVED)
        if self._seen:
            await self._owed.keep_posts(self._seen)
            self._seen = {}
        if owed:
            self._transfers.expected += len(owed)
            await self._downloads.add(owed)
        if "danmaku" in self._options.roles:
            await self._danmaku.parts.add(self._shown_danmaku(items, written))

    async def _recall_posts(self, items: Sequence[Any]) -> None:
        """Read the posts of texts that an earlier start of the run has seen, or that were seen long ago."""
        texts = [item for item in items if record_type_of(item) in _TEXTS]
        for ident in {ident for item in texts if (ident := _video_id(item)) and ident not in self._posts}:
            if post := await self._owed.post(ident):
                self._remember(post)

    def _remember(self, post: Post) -> None:
        self._posts[post.id] = post
        if len(self._posts) > _MOST_POSTS:
            self._posts.popitem(last=False)

    def _shown_danmaku(self, items: Sequence[Any], written: Sequence[Any]) -> Iterator[Shown]:
        """Yield the danmaku among items."""
        for item, shown in zip(items, written, strict=True):
            if record_type_of(item) != Danmaku.record_type:
                continue
            both = attempt(lambda item=item, shown=shown: (_envelope(item), _envelope(shown)))
            if isinstance(both, Exception):
                self._note_foreign(both)
                continue
            envelope, changed = both
            record: Any = envelope.data
            yield Shown(record, changed.data, envelope.router, self._posts.get(record.video_id or ""))

    def _note_foreign(self, error: Exception) -> None:
        self._crawler.stats.inc_value(ITEM_ERRORS)
        logger.error("The files of an item are not known, since it is no record any more", exc_info=error)

    def _plans(self, item: Any, shown: Any) -> list[Plan]:
        """Return the downloads that an item leads to."""
        if record_type_of(item) not in _WITH_FILES:
            return []
        envelope, changed = _envelope(item), _envelope(shown)
        if isinstance(envelope.data, Subtitle):
            if "subtitle" not in self._options.roles:
                return []
            post, formats = self._posts.get(envelope.data.video_id), self._options.subtitle_formats
            return [*subtitle_plans(envelope.data, changed.data, envelope.router, post, formats)]
        post = post_of(envelope.data.video_id, changed.data, to_lines([shown]))
        if isinstance(envelope.data, Video):
            self._remember(kept := msgspec.structs.replace(post, line=b""))
            if self._options.roles & _TEXTS:
                self._seen[post.id] = kept
        return plans(envelope.data, envelope.router, post, self._options, self._pages(envelope.data))

    def _plans_again(self, record: Record, plan: Plan) -> list[Plan]:
        """Return the downloads of a post that was asked again, for one of its files."""
        return plans(record, plan.router, plan.post, self._options, self._pages(record))

    def _pages(self, record: Record) -> Pages | None:
        """Return the pages of the parts of a post, None if it has a single one."""
        parts = self._platforms[record.meta.platform or ""].parts
        if parts is None or not isinstance(record, Video) or not record.url or not record.video_data:
            return None
        cids = [part.cid for part in record.parts or ()]
        if len(cids) < 2:
            return None
        target = target_of(record.meta.target or "", self._atlas)
        is_selected = record.video_data.cid != cids[0] or (target is not None and parts.is_selected(target))
        return Pages(partial(parts.page, record.url), not is_selected)

    async def stop(self) -> None:
        """See `scraper.output.sinks.Follower`."""
        if self._making is not None:
            self._making.cancel()
            await attempt_async(asyncio.wait([self._making]))
        await self._downloads.stop()
        await self._add_to_manifest()
        self._fresh.close()
        await self._tools.session.close()
        self._tools.disk.close()

    async def _add_to_manifest(self) -> None:
        """Name the files of the run in the manifest of the store."""
        manifest = self._tools.store.manifest
        try:
            await self._tools.disk.run(add_to_manifest, manifest, await self._owed.files())
        except OSError as error:
            note_failure(self._crawler.stats, OutputError(str(manifest), error))

    def _wait_for_downloads(self) -> None:
        if self._closing is not None:
            return
        self._start_making()
        if self._downloads.left or self._making is not None:
            raise DontCloseSpider

    def _start_making(self) -> None:
        """Make the files of danmaku: every list has ended, or waits for a resumed run."""
        if self._closing is None and self._making is None and self._danmaku.parts.waiting:
            self._making = asyncio.create_task(self._make_danmaku())

    async def _handle(self, owed: Owed) -> None:
        """Make a download, and note its post in the archive once the post is complete."""
        file = await self._download(owed)
        try:
            await self._archive.settle(owed.plan, is_complete=file.path is not None)
        except DiskError as error:
            await self._give_up(error.path, error)
        self._transfers.finished += 1

    async def _make_danmaku(self) -> None:
        """Make the files of danmaku."""
        try:
            await self._danmaku.make(self._download)
        except OSError as error:
            await self._give_up(str(self._tools.store.parts), DiskError(str(self._tools.store.parts), error))
        self._making = None
        look_for_idle(self._crawler)

    async def _download(self, owed: Owed) -> FileRow:
        """Make a download, write its record, and return the file, without a path if there is none."""
        if self._ledger:  # a retry has a run of its own
            meta = msgspec.structs.replace(owed.plan.meta, run_id=self._ledger.run.run_id)
            owed = owed._replace(plan=msgspec.structs.replace(owed.plan, meta=meta))
        plan, known = owed.plan, owed.known or self._tools.sources.of_key(owed.plan.key)
        known = None if plan.role == "danmaku" else known  # which are other ones each time
        if known and await self._is_stored(known):
            await self._write(owed, results.of_file(plan, saved_of(known), 0, "skipped"), known)
            return known
        file = FileRow(plan.key, plan.meta.key or "", plan.meta.run_id or "", self._tools.store.name)
        try:
            self._check_total()
            plan, saved, attempts = await self._save(plan)
        except MediaError as error:
            envelopes = results.of_error(plan, error, error.attempts)
            if envelopes[-1].failed and plan.text is None:
                file = file._replace(plan=msgspec.msgpack.encode(plan))
            await self._write(owed, envelopes, file)
        except DiskError as error:
            await self._give_up(self._tools.store.name, error)
        else:
            file = file._replace(**{name: getattr(saved, name) for name in _KEPT})
            self._tools.sources.add(file)
            self._size += saved.size
            await self._write(owed, results.of_file(plan, saved, attempts), file)
        return file

    async def _is_stored(self, known: FileRow) -> bool:
        """Return whether an earlier run stored a file, which is still there."""
        store = self._tools.store
        return known.path is not None and known.store == store.name and await store.has(known.path, known.size)

    def _check_total(self) -> None:
        """
        :raises TooLargeError: if the files of the run have the size that the user allows
        """
        most = self._options.most_of_run
        if most is not None and self._size >= most:
            raise TooLargeError(f"the files of this run have {self._size} bytes: MEDIA_MAX_TOTAL={most}")

    async def _save(self, plan: Plan) -> tuple[Plan, Saved, int]:
        """Save a file. Whatever is wrong with this program costs only that file."""
        result = await attempt_async(save_fresh(plan, self._access, self._tools, self._fresh))
        if isinstance(result, MediaError | DiskError):
            raise result
        if isinstance(result, Exception):
            logger.error("BUG in the download of %s", plan.key, exc_info=result)
            raise MediaError(Outcome.BUG, f"an error in this program: {type(result).__name__}")
        return result

    def _access(self, plan: Plan) -> Access:
        return access_of(plan, self._platforms[plan.meta.platform or ""], self._shared.pools)

    async def _write(self, owed: Owed, envelopes: list[Envelope], file: FileRow) -> None:
        further = self._archive.missing(self._fresh.further.pop(owed.plan.key, []))
        page = EnvelopePage(envelopes, step=self._owed.settled(owed, file, further))
        await self._crawler.engine.scraper.start_itemproc_async(page, response=None)
        self._transfers.expected += len(further)
        self._downloads.expect(len(further))

    async def _give_up(self, place: str, error: DiskError) -> None:
        """Stop the crawl, since a file cannot be written, and wait for its end. `resume` continues."""
        if self._closing is None:
            note_failure(self._crawler.stats, OutputError(place, error.reason))
            closing = self._crawler.engine.close_spider_async(reason=OUTPUT_FAILED)
            self._closing = asyncio.create_task(attempt_async(closing))
        await asyncio.Event().wait()


def _store(place: str, disk: Disk, settings: BaseSettings) -> MediaStore:
    """Return the store at a folder or URI."""
    if place.startswith(SCHEME):
        return S3Store(place, Path(settings["OUTPUT_DIR"], "media", PARTS), disk, settings)
    return LocalStore(place.removeprefix("file://"), disk)


class _Record(NamedTuple):
    """A record and the router of its envelope."""

    router: str
    data: Any


def _video_id(item: Any) -> str | None:
    """Return the id of the video that a text belongs to."""
    data = item.data if isinstance(item, Envelope) else item["data"]
    ident = data.get("video_id") if isinstance(data, dict) else getattr(data, "video_id", None)
    return ident if isinstance(ident, str) else None


def _envelope(item: Any) -> _Record:
    """Return the record of an item, even if a pipeline made a dict of it."""
    if isinstance(item, Envelope):
        router, data = item.router, item.data
    else:
        router, data = item["router"], item["data"]
    if not isinstance(data, Record):
        values = plain(data)
        data = msgspec.convert(values, RECORDS[values["meta"]["record_type"]], strict=False)
    return _Record(router, data)
