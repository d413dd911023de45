"""Choose the next route of a job after one failed, and the verdict to report after all failed."""

from collections.abc import Mapping

from scraper.jobs.job import Job
from scraper.platform import Endpoint, Extra, Route
from scraper.platform.targets import SHORT_LINK
from scraper.responses import Verdict
from scraper.responses.outcomes import Outcome

CONCLUSIVE = (Outcome.GEO_BLOCKED, Outcome.LOGIN_REQUIRED, Outcome.COOKIE_EXPIRED)
"""Outcomes reported regardless of what other routes returned."""
_BY_PRIORITY = [
    Outcome.GEO_BLOCKED,
    Outcome.COOKIE_EXPIRED,
    Outcome.LOGIN_REQUIRED,
    Outcome.CHALLENGE,
    Outcome.SIGNATURE_REJECTED,
    Outcome.RATE_LIMITED,
    Outcome.UPSTREAM_CHANGED,
    Outcome.INCOMPLETE,
    Outcome.PROXY,
    Outcome.UPSTREAM,
    Outcome.BAD_INPUT,
]
_OWN_REMEDY = (*CONCLUSIVE, Outcome.PROXY)  # what another route needs does not help
ENDS = (Outcome.NOT_FOUND, Outcome.PRIVATE)


class RouteFallback:
    """The order of the routes and extra requests of each endpoint."""

    def __init__(self, endpoints: Mapping[str, Endpoint]):
        self._endpoints = endpoints

    def is_optional(self, job: Job) -> bool:
        """Return whether a job is for an optional extra request."""
        return bool(job.step) and not self.extra(job).required

    def way(self, job: Job) -> str:
        """Return the name of the job's route or extra request."""
        return self.extra(job).name if job.step else self._endpoints[job.router].routes[job.route].name

    def extra(self, job: Job) -> Extra:
        """Return the job's extra request."""
        return self._endpoints[job.router].extras[job.step - 1]

    def is_best_effort(self, job: Job) -> bool:
        """Return whether a job uses a best-effort route."""
        way = self._route(job)
        return way is not None and way.best_effort

    def is_definite(self, job: Job, verdict: Verdict) -> bool:
        """Return whether no other route can give a different outcome. See `authoritative`."""
        if verdict.outcome is Outcome.BUG:
            return True
        way = self._route(job)
        helps = way is not None and way.lookup is not None and not way.authoritative
        return verdict.outcome in ENDS and not verdict.soft and not helps

    def has_next_route(self, job: Job) -> bool:
        """Return whether the endpoint has another route."""
        return self.next_route(job) is not None

    def next_route(self, job: Job) -> int | None:
        """Return the job's next route."""
        return self._endpoints[job.router].route_for(job.target, job.route + 1) if self._route(job) else None

    def explaining_route(self, job: Job) -> int | None:
        """Return the route that explains why a job's list is empty, None if there is none."""
        routes = self._endpoints[job.router].routes
        fitting = (place for place, route in enumerate(routes) if route.explains_empty)
        return next((place for place in fitting if routes[place].is_available(job.target)), None)

    def is_explaining(self, job: Job) -> bool:
        """Return whether a job asks why its list is empty."""
        way = self._route(job)
        return way is not None and way.explains_empty

    def completing_route(self, job: Job) -> int | None:
        """Return the next route that may complete a record. A browser is not started only for missing fields."""
        route = self.next_route(job)
        routes = self._endpoints[job.router].routes
        while route is not None and (routes[route].transport == "browser" or routes[route].lookup):
            route = self._endpoints[job.router].route_for(job.target, route + 1)
        return route

    def _route(self, job: Job) -> Route | None:
        """Return the route of a job, None if it is for an extra request or a short link."""
        return None if job.step or job.target.kind == SHORT_LINK else self._endpoints[job.router].routes[job.route]


def most_informative(job: Job, verdict: Verdict) -> Verdict:
    """Return the most informative verdict of all routes."""
    said = [(Outcome(each.outcome), each.message, each.advice) for each in job.tried]
    if not verdict.unavailable:
        said.append((verdict.outcome, verdict.message, verdict.advice))
    known = [each for each in said if each[0] in _BY_PRIORITY]
    if not job.tried or not known:
        return verdict
    outcome, message, advice = min(known, key=lambda each: _BY_PRIORITY.index(each[0]))
    if outcome != verdict.outcome or verdict.unavailable:  # for an unavailable route, what it needs
        what = "" if verdict.unavailable else f"by the last route {verdict.outcome.name}: "
        message = f"{message}; {what}{verdict.message}" if message != verdict.message else message
    unavailable = verdict.unavailable and outcome not in _OWN_REMEDY and not advice  # otherwise another remedy helps
    return verdict._replace(outcome=outcome, message=message, advice=advice, unavailable=unavailable)
