"""A downloader middleware as users write them: it replaces responses, and sends some requests again."""

import sys
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response


class Replacing:
    """Answers every second request anew, and gives a response of its own to the others."""

    def __init__(self) -> None:
        self.count = 0

    def process_response(self, request: Request, response: Response) -> Request | Response:
        self.count += 1
        if self.count % 2:
            return request.replace(dont_filter=True)
        return response.__class__(response.url, response.status, response.headers, response.body)

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        return request.replace(dont_filter=True) if isinstance(exception, OSError) else None


class Failing:
    """Has a mistake."""

    def process_request(self, request: Request) -> None:
        raise LookupError("a mistake of a middleware")


class Dropping:
    """Sends no request."""

    def process_request(self, request: Request) -> None:
        raise IgnoreRequest("not on Sundays")


class Exiting:
    """Ends the program at the first item, as a mistaken extension does."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        self = cls()
        crawler.signals.connect(self.end, signals.item_scraped)
        return self

    def end(self) -> None:
        sys.exit(0)
