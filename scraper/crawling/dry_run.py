"""A dry run: request the first page of each list and of each single record, and count what a crawl would request."""

from collections.abc import Sequence
from typing import Any

from scrapy import signals
from scrapy.http import Request, Response

from scraper.crawling.callback_guard import Output
from scraper.crawling.crawl_components import SpiderParts
from scraper.crawling.end_of_list import PageResult
from scraper.crawling.estimate import Estimate
from scraper.crawling.list_progress import ListProgress
from scraper.crawling.page_handler import PageHandler
from scraper.identities.identity import Sent
from scraper.identities.service_pools import pools_of
from scraper.jobs.dispatch import find_dispatch
from scraper.jobs.job import Job
from scraper.ledger.stops import Stop
from scraper.output.envelope import EnvelopePage, page_processed
from scraper.platform import Extra, Page
from scraper.records import Record
from scraper.responses import Verdict

OUTPUTS_OFF: dict[str, Any] = {
    "FEEDS": {},
    "ITEM_PIPELINES": {},
    "DATABASE_URL": None,
    "LEDGER_ENABLED": False,
    "OBSERVE": "",
    "MEDIA": "",
}
"""Settings of a dry run, which writes nothing."""
_REFUSING = (429, 500)  # answers to requests that a crawl repeats


class DryRunHandler(PageHandler):
    """Handles the answers of a dry run.

    :ivar estimate: what a crawl would request
    """

    def __init__(self, spider: SpiderParts):
        super().__init__(spider)
        self.estimate = Estimate(pools_of(spider.crawler).pools)
        spider.crawler.signals.connect(self.answered, signals.response_downloaded)
        spider.crawler.signals.connect(self.processed, page_processed)

    def answered(self, response: Response, request: Request) -> None:
        """Count an answer, as it was transferred."""
        dispatch = find_dispatch(request)
        if dispatch and response.status != _REFUSING[0] and response.status < _REFUSING[1]:
            job = None if dispatch.purpose == "probe" else dispatch.job
            latency_s = request.meta.get("download_latency", 0.0)
            self.estimate.answered(job, dispatch.service, len(response.body), latency_s)

    def processed(self, page: EnvelopePage) -> None:
        """Note the failure of an input."""
        if page.job and (failed := next((envelope for envelope in page.envelopes if envelope.failed), None)):
            self.estimate.walk(page.job).outcome = failed.outcome.name

    def emit(
        self, job: Job, listing: ListProgress, step: PageResult, problems: list[Verdict], sent: Sent | None
    ) -> Output:
        self.estimate.list_came(job, listing)
        yield from super().emit(job, listing, step, problems, sent)

    def go_on(self, job: Job, listing: ListProgress, cursor: str, sent: Sent | None) -> Output:
        """Yield nothing after the first page that is not empty."""
        if not listing.count:
            yield from super().go_on(job, listing, cursor, sent)
            return
        self.estimate.list_continues(job, listing)
        self.asks.of(job).lists.close(job, Stop.ITEM_LIMIT)

    def leaves_out(self, job: Job, extra: Extra) -> bool:
        if extra.required:
            return super().leaves_out(job, extra)
        self.estimate.walk(job).extras += 1
        return True

    def completing_request(self, job: Job, page: Page, request: Request) -> Request | None:
        if super().completing_request(job, page, request):
            self.estimate.walk(job).extras += 1
        return None

    def follow(self, job: Job, records: Sequence[Record]) -> Output:
        """Yield the first request of the longest list of each kind that records lead to."""
        yield from super().follow(job, records)
        for followed in self.estimate.walk(job).followed.values():
            if followed.sample is None:
                longest = max(followed.jobs, key=lambda led: led.declared or 0)
                followed.sample = longest.walk
                yield from self.begin(longest)

    def begin_led(self, job: Job, led: Job) -> Output:
        self.estimate.walk(job).followed[led.router].jobs.append(led)
        yield from ()
