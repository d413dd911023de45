"""Choose the endpoints for a target. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from scraper.inputs.ask import Ask
from scraper.inputs.parameters import form
from scraper.inputs.rejections import ambiguous, filtered, takes, unfit, unknown, unserved
from scraper.platform import Endpoint, Param
from scraper.platform.atlas import Atlas
from scraper.platform.platform import Platform
from scraper.platform.targets import AMBIGUOUS, UNKNOWN, Target


class Plan(NamedTuple):
    """The endpoints chosen for a target, or the reason why there are none.

    :param routers: routers of the endpoints; if there is a problem, the router of the failure's envelope
    :param problem: why the target cannot be crawled; "" if it can
    :param advice: what the user can do, if it differs from the advice of BAD_INPUT
    :param platform: the platform of the link's host, if it is not one of the spider's
    """

    routers: list[str]
    problem: str = ""
    advice: str = ""
    platform: str = ""


def plan(target: Target, ask: Ask, atlas: Atlas, others: Mapping[str, Platform]) -> Plan:
    """Return the endpoints for a target, or the reason why there are none.

    :param others: the platforms of the other spiders, by the spider's name
    """
    if target.kind == UNKNOWN:
        return Plan([_asked(ask, atlas)], *unknown(target, atlas, others))
    if target.kind == AMBIGUOUS:
        return Plan([_asked(ask, atlas)], *ambiguous(target, atlas, others))
    if target.filters:  # also for a router that the user names: the list would be another
        return Plan([*ask.routers[:1]] or [atlas.platform(target).router_for_unknown], *filtered(target))
    if not ask.routers:
        endpoint = atlas.default(target)
        if endpoint:
            return Plan([endpoint.router])
        platform = atlas.platform(target)
        return Plan([platform.router_for_unknown], *unserved(target, platform))
    fitting = [router for router in ask.routers if _fits(router, target, atlas)]
    if fitting:
        return Plan(fitting)
    own = [router for router in ask.routers if atlas.platform(target, router).name == target.platform]
    first = atlas.endpoints[(own or ask.routers)[0]]
    lacking = _lacks(first, target) if takes(first, target) else ""
    if lacking:
        return Plan([first.router], f"{first.name} needs {lacking} as well: give {form(first)}")
    if first.singleton:
        alone = target.instead or f"give -a router={first.name} alone"
        return Plan([first.router], f"{first.name} takes no link: {alone}")
    return Plan([first.router], *unfit(target, first, atlas.platform(target)))


def _fits(router: str, target: Target, atlas: Atlas) -> bool:
    endpoint = atlas.endpoints[router]
    same = atlas.platform(target, router).name == target.platform
    return same and takes(endpoint, target) and not _lacks(endpoint, target)


def _lacks(endpoint: Endpoint, target: Target) -> str:
    """Return the name of a required parameter that the target does not provide, "" if there is none."""
    needed = [param for param in endpoint.params if param.kind and not param.optional]
    return next((param.name for param in needed if not _is_given(param, target)), "")


def _is_given(param: Param, target: Target) -> bool:
    """Return whether a target has the values that a parameter would set."""
    is_narrowed = not param.narrows or bool(target.get(param.narrows))
    return is_narrowed and all(target.get(name) == value for name, value in param.sets.items())


def _asked(ask: Ask, atlas: Atlas) -> str:
    return ask.routers[0] if len(ask.routers) == 1 else ask.answer_router or atlas.router_for_unknown
