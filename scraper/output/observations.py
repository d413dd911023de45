"""The records that the setting OBSERVE adds to a feed: positions in lists, and edges between records."""

import time
from collections.abc import Iterator

from scraper.jobs.job import Job
from scraper.output.edges import between, edges
from scraper.output.resume_command import naming
from scraper.platform import Endpoint, Relation
from scraper.records import Edge, Listing, Record, Video, meta_for
from scraper.responses.exceptions import ArgumentError

NAMES = (Listing.record_type, Edge.record_type)


def names(text: str) -> frozenset[str]:
    """Parse the setting.

    :raises ArgumentError: if a name is unknown
    """
    requested = frozenset(filter(None, (part.strip() for part in (text or "").split(","))))
    if requested - set(NAMES):
        wrong = ", ".join(sorted(requested - set(NAMES)))
        raise ArgumentError(f"OBSERVE={wrong}: it takes {', '.join(NAMES)}, or several with commas")
    return requested


class Observer:
    """
    :param wanted: which of NAMES are asked for
    :param run_id: the run's id, which is part of each observation's key
    """

    def __init__(self, wanted: frozenset[str], run_id: str):
        self._wanted, self._run_id = wanted, run_id

    def of(self, record: Record, position: int, job: Job, endpoint: Endpoint | None) -> Iterator[Record]:
        """Yield the observations that a record is evidence of.

        :param position: its place in its list, from 1
        """
        if not self._wanted or endpoint is None or isinstance(record, Listing):
            return
        if Listing.record_type in self._wanted and endpoint.listing:
            yield self._place(record, position, job, endpoint)
        if Edge.record_type in self._wanted:
            related = [self._relation(endpoint.relation, job, record)] if endpoint.relation else []
            yield from {record.meta.key: record for record in (*edges(record), *related)}.values()

    def _relation(self, relation: Relation, job: Job, record: Record) -> Edge:
        ends = [f"{record.meta.platform}:{relation.record}:{relation.ident(job.target)}", record.meta.key or ""]
        source, goal = ends if relation.outward else reversed(ends)
        return between(source, goal, relation.kind, record)

    def _place(self, record: Record, position: int, job: Job, endpoint: Endpoint) -> Listing:
        filters = {**dict(job.target.extra), **job.ask.options.get(job.router, {})}
        listing = listing_record(endpoint, job, record.meta.platform or "", f":{self._run_id}:{position}")
        listing.filters, listing.count, listing.item_key = filters or None, position, record.meta.key
        listing.promoted = record.flags.ad if isinstance(record, Video) else None
        return listing


def listing_record(endpoint: Endpoint, job: Job, platform: str, place: str = "") -> Listing:
    """Return the record of a list: its target, and the time.

    :param place: tells what stands in a list from the list itself
    """
    return Listing(
        listing=endpoint.name,
        kind=endpoint.listing or "other",
        query=next(iter(naming(endpoint, job.target).values()), job.target.id),
        sort=job.ask.sort if endpoint.sorted else None,
        seen_at=int(time.time()),
        meta=meta_for(Listing, platform, f"{endpoint.name}:{job.target.key}{place}"),
    )
