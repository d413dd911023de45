"""`scrapy doctor`: what works, what is wrong, and what to do about it. Its output is safe to paste."""

import argparse
import json
import sys
import time
from os import environ
from pathlib import Path

from scrapy.commands import ScrapyCommand

from scraper.commands.endpoint_report import FAILED, EndpointState
from scraper.commands.environment_check import browser, configuration, network
from scraper.commands.finding import WRONG, Finding
from scraper.commands.project_command import ProjectCommand, wrong_usage
from scraper.commands.quiet_crawl import is_default, quieten, spider_of
from scraper.commands.route_check import NO_LIMIT, RouteCheck
from scraper.commands.terminal_table import table
from scraper.crawling.settings_check import check
from scraper.identities.masking import mask
from scraper.identities.service_config import ConfigFile
from scraper.output.visible_text import visible
from scraper.platform.platform import Platform
from scraper.platform.registry import platforms_of, service_named, services_of
from scraper.platform.service import Service
from scraper.responses.exceptions import ArgumentError

_QUICK = 3  # requests a service
_QUICK_S = 12  # after which no more are sent
_TIMEOUT_S, _QUICK_TIMEOUT_S = 15, 8


class Command(ProjectCommand, ScrapyCommand):
    """Exit codes: 0 every endpoint can be served or lacks what the user did not give, 1 otherwise, 2 wrong usage."""

    def syntax(self) -> str:
        return "[service] [--quick] [--json]"

    def short_desc(self) -> str:
        return "Check network, TLS, configuration, cookies, signing keys, and which endpoints can be served now"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="as JSON")
        parser.add_argument(
            "--quick", action="store_true", help=f"at most {_QUICK} requests per service and no browser: under 30 s"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        quieten(self.settings)
        if is_default(self.settings, "DOWNLOAD_TIMEOUT"):
            self.settings.set("DOWNLOAD_TIMEOUT", _QUICK_TIMEOUT_S if opts.quick else _TIMEOUT_S, priority="cmdline")
        if opts.quick:
            self.settings.set("CLOSESPIDER_TIMEOUT", _QUICK_S, priority="cmdline")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        platforms = platforms_of(self.settings)
        services = services_of(platforms)
        try:
            check(self.settings)
            asked = [service_named(word, services) for word in args] or services
        except ArgumentError as error:
            raise wrong_usage(error) from None
        folder, now = Path(self.settings["CONFIG_DIR"]), time.time()
        found = [*network(environ), *browser(asked)]
        for service in asked:
            found += configuration(service, folder, now)
        live, endpoints = self._live(platforms, asked, folder, _QUICK if opts.quick else NO_LIMIT)
        found += live
        text = _as_json(found, endpoints) if opts.json else _as_tables(found, endpoints)
        print(mask(text))
        self.exitcode = int(not _is_well(found, endpoints))

    def _live(
        self, platforms: list[Platform], asked: list[Service], folder: Path, most: int
    ) -> tuple[list[Finding], list[EndpointState]]:
        """Ask the routes of the services whose configuration can be used."""
        names = {each.name for each in asked}
        fit = [each for each in platforms if names & {s.name for s in each.services} and _loads(each, folder)]
        if not fit:
            return [], []
        crawler = self.crawler_process.create_crawler(spider_of(RouteCheck, fit))
        wanted = [each.name for each in services_of(fit) if each.name in names]
        self.crawler_process.crawl(crawler, services=wanted, most=most, report=_progress)
        self.crawler_process.start()
        if not isinstance(crawler.spider, RouteCheck):
            return [Finding("crawl", WRONG, "it could not be run", "run it again with -L DEBUG")], []
        return list(crawler.spider.findings()), crawler.spider.endpoint_states()


def _progress(done: int, total: int) -> None:
    """Show on standard error how far it is: one line that changes on a terminal, elsewhere one line at the start."""
    if sys.stderr.isatty():
        print(
            f"\rasking the platforms: {done} of {total}", end="\n" if done == total else "", file=sys.stderr, flush=True
        )
    elif not done:
        print(f"asking the platforms: {total} requests", file=sys.stderr, flush=True)


def _is_well(found: list[Finding], endpoints: list[EndpointState]) -> bool:
    return not any(each.state == WRONG for each in found) and not any(each.served == FAILED for each in endpoints)


def _as_tables(found: list[Finding], endpoints: list[EndpointState]) -> str:
    text = table(["check", "state", "what it says"], [each[:3] for each in found])
    if endpoints:
        rows = [(each.router, each.served, each.route, each.reason) for each in endpoints]
        text += "\n\n" + table(["endpoint", "served", "by", "why not"], rows)
    advice = dict.fromkeys(each.remedy for each in found if each.state == WRONG and each.remedy)
    text += "".join(f"\n→ {visible(each)}" for each in advice)
    wrong = sum(each.state == WRONG for each in found)
    return text + (
        f"\n\n{wrong} of {len(found)} checks are wrong" if wrong else f"\n\nall {len(found)} checks are well"
    )


def _as_json(found: list[Finding], endpoints: list[EndpointState]) -> str:
    shown = {
        "ok": _is_well(found, endpoints),
        "checks": [each._asdict() for each in found],
        "endpoints": [each._asdict() for each in endpoints],
    }
    return json.dumps(shown, ensure_ascii=False, indent=1)


def _loads(platform: Platform, folder: Path) -> bool:
    try:
        for service in platform.services:
            ConfigFile(service, folder)
    except ArgumentError:
        return False
    return True
