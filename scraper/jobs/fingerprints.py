"""Request fingerprints: the job, the unsigned URL without volatile parameters, and the form.

The page number is included, because a list may repeat a cursor and still continue.
"""

from hashlib import sha1
from typing import Self

from scrapy.crawler import Crawler
from scrapy.http import Request
from scrapy.utils.misc import build_from_crawler
from scrapy.utils.request import RequestFingerprinter

from scraper.identities.service_pools import pools_of
from scraper.jobs.dispatch import find_dispatch


class Fingerprinter:
    """Fingerprints requests without the volatile parameters of a platform: times, signatures, random values.

    Requests without a `Dispatch` get Scrapy's own fingerprint.
    """

    def __init__(self, crawler: Crawler):
        self._volatile = pools_of(crawler).volatile
        self._scrapys: RequestFingerprinter = build_from_crawler(RequestFingerprinter, crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def fingerprint(self, request: Request) -> bytes:
        """Return the fingerprint of a request."""
        dispatch = find_dispatch(request)
        if dispatch is None:
            return self._scrapys.fingerprint(request)
        job = dispatch.job
        asked = f"{job.route} {job.step} {job.page} {' '.join(map(str, job.walk))}" if job else ""
        what = f"{request.method} {stable(request.url, self._volatile)} {asked} ".encode() + request.body
        return sha1(what, usedforsecurity=False).digest()


def stable(url: str, volatile: frozenset[str]) -> str:
    """Return a URL without volatile parameters, and with the others sorted.

    >>> stable("https://site.test/a?now=1&b=2&a=1", frozenset({"now"}))
    'https://site.test/a?a=1&b=2'
    >>> stable("https://site.test/a?now=1", frozenset({"now"}))
    'https://site.test/a'
    """
    address, _, query = url.partition("#")[0].partition("?")
    kept = sorted([pair for pair in query.split("&") if pair and pair.partition("=")[0] not in volatile])
    return f"{address}?{'&'.join(kept)}" if kept else address
