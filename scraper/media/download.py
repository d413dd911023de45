"""Download one file: from every mirror in turn, in constant memory, continuing what is there.

`download` needs no crawl: a source, a part file, how it may be accessed, and a session.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import NamedTuple
from urllib.parse import urljoin

import aiohttp
from yarl import URL

from scraper.media.access import Access
from scraper.media.answer import Beginning, BrokenError, beginning, range_headers
from scraper.media.content import Family
from scraper.media.mirrors import Mirrors, host_of
from scraper.media.part_file import Origin, PartFile
from scraper.media.plan import MediaError, Source
from scraper.media.unpacking import unpacked
from scraper.network.connections import Connections
from scraper.responses.clock import present
from scraper.responses.outcomes import Outcome
from scraper.responses.wording import counted

_BLOCK = 1 << 20  # bytes that are written at once
_TRIES = 3  # in a row without progress
_MOST_HOPS = 5
_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
_SILENT_S = 30.0  # without any byte
_LEAST_RATE = 1024  # bytes per second over `_SILENT_S`
_REDIRECTS = (301, 302, 303, 307, 308)
CONNECTION_ERRORS = (aiohttp.ClientError, TimeoutError)


class MediaSession:
    """The connections of media files, apart from those of the crawl.

    :ivar mirrors: the hosts that failed
    """

    def __init__(self, connections: int) -> None:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_SILENT_S, sock_read=_SILENT_S)
        self._connections = Connections(connections, timeout, read_bufsize=_BLOCK)
        self.mirrors = Mirrors()

    def get(self, url: str, headers: dict[str, str], proxy: str | None) -> "aiohttp.client._RequestContextManager":
        return self._connections.session.get(
            URL(url, encoded=True), headers=headers, proxy=proxy, allow_redirects=False
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._connections.close()


class Wanted(NamedTuple):
    """What a file must be.

    :ivar families: what its first bytes must say
    :ivar most: the largest size in bytes, None for any
    """

    families: Sequence[Family]
    most: int | None = None


class Fetched(NamedTuple):
    """
    :ivar url: the mirror that completed the file
    """

    url: str
    attempts: int


async def download(source: Source, part: PartFile, wanted: Wanted, access: Access, session: MediaSession) -> Fetched:
    """Download a file into an open part file.

    :raises MediaError: if no mirror has it; `attempts` is its number of requests
    :raises DiskError: if it cannot be written
    """
    if source.expire_time is not None and source.expire_time <= present():
        raise MediaError(Outcome.MEDIA_EXPIRED, "the addresses in the record have expired")
    attempts, failures = 0, []
    for url in session.mirrors.ordered(source.urls):
        left = _TRIES
        while left:
            had, attempts = part.size, attempts + 1
            try:
                await _from_mirror(url, source, part, wanted, access, session)
                session.mirrors.note(url, is_alive=True)
                return Fetched(url, attempts)
            except MediaError as error:
                error.attempts = attempts
                if isinstance(error, TooLargeError):
                    await part.begin(Origin())
                    raise
                left = _tries_left(error, left, had, part.size)
                if not left:
                    failures.append((url, error))
                    break
                if isinstance(error, BrokenError):
                    await asyncio.sleep(_pause_s(error, _TRIES - left))
        session.mirrors.note(url, is_alive=False)
    raise of_all(failures, attempts)


def _tries_left(error: MediaError, left: int, had: int, has: int) -> int:
    """Return how often a mirror is tried again. One that made progress is tried as often as at first."""
    if not isinstance(error, BrokenError) or (error.retry_after_s or 0) > _LONGEST_PAUSE_S:
        return 0
    return _TRIES if has > had else left - 1


def _pause_s(error: BrokenError, failed: int) -> float:
    return error.retry_after_s if error.retry_after_s is not None else _PAUSE_S * failed


def of_all(failures: list[tuple[str, MediaError]], attempts: int) -> MediaError:
    """Return one error for those of all mirrors: that of expired addresses first, since new ones may help."""
    if not failures:
        return MediaError(Outcome.MEDIA_EXPIRED, "the record has no address of it")
    outcomes = [error.outcome for _, error in failures]
    outcome = next(
        (outcome for outcome in (Outcome.MEDIA_EXPIRED, Outcome.UPSTREAM) if outcome in outcomes),
        outcomes[0],
    )
    reasons = dict.fromkeys(f"{host_of(url)}: {error}" for url, error in failures)
    error = MediaError(outcome, "; ".join(reasons))
    error.attempts = attempts
    return error


async def _from_mirror(
    url: str, source: Source, part: PartFile, wanted: Wanted, access: Access, session: MediaSession
) -> None:
    """Download what is missing of a file from one mirror."""
    try:
        async with opened(url, range_headers(part.size, part.origin), access, session) as answer:
            start = beginning(answer.status, answer.headers, part.size)
            _check_size(start.origin.total, source, wanted)
            if start.start is not None:
                await _receive(answer, start, part, wanted)
    except CONNECTION_ERRORS as error:
        raise broken(error) from error
    _check_end(source, part)


def _continues(start: Beginning, part: PartFile) -> bool:
    """Return whether an answer has exactly what follows in a file."""
    known, origin = part.origin, start.origin
    is_same = origin.total in (None, known.total) and (origin.validator == known.validator or not origin.validator)
    return start.start == part.size and is_same and not start.encoding


@asynccontextmanager
async def opened(
    url: str, ranges: Mapping[str, str], access: Access, session: MediaSession
) -> AsyncIterator[aiohttp.ClientResponse]:
    """Give the answer to a request, behind its redirects.

    :param ranges: the headers that ask for a part of the file
    :raises MediaError: if a redirect leads to a host that is not of the platform's CDN, or the identity is not held
    """
    for _ in range(_MOST_HOPS):
        if not access.allows(url):
            raise MediaError(Outcome.UPSTREAM, f"{host_of(url)} is not a host of the platform's CDN: not requested")
        headers = {**access.headers, "Accept": "*/*", "Accept-Encoding": "identity", **ranges}
        if cookie := access.cookie(url):
            headers["Cookie"] = cookie
        async with access.holding(url), session.get(url, headers, access.proxy(url)) as answer:
            if answer.status not in _REDIRECTS:
                yield answer
                return
            url = _target(url, answer.headers.get("Location", ""))
    raise MediaError(Outcome.UPSTREAM, f"more than {_MOST_HOPS} redirects")


def _target(url: str, location: str) -> str:
    """Return where a redirect leads: over TLS, which every host of a CDN has."""
    target = urljoin(url, location)
    is_secure = url.startswith("https:")
    return f"https:{target.removeprefix('http:')}" if is_secure and target.startswith("http:") else target


def _check_size(total: int | None, source: Source, wanted: Wanted) -> None:
    if total is None:
        return
    if source.size and total != source.size:
        raise MediaError(
            Outcome.UPSTREAM, f"the file has {counted(total, 'byte')}, the platform announced {source.size}"
        )
    check_most(total, wanted.most)


def check_most(size: int, most: int | None) -> None:
    """
    :param most: the largest size that the user allows, None for any
    :raises TooLargeError: if a file is larger
    """
    if most is not None and size > most:
        raise TooLargeError(f"larger than MEDIA_MAX_FILE_SIZE={most}")


async def _receive(answer: aiohttp.ClientResponse, start: Beginning, part: PartFile, wanted: Wanted) -> None:
    """Append the body of an answer.

    :raises MediaError: if it is not what is wanted
    """
    if start.start and not _continues(start, part):
        await part.begin(Origin())  # what there is belongs to another version
        raise BrokenError("the file changed while it was downloaded")
    if not start.start:
        await part.begin(start.origin)
    is_checked = bool(part.size)
    async with aclosing(_ahead(_blocks(unpacked(_chunks(answer), start.encoding, _BLOCK)))) as blocks:
        async for block in blocks:
            await part.write(block)
            if not is_checked:
                await _check_content(part, wanted)
                is_checked = True
            check_most(part.size, wanted.most)


async def _ahead(blocks: AsyncIterator[list[bytes]]) -> AsyncGenerator[list[bytes]]:
    """Yield blocks. While one is written, the next one is received."""
    coming = asyncio.ensure_future(anext(blocks, None))
    try:
        while (block := await coming) is not None:
            coming = asyncio.ensure_future(anext(blocks, None))
            yield block
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


async def _check_content(part: PartFile, wanted: Wanted) -> None:
    content = part.content
    if content is None or content.family not in wanted.families:
        await part.begin(Origin())
        raise MediaError(Outcome.UPSTREAM, f"what it served is {content.mime if content else 'no media file'}")


async def _chunks(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Yield the body as it comes.

    :raises MediaError: if it comes too slowly
    """
    since, window = time.monotonic(), 0
    async for chunk, _ in answer.content.iter_chunks():  # which copies nothing
        yield chunk
        window += len(chunk)
        if (now := time.monotonic()) - since > _SILENT_S:
            if window < _LEAST_RATE * _SILENT_S:
                raise MediaError(Outcome.UPSTREAM, f"too slow: {counted(window, 'byte')} in {now - since:.0f} s")
            since, window = now, 0


