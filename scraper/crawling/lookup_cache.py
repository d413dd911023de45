"""What routes taught that only learn: it is asked for once, however many inputs want to know it."""

from collections.abc import Hashable, Mapping

from scraper.jobs.job import Job
from scraper.jobs.request_factory import RequestFactory
from scraper.platform import Endpoint
from scraper.platform.targets import SHORT_LINK

_MOST = 10_000  # more are forgotten, the oldest first


class LookupCache:
    """
    :param endpoints: all of them, by router
    :param requests: knows what a job would ask for
    """

    def __init__(self, endpoints: Mapping[str, Endpoint], requests: RequestFactory):
        self._endpoints, self._requests = endpoints, requests
        self._known: dict[Hashable, Mapping[str, str]] = {}

    def note(self, job: Job, hints: Mapping[str, str]) -> None:
        """Keep what the answer to a job taught."""
        self._known[self._source(job)] = hints
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]

    def known(self, job: Job) -> Mapping[str, str] | None:
        """Return what the answer to a job would teach, None where that is not known, or nothing."""
        if job.step or job.target.kind == SHORT_LINK or not self._endpoints[job.router].routes[job.route].lookup:
            return None
        return self._known.get(self._source(job))

    def _source(self, job: Job) -> Hashable:
        endpoint = self._endpoints[job.router]
        return endpoint.routes[job.route].lookup, endpoint.url_for(self._requests.context(job), "", job.route)
