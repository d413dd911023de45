"""Explain why an input cannot be crawled. Pure."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from scraper.platform import Endpoint
from scraper.platform.atlas import Atlas
from scraper.platform.platform import Platform
from scraper.platform.targets import NO_CONTENT, Target, parse_link
from scraper.responses.outcomes import FOLLOW_MESSAGE, GIVE_INPUT, REMOVE_INPUT
from scraper.responses.wording import enumerated


class Rejection(NamedTuple):
    """Why an input cannot be crawled.

    :param advice: what the user can do, if it differs from the advice of BAD_INPUT
    :param platform: the platform of the link's host, if it is not one of the spider's
    """

    problem: str
    advice: str = ""
    platform: str = ""


def unknown(target: Target, atlas: Atlas, others: Mapping[str, Platform]) -> Rejection:
    """Explain why an input is not recognised.

    :param others: the platforms of the other spiders, by the spider's name
    """
    link = parse_link(target.given) if "/" in target.given else None
    if target.given.isdecimal():
        examples = enumerated([bare.example for bare in atlas.bare_ids], "or")
        return Rejection(f"a number alone does not say what it is. Ids look like {examples}", GIVE_INPUT)
    if not link or ("://" not in target.given and " " in target.given):
        return Rejection(f"no link or id found. Example: {atlas.patterns[0].example}", GIVE_INPUT)
    if link.host in atlas.link_hosts:
        return Rejection(f"unrecognised link: {link.host}{link.path} is not a supported page")
    for name, other in others.items():
        if link.host in other.link_hosts:
            problem = f"this link belongs to another platform: crawl it with `scrapy crawl {name}`"
            return Rejection(problem, FOLLOW_MESSAGE, other.name)
    be = "is" if len(atlas.platforms) == 1 else "are"
    return Rejection(f"{link.host} is not supported ({atlas.title} {be})", REMOVE_INPUT)


def ambiguous(target: Target, atlas: Atlas, others: Mapping[str, Platform]) -> Rejection:
    """Explain which platforms an id may belong to, and which spiders accept it."""
    owners = {bare.platform for bare in atlas.bare_ids if bare.match(target.given)}
    titles = sorted(platform.title for platform in atlas.platforms if platform.name in owners)
    spiders = [f"`scrapy crawl {name}`" for name, platform in others.items() if platform.name in owners]
    accepting = f", or the id to {enumerated(spiders, 'or')}" if spiders else ""
    problem = f"this id may belong to {enumerated(titles, 'or')}"
    return Rejection(f"{problem}: give a link instead{accepting}", FOLLOW_MESSAGE)


def filtered(target: Target) -> Rejection:
    """Explain that a link selects a part of a list that no endpoint can select."""
    if target.page and not target.router:
        problem = f"this link shows {target.page}, which is not supported yet"
        return Rejection(f"{problem}; remove {target.filters} from the link to crawl the whole list", FOLLOW_MESSAGE)
    problem = f"filters of a link are not supported: {target.filters}"
    return Rejection(f"{problem}; remove them from the link to crawl the whole list", FOLLOW_MESSAGE)


def unserved(target: Target, platform: Platform) -> Rejection:
    """Explain why a recognised link has no endpoint."""
    if target.kind == NO_CONTENT:
        return Rejection(
            f"this is {target.page}, not content of {platform.title}: give a link to a post, a user or a list",
            FOLLOW_MESSAGE,
        )
    if not target.page:
        article, page = "an" if target.kind[0] in "aei" else "a", "" if "page" in target.kind else " page"
        return Rejection(f"this is a link to {article} {target.kind}{page}, which is not supported yet", REMOVE_INPUT)
    problem = f"this link shows {target.page}, which is not supported yet"
    if target.instead:
        return Rejection(f"{problem}: {target.instead}", FOLLOW_MESSAGE)
    if names := taking(target, platform.endpoints):
        hint = f"; for the {target.kind} itself, give router= with one of {', '.join(names)}"
        return Rejection(f"{problem}{hint}", FOLLOW_MESSAGE)
    return Rejection(problem, REMOVE_INPUT)


def unfit(target: Target, endpoint: Endpoint, platform: Platform) -> Rejection:
    """Explain that an endpoint takes another kind of target, and name those that take this one."""
    problem = f"{endpoint.name} takes a {endpoint.kind}, and this is a {target.kind}"
    names = taking(target, platform.endpoints)
    return Rejection(f"{problem}: give router= with one of {', '.join(names)}" if names else problem)


def taking(target: Target, endpoints: Iterable[Endpoint]) -> list[str]:
    """Return the names of the endpoints that take a target and return what it is about, the default one first."""
    names = [
        (not endpoint.default, endpoint.name)
        for endpoint in endpoints
        if takes(endpoint, target) and endpoint.record != "id"
    ]
    return list(dict.fromkeys(name for _, name in sorted(names, key=lambda pair: pair[0])))


def takes(endpoint: Endpoint, target: Target) -> bool:
    """Return whether an endpoint takes targets of this kind."""
    return target.kind in (endpoint.kind, *endpoint.kinds)
