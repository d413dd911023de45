"""`scrapy routes`: list every router with its parameters, records and needs, from the platforms' tables."""

import argparse
import shutil
from typing import Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from scraper.commands.project_command import ProjectCommand, as_json
from scraper.commands.terminal_table import table
from scraper.platform import Endpoint, Extra, Param, Route
from scraper.platform.platform import Platform
from scraper.platform.registry import platforms_of
from scraper.platform.service import Service

_COOKIE = {"": "not needed", "more": "shows more", "needed": "needed"}
_PLURALS = {"danmaku": "danmaku", "mix": "mixes"}
_WIDTH = 120  # if the output is not a terminal
_LEGEND = "* optional   + default for a link of this kind   routes are tried in order"


class Command(ProjectCommand, ScrapyCommand):
    """Exit codes: 0, or 2 if no router matches."""

    requires_crawler_process = False
    has_json = True

    def syntax(self) -> str:
        return "[word in the router, target, record or parameters] [--json]"

    def short_desc(self) -> str:
        return "List every router with its parameters, records, routes and cookie needs"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        rows = [
            describe(platform, endpoint) for platform in platforms_of(self.settings) for endpoint in platform.endpoints
        ]
        rows = [row for row in rows if all(_is_about(row, word.lower()) for word in args)]
        if not rows:
            raise UsageError(f"no router is about {' and '.join(args)}; `scrapy routes` lists all of them")
        if opts.json:
            print(as_json(rows))
            return
        head = ["router", "target", "returns", "parameters", "routes", "cookie"]
        width = shutil.get_terminal_size((_WIDTH, 0)).columns
        print(table(head, [_row(row) for row in rows], max_width=width))
        print(f"\n{_LEGEND}")


def describe(platform: Platform, endpoint: Endpoint) -> dict[str, Any]:
    """Return an endpoint as JSON values."""
    return {
        "router": endpoint.router,
        "natural": endpoint.default,
        "summary": endpoint.summary,
        "kind": endpoint.kind,
        "record": endpoint.record,
        "list": endpoint.pagination is not None,
        "alone": bool(endpoint.singleton),
        "aliases": list(endpoint.aliases),
        "params": [_param(param) for param in endpoint.params],
        "routes": [_route(platform, route) for route in endpoint.routes],
        "extras": [_source(extra, extra.url) for extra in endpoint.extras],
        "follow": endpoint.follow.name if endpoint.follow else None,
        "cookie": endpoint.login or "none",
        "signed": any(route.signed for route in endpoint.routes) or any(extra.signed for extra in endpoint.extras),
    }


def _is_about(row: dict[str, Any], word: str) -> bool:
    """Return whether a word is in a router, or names what it takes or returns, also in the plural."""
    names = [row["kind"], row["record"], _returns(row), *(param["name"].lower() for param in row["params"])]
    return word in row["router"] or word in names or word in [f"{name}s" for name in names]


def _returns(row: dict[str, Any]) -> str:
    """Return what a router returns, in the plural for a list."""
    plural = _PLURALS.get(row["record"], f"{row['record']}s")
    return plural if row["list"] else row["record"]


def _param(param: Param) -> dict[str, Any]:
    needed, aliases = bool(param.kind) and not param.optional, {"aliases": list(param.aliases)}
    return {"name": param.name, "needed": needed, "cursor": param.cursor, "example": param.example} | aliases


def _route(platform: Platform, route: Route) -> dict[str, Any]:
    named = (service for service in platform.services if service.name == route.service)
    service: Service = next(named, platform.service)
    url = route.url if isinstance(route.url, str) else None
    return {**_source(route, url), "service": service.label, "surface": route.surface or service.surface}


def _source(source: Route | Extra, url: str | None) -> dict[str, Any]:
    return {"name": source.name, "url": url, "signed": source.signed}


def _row(row: dict[str, Any]) -> list[str]:
    """Return a row of the table."""
    parameters = " ".join(f"{param['name']}{'' if param['needed'] else '*'}" for param in row["params"])
    router = row["router"] + (" +" if row["natural"] else "")
    signed_extras = [extra for extra in row["extras"] if extra["signed"]]
    routes = ", ".join([*map(_name, row["routes"]), *(f"then {_name(extra)}" for extra in signed_extras)])
    return [router, row["kind"], _returns(row), parameters, routes or "none: no request", _COOKIE[_cookie(row)]]


def _cookie(row: dict[str, Any]) -> str:
    return "" if row["cookie"] == "none" else row["cookie"]


def _name(source: dict[str, Any]) -> str:
    return f"{source['name']} (signed)" if source["signed"] else source["name"]
