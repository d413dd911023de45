"""The last step before sending: wait for the request's turn, add headers and signature, and pass it to a transport.

This is a download handler rather than a middleware on purpose. Scrapy's duplicate filter, retries and logs then see
the unsigned request, which is stable and contains no cookie, and every retry is signed anew. A request that waits here
occupies only its own download slot.
"""

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.utils.misc import build_from_crawler, load_object

from scraper.identities.holding import check_sender, sends_as
from scraper.identities.identity import Identity
from scraper.identities.pool import Pool
from scraper.identities.service_pools import pools_of
from scraper.jobs.dispatch import Dispatch, dispatch_of, find_dispatch, update
from scraper.network.headers import dress
from scraper.network.on_demand import ScrapyHandler
from scraper.network.wait_to_send import WaitToSend, until_allowed

_SCRAPY = "scrapy"


class DownloadHandler(BaseDownloadHandler):
    """Hold, sign and send requests of platform spiders; pass all others to Scrapy's own handler."""

    lazy = True

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        self._pools = pools_of(crawler)
        self._started: dict[str, BaseDownloadHandler] = {}

    async def download_request(self, request: Request) -> Response:
        dispatch = find_dispatch(request)
        if dispatch is None:
            return await self._handler(_SCRAPY).download_request(request)
        pool = self._pools.pools[dispatch.service]
        if dispatch.purpose == "session":
            identity = pool.get(dispatch.identity)
            await until_allowed(self.crawler, self._pools, pool, identity)
            return await self._send(request, identity, pool)
        identity = await WaitToSend(self.crawler, self._pools, request).until_ready()
        return await self._send(request, identity, pool)

    def transport(self, dispatch: Dispatch, pool: Pool) -> BaseDownloadHandler:
        """Return the transport for a request, started on first use."""
        return self._handler(dispatch.transport or ("impersonate" if pool.impersonate else "direct"))

    async def _send(self, request: Request, identity: Identity, pool: Pool) -> Response:
        sends_as(pool.holding, identity)
        check_sender()
        pool.take(identity, self._pools.budget)
        update(request, sent=identity.sent())
        pool.note(identity.hash, "sent")
        dispatch, dressed = dispatch_of(request), dress(request, identity, pool)
        response = await self.transport(dispatch, pool).download_request(dressed)
        request.meta["download_latency"] = dressed.meta["download_latency"]
        if dispatch.sends_cookies:
            identity.jar.take(response, request)
        return response

    def _handler(self, name: str) -> BaseDownloadHandler:
        if name not in self._started:
            paths = {_SCRAPY: ScrapyHandler, **self.crawler.settings.getdict("TRANSPORTS")}
            self._started[name] = build_from_crawler(load_object(paths[name]), self.crawler)
        return self._started[name]

    async def close(self) -> None:
        for transport in self._started.values():
            await transport.close()
