"""Estimate what a crawl would request, from the first pages that a dry run received.

A list needs as many further pages as the length that it declares, divided by the records of its first page. Of the
lists that `with=` follows, the longest of each kind stands for the others, whose lengths their records declare.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import NamedTuple

import msgspec

from scraper.crawling.list_progress import ListProgress
from scraper.identities.pool import Pool
from scraper.inputs.duplicates import ListId
from scraper.jobs.job import Job
from scraper.network.pace import mean_delay_s
from scraper.output.progress import clock
from scraper.platform.targets import SHORT_LINK
from scraper.responses.wording import counted, enumerated

_HOUR_S = 3600.0


@dataclass
class Followed:
    """The targets of one endpoint that are followed from the records of one list.

    :ivar jobs: their first jobs, whose `declared` is the length of their list
    :ivar sample: the one whose first page was requested
    """

    jobs: list[Job] = field(default_factory=list)
    sample: ListId | None = None


@dataclass
class Walk:
    """The beginning of one list, or a single record.

    :ivar service: the one that answered last
    :ivar sent: number of answers that it took, for example to a lookup and to the first page
    :ivar records: number of records on its pages so far
    :ivar weight: how much these add to the length that it declares
    :ivar pages_left: number of further pages, None if that is unknown
    :ivar growth: how many times as many records the whole list has
    :ivar extras: number of requests that complete these records, and were not sent
    """

    job: Job
    service: str = ""
    sent: int = 0
    bytes: int = 0
    pages: int = 1
    records: int = 1
    weight: int = 1
    pages_left: int | None = 0
    growth: float = 1.0
    extras: int = 0
    followed: defaultdict[str, Followed] = field(default_factory=lambda: defaultdict(Followed))
    outcome: str = "OK"


class InputEstimate(msgspec.Struct, kw_only=True):
    """What one endpoint would request for one input.

    :param lists: number of lists or records
    :param requests: including those of the dry run
    :param bytes: of the answers, as transferred
    :param is_least: whether it is more, because a list does not declare its length
    :param outcome: OK, or the name of the failure of the first request
    """

    input: str
    router: str
    service: str
    lists: float = 0
    requests: float = 0
    bytes: float = 0
    is_least: bool = False
    outcome: str = "OK"


class ServiceEstimate(msgspec.Struct, kw_only=True):
    """What a service would be asked for.

    :param seconds: at the pace of its configuration, with `per_hour` and `quiet_hours`
    """

    service: str
    requests: float = 0
    bytes: float = 0
    seconds: float = 0.0


class CrawlEstimate(msgspec.Struct, kw_only=True):
    """What a crawl would request. Services are crawled at the same time.

    :param sent: number of answers that the estimate took
    :param ignored: arguments and columns that make a crawl shorter, and that are not counted
    """

    inputs: list[InputEstimate]
    services: list[ServiceEstimate]
    requests: float
    bytes: float
    seconds: float
    is_least: bool
    sent: int
    ignored: list[str] = []


class _Service(NamedTuple):
    """What a service answered in the dry run. Latencies are in seconds."""

    answers: int = 0
    latency_s: float = 0.0
    other_answers: int = 0
    other_bytes: int = 0


class Estimate:
    """Collects the first pages of a dry run."""

    def __init__(self, pools: Mapping[str, Pool]):
        self._pools = pools
        self._walks: dict[ListId, Walk] = {}
        self._services: defaultdict[str, _Service] = defaultdict(_Service)

    def walk(self, job: Job) -> Walk:
        """Return the walk that a job is part of."""
        return self._walks.setdefault(job.walk, Walk(job))

    def answered(self, job: Job | None, service: str, size: int, latency_s: float) -> None:
        """Note an answer.

        :param job: None for a request of the session itself
        :param size: its bytes
        """
        known = self._services[service]
        known = known._replace(answers=known.answers + 1, latency_s=known.latency_s + latency_s)
        if job is None:
            known = known._replace(other_answers=known.other_answers + 1, other_bytes=known.other_bytes + size)
        else:
            walk = self.walk(job)
            walk.service, walk.sent, walk.bytes = service, walk.sent + 1, walk.bytes + size
        self._services[service] = known

    def list_came(self, job: Job, listing: ListProgress) -> None:
        """Note a page of a list, or a single record."""
        walk = self.walk(job)
        walk.pages, walk.records, walk.weight = job.page, listing.count, listing.weight

    def list_continues(self, job: Job, listing: ListProgress) -> None:
        """Note that a list has further pages."""
        walk, most = self.walk(job), job.ask.max_items
        walk.pages_left = listing.pages_left
        if walk.pages_left is None:
            return
        growths = [(walk.pages + walk.pages_left) / walk.pages]
        if listing.total is not None and listing.weight:
            growths.append(listing.total / listing.weight)
        if most is not None and walk.records:
            growths.append(most / walk.records)
        walk.growth = max(1.0, min(growths))

    def total(self, now: float, *, is_due_run: bool) -> CrawlEstimate:
        """Return the estimate of the whole crawl.

        :param now: epoch seconds when the crawl would begin
        :param is_due_run: whether it would leave out targets that are not due
        """
        rows: dict[tuple[int, int, str], InputEstimate] = {}
        counting = _Counting(self._walks, rows)
        for walk in self._walks.values():
            if not walk.job.followed:
                lists = 0 if walk.job.target.kind == SHORT_LINK else 1
                counting.add(walk, lists, walk.sent + (walk.pages_left or 0), walk.growth)
        services = [self._service(name, list(rows.values()), now) for name in sorted(self._services)]
        inputs = [_rounded(row) for row in rows.values()]
        return CrawlEstimate(
            inputs=inputs,
            services=services,
            requests=sum(service.requests for service in services),
            bytes=sum(service.bytes for service in services),
            seconds=max((service.seconds for service in services), default=0.0),
            is_least=any(row.is_least for row in inputs),
            sent=sum(known.answers for known in self._services.values()),
            ignored=[*self._spans(), *(["due"] if is_due_run else [])],
        )

    def _spans(self) -> list[str]:
        """Return the names of the limits of time that lists have, whose lengths are counted whole."""
        asks = [walk.job.ask for walk in self._walks.values()]
        return [name for name in ("since", "until") if any(getattr(ask, name) is not None for ask in asks)]

    def _service(self, name: str, rows: list[InputEstimate], now: float) -> ServiceEstimate:
        own, known = [row for row in rows if row.service == name], self._services[name]
        requests = round(sum(row.requests for row in own)) + known.other_answers
        size = round(sum(row.bytes for row in own)) + known.other_bytes
        pool, lists = self._pools[name], sum(row.lists for row in own)
        identities = max(1, min(len(pool.identities), round(lists)))
        latency_s = known.latency_s / known.answers if known.answers else 0.0
        seconds = duration_s(requests / identities, pool, latency_s, now)
        return ServiceEstimate(service=name, requests=requests, bytes=size, seconds=round(seconds, 1))


def duration_s(requests: float, pool: Pool, latency_s: float, now: float) -> float:
    """Return how long one identity takes for its requests, at the configured pace.

    :param latency_s: the mean time until an answer comes
    """
    seconds, per_hour = requests * max(mean_delay_s(pool), latency_s / pool.concurrency), pool.pace.per_hour
    if per_hour is not None:  # the first half comes at once, the second in the first hour
        late = requests / per_hour if requests > per_hour else max(0.0, 2 * requests / per_hour - 1)
        seconds = max(seconds, late * _HOUR_S)
    return pool.quiet_hours.after(now, seconds) - now


class _Counting(NamedTuple):
    """Adds up the requests of walks, and of those that are followed from them."""

    walks: Mapping[ListId, Walk]
    rows: dict[tuple[int, int, str], InputEstimate]

    def add(self, walk: Walk, lists: float, requests: float, growth: float, is_least: bool = False) -> None:
        """Add lists like a walk.

        :param lists: number of lists
        :param requests: the sum of their pages and lookups
        :param growth: how many times as many records as the walk has so far they have together
        :param is_least: whether there are more, since the list that leads to them does not declare its length
        """
        job, is_least = walk.job, is_least or walk.pages_left is None
        key = job.ask.id, job.input, job.router
        if (row := self.rows.get(key)) is None:
            row = self.rows[key] = InputEstimate(input=job.target.given, router=job.router, service=walk.service)
        requests += walk.extras * growth
        row.lists, row.requests, row.is_least = row.lists + lists, row.requests + requests, row.is_least or is_least
        row.bytes += requests * walk.bytes / walk.sent if walk.sent else 0.0
        row.outcome = walk.outcome if row.outcome == "OK" else row.outcome
        for followed in walk.followed.values():
            is_same = len(followed.jobs) == 1 < walk.records  # such as the author of all posts of a user
            self._add_followed(followed, 1 if is_same else growth, is_least and not is_same)

    def _add_followed(self, followed: Followed, times: float, is_least: bool) -> None:
        sample = self.walks.get(followed.sample) if followed.sample else None
        if sample is None:
            return
        lengths = [_length(job, sample) for job in followed.jobs]
        requests = sum(max(1, sample.sent) + pages - 1 for pages, _ in lengths)
        records = sum(records for _, records in lengths)
        self.add(sample, len(lengths) * times, requests * times, records * times / max(1, sample.records), is_least)


def _length(job: Job, sample: Walk) -> tuple[int, float]:
    """Return the number of pages and records of a followed list, given the first page of one like it.

    The length that a record declares may differ from the length that the list declares: both are known of the sample.
    """
    whole, records = sample.weight * sample.growth, sample.records * sample.growth
    if job.declared is None or not sample.job.declared or not whole:
        return 1 + (sample.pages_left or 0), records
    times, page_weight = job.declared / sample.job.declared, sample.weight / sample.pages
    pages, records = max(1, ceil(whole * times / page_weight)), records * times
    if job.ask.max_items is not None and records > job.ask.max_items:
        pages, records = max(1, ceil(pages * job.ask.max_items / records)), job.ask.max_items
    if job.ask.max_pages is not None and pages > job.ask.max_pages:
        pages, records = job.ask.max_pages, records * job.ask.max_pages / pages
    return pages, records


def _rounded(row: InputEstimate) -> InputEstimate:
    numbers = {"lists": round(row.lists), "requests": round(row.requests), "bytes": round(row.bytes)}
    return msgspec.structs.replace(row, **numbers)


def sentences(estimate: CrawlEstimate) -> Iterator[str]:
    """Yield what a crawl would request of each service, and altogether."""
    for service in estimate.services:
        requests, length = counted(round(service.requests), "request"), clock(service.seconds)
        yield f"{service.service}: about {requests}, {megabytes(service.bytes)}, {length}"
    least = "at least " if estimate.is_least else "about "
    whole = f"{counted(round(estimate.requests), 'request')}, {megabytes(estimate.bytes)}, {clock(estimate.seconds)}"
    yield f"The whole crawl: {least}{whole} (this took {counted(estimate.sent, 'request')})"
    if estimate.ignored:
        yield f"Lists and targets are counted whole: {enumerated(estimate.ignored)} may make the crawl much shorter"


def megabytes(size: float) -> str:
    """Return a number of bytes in MB.

    >>> megabytes(0), megabytes(1234567)
    ('0.0 MB', '1.2 MB')
    """
    return f"{size / 1e6:.1f} MB"
