"""The declaration of a platform: everything the crawler needs to know about it, in one object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from scraper.platform.cdn import NO_CDN, Cdn
from scraper.platform.dialect import Dialect
from scraper.platform.endpoint import Endpoint
from scraper.platform.parts import Parts
from scraper.platform.service import Service
from scraper.platform.targets import BareId, Pattern
from scraper.responses import Verdicts


@dataclass(frozen=True, kw_only=True)
class Platform:
    """A platform's services, endpoints, link patterns and verdicts.

    :param title: its name in messages, in its own spelling
    :param chinese_title: its name in Chinese, "" if it is the same
    :param services: the first is the default service of routes
    :param patterns: the supported forms of links; the first match wins
    :param short_hosts: hosts of short links
    :param hop_headers: headers for short-link requests, instead of the configured ones
    :param router_for_unknown: the router in the envelope of an input whose kind is unknown
    :param volatile: query parameters that are ignored when requests are compared
    :param not_offered: names for `with=` that the platform has nothing for, and why
    :param cdn: where its media files are
    :param parts: how its posts have several parts, None if none of them has
    :param dialects: the shapes of its posts for DIALECT
    """

    name: str
    title: str
    services: Sequence[Service]
    patterns: Sequence[Pattern]
    bare_ids: Sequence[BareId]
    short_hosts: Sequence[str]
    endpoints: Sequence[Endpoint]
    verdicts: Verdicts
    router_for_unknown: str
    volatile: frozenset[str] = frozenset()
    hop_headers: Mapping[str, str] = field(default_factory=dict)
    not_offered: Mapping[str, str] = field(default_factory=dict)
    cdn: Cdn = NO_CDN
    parts: Parts | None = None
    dialects: Mapping[str, Dialect] = field(default_factory=dict)
    chinese_title: str = ""

    @property
    def service(self) -> Service:
        return self.services[0]

    @cached_property
    def hosts(self) -> frozenset[str]:
        """Every host that its services may send requests to."""
        return frozenset(host for service in self.services for host in service.hosts)

    @cached_property
    def link_hosts(self) -> frozenset[str]:
        """The hosts of all supported links."""
        return frozenset(host for pattern in self.patterns for host in pattern.hosts) | frozenset(self.short_hosts)
