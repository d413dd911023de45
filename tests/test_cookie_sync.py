"""The cookies of an identity and of its context in a browser: what is new on one side goes to the other."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from playwright.async_api import Error

from scraper.identities.cookie_jar import Jar
from scraper.network.browser.cookie_sync import CookieSync

DOMAINS = ("site.test",)


class Context:
    """As much of a browser's context as an exchange sees; it takes no cookie of a name in `refused`."""

    def __init__(self, *refused: str) -> None:
        self.held: dict[str, dict[str, Any]] = {}
        self.refused = refused
        self.added: list[str] = []

    def set(self, name: str, value: str) -> None:
        self.held[name] = {"name": name, "value": value, "domain": ".site.test", "path": "/", "expires": -1}

    async def cookies(self) -> list[dict[str, Any]]:
        return list(self.held.values())

    async def add_cookies(self, cookies: Sequence[Mapping[str, Any]]) -> None:
        if any(cookie["name"] in self.refused for cookie in cookies):
            raise Error("Protocol error (Storage.setCookies): Invalid cookie fields")
        for cookie in cookies:
            self.added.append(cookie["name"])
            self.held[cookie["name"]] = dict(cookie)

    def values(self) -> dict[str, str]:
        return {name: cookie["value"] for name, cookie in self.held.items()}


def values(jar: Jar) -> dict[str, str]:
    return {cookie["name"]: cookie["value"] for cookie in jar.all()}


def exchange(made: CookieSync, context: Context) -> None:
    asyncio.run(made.run(context))  # type: ignore[arg-type]


def test_each_gets_what_is_new_on_the_other() -> None:
    jar, context = Jar(DOMAINS, {"a": "1"}), Context()
    made = CookieSync(jar)
    context.set("b", "1")
    exchange(made, context)
    assert values(jar) == context.values() == {"a": "1", "b": "1"}
    assert not made.is_due(context)  # type: ignore[arg-type]
    context.added.clear()
    exchange(made, context)
    assert context.added == []


def test_what_came_by_another_route_is_not_undone_by_what_the_page_still_has() -> None:
    jar, context = Jar(DOMAINS, {"visitor": "old", "token": "old"}), Context()
    made = CookieSync(jar)
    exchange(made, context)
    jar.put("visitor", "new")
    context.set("token", "new")
    assert made.is_due(context)  # type: ignore[arg-type]
    exchange(made, context)
    assert values(jar) == context.values() == {"visitor": "new", "token": "new"}


def test_what_a_page_took_away_is_not_given_again() -> None:
    jar, context = Jar(DOMAINS, {"a": "1"}), Context()
    made = CookieSync(jar)
    exchange(made, context)
    context.held.clear()
    jar.put("b", "1")
    exchange(made, context)
    assert context.values() == {"b": "1"}


def test_a_new_context_is_given_all() -> None:
    jar, first, second = Jar(DOMAINS, {"a": "1"}), Context(), Context()
    made = CookieSync(jar)
    exchange(made, first)
    assert made.is_due(second)  # type: ignore[arg-type]
    exchange(made, second)
    assert second.values() == {"a": "1"}


def test_a_cookie_that_a_browser_refuses_costs_the_others_nothing() -> None:
    jar, context = Jar(DOMAINS, {"a": "1", "__Host-b": "1", "c": "1"}), Context("__Host-b")
    made = CookieSync(jar)
    exchange(made, context)
    assert context.values() == {"a": "1", "c": "1"}
    context.added.clear()
    exchange(made, context)
    assert context.added == []
