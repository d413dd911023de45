"""`scrapy doctor`: report what works, what is wrong and what to do about it. Its output is safe to share."""

import argparse
import sys
import time
from os import environ
from pathlib import Path

from scrapy.commands import ScrapyCommand

from scraper.commands.endpoint_report import FAILED, EndpointState
from scraper.commands.environment_check import browser, configuration, network
from scraper.commands.finding import WRONG, Finding
from scraper.commands.project_command import ProjectCommand, as_json, wrong_usage
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
from scraper.responses.wording import counted

_QUICK = 3  # requests per service
_QUICK_S = 12  # no requests are sent after this time
_TIMEOUT_S, _QUICK_TIMEOUT_S = 15, 8


class Command(ProjectCommand, ScrapyCommand):
    """Exit codes: 0 if every endpoint works, or lacks only a login or a browser; 1 otherwise; 2 for wrong usage."""

    has_json = True

    def syntax(self) -> str:
        return "[service] [--quick] [--json]"

    def short_desc(self) -> str:
        return "Check network, TLS, configuration, cookies and signing keys, and which endpoints work now"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
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
            selected = [service_named(word, services) for word in args] or services
        except ArgumentError as error:
            raise wrong_usage(error) from None
        folder, now = Path(self.settings["CONFIG_DIR"]), time.time()
        findings = [*network(environ), *browser(selected)]
        for service in selected:
            findings += configuration(service, folder, now)
        live, endpoints = self._live(platforms, selected, folder, _QUICK if opts.quick else NO_LIMIT)
        findings += live
        text = _as_json(findings, endpoints) if opts.json else _as_tables(findings, endpoints)
        print(mask(text))
        self.exitcode = int(not _is_healthy(findings, endpoints))

    def _live(
        self, platforms: list[Platform], selected: list[Service], folder: Path, most: int
    ) -> tuple[list[Finding], list[EndpointState]]:
        """Request the routes of every selected service whose configuration is valid."""
        names = {service.name for service in selected}
        usable = [
            platform
            for platform in platforms
            if names & {service.name for service in platform.services} and _loads(platform, folder)
        ]
        if not usable:
            return [], []
        crawler = self.crawler_process.create_crawler(spider_of(RouteCheck, usable))
        checked = [service.name for service in services_of(usable) if service.name in names]
        self.crawler_process.crawl(crawler, services=checked, most=most, report=_progress)
        self.crawler_process.start()
        if not isinstance(crawler.spider, RouteCheck):
            return [Finding("crawl", WRONG, "the test crawl did not start", "run doctor again with -L DEBUG")], []
        return list(crawler.spider.findings()), crawler.spider.endpoint_states()


def _progress(done: int, total: int) -> None:
    """Show the progress on standard error: on a terminal a line that is updated, elsewhere one line at the start."""
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        print(f"\rtesting the endpoints: {done} of {total}", end=end, file=sys.stderr, flush=True)
    elif not done:
        print(f"testing the endpoints: {counted(total, 'request')}", file=sys.stderr, flush=True)


def _is_healthy(findings: list[Finding], endpoints: list[EndpointState]) -> bool:
    return not any(finding.state == WRONG for finding in findings) and not any(
        endpoint.served == FAILED for endpoint in endpoints
    )


def _as_tables(findings: list[Finding], endpoints: list[EndpointState]) -> str:
    text = table(["check", "state", "details"], [finding[:3] for finding in findings])
    if endpoints:
        rows = [(endpoint.router, endpoint.served, endpoint.route, endpoint.reason) for endpoint in endpoints]
        text += "\n\n" + table(["endpoint", "works", "route", "why not"], rows)
    wrong = [finding for finding in findings if finding.state == WRONG]
    remedies = dict.fromkeys(finding.remedy for finding in wrong if finding.remedy)
    text += "".join(f"\n→ {visible(remedy)}" for remedy in remedies)
    return text + (
        f"\n\n{len(wrong)} of {len(findings)} checks failed" if wrong else f"\n\nall {len(findings)} checks passed"
    )


def _as_json(findings: list[Finding], endpoints: list[EndpointState]) -> str:
    report = {
        "ok": _is_healthy(findings, endpoints),
        "checks": [finding._asdict() for finding in findings],
        "endpoints": [endpoint._asdict() for endpoint in endpoints],
    }
    return as_json(report)


def _loads(platform: Platform, folder: Path) -> bool:
    try:
        for service in platform.services:
            ConfigFile(service, folder)
    except ArgumentError:
        return False
    return True
