"""A platform, described: everything that the machine has to know of it, in one object."""

from collections.abc import Sequence
from dataclasses import dataclass

from scraper.endpoint import Endpoint
from scraper.session import Session
from scraper.targets import BareId, Pattern
from scraper.verdicts import Verdicts


@dataclass(frozen=True, kw_only=True)
class Service:
    """One surface of a platform, with a cookie and a configuration of its own.

    :param name: the folder under CONFIG_DIR, such as `<platform>_web`
    :param label: its name in messages and commands, mostly that of the platform
    :param surface: what `meta.surface` says: web or app
    :param hosts: every host that may be asked; no request goes anywhere else
    :param cookie_domains: where its cookies go, and whose cookies are kept
    :param cookie_variable: the environment variable that may hold the cookie
    :param login_cookies: names of which one must be there for a session to be a logged-in one
    """

    name: str
    label: str
    surface: str
    hosts: Sequence[str]
    cookie_domains: Sequence[str]
    cookie_variable: str
    login_cookies: Sequence[str]
    session: type[Session] = Session


@dataclass(frozen=True, kw_only=True)
class Platform:
    """
    :param patterns: the forms of link, the first match counts
    :param short_hosts: hosts whose links lead elsewhere
    :param router_for_unknown: the router in the envelope of an input whose kind is unknown
    :param volatile: query parameters that say nothing of what is asked
    """

    name: str
    service: Service
    patterns: Sequence[Pattern]
    bare_ids: Sequence[BareId]
    short_hosts: Sequence[str]
    endpoints: Sequence[Endpoint]
    verdicts: Verdicts
    router_for_unknown: str
    volatile: frozenset[str] = frozenset()

    @property
    def link_hosts(self) -> set[str]:
        """The hosts of all links that it knows."""
        return {host for pattern in self.patterns for host in pattern.hosts} | set(self.short_hosts)

    def natural(self, kind: str) -> Endpoint | None:
        """Return the endpoint that a target gets when no router is asked."""
        return next((each for each in self.endpoints if each.natural and each.kind == kind), None)
