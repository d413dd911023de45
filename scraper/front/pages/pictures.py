"""Pictures on the pages: fetched from the platform's CDN by this server, so that the browser contacts no other host.

Only pictures that a page showed can be fetched: their addresses are never part of a call.
"""

from collections import OrderedDict
from collections.abc import Iterable
from hashlib import blake2b
from secrets import token_bytes
from typing import TYPE_CHECKING, Self

from scraper.crawling.long_lived import LongLivedCrawler
from scraper.identities.service_pools import pools_of
from scraper.media.access import access_of
from scraper.media.content import HEAD_SIZE, content_of
from scraper.media.download import CONNECTION_ERRORS, MediaSession, broken, opened
from scraper.media.plan import MediaError, Plan, Post, Source
from scraper.platform.platform import Platform
from scraper.records import Record, Video
from scraper.responses.outcomes import Outcome

if TYPE_CHECKING:
    from aiohttp import ClientResponse

_MOST_KEPT = 2_000  # addresses
_LARGEST = 8 * 1024 * 1024  # bytes
_CONNECTIONS = 16
_BLOCK = 1 << 16  # bytes


class Pictures:
    """The pictures that pages showed."""

    def __init__(self, live: LongLivedCrawler, platforms: Iterable[Platform]):
        self._live = live
        self._platforms = {platform.name: platform for platform in platforms}
        self._secret = token_bytes(16)
        self._kept: OrderedDict[str, Plan] = OrderedDict()
        self._session = MediaSession(_CONNECTIONS)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self._session.close()

    def keep(self, record: Record, url: str) -> str:
        """Remember the address of a picture of a record, and return the name under which it can be fetched."""
        name = blake2b(url.encode(), key=self._secret, digest_size=16).hexdigest()
        self._kept.pop(name, None)
        self._kept[name] = _plan(record, url)
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return name

    async def fetch(self, name: str) -> tuple[bytes, str]:
        """Return a picture and its type.

        :raises MediaError: if it is not remembered, or the CDN does not send a picture
        """
        plan = self._kept.get(name)
        if plan is None:
            raise MediaError(Outcome.NOT_FOUND, "the page that showed it is too old")
        [url] = plan.pieces[0].urls
        access = access_of(plan, self._platforms[plan.meta.platform or ""], pools_of(self._live.crawler).pools)
        try:
            async with opened(url, {}, access, self._session) as answer:
                if answer.status != 200:
                    raise MediaError(Outcome.UPSTREAM, f"{answer.url.host} answered {answer.status}")
                body = await _read(answer)
        except CONNECTION_ERRORS as error:
            raise broken(error) from error
        content = content_of(body[:HEAD_SIZE])
        if content is None or content.family != "image":
            raise MediaError(Outcome.UPSTREAM, "what the CDN sent is no picture")
        return body, content.mime


async def _read(answer: "ClientResponse") -> bytes:
    """
    :raises MediaError: if it is too large
    """
    body = bytearray()
    async for block in answer.content.iter_chunked(_BLOCK):
        body += block
        if len(body) > _LARGEST:
            raise MediaError(Outcome.UPSTREAM, f"it is larger than {_LARGEST:,} bytes")
    return bytes(body)


def _plan(record: Record, url: str) -> Plan:
    """Return how a picture is fetched. The record itself is not kept: it may be large."""
    video = record.video_data if isinstance(record, Video) else None
    return Plan(
        key="",
        media_id="",
        role="cover",
        rank=1,
        family="image",
        is_only=True,
        pieces=[Source(urls=[url])],
        headers=(video and video.headers) or {},
        cookie_names=video.cookie_names if video else [],
        post=Post(id=""),
        meta=record.meta,
        router="",
    )
