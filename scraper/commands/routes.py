"""`scrapy routes`: every router, what it takes and gives, and what it needs. Generated from the platforms' tables."""

import argparse
import json
from collections.abc import Sequence
from typing import Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from scraper.commands.project_command import ProjectCommand
from scraper.commands.terminal_table import table
from scraper.platform import Endpoint, Extra, Param, Route
from scraper.platform.platform import Platform
from scraper.platform.registry import platforms_of
from scraper.platform.service import Service

_COOKIE = {"": "not needed", "more": "shows more", "needed": "needed"}
_PLURALS = {"danmaku": "danmaku", "mix": "mixes"}


class Command(ProjectCommand, ScrapyCommand):
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[word in the router] [--json]"

    def short_desc(self) -> str:
        return "List every router: parameters, records, cookie and signature needs"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="as JSON, with the URLs of each route")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        rows = [
            describe(platform, endpoint)
            for platform in platforms_of(self.settings)
            for endpoint in platform.endpoints
            if all(word in endpoint.router for word in args)
        ]
        if not rows:
            raise UsageError(f"no router contains {' and '.join(args)}; `scrapy routes` lists all")
        if opts.json:
            print(json.dumps(rows, ensure_ascii=False, indent=1))
            return
        print(table(["router", "of a", "gives", "takes", "routes", "cookie", "signed"], [_row(each) for each in rows]))
        print("\n* optional   + the default for such a link   routes are tried in order")


def describe(platform: Platform, endpoint: Endpoint) -> dict[str, Any]:
    """Return an endpoint in plain values."""
    return {
        "router": endpoint.router,
        "natural": endpoint.default,
        "summary": endpoint.summary,
        "kind": endpoint.kind,
        "record": endpoint.record,
        "list": endpoint.pagination is not None,
        "alone": bool(endpoint.singleton),
        "aliases": list(endpoint.aliases),
        "params": [_param(each) for each in endpoint.params],
        "routes": [_route(platform, each) for each in endpoint.routes],
        "extras": [_source(each, each.url) for each in endpoint.extras],
        "follow": endpoint.follow.name if endpoint.follow else None,
        "cookie": endpoint.login or "none",
        "signed": any(each.signed for each in endpoint.routes) or any(each.signed for each in endpoint.extras),
    }


def _param(param: Param) -> dict[str, Any]:
    needed, aliases = bool(param.kind) and not param.optional, {"aliases": list(param.aliases)}
    return {"name": param.name, "needed": needed, "cursor": param.cursor, "example": param.example} | aliases


def _route(platform: Platform, route: Route) -> dict[str, Any]:
    service: Service = next((each for each in platform.services if each.name == route.service), platform.service)
    url = route.url if isinstance(route.url, str) else None
    return {**_source(route, url), "service": service.label, "surface": route.surface or service.surface}


def _source(source: Route | Extra, url: str | None) -> dict[str, Any]:
    return {"name": source.name, "url": url, "signed": source.signed}


def _row(row: dict[str, Any]) -> list[str]:
    """Return a line of the table."""
    takes = " ".join(f"{each['name']}{'' if each['needed'] else '*'}" for each in row["params"])
    signed = [each["name"] for each in (*row["routes"], *row["extras"]) if each["signed"]]
    gives = _PLURALS.get(row["record"], f"{row['record']}s") if row["list"] else row["record"]
    router = row["router"] + (" +" if row["natural"] else "")
    routes = _names(row["routes"]) or "none: no request"
    return [router, row["kind"], gives, takes, routes, _COOKIE[_cookie(row)], ", ".join(signed) or "no"]


def _cookie(row: dict[str, Any]) -> str:
    return "" if row["cookie"] == "none" else row["cookie"]


def _names(routes: Sequence[dict[str, Any]]) -> str:
    return ", ".join(f"{each['name']} ({each['service']})" for each in routes)
