"""Look up platforms, services and endpoints by target, link or router."""

from collections.abc import Sequence
from functools import cached_property

from scraper.platform.endpoint import Endpoint
from scraper.platform.platform import Platform
from scraper.platform.service import Service
from scraper.platform.targets import BareId, Pattern, Target
from scraper.responses.classifier import Verdicts


class Atlas:
    """The platforms of one spider, looked up by what a target, a link or a router says."""

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
    def name(self) -> str:
        return " and ".join(platform.name for platform in self.platforms)

    @cached_property
    def patterns(self) -> list[Pattern]:
        return [pattern for platform in self.platforms for pattern in platform.patterns]

    @cached_property
    def id_names(self) -> list[str]:
        """The names of parameters that name a target, older names included."""
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

    def default(self, target: Target) -> Endpoint | None:
        """Return the endpoint that a target gets when no router is asked, None if none gives what its link shows."""
        own = [each for each in self.platform(target).endpoints if each.kind == target.kind]
        if target.router:
            own = [each for each in own if each.name == target.router]
            return next((each for each in own if "/web/" in each.router), own[0] if own else None)
        return None if target.page else next((each for each in own if each.default), None)

    def service(self, target: Target, router: str, route: int) -> Service:
        """Return the service that asks for an endpoint's answer by a route."""
        platform, endpoint = self.platform(target, router), self.endpoints.get(router)
        name = endpoint.routes[route].service if endpoint and endpoint.routes else ""
        return self.services[name] if name else platform.service
