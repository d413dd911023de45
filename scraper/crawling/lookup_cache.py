"""Cache the hints from lookup routes, so that each is requested once, however many inputs need it."""

from collections.abc import Hashable, Mapping

from scraper.jobs.job import Job
from scraper.jobs.request_factory import RequestFactory
from scraper.platform import Endpoint
from scraper.platform.targets import SHORT_LINK

_MOST = 10_000  # then the oldest are forgotten


class LookupCache:
    """The hints found by lookup routes, by URL.

    :param endpoints: all endpoints, by router
    :param requests: makes the request of a job
    """

    def __init__(self, endpoints: Mapping[str, Endpoint], requests: RequestFactory):
        self._endpoints, self._requests = endpoints, requests
        self._known: dict[Hashable, Mapping[str, str]] = {}

    def note(self, job: Job, hints: Mapping[str, str]) -> None:
        """Store the hints in the answer to a job."""
        self._known[self._source(job)] = hints
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]

    def known(self, job: Job) -> Mapping[str, str] | None:
        """Return the hints that a job's answer would have, None if they are unknown or there are none."""
        if job.step or job.target.kind == SHORT_LINK or not self._endpoints[job.router].routes[job.route].lookup:
            return None
        return self._known.get(self._source(job))

    def _source(self, job: Job) -> Hashable:
        endpoint = self._endpoints[job.router]
        return endpoint.routes[job.route].lookup, endpoint.url_for(self._requests.context(job), "", job.route)
