"""A platform, described: everything that the machine has to know of it, in one object."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from scraper.endpoint import Endpoint, Probe
from scraper.session import Session
from scraper.targets import BareId, Pattern, Target
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
    :param wanted_cookies: names that a whole cookie holds; without them, one of `login_cookies`
    :param expiry_cookies: names whose values tell when the login ends; without them, `login_cookies`
    :param home: the page in which a browser asks, "" where none does
    :param login_page: where a person logs in
    :param describe: from a user agent to the query parameters that tell of its browser
    :param probe: what is asked where every route was refused, to tell what is wrong
    """

    name: str
    label: str
    surface: str
    hosts: Sequence[str]
    cookie_domains: Sequence[str]
    cookie_variable: str
    login_cookies: Sequence[str]
    wanted_cookies: Sequence[str] = ()
    expiry_cookies: Sequence[str] = ()
    home: str = ""
    login_page: str = ""
    describe: Callable[[str], Mapping[str, Any]] = lambda user_agent: {}
    probe: Probe | None = None
    session: type[Session] = Session


@dataclass(frozen=True, kw_only=True)
class Platform:
    """
    :param services: the first is that of every route that names none
    :param patterns: the forms of link, the first match counts
    :param short_hosts: hosts whose links lead elsewhere
    :param hop_headers: what short links are asked with instead of the configured headers
    :param router_for_unknown: the router in the envelope of an input whose kind is unknown
    :param volatile: query parameters that say nothing of what is asked
    """

    name: str
    services: Sequence[Service]
    patterns: Sequence[Pattern]
    bare_ids: Sequence[BareId]
    short_hosts: Sequence[str]
    endpoints: Sequence[Endpoint]
    verdicts: Verdicts
    router_for_unknown: str
    volatile: frozenset[str] = frozenset()
    hop_headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def service(self) -> Service:
        return self.services[0]

    @cached_property
    def hosts(self) -> frozenset[str]:
        """Every host that any of its services may ask."""
        return frozenset(host for service in self.services for host in service.hosts)

    @cached_property
    def link_hosts(self) -> frozenset[str]:
        """The hosts of all links that it knows."""
        return frozenset(host for pattern in self.patterns for host in pattern.hosts) | frozenset(self.short_hosts)


class Atlas:
    """The platforms of one spider, looked up by what a target, a link or a router says.

    :param router: of every envelope, where that is not the router that was asked
    """

    def __init__(self, platforms: Sequence[Platform], router: str | None = None):
        self.platforms = tuple(platforms)
        self.router = router
        self.endpoints: dict[str, Endpoint] = {}
        self._of_router: dict[str, Platform] = {}
        for platform in platforms:
            for endpoint in platform.endpoints:
                self.endpoints[endpoint.router] = endpoint
                self._of_router[endpoint.router] = platform
        self.router_for_unknown = router or platforms[0].router_for_unknown

    @property
    def name(self) -> str:
        return " and ".join(platform.name for platform in self.platforms)

    @cached_property
    def patterns(self) -> list[Pattern]:
        return [pattern for platform in self.platforms for pattern in platform.patterns]

    @cached_property
    def bare_ids(self) -> list[BareId]:
        return [bare for platform in self.platforms for bare in platform.bare_ids]

    @cached_property
    def link_hosts(self) -> frozenset[str]:
        return frozenset(host for platform in self.platforms for host in platform.link_hosts)

    @cached_property
    def services(self) -> dict[str, Service]:
        return {service.name: service for platform in self.platforms for service in platform.services}

    @cached_property
    def volatile(self) -> frozenset[str]:
        return frozenset(name for platform in self.platforms for name in platform.volatile)

    def owner(self, target: Target, router: str = "") -> Platform | None:
        """Return whose a router or a target is, None where neither tells and there are several platforms."""
        if router in self._of_router:
            return self._of_router[router]
        lone = self.platforms[0] if len(self.platforms) == 1 else None
        return next((each for each in self.platforms if each.name == target.platform), lone)

    def platform(self, target: Target, router: str = "") -> Platform:
        """Return whose a router or a target is, where that is known.

        :raises LookupError: where it is not
        """
        owner = self.owner(target, router)
        if owner is None:
            raise LookupError(f"{target.given} is of no platform of {self.name}")
        return owner

    def verdicts_of(self, service: Service) -> Verdicts:
        """Return the words of the platform that a service belongs to."""
        return next(each.verdicts for each in self.platforms if service in each.services)

    def natural(self, target: Target) -> Endpoint | None:
        """Return the endpoint that a target gets when no router is asked."""
        endpoints = self.platform(target).endpoints
        return next((each for each in endpoints if each.natural and each.kind == target.kind), None)

    def service(self, target: Target, router: str, route: int) -> Service:
        """Return the service that asks for an endpoint's answer by a route."""
        platform, endpoint = self.platform(target, router), self.endpoints.get(router)
        name = endpoint.routes[route].service if endpoint and endpoint.routes else ""
        return self.services[name] if name else platform.service
