"""The platforms that the simulator serves: each is a set of hosts and a handler."""

from __future__ import annotations

from typing import Protocol

from tests.simulator.faults import Fault
from tests.simulator.messages import Answer, Request
from tests.simulator.platforms.bilibili import Bilibili
from tests.simulator.platforms.douyin import Douyin
from tests.simulator.platforms.tiktok import Tiktok
from tests.simulator.world import World


class Platform(Protocol):
    """One video platform."""

    name: str
    hosts: tuple[str, ...]
    cookie_domains: tuple[str, ...]  # where its cookies may be sent
    secret_names: frozenset[str]  # cookies that no other platform has a name for
    login_page: str
    cdn_cookies: frozenset[str]  # those that its CDN needs, within the cookie domains

    @property
    def login_cookie(self) -> str:
        """A whole Cookie header of a login."""

    def secrets(self) -> frozenset[str]:
        """The values that only a login has."""

    def is_short(self, request: Request) -> bool:
        """Whether a short link is asked where it leads."""

    def is_file(self, request: Request) -> bool:
        """Whether a file of a CDN is asked for."""

    def forged(self, request: Request) -> str:
        """The parameter that pretends to be a signature, or nothing."""

    def handle(self, request: Request) -> Answer:
        """The true answer."""

    def damage(self, fault: Fault, request: Request) -> Answer:
        """The answer with one of the faults that look different on every platform."""


def all_platforms(world: World) -> list[Platform]:
    """A fresh instance of every platform."""
    return [Bilibili(world), Douyin(world), Tiktok(world)]
