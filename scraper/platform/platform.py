"""A platform, described: everything that the machine has to know of it, in one object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from scraper.platform.endpoint import Endpoint
from scraper.platform.service import Service
from scraper.platform.targets import BareId, Pattern
from scraper.responses import Verdicts


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
