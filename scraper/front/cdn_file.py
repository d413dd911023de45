"""A file that is passed through from the platform's CDN, part by part, without being stored."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing
from hashlib import sha256

from scraper.media.access import Access
from scraper.media.answer import BrokenError, beginning
from scraper.media.content import HEAD_SIZE, Content, content_of
from scraper.media.download import CONNECTION_ERRORS, MediaSession, broken, of_all, opened
from scraper.media.part_file import Origin
from scraper.media.plan import MediaError, Plan
from scraper.responses.outcomes import Outcome
from scraper.responses.wording import counted

_BLOCK = 1 << 16  # bytes
_TRIES = 3  # of a mirror, in a row without progress
_PAUSE_S = 0.5
Renew = Callable[[Plan, MediaError], Awaitable[Plan]]
"""Returns a plan with new addresses, given why those of the old one are of no use."""


class CdnFile:
    """A single file of a post.

    :param plan: with one source
    :param renew: is called once for each `blocks`, if the addresses have expired
    :ivar size: in bytes; None if the CDN does not say, or does not serve parts, so that it cannot be passed through
    :ivar content: what it is
    """

    size: int | None = None
    content: Content

    def __init__(self, plan: Plan, access: Callable[[Plan], Access], session: MediaSession, renew: Renew):
        self.plan, self._access, self._session, self._renew = plan, access, session, renew
        self._origin = Origin()
        self._direct = ""  # the address behind the redirects

    @property
    def tag(self) -> str:
        """What identifies its content."""
        return sha256(f"{self.plan.key} {self.size} {self._origin.validator}".encode()).hexdigest()[:32]

    async def look(self) -> None:
        """Find out what it is and how large, from its first bytes.

        :raises MediaError: if no mirror sends it, at fresh addresses neither
        """
        async with aclosing(self._from_mirrors(0, HEAD_SIZE, is_first=True)) as blocks:
            head = b"".join([block async for block in blocks])
        content = content_of(head)
        if content is None or content.family != self.plan.family:
            raise MediaError(Outcome.UPSTREAM, f"what it served is {content.mime if content else 'no media file'}")
        self.content = content

    async def blocks(self, start: int, end: int) -> AsyncGenerator[bytes]:
        """Yield a part of the file. A connection that broke is continued, by other mirrors if need be.

        :raises MediaError: if it cannot be completed
        """
        async with aclosing(self._from_mirrors(start, end)) as blocks:
            async for block in blocks:
                yield block

    async def _from_mirrors(self, place: int, end: int, *, is_first: bool = False) -> AsyncGenerator[bytes]:
        """Yield a part from the mirrors of the plan in turn, then from those of a new plan if these have expired."""
        is_renewed = False
        while True:
            failures: list[tuple[str, MediaError]] = []
            for url in self._mirrors():
                left = _TRIES
                while left:
                    had = place
                    try:
                        async with aclosing(self._from(url, place, end, is_first=is_first)) as blocks:
                            async for block in blocks:
                                place += len(block)
                                yield block
                        self._session.mirrors.note(url, is_alive=True)
                        return
                    except MediaError as error:
                        left = (_TRIES if place > had else left - 1) if isinstance(error, BrokenError) else 0
                        if not left:
                            failures.append((url, error))
                    if left:
                        await asyncio.sleep(_PAUSE_S * (_TRIES - left))
                self._session.mirrors.note(url, is_alive=False)
            failed = of_all(failures, 0)
            if failed.outcome not in (Outcome.MEDIA_EXPIRED, Outcome.NOT_FOUND) or is_renewed:
                raise failed
            self._direct = ""
            self.plan, is_renewed = await self._renew(self.plan, failed), True

    def _mirrors(self) -> Iterator[str]:
        (source,) = self.plan.sources
        if source.expire_time is None or source.expire_time > time.time():
            yield from filter(None, dict.fromkeys([self._direct, *self._session.mirrors.ordered(source.urls)]))

    async def _from(self, url: str, place: int, end: int, *, is_first: bool) -> AsyncGenerator[bytes]:
        """Yield what a mirror sends of a part.

        :raises MediaError: if it is not that part of the same file
        """
        try:
            ranges = {"Range": f"bytes={place}-{end - 1}"}
            async with opened(url, ranges, self._access(self.plan), self._session) as answer:
                start = beginning(answer.status, answer.headers, 0)
                if is_first:
                    self._note(answer.status, start.origin, str(answer.url))
                elif answer.status != 206 or start.start != place or not self._is_same(start.origin):
                    raise MediaError(Outcome.UPSTREAM, "the file has changed, or its parts are not served any more")
                left = end - place
                async for block in answer.content.iter_chunked(_BLOCK):
                    yield block[:left]
                    left -= len(block)
                    if left <= 0:
                        return
        except CONNECTION_ERRORS as error:
            raise broken(error) from error
        if not is_first:
            raise BrokenError(f"the file was cut: {counted(left, 'byte')} are missing")

    def _note(self, status: int, origin: Origin, url: str) -> None:
        """Note what the first answer says of the file."""
        self._origin, self._direct = origin, url
        self.size = origin.total if status == 206 else None

    def _is_same(self, origin: Origin) -> bool:
        known = self._origin.validator
        return origin.total == self.size and (not known or not origin.validator or origin.validator == known)
