"""Look up platforms, services and endpoints by target, link or router."""

from collections.abc import Sequence
from functools import cached_property

from scraper.platform.cdn import Cdn
from scraper.platform.endpoint import Endpoint
from scraper.platform.platform import Platform
from scraper.platform.service import Service
from scraper.platform.targets import BareId, Pattern, Target
from scraper.responses.classifier import Verdicts
from scraper.responses.wording import enumerated


class Atlas:
    """The platforms of one spider. Looks up the platform, endpoint or service of a target, link or router."""

    def __init__(self, platforms: Sequence[Platform]):
        self.platforms = tuple(platforms)
        self.endpoints: dict[str, Endpoint] = {}
        self._of_router: dict[str, Platform] = {}
        for platform in platforms:
            for endpoint in platform.endpoints:
                self.endpoints[endpoint.router] = endpoint
                self._of_router[endpoint.router] = platform
        self.router_for_unknown = platforms[0].router_for_unknown

    @property
    def title(self) -> str:
        """The names of the platforms, for messages."""
        return enumerated(sorted(platform.title for platform in self.platforms))

    @cached_property
    def patterns(self) -> list[Pattern]:
        return [pattern for platform in self.platforms for pattern in platform.patterns]

    @cached_property
    def id_names(self) -> list[str]:
        """Names of the parameters that identify a target, including their aliases."""
        params = [param for endpoint in self.endpoints.values() for param in endpoint.params if param.kind]
        return list(dict.fromkeys(name for param in params for name in (param.name, *param.aliases)))

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
        """Return the platform of a router or target. None if it is ambiguous."""
        if router in self._of_router:
            return self._of_router[router]
        lone = self.platforms[0] if len(self.platforms) == 1 else None
        return next((platform for platform in self.platforms if platform.name == target.platform), lone)

    def platform(self, target: Target, router: str = "") -> Platform:
        """Return the platform of a router or target.

        :raises LookupError: if it is ambiguous
        """
        owner = self.owner(target, router)
        if owner is None:
            raise LookupError(f"{target.given} belongs to none of {self.title}")
        return owner

    def verdicts_of(self, service: Service) -> Verdicts:
        """Return the verdict table of the platform that a service belongs to."""
        return next(platform.verdicts for platform in self.platforms if service in platform.services)

    def cdn_of(self, service: str) -> Cdn:
        """Return the CDN of the platform that a service belongs to, by the service's name."""
        return next(platform.cdn for platform in self.platforms if self.services[service] in platform.services)

    def default(self, target: Target) -> Endpoint | None:
        """Return the default endpoint of a target, or None if no endpoint returns what its link shows."""
        own = [endpoint for endpoint in self.platform(target).endpoints if endpoint.kind == target.kind]
        if target.router:
            own = [endpoint for endpoint in own if endpoint.name == target.router]
            return next((endpoint for endpoint in own if "/web/" in endpoint.router), own[0] if own else None)
        return None if target.page else next((endpoint for endpoint in own if endpoint.default), None)

    def service(self, target: Target, router: str, route: int) -> Service:
        """Return the service that sends the requests of an endpoint's route."""
        platform, endpoint = self.platform(target, router), self.endpoints.get(router)
        name = endpoint.routes[route].service if endpoint and endpoint.routes else ""
        return self.services[name] if name else platform.service
