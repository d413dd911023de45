"""The records that the setting OBSERVE adds to a feed: positions in lists, and edges between records."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from scraper.jobs.job import Job
from scraper.output.edges import between, edges
from scraper.output.resume_command import naming
from scraper.platform import Endpoint, Relation
from scraper.records import Edge, Event, Listing, Placement, Record, Video, meta_for
from scraper.responses.clock import present
from scraper.responses.exceptions import ArgumentError

NAMES = (Placement.record_type, Edge.record_type)


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

    def with_observations(
        self, records: Sequence[Record], job: Job, endpoint: Endpoint | None
    ) -> Iterable[tuple[int, Record]]:
        """Return the records of a page, each followed by the observations that it is evidence of.

        Each comes with the place of the record in its list, from 1.
        """
        placed = enumerate(records, job.position + 1)
        if not self._wanted or endpoint is None:
            return placed
        return [
            (place, written)
            for place, record in placed
            for written in (record, *self._of(record, place, job, endpoint))
        ]

    def _of(self, record: Record, position: int, job: Job, endpoint: Endpoint) -> Iterator[Record]:
        """Yield the observations that a record is evidence of."""
        if isinstance(record, (Listing, Event)):
            return
        if Placement.record_type in self._wanted and endpoint.listing:
            yield self._place(record, position, job, endpoint)
        if Edge.record_type in self._wanted:
            related = [self._relation(endpoint.relation, job, record)] if endpoint.relation else []
            yield from {record.meta.key: record for record in (*edges(record), *related)}.values()

    def _relation(self, relation: Relation, job: Job, record: Record) -> Edge:
        ends = [f"{record.meta.platform}:{relation.record}:{relation.ident(job.target)}", record.meta.key or ""]
        source, goal = ends if relation.outward else reversed(ends)
        return between(source, goal, relation.kind, record)

    def _place(self, record: Record, position: int, job: Job, endpoint: Endpoint) -> Placement:
        filters = {**dict(job.target.extra), **job.ask.options.get(job.router, {})}
        ident = f"{endpoint.name}:{job.target.key}:{self._run_id}:{position}"
        return Placement(
            **_list_of(endpoint, job),
            filters=filters or None,
            item_key=record.meta.key,
            promoted=record.flags.ad if isinstance(record, Video) else None,
            meta=meta_for(Placement, record.meta.platform or "", ident),
        )


def listing_record(endpoint: Endpoint, job: Job, declared: int | None) -> Listing:
    """Return the record of an empty list.

    :param declared: the total that the platform declares
    """
    meta = meta_for(Listing, job.target.platform, f"{endpoint.name}:{job.target.key}")
    return Listing(**_list_of(endpoint, job), declared_total=declared, meta=meta)


def _list_of(endpoint: Endpoint, job: Job) -> dict[str, Any]:
    """Return the fields that name a list."""
    return {
        "listing": endpoint.name,
        "list_kind": endpoint.listing or "other",
        "query": query_of(endpoint, job),
        "sort": job.ask.sort if endpoint.sorted else None,
        "seen_time": int(present()),
    }


def query_of(endpoint: Endpoint, job: Job) -> str:
    """Return the target of a list, as the user names it."""
    return next(iter(naming(endpoint, job.target).values()), job.target.id)
