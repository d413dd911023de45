"""Connections of curl_cffi, which do what they are asked, and nothing else."""

from typing import Any

from curl_cffi import AsyncSession, Curl, CurlOpt, Response

from scraper.network.private_apis import curl_ffi, set_curl_pointer

ffi = curl_ffi()


@ffi.callback("int(void *, char *, char *, int, int)")  # type: ignore[untyped-decorator]  # cffi has no types
def _is_again(sends: Any, *_: Any) -> int:
    """Say whether a request was sent before, which ends it. It is called each time that curl is about to send one."""
    before = ffi.from_handle(sends)
    before.append(True)
    return int(len(before) > 1)


class Session(AsyncSession[Response]):
    """Sends a URL as it stands, and no header of curl's own: those are of the system that they were recorded on.

    curl sends a request again by itself when a kept connection breaks: two sends where one was counted. No option of
    it forbids that, but it asks before each.
    """

    async def request(self, *given: Any, **more: Any) -> Any:
        return await super().request(*given, **{**more, "quote": False, "default_headers": False})

    def _parse_response(self, curl: Curl, *given: Any) -> Any:
        """Return a response, without a status where its head cannot be read: curl_cffi would lose curl's own error."""
        try:
            return super()._parse_response(curl, *given)
        except (ValueError, IndexError):
            unreadable = self.response_class(curl)
            unreadable.status_code = 0
            return unreadable

    async def pop_curl(self) -> Curl:
        curl = await super().pop_curl()
        sends = ffi.new_handle([])
        curl.sends = sends  # type: ignore[attr-defined]  # a handle lives as long as what holds it
        set_curl_pointer(curl, CurlOpt.PREREQFUNCTION, _is_again)
        set_curl_pointer(curl, CurlOpt.PREREQDATA, sends)
        return curl
