"""The answer of `/api/download`: a file or a part of it, or the envelope that says why there is none.

A failure before the first byte is an envelope. One after it ends the connection before Content-Length is reached, so
that a part of a file never looks whole. When the client leaves, the work for it ends.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from scraper.crawling.long_lived import CrawlerStoppedError
from scraper.front.byte_ranges import ByteRange, UnsatisfiableError, asked_range
from scraper.front.downloads import Ask, Downloads, FailedError, File, Wish
from scraper.front.pages.refusals import answered, failed
from scraper.front.replies import REFUSALS, Refusal, bad_input, bug, stopping
from scraper.front.spool import SpoolFullError
from scraper.identities.masking import mask
from scraper.media.plan import DiskError, MediaError
from scraper.responses.catch_all import attempt_async
from scraper.responses.exceptions import ArgumentError

logger = logging.getLogger(__name__)
_ROOM_S = 60.0


class FileResponse(Response):
    """
    :param ask: returns the envelope of the post that a link leads to, or of why there is none
    :param has_prefix: whether the file's name begins with platform and author
    """

    def __init__(self, downloads: Downloads, wish: Wish, ask: Ask, *, has_prefix: bool):
        super().__init__()
        self._downloads, self._wish, self._ask = downloads, wish, ask
        self._has_prefix = has_prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        leaving, sending = (asyncio.create_task(work) for work in (_left(receive), self._send(scope, receive, send)))
        try:
            await asyncio.wait({leaving, sending}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            leaving.cancel()
            sending.cancel()
            await asyncio.gather(leaving, sending, return_exceptions=True)

    async def _send(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with AsyncExitStack() as stack:
            file = await attempt_async(stack.enter_async_context(self._downloads.file(self._wish, self._ask)))
            if isinstance(file, Exception):
                await self._refuse(file, scope)(scope, receive, send)
                return
            headers = Headers(scope=scope)
            try:
                part = asked_range(headers.get("range"), headers.get("if-range"), file.size, f'"{file.tag}"')
            except UnsatisfiableError:
                size = {"Content-Range": f"bytes */{file.size}", "Accept-Ranges": "bytes"}
                await Response(status_code=416, headers=size)(scope, receive, send)
                return
            if scope["method"] == "HEAD":
                await self._head(file, part)(scope, receive, send)
                return
            async with aclosing(file.blocks(part.start, part.end)) as blocks:
                first = await attempt_async(anext(blocks))
                if isinstance(first, Exception):
                    self._downloads.forget(self._wish)
                    await self._refuse(first, scope)(scope, receive, send)
                    return
                await self._pass(file, part, first, blocks, send)

    async def _pass(self, file: File, part: ByteRange, first: bytes, blocks: AsyncGenerator[bytes], send: Send) -> None:
        head = self._head(file, part)
        await send({"type": "http.response.start", "status": head.status_code, "headers": head.raw_headers})
        error = await attempt_async(_send_all(first, blocks, send))
        if isinstance(error, Exception):  # without the last message, the server closes the connection
            self._downloads.forget(self._wish)
            known = isinstance(error, MediaError | OSError)
            logger.warning(
                "%s: the connection is closed before the end of the file: %s",
                mask(self._wish.link),
                mask(str(error)),
                exc_info=None if known else error,
            )
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _head(self, file: File, part: ByteRange) -> Response:
        """Return a response with the headers of a file, without its body."""
        head = Response(status_code=206 if part.is_part else 200, media_type=file.mime)
        head.headers["Content-Length"] = str(part.end - part.start)
        if part.is_part:
            head.headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{file.size}"
        head.headers["Accept-Ranges"] = "bytes"
        head.headers["ETag"] = f'"{file.tag}"'
        head.headers["Content-Disposition"] = disposition(*file.names(self._has_prefix))
        head.headers["Cache-Control"] = "private, no-cache"
        head.headers["X-Content-Type-Options"] = "nosniff"
        return head

    def _refuse(self, error: Exception, scope: Scope) -> Response:
        if isinstance(error, FailedError):
            return failed(Request(scope), error.envelope)
        return answered(Request(scope), _refusal_of(error, self._wish.link))


def _refusal_of(error: Exception, link: str) -> Refusal:
    """Return what an error means. An unknown one is logged with its traceback."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, ArgumentError):
        return bad_input(str(error), given=link)
    if isinstance(error, MediaError):
        outcome = error.outcome
        return Refusal(outcome.value, outcome.name, str(error), outcome.advice(""), given=link)
    if isinstance(error, SpoolFullError):
        remedy = "try again later, choose a lower quality, or give the spool more room (SERVE_SPOOL)"
        return Refusal(REFUSALS["NO_SPACE"], "NO_SPACE", str(error), remedy, given=link, retry_after=_ROOM_S)
    if isinstance(error, DiskError | OSError):
        remedy = "free some space on the server, or correct the permissions of the folder in the message"
        return Refusal(REFUSALS["NO_SPACE"], "NO_SPACE", f"the spool cannot be written: {error}", remedy, given=link)
    if isinstance(error, CrawlerStoppedError):
        return stopping(error)
    logger.error("BUG in a download", exc_info=error)
    return bug(error)


def disposition(name: str, plain: str) -> str:
    """Return the header Content-Disposition for a file's name (RFC 6266).

    :param plain: a name for clients that read ASCII only, such as curl, if the file's name has other characters

    >>> disposition("看 1.mp4", "1.mp4")
    'attachment; filename="1.mp4"; filename*=UTF-8\\'\\'%E7%9C%8B%201.mp4'
    >>> disposition('"1".mp4', "1.mp4")
    'attachment; filename="_1_.mp4"; filename*=UTF-8\\'\\'%221%22.mp4'
    """
    shown = name if name.isascii() else plain
    safe = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%' else "_" for char in shown)
    return f"attachment; filename=\"{safe}\"; filename*=UTF-8''{quote(name, safe='')}"


async def _send_all(first: bytes, blocks: AsyncGenerator[bytes], send: Send) -> None:
    block: bytes | None = first
    while block is not None:
        await send({"type": "http.response.body", "body": block, "more_body": True})
        block = await anext(blocks, None)


async def _left(receive: Receive) -> None:
    """Return when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
