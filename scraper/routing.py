"""Which endpoints a target gets. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from scraper.arguments import Arguments
from scraper.platform import Platform
from scraper.targets import UNKNOWN, Target, parse_link


class Route(NamedTuple):
    """
    :param routers: of the endpoints to ask; where there is a problem, the one that its envelope carries
    :param problem: why the target cannot be asked, "" where it can
    """

    routers: list[str]
    problem: str = ""


def route(target: Target, arguments: Arguments, platform: Platform, others: Mapping[str, Platform]) -> Route:
    """Return what to ask for a target.

    :param others: the platforms of the other spiders, by the spider's name
    """
    if target.kind == UNKNOWN:
        return Route([_asked(arguments, platform)], _unknown(target, platform, others))
    if not arguments.routers:
        endpoint = platform.natural(target.kind)
        if endpoint:
            return Route([endpoint.router])
        return Route(
            [platform.router_for_unknown], f"this is a link to a {target.kind}, and there is no endpoint for that yet"
        )
    fitting = [each.router for each in arguments.routers if each.kind == target.kind and not _lacks(each, target)]
    if fitting:
        return Route(fitting)
    first = arguments.routers[0]
    lacking = _lacks(first, target) if first.kind == target.kind else ""
    form = " ".join(f"-a {param.name}={param.example}" for param in first.params if param.kind)
    if lacking:
        return Route([first.router], f"{first.name} needs {lacking} as well: give {form}")
    return Route([first.router], f"{first.name} takes a {first.kind}, and this is a {target.kind}")


def _lacks(endpoint, target: Target) -> str:
    """Return the parameter that a target found in a link cannot give."""
    needed = [param for param in endpoint.params if param.kind and param.narrows and not param.optional]
    return next((param.name for param in needed if not target.get(param.narrows)), "")


def _asked(arguments: Arguments, platform: Platform) -> str:
    return arguments.routers[0].router if len(arguments.routers) == 1 else platform.router_for_unknown


def _unknown(target: Target, platform: Platform, others: Mapping[str, Platform]) -> str:
    """Say why a text points at nothing here."""
    link = parse_link(target.given) if "/" in target.given else None
    if not link or ("://" not in target.given and " " in target.given):
        examples = ", ".join(each.example for each in (*platform.bare_ids, platform.patterns[0]))
        return f"no link and no id in it; {platform.name} takes {examples}"
    for name, other in others.items():
        if link.host in other.link_hosts:
            return f"this is a link of another platform: crawl it with `scrapy crawl {name}`"
    if link.host in platform.link_hosts:
        return f"a page of {link.host}, but of no form that is known: {link.path}"
    return f"{link.host} is no host of {platform.name}: not asked"
