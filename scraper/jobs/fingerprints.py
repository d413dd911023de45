"""What makes two requests the same: the job, the unsigned URL without what says nothing of it, and the form.

The number of a page counts too: a list may give a cursor again and still go on.
"""

from hashlib import sha1
from typing import Self

from scrapy.crawler import Crawler
from scrapy.http import Request


class Fingerprinter:
    """Ignores the parameters that a platform names as volatile: times, signatures, random values."""

    def __init__(self, crawler: Crawler):
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def fingerprint(self, request: Request) -> bytes:
        """Return the fingerprint of a request."""
        atlas = getattr(self._crawler.spider, "atlas", None)
        volatile = atlas.volatile if atlas else frozenset()
        job = request.cb_kwargs.get("job")
        asked = f"{job.route} {job.step} {job.page} {' '.join(map(str, job.walk))}" if job else ""
        what = f"{request.method} {stable(request.url, volatile)} {asked} ".encode() + request.body
        return sha1(what, usedforsecurity=False).digest()


def stable(url: str, volatile: frozenset[str]) -> str:
    """Return a URL without volatile parameters, the others sorted.

    >>> stable("https://site.test/a?now=1&b=2&a=1", frozenset({"now"}))
    'https://site.test/a?a=1&b=2'
    >>> stable("https://site.test/a?now=1", frozenset({"now"}))
    'https://site.test/a'
    """
    address, _, query = url.partition("#")[0].partition("?")
    kept = sorted(pair for pair in query.split("&") if pair and pair.partition("=")[0] not in volatile)
    return f"{address}?{'&'.join(kept)}" if kept else address
