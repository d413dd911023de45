"""Choose the next route of a job after one failed, and the verdict to report after all failed."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from scraper.jobs.job import Job
from scraper.platform import Endpoint, Extra, Route
from scraper.platform.targets import SHORT_LINK
from scraper.responses import Verdict
from scraper.responses.outcomes import Outcome
from scraper.responses.wording import enumerated

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

    def names(self, job: Job) -> list[str]:
        """Return the names of the endpoint's routes."""
        return [route.name for route in self._endpoints[job.router].routes]

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


class _Attempt(NamedTuple):
    """What came of one route of a job."""

    route: str
    outcome: Outcome
    message: str
    advice: str
    unavailable: bool = False


def most_informative(job: Job, verdict: Verdict, names: Sequence[str], last: str) -> Verdict:
    """Return the most informative verdict of all routes. Its message lists what came of each route.

    :param verdict: the verdict on the last route or extra request
    :param names: the names of the endpoint's routes, by index
    :param last: the name of the last route or extra request
    """
    attempts = [
        _Attempt(names[tried.route], Outcome(tried.outcome), tried.message, tried.advice) for tried in job.tried
    ]
    attempts.append(_Attempt(last, verdict.outcome, verdict.message, verdict.advice, verdict.unavailable))
    known = [attempt for attempt in attempts if attempt.outcome in _BY_PRIORITY and not attempt.unavailable]
    if not job.tried or not known:
        return verdict
    best = min(known, key=lambda attempt: _BY_PRIORITY.index(attempt.outcome))
    return verdict._replace(
        outcome=best.outcome,
        message=_all_attempts(best, attempts),
        advice=best.advice,
        unavailable=verdict.unavailable and best.outcome not in _OWN_REMEDY and not best.advice,
    )


def _all_attempts(best: _Attempt, attempts: Sequence[_Attempt]) -> str:
    """Return the message of the best attempt, followed by what came of the other routes."""
    same = [other.route for other in attempts if (other.outcome, other.message) == (best.outcome, best.message)]
    routes = list(dict.fromkeys(same))
    texts = [f"{best.message} ({enumerated(routes)} route{'s' if len(routes) > 1 else ''})"]
    for other in attempts:
        if other.route not in routes:
            routes.append(other.route)
            outcome = "" if other.unavailable else f"{other.outcome.name}: "
            texts.append(f"{other.route} route: {outcome}{other.message}")
    return "; ".join(texts)
