"""Which endpoints can be served now and by which route, by the verdicts on their routes. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from scraper.platform import Endpoint
from scraper.responses import Verdict
from scraper.responses.outcomes import Outcome

SERVED, LIMITED, FAILED, UNKNOWN = "yes", "no: by choice", "NO", "not requested"
ANSWERS = (Outcome.OK, Outcome.NOT_FOUND, Outcome.PRIVATE, Outcome.BAD_INPUT)
"""Outcomes of an example that show that the route works."""


class EndpointState(NamedTuple):
    """Whether an endpoint can be served now.

    :param served: SERVED; LIMITED if only a login or a browser is missing that the user did not give; FAILED; UNKNOWN
        if none of its routes was asked
    :param route: the name of the route that serves it, "" where none does
    :param reason: why it is not served
    """

    router: str
    served: str
    route: str = ""
    reason: str = ""


def state_of(endpoint: Endpoint, verdicts: Mapping[int, Verdict], has_login: bool) -> EndpointState:
    """Judge an endpoint.

    :param verdicts: those on its routes, by their place
    :param has_login: whether the identity that asked has the cookie of a logged-in session
    """
    if not endpoint.routes:
        return EndpointState(endpoint.router, SERVED, "no request")
    for place, verdict in sorted(verdicts.items()):
        if verdict.outcome in ANSWERS and not endpoint.routes[place].lookup:
            return EndpointState(endpoint.router, SERVED, endpoint.routes[place].name)
    asked = [verdict for _, verdict in sorted(verdicts.items()) if not is_unasked(verdict)]
    asked = [verdict for verdict in asked if verdict.outcome not in ANSWERS]
    if not asked:
        return EndpointState(endpoint.router, UNKNOWN)
    if lack := _lack(endpoint, asked, has_login):
        return EndpointState(endpoint.router, LIMITED, "", lack)
    return EndpointState(endpoint.router, FAILED, "", f"{asked[-1].outcome.name}: {asked[-1].message}")


def is_unasked(verdict: Verdict) -> bool:
    """Say whether a route was not asked, because its identity had been stopped."""
    return verdict.message.startswith("not requested")


def is_by_design(verdict: Verdict, endpoint: Endpoint, has_login: bool) -> bool:
    """Say whether a refusal only shows that a login or a browser is missing that the user did not give."""
    if verdict.unavailable or verdict.outcome is Outcome.LOGIN_REQUIRED:
        return not has_login or verdict.unavailable
    return endpoint.login == "needed" and not has_login and verdict.outcome is Outcome.SIGNATURE_REJECTED


def _lack(endpoint: Endpoint, verdicts: list[Verdict], has_login: bool) -> str:
    """Return what is missing, "" where a route failed for another reason.

    A plain route that is refused as unsigned counts for nothing where there is a browser route.
    """
    unavailable = next((each.message for each in verdicts if each.unavailable), "")
    for verdict in verdicts:
        is_unsigned = bool(unavailable) and verdict.outcome is Outcome.SIGNATURE_REJECTED
        if not is_unsigned and not is_by_design(verdict, endpoint, has_login):
            return ""
    return unavailable or "needs the cookie of a logged-in session"
