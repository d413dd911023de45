"""Decide from the verdicts on its routes whether an endpoint works now, and by which route. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from scraper.platform import Endpoint
from scraper.responses import Verdict
from scraper.responses.outcomes import Outcome

SERVED, LIMITED, FAILED, UNKNOWN = "yes", "no: by choice", "NO", "not requested"
ANSWERS = (Outcome.OK, Outcome.NOT_FOUND, Outcome.PRIVATE, Outcome.BAD_INPUT)
"""Outcomes that show that the route works, whatever became of the example."""


class EndpointState(NamedTuple):
    """Whether an endpoint works now.

    :param served: SERVED; LIMITED if it lacks only a login or a browser that the user chose not to provide; FAILED;
        UNKNOWN if none of its routes was requested
    :param route: the name of the route that works, or ""
    :param reason: why it does not work
    """

    router: str
    served: str
    route: str = ""
    reason: str = ""


def state_of(endpoint: Endpoint, verdicts: Mapping[int, Verdict], has_login: bool) -> EndpointState:
    """Return the state of an endpoint.

    :param verdicts: the verdicts on its routes, by position
    :param has_login: whether the requesting identity has the cookie of a logged-in session
    """
    if not endpoint.routes:
        return EndpointState(endpoint.router, SERVED, "no request")
    for place, verdict in sorted(verdicts.items()):
        if verdict.outcome in ANSWERS and not endpoint.routes[place].lookup:
            return EndpointState(endpoint.router, SERVED, endpoint.routes[place].name)
    requested = [verdict for _, verdict in sorted(verdicts.items()) if not is_not_requested(verdict)]
    failures = [verdict for verdict in requested if verdict.outcome not in ANSWERS]
    if not failures:
        return EndpointState(endpoint.router, UNKNOWN)
    if lack := _lack(endpoint, failures, has_login):
        return EndpointState(endpoint.router, LIMITED, "", lack)
    return EndpointState(endpoint.router, FAILED, "", f"{failures[-1].outcome.name}: {failures[-1].message}")


def is_not_requested(verdict: Verdict) -> bool:
    """Return whether a route was not requested, because its identity had been stopped."""
    return verdict.message.startswith("not requested")


def is_by_design(verdict: Verdict, endpoint: Endpoint, has_login: bool) -> bool:
    """Return whether a refusal only shows that the user has not provided a login or a browser."""
    if verdict.unavailable or verdict.outcome is Outcome.LOGIN_REQUIRED:
        return not has_login or verdict.unavailable
    return endpoint.login == "needed" and not has_login and verdict.outcome is Outcome.SIGNATURE_REJECTED


def _lack(endpoint: Endpoint, verdicts: list[Verdict], has_login: bool) -> str:
    """Return what the user would have to provide, or "" if a route failed for another reason.

    A plain route that is refused as unsigned does not count if there is a browser route.
    """
    unavailable = next((verdict.message for verdict in verdicts if verdict.unavailable), "")
    for verdict in verdicts:
        is_unsigned = bool(unavailable) and verdict.outcome is Outcome.SIGNATURE_REJECTED
        if not is_unsigned and not is_by_design(verdict, endpoint, has_login):
            return ""
    return unavailable or "needs the cookie of a logged-in session"
