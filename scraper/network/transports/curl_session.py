"""curl_cffi sessions that send each request exactly once and unchanged."""

from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import Any

from curl_cffi import AsyncSession, Curl, CurlOpt, Response

from scraper.identities.holding import NotHeldError, check_sender
from scraper.network.private_apis import curl_ffi, set_curl_pointer

ffi = curl_ffi()


@ffi.callback("int(void *, char *, char *, int, int)")  # type: ignore[untyped-decorator]  # cffi has no types
def _before_send(handle: Any, *_: Any) -> int:
    """Abort a request that was sent before, or whose identity is lost. curl calls this when it is about to send."""
    request: _Sending = ffi.from_handle(handle)
    if request.is_sent:
        return 1
    try:
        request.check()
    except NotHeldError:
        return 1
    request.is_sent = True
    return 0


class _Sending:
    """What curl has to know about a request.

    :param check: raises `NotHeldError` if it must not be sent
    """

    def __init__(self, check: Callable[[], None]):
        self.check, self.is_sent = check, False


class Session(AsyncSession[Response]):
    """Send URLs verbatim, without curl_cffi's default headers, which belong to the system they were recorded on.

    curl silently repeats a request when a kept-alive connection breaks, so that two sends would be counted as one. No
    option disables that, but curl calls a function before each send. It also checks whether the identity is still held.
    """

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        return await super().request(*args, **{**kwargs, "quote": False, "default_headers": False})

    def _parse_response(self, curl: Curl, *args: Any) -> Any:
        """Return the response, with status 0 if its head is unreadable: curl_cffi would hide curl's own error."""
        try:
            return super()._parse_response(curl, *args)
        except (ValueError, IndexError):
            unreadable = self.response_class(curl)
            unreadable.status_code = 0
            return unreadable

    async def pop_curl(self) -> Curl:
        curl = await super().pop_curl()
        sends = ffi.new_handle(_Sending(partial(copy_context().run, check_sender)))
        curl.sends = sends  # type: ignore[attr-defined]  # a cffi handle must be kept alive
        set_curl_pointer(curl, CurlOpt.PREREQFUNCTION, _before_send)
        set_curl_pointer(curl, CurlOpt.PREREQDATA, sends)
        return curl
