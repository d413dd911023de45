"""The last step before the wire: a request is dressed as its identity, signed, and handed to a transport.

It is a download handler, not a middleware, on purpose. Scrapy's duplicate filter, retries and logs then see
the unsigned request, which is stable and holds no cookie, and another try is signed afresh.
"""

import time
from urllib.parse import quote, urlencode

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler, load_object

from scraper.identities.identity import Identity
from scraper.identities.pool import Pool
from scraper.responses.exceptions import Changed, Refused


class Downloader(BaseDownloadHandler):
    """Dresses, signs and sends."""

    lazy = True

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        self._started: dict[str, BaseDownloadHandler] = {}

    def transport(self, request: Request, pool: Pool) -> BaseDownloadHandler:
        """Return what puts a request on the wire, started at its first use."""
        name = request.meta.get("transport") or ("impersonate" if pool.impersonate else "direct")
        if name not in self._started:
            made = load_object(self.crawler.settings.getdict("TRANSPORTS")[name])
            self._started[name] = build_from_crawler(made, self.crawler)
        return self._started[name]

    async def download_request(self, request: Request) -> Response:
        pool: Pool = self.crawler.spider.pools[request.meta["service"]]
        pool.refresh()
        identity = pool.get(request.meta["identity"])
        if identity.stopped:  # while this stood in the slot's queue
            raise Refused(identity.stopped.unasked())
        if request.meta.get("prepared", identity.serial) != identity.serial:
            raise Changed("the configuration changed before it was sent")
        request.meta["sent"] = identity.sent()
        pool.note(identity.hash, "sent")
        dressed = self.dress(request, identity, pool)
        response = await self.transport(request, pool).download_request(dressed)
        request.meta["download_latency"] = dressed.meta["download_latency"]
        if not request.meta.get("dont_merge_cookies"):
            identity.jar.take(response, request)
        return response

    def dress(self, request: Request, identity: Identity, pool: Pool) -> Request:
        """Return the request as it goes on the wire."""
        url = request.url
        if request.meta.get("described"):
            told = urlencode(pool.service.describe(identity.credentials.user_agent), quote_via=quote)
            url = f"{url}{'&' if '?' in url else '?'}{told}"
        if request.meta.get("signed"):
            url = identity.session.sign(url, time.time())
        dressed = Request(url, method=request.method, body=request.body, meta={**request.meta, "verbatim_url": True})
        parts = urlparse_cached(request)
        headers = {**pool.headers, "User-Agent": identity.credentials.user_agent}
        if referer := request.meta.get("referer"):
            headers["Referer"] = referer
            headers["Origin"] = "/".join(referer.split("/")[:3])
        headers |= request.meta.get("headers") or {}
        for name, value in headers.items():  # one by one: Headers() given both b"X" and "X" sends two
            dressed.headers[name] = value
        for name in (b"Accept-Encoding", b"Proxy-Authorization"):
            if name in request.headers:
                dressed.headers[name] = request.headers[name]
        if request.meta.get("dont_merge_cookies"):
            dressed.headers.pop(b"Cookie", None)  # of the configured ones
        elif cookie := identity.jar.header(request, parts.hostname or "", parts.path):
            dressed.headers[b"Cookie"] = cookie
        return dressed

    async def close(self) -> None:
        for transport in self._started.values():
            await transport.close()