async def _blocks(chunks: AsyncIterator[bytes]) -> AsyncIterator[list[bytes]]:
    """Yield chunks in blocks of about `_BLOCK` bytes. What came before the body broke off is yielded, too."""
    block: list[bytes] = []
    size = 0
    try:
        async for chunk in chunks:
            block.append(chunk)
            size += len(chunk)
            if size >= _BLOCK:
                yield block
                block, size = [], 0
    except (aiohttp.ClientError, TimeoutError, MediaError):
        if block:
            yield block
        raise
    if block:
        yield block


def _check_end(source: Source, part: PartFile) -> None:
    """
    :raises MediaError: if a file is not complete
    """
    expected = part.origin.total if part.origin.total is not None else source.size
    if not part.size:
        raise BrokenError("it served an empty file")
    if expected is None:
        return
    if part.size < expected:
        raise BrokenError(f"the file was cut: {part.size} of {counted(expected, 'byte')}")
    if part.size > expected:
        raise MediaError(Outcome.UPSTREAM, f"the file has more than the {counted(expected, 'byte')} announced")


def broken(error: Exception) -> BrokenError:
    """Return what a broken connection means. aiohttp's text may contain the password of a proxy."""
    if isinstance(error, aiohttp.ClientHttpProxyError | aiohttp.ClientProxyConnectionError):
        return BrokenError("the proxy does not answer")
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return BrokenError("the TLS certificate was not accepted")
    if isinstance(error, TimeoutError):
        return BrokenError("no answer in time")
    return BrokenError("the connection broke")


class TooLargeError(MediaError):
    """A file is larger than the user allows."""

    def __init__(self, message: str):
        super().__init__(Outcome.INCOMPLETE, message)
