"""Resolve short links one redirect at a time. Pure: the spider sends the requests."""

import re
from collections.abc import Collection, Mapping
from html import unescape
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urljoin

from scraper.platform.platform import Platform
from scraper.platform.targets import NO_CONTENT, SHORT_LINK, Link, Target, match, parse_link
from scraper.responses import Answer, Verdict
from scraper.responses.outcomes import FOLLOW_MESSAGE, REMOVE_INPUT, Outcome

MOST_HOPS = 5
_LINKED = re.compile(rb'\s{0,100}<a href="(https?://[^"]{1,2000})"')
_NONE: Mapping[str, Platform] = MappingProxyType({})
_DEAD = Verdict(Outcome.NOT_FOUND, "the short link does not exist or has expired")
_HOME = Verdict(
    Outcome.BAD_INPUT,
    "the short link leads only to the platform's home page, at least from this network;"
    " open it in a browser, and crawl the URL that the browser shows",
    advice=FOLLOW_MESSAGE,
)
_LOOP = "the short link still redirects after {} redirects"
_PAGE = "the short link leads to {}, an unknown kind of page"
_EXPLAINED: Collection[Outcome] = (Outcome.NOT_FOUND, Outcome.LOGIN_REQUIRED, Outcome.COOKIE_EXPIRED)
REDIRECTS: Collection[int] = (301, 302, 303, 307, 308)


class Hop(NamedTuple):
    """One redirect. Exactly one is set: the target, the next URL, or the reason why it cannot be resolved."""

    target: Target | None = None
    url: str = ""
    verdict: Verdict | None = None


def first_url(target: Target) -> str:
    """Return the URL of a short link, without tracking parameters."""
    link = parse_link(target.given)
    return f"https://{link.host}{link.path}" if link else ""


def follow(
    answer: Answer, url: str, hops: int, target: Target, platform: Platform, others: Mapping[str, Platform] = _NONE
) -> Hop:
    """Read the answer to a short link's request.

    :param url: the requested URL
    :param hops: number of requests so far, including this one
    :param others: the platforms of the other spiders, by the spider's name
    """
    location = _location(answer, url, platform)
    if not location:
        return Hop(verdict=_dead_end(answer, url, platform))
    try:
        leads_to = urljoin(url, location)
    except ValueError:  # not a valid URL
        leads_to = location
    link = parse_link(leads_to)
    if not link or link.host not in platform.link_hosts | platform.hosts:
        return Hop(verdict=_foreign(link, others))
    destination = match(leads_to, platform.patterns, target.given)
    if destination and destination.kind not in (SHORT_LINK, NO_CONTENT):
        return Hop(target=destination)
    verdict = platform.verdicts.classify(answer)
    if verdict.outcome in _EXPLAINED:
        return Hop(verdict=verdict)
    if (link.path == "/" and not destination) or (destination and destination.kind == NO_CONTENT):
        return Hop(verdict=_HOME)
    if hops >= MOST_HOPS:
        return Hop(verdict=Verdict(Outcome.BAD_INPUT, _LOOP.format(hops), advice=REMOVE_INPUT))
    return Hop(url=leads_to.replace("http://", "https://", 1) if leads_to.startswith("http://") else leads_to)


def _location(answer: Answer, url: str, platform: Platform) -> str:
    """Return the redirect's URL, from the Location header or from a body that consists of one link."""
    if answer.status in REDIRECTS and (location := answer.headers.get("location", "").strip()):
        return location
    if answer.status not in (200, *REDIRECTS) or not _is_at_home(url, platform):
        return ""
    linked = _LINKED.match(answer.body)
    return unescape(linked[1].decode("utf-8", "replace")) if linked else ""


def _is_at_home(url: str, platform: Platform) -> bool:
    """Return whether a URL is itself a short link."""
    link, matched = parse_link(url), match(url, platform.patterns)
    return (link is not None and link.host in platform.short_hosts) or (
        matched is not None and matched.kind == SHORT_LINK
    )


def _foreign(link: Link | None, others: Mapping[str, Platform]) -> Verdict:
    """Explain that a short link leads to another site."""
    if link is None or link.host.endswith(":"):
        problem = "the short link leads to a URL that is not a web page of the platform"
        return Verdict(Outcome.BAD_INPUT, problem, advice=REMOVE_INPUT)
    problem = f"the short link leads to {link.host}, which is another site"
    for name, other in others.items():
        if link.host in other.link_hosts:
            problem = f"{problem}: crawl {link.host}{link.path} with `scrapy crawl {name}`"
            return Verdict(Outcome.BAD_INPUT, problem, advice=FOLLOW_MESSAGE)
    return Verdict(Outcome.BAD_INPUT, problem, advice=REMOVE_INPUT)


def _dead_end(answer: Answer, url: str, platform: Platform) -> Verdict:
    """Return the meaning of an answer without a redirect."""
    verdict, at_home = platform.verdicts.classify(answer), _is_at_home(url, platform)
    if at_home and answer.status in (404, 410):
        return _DEAD  # whatever its body
    if answer.status in REDIRECTS:
        return Verdict(Outcome.UPSTREAM_CHANGED, f"HTTP {answer.status} for the short link, without a target URL")
    if verdict.outcome in (Outcome.RATE_LIMITED, Outcome.CHALLENGE, Outcome.NOT_FOUND) and not verdict.guessed:
        return verdict
    if answer.status >= 500 or (answer.status == 200 and not answer.body):
        return verdict
    return _DEAD if at_home else Verdict(Outcome.BAD_INPUT, _PAGE.format(url), advice=REMOVE_INPUT)
