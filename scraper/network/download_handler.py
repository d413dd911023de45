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

from scraper.identities.crawl_pools import pools_of
from scraper.identities.identity import Identity
from scraper.identities.pool import Pool
from scraper.jobs.dispatch import dispatch_of, update
from scraper.responses.exceptions import Changed, Refused


class DownloadHandler(BaseDownloadHandler):
    """Dresses, signs and sends."""

    lazy = True

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        self._started: dict[str, BaseDownloadHandler] = {}

    def transport(self, request: Request, pool: Pool) -> BaseDownloadHandler:
        """Return what puts a request on the wire, started at its first use."""
        name = dispatch_of(request).transport or ("impersonate" if pool.impersonate else "direct")
        if name not in self._started:
            made = load_object(self.crawler.settings.getdict("TRANSPORTS")[name])
            self._started[name] = build_from_crawler(made, self.crawler)
        return self._started[name]

    async def download_request(self, request: Request) -> Response:
        dispatch = dispatch_of(request)
        pool = pools_of(self.crawler).pools[dispatch.service]
        pool.refresh()
        identity = pool.get(dispatch.identity)
        if identity.stopped:  # while this stood in the slot's queue
            raise Refused(identity.stopped.unasked())
        if request.meta.get("prepared", identity.serial) != identity.serial:
            raise Changed("the configuration changed before it was sent")
        update(request, sent=identity.sent())
        pool.note(identity.hash, "sent")
        dressed = self.dress(request, identity, pool)
        response = await self.transport(request, pool).download_request(dressed)
        request.meta["download_latency"] = dressed.meta["download_latency"]
        if dispatch.sends_cookies:
            identity.jar.take(response, request)
        return response

    def dress(self, request: Request, identity: Identity, pool: Pool) -> Request:
        """Return the request as it goes on the wire."""
        url, dispatch = request.url, dispatch_of(request)
        if dispatch.describes_browser:
            told = urlencode(pool.service.describe(identity.credentials.user_agent), quote_via=quote)
            url = f"{url}{'&' if '?' in url else '?'}{told}"
        if dispatch.signed:
            url = identity.session.sign(url, time.time())
        dressed = Request(url, method=request.method, body=request.body, meta={**request.meta, "verbatim_url": True})
        parts = urlparse_cached(request)
        headers = {**pool.headers, "User-Agent": identity.credentials.user_agent}
        if dispatch.referer:
            headers["Referer"] = dispatch.referer
            headers["Origin"] = "/".join(dispatch.referer.split("/")[:3])
        headers |= dispatch.headers
        for name, value in headers.items():  # one by one: Headers() given both b"X" and "X" sends two
            dressed.headers[name] = value
        for header in (b"Accept-Encoding", b"Proxy-Authorization"):
            if header in request.headers:
                dressed.headers[header] = request.headers[header]
        if not dispatch.sends_cookies:
            dressed.headers.pop(b"Cookie", None)  # of the configured ones
        elif cookie := identity.jar.header(request, parts.hostname or "", parts.path):
            dressed.headers[b"Cookie"] = cookie
        return dressed

    async def close(self) -> None:
        for transport in self._started.values():
            await transport.close()
