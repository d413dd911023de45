"""Get one file: download its sources, finish it, and put it into the store.

`save` needs no crawl: it takes a plan and what it may use.
"""

import os
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from scraper.ledger.owed_media import FileRow
from scraper.media.access import Access
from scraper.media.content import Content, Family, as_sound
from scraper.media.download import Fetched, MediaSession, Wanted, check_most, download
from scraper.media.finishing import DamagedError, Finished, check_picture, check_sound, finish_video
from scraper.media.names import NameTemplate, NameValues
from scraper.media.part_file import Disk, PartFile
from scraper.media.part_lock import alone
from scraper.media.plan import DiskError, MediaError, Plan, Saved, Source, TextFile
from scraper.media.sources import StoredSources
from scraper.media.store import MediaStore
from scraper.media.transfers import Transfers
from scraper.responses.outcomes import Outcome

_SERVED: dict[Family, tuple[Family, ...]] = {
    "video": ("video",),
    "image": ("image",),
    "audio": ("audio", "video"),  # a container of videos may hold only sound
}


class Tools(NamedTuple):
    """What saving uses.

    :ivar most: the largest size of a file, None for any
    """

    session: MediaSession
    store: MediaStore
    disk: Disk
    name: NameTemplate
    sources: StoredSources
    transfers: Transfers
    most: int | None = None


async def save(plan: Plan, access: Access, tools: Tools) -> tuple[Saved, int]:
    """Save a file, and return it with the number of requests.

    A mirror that served a damaged file is not asked for it again.

    :raises MediaError: if it cannot be downloaded
    :raises DiskError: if it cannot be written
    """
    async with alone(tools.store.parts / _part_name(plan, 0), tools.disk):
        return await _save(plan, access, tools)


async def _save(plan: Plan, access: Access, tools: Tools) -> tuple[Saved, int]:
    if plan.text is not None:
        return await _write(plan, plan.text, tools), 0
    parts = [PartFile(tools.store.parts / _part_name(plan, number), tools.disk) for number in range(len(plan.sources))]
    with tools.transfers.under_way(plan, parts):
        return await _download(plan, parts, access, tools)


async def _download(plan: Plan, parts: list[PartFile], access: Access, tools: Tools) -> tuple[Saved, int]:
    attempts, fetched = 0, dict[int, Fetched]()
    try:
        while True:
            for number, source in enumerate(plan.sources):
                if number not in fetched:
                    fetched[number] = await _fetch(plan, source, parts[number], access, tools)
                    attempts += fetched[number].attempts
            try:
                return await _finish(plan, parts, fetched[0].url, tools), attempts
            except DamagedError as error:
                await parts[error.number].discard()
                plan = _without_mirror(plan, error, fetched.pop(error.number).url)
    except MediaError as error:
        error.attempts += attempts
        raise
    finally:
        for part in parts:
            part.release()


async def _write(plan: Plan, text: TextFile, tools: Tools) -> Saved:
    """Write a file that needs no download.

    :raises MediaError: if there is nothing to write, or too much
    """
    if text.outcome is not Outcome.OK:
        raise MediaError(text.outcome, text.reason)
    body, path = text.body.encode(), tools.store.parts / _part_name(plan, 0)
    check_most(len(body), tools.most)
    await _run(tools, _write_through, path, body, tools.disk)
    content, digest = Content("text", text.ext, text.mime), sha256(body).hexdigest()
    return await _stored(plan, Finished(path, content, len(body), digest), digest, "", tools)


def _write_through(path: Path, body: bytes, disk: Disk) -> None:
    """Write a file, and have it on the disk."""
    disk.check_free(path.parent)
    with path.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


async def _fetch(plan: Plan, source: Source, part: PartFile, access: Access, tools: Tools) -> Fetched:
    """Download a source, unless its part file is complete."""
    await part.open()
    served = _SERVED["audio" if source is plan.sound else plan.family]
    fetched = await download(source, part, Wanted(served, tools.most), access, tools.session)
    await part.close()
    return fetched


def _without_mirror(plan: Plan, error: DamagedError, url: str) -> Plan:
    """Return a plan without the mirror that served a damaged file.

    :raises MediaError: if none is left
    """
    sources = [
        msgspec.structs.replace(source, urls=[other for other in source.urls if other != url])
        if number == error.number
        else source
        for number, source in enumerate(plan.sources)
    ]
    if not sources[error.number].urls:
        raise MediaError(Outcome.UPSTREAM, f"the file is damaged: {error}")
    count = len(plan.pieces)
    return msgspec.structs.replace(plan, pieces=sources[:count], sound=sources[count] if plan.sound else None)


async def _finish(plan: Plan, parts: list[PartFile], url: str, tools: Tools) -> Saved:
    """Put the finished file into the store.

    :raises DamagedError: if a source is damaged
    """
    source = parts[0].sha256 if len(parts) == 1 else _joint_hash(parts)
    same = await tools.sources.find(source) if plan.role != "live_photo" else None  # which is a pair under one name
    if same and same.path and await tools.store.has(same.path, same.size):
        for part in parts:
            await part.discard()
        return saved_of(same, url)
    if plan.family == "video":
        out = parts[0].path.with_suffix(".out")
        finished = await _run(tools, finish_video, plan, [part.path for part in parts], out)
    else:
        finished = await _plain(plan, parts[0], tools)
    saved = await _stored(plan, finished, source, url, tools)
    for part in parts:
        await part.discard()
    return saved


async def _stored(plan: Plan, file: Finished, source: str, url: str, tools: Tools) -> Saved:
    """Put a file into the store, with the envelope of its post next to it."""
    path = await tools.store.put(file.path, tools.name.candidates(_name(plan, file.content)), plan.post.create_time)
    if plan.post.line:
        await tools.store.put_beside(path, plan.post.line)
    return Saved(path, file.size, file.sha256, source, file.content.mime, url, file.duration_ms)


def saved_of(file: FileRow, url: str = "") -> Saved:
    """Return a file that was stored before."""
    return Saved(
        file.path or "", file.size or 0, file.sha256 or "", file.source or "", file.mime or "", url, file.duration_ms
    )


def _joint_hash(parts: Sequence[PartFile]) -> str:
    return sha256("".join(part.sha256 for part in parts).encode()).hexdigest()


async def _plain(plan: Plan, part: PartFile, tools: Tools) -> Finished:
    """Return a file that is kept as it was downloaded."""
    content, duration_ms = part.content, None
    assert content, "it was checked when its first bytes came"
    if plan.family == "audio":
        content = as_sound(content)
        duration_ms = (await _run(tools, check_sound, part.path)).duration_ms
    else:
        await _run(tools, check_picture, part.path, content)
    return Finished(part.path, content, part.size, part.sha256, duration_ms)


async def _run(tools: Tools, work: Callable[..., Any], *args: Any) -> Any:
    try:
        return await tools.disk.run(work, *args)
    except OSError as error:
        raise DiskError(str(tools.store.parts), error) from error


def _name(plan: Plan, content: Content) -> NameValues:
    post = plan.post
    return NameValues(
        platform=plan.meta.platform or "",
        id=post.id,
        role=plan.text.label if plan.text else plan.role,
        ext=content.ext,
        rank=None if plan.is_only else plan.rank,
        author=post.author,
        title=post.title,
        create_time=post.create_time,
    )


def _part_name(plan: Plan, number: int) -> str:
    return f"{sha256(plan.key.encode()).hexdigest()[:32]}.{number}.part"
