"""What whole crawls of TikTok share: a world whose signed paths are taken unsigned, and how it is crawled."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.crawling import Crawl, crawl
from tests.simulator import Fault, World
from tests.simulator.signing import OPEN
from tests.simulator.worlds.realm import Maker

ROUTER, SITE = "/api/tiktok/web", "https://www.tiktok.com"
WORLD = World(seed=1, creators=3, videos=80, comments=130, replies=45, signing=OPEN)
TIKTOK = WORLD.tiktok
_TRANSPORTS = {
    "direct": "scraper.network.transports.direct.Direct",
    "impersonate": "scraper.network.transports.impersonate.Impersonate",
    "browser": "scraper.network.transports.direct.Direct",  # what a page would ask is taken unsigned
}
UNSIGNED = {"TRANSPORTS": json.dumps(_TRANSPORTS)}


def maker(name: str | int) -> Maker:
    """A creator, by number or by the name of what is special."""
    return TIKTOK.special_creator(name) if isinstance(name, str) else TIKTOK.creator(name)


def user(name: str | int, what: str = "handle") -> str:
    """The page of a creator, by handle or by secUid."""
    owner = maker(name)
    return f"{SITE}/@{owner.sec_uid if what == 'sec_uid' else owner.handle}"


def works(name: str | int) -> list[str]:
    """The ids of all works of a creator, newest first."""
    owner = maker(name)
    return [TIKTOK.listed(owner, place).id for place in range(TIKTOK.count(owner))]


def go(*words: str, faults: Sequence[Fault] = (), login: bool = False, browser: bool = False, **more: Any) -> Crawl:
    """Run a crawl of TikTok.

    :param login: whether it has the cookie of the account
    :param browser: whether a real one asks what a page is to sign
    """
    cookie = f"cookie: '{TIKTOK.login_cookie}'\n" if login else ""
    ways_out = {} if browser else UNSIGNED
    settings = {**ways_out, **more.pop("settings", {})}
    configs = {"tiktok_web": cookie, "tiktok_app": ""}
    ways = {
        "world": WORLD,
        "command": ("crawl", "tiktok"),
        "configs": configs,
        "settings": settings,
        "process": browser,
    }
    return crawl(*words, faults=faults, **{**ways, **more})
