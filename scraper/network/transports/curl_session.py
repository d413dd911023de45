"""curl_cffi sessions that send each request exactly once and unchanged."""

from typing import Any

from curl_cffi import AsyncSession, Curl, CurlOpt, Response

from scraper.network.private_apis import curl_ffi, set_curl_pointer

ffi = curl_ffi()


@ffi.callback("int(void *, char *, char *, int, int)")  # type: ignore[untyped-decorator]  # cffi has no types
def _abort_resend(handle: Any, *_: Any) -> int:
    """Abort a request that was sent before. curl calls this each time it is about to send."""
    sends = ffi.from_handle(handle)
    sends.append(True)
    return int(len(sends) > 1)


class Session(AsyncSession[Response]):
    """Send URLs verbatim, without curl_cffi's default headers, which belong to the system they were recorded on.

    curl silently repeats a request when a kept-alive connection breaks, so that two sends would be counted as one. No
    option disables that, but curl calls a function before each send.
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
        sends = ffi.new_handle([])
        curl.sends = sends  # type: ignore[attr-defined]  # a cffi handle must be kept alive
        set_curl_pointer(curl, CurlOpt.PREREQFUNCTION, _abort_resend)
        set_curl_pointer(curl, CurlOpt.PREREQDATA, sends)
        return curl
