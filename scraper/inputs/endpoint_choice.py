"""Choose the endpoints for a target. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from scraper.inputs.ask import Ask
from scraper.inputs.parameters import form
from scraper.platform import Endpoint, Param
from scraper.platform.atlas import Atlas
from scraper.platform.platform import Platform
from scraper.platform.targets import AMBIGUOUS, NO_CONTENT, UNKNOWN, Target, parse_link


class Plan(NamedTuple):
    """The endpoints chosen for a target, or the reason why there are none.

    :param routers: routers of the endpoints; if there is a problem, the router of the failure's envelope
    :param problem: why the target cannot be crawled; "" if it can
    """

    routers: list[str]
    problem: str = ""


def plan(target: Target, ask: Ask, atlas: Atlas, others: Mapping[str, Platform]) -> Plan:
    """Return the endpoints for a target, or the reason why there are none.

    :param others: the platforms of the other spiders, by the spider's name
    """
    if target.kind == UNKNOWN:
        return Plan([_asked(ask, atlas)], _unknown(target, atlas, others))
    if target.kind == AMBIGUOUS:
        return Plan([_asked(ask, atlas)], "this id is ambiguous between platforms: give a link instead")
    if not ask.routers:
        endpoint = atlas.default(target)
        if endpoint:
            return Plan([endpoint.router])
        return Plan([atlas.platform(target).router_for_unknown], _unserved(target, atlas))
    fitting = [router for router in ask.routers if _fits(router, target, atlas)]
    if fitting:
        return Plan(fitting)
    own = [router for router in ask.routers if atlas.platform(target, router).name == target.platform]
    first = atlas.endpoints[(own or ask.routers)[0]]
    lacking = _lacks(first, target) if _takes(first, target) else ""
    if lacking:
        return Plan([first.router], f"{first.name} needs {lacking} as well: give {form(first)}")
    if first.singleton:
        return Plan([first.router], f"{first.name} takes no link: give -a router={first.name} alone")
    return Plan([first.router], f"{first.name} takes a {first.kind}, and this is a {target.kind}")


def _fits(router: str, target: Target, atlas: Atlas) -> bool:
    endpoint = atlas.endpoints[router]
    same = atlas.platform(target, router).name == target.platform
    return same and _takes(endpoint, target) and not _lacks(endpoint, target)


def _takes(endpoint: Endpoint, target: Target) -> bool:
    return target.kind in (endpoint.kind, *endpoint.kinds)


def _unserved(target: Target, atlas: Atlas) -> str:
    """Explain why a recognised link has no endpoint."""
    platform = atlas.platform(target)
    if target.kind == NO_CONTENT:
        return f"this is {target.page}, not content of {platform.title}: give a link to a post, a user or a list"
    if not target.page:
        article, page = "an" if target.kind[0] in "aei" else "a", "" if "page" in target.kind else " page"
        return f"this is a link to {article} {target.kind}{page}, which is not supported yet"
    others = [endpoint.name for endpoint in platform.endpoints if _takes(endpoint, target) and endpoint.record != "id"]
    names = ", ".join(dict.fromkeys(others))
    hint = f"; for the {target.kind} itself, give router= with one of {names}" if others else ""
    return f"this link shows {target.page}, which is not supported yet{hint}"


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


def _unknown(target: Target, atlas: Atlas, others: Mapping[str, Platform]) -> str:
    """Explain why an input is not recognised."""
    link = parse_link(target.given) if "/" in target.given else None
    if not link or ("://" not in target.given and " " in target.given):
        return f"no link or id found. Example: {atlas.patterns[0].example}"
    for name, other in others.items():
        if link.host in other.link_hosts and link.host not in atlas.link_hosts:
            return f"this link belongs to another platform: crawl it with `scrapy crawl {name}`"
    if link.host in atlas.link_hosts:
        return f"unrecognised link: {link.host}{link.path} is not a supported page"
    return f"{link.host} is not supported ({atlas.title} {'is' if len(atlas.platforms) == 1 else 'are'})"
