"""Cache the hints from lookup routes, so that each is requested once, however many inputs need it."""

from collections.abc import Mapping
from typing import Any

from scraper.jobs.job import Job
from scraper.jobs.request_factory import RequestFactory
from scraper.platform import Endpoint
from scraper.platform.targets import SHORT_LINK

_MOST = 10_000  # then the oldest are forgotten


class LookupCache:
    """The hints found by lookup routes, by source: the name of the function that extracts them, and the URL.

    :param endpoints: all endpoints, by router
    :param requests: makes the request of a job
    """

    def __init__(self, endpoints: Mapping[str, Endpoint], requests: RequestFactory):
        self._endpoints, self._requests = endpoints, requests
        self._known: dict[str, Mapping[str, str]] = {}
        self._changes: dict[str, Mapping[str, str] | None] = {}

    def restore(self, known: Mapping[str, Mapping[str, str]]) -> None:
        """Restore the hints that an earlier start of the run found."""
        self._known.update(known)

    def take_changes(self) -> Mapping[str, Mapping[str, str] | None]:
        """Return the hints that were stored since the last call, None for those that were forgotten."""
        changes, self._changes = self._changes, {}
        return changes

    def note(self, job: Job, hints: Mapping[str, str]) -> None:
        """Store the hints in the answer to a job."""
        source = self._source(job)
        self._known[source] = self._changes[source] = hints
        if len(self._known) > _MOST:
            oldest = next(iter(self._known))
            del self._known[oldest]
            self._changes[oldest] = None

    def known(self, job: Job) -> Mapping[str, str] | None:
        """Return the hints that a job's answer would have, None if they are unknown or there are none."""
        if job.step or job.target.kind == SHORT_LINK or not self._endpoints[job.router].routes[job.route].lookup:
            return None
        return self._known.get(self._source(job))

    def _source(self, job: Job) -> str:
        endpoint = self._endpoints[job.router]
        lookup: Any = endpoint.routes[job.route].lookup
        function = getattr(lookup, "func", lookup)  # of a partial
        url = endpoint.url_for(self._requests.context(job), "", job.route)
        return f"{function.__module__}.{function.__qualname__} {url}"
