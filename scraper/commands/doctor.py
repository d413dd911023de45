"""`scrapy doctor`: what works, what is wrong, and what to do about it. Its output is safe to paste."""

import argparse
import time
from os import environ
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from scraper.commands.environment_check import browser, configuration, network
from scraper.commands.project_command import ProjectCommand
from scraper.commands.quiet_crawl import quieten, spider_of
from scraper.commands.route_check import WRONG, Finding, RouteCheck
from scraper.commands.terminal_table import table
from scraper.crawling.settings_check import check
from scraper.identities.service_config import ConfigFile
from scraper.output.visible_text import visible
from scraper.platform.platform import Platform
from scraper.platform.registry import platforms_of, service_named, services_of
from scraper.platform.service import Service
from scraper.responses.exceptions import ArgumentError

_LEAST_SECRET = 6


class Command(ProjectCommand, ScrapyCommand):
    """Exit codes: 0 all is well, 1 something is wrong, 2 wrong usage."""

    def syntax(self) -> str:
        return "[service]"

    def short_desc(self) -> str:
        return "Check network, TLS, configuration, cookies, signing keys, and each route with one request"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        quieten(self.settings)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        platforms = platforms_of(self.settings)
        services = services_of(platforms)
        try:
            check(self.settings)
            asked = [service_named(word, services) for word in args] or services
        except ArgumentError as error:
            raise UsageError(str(error)) from None
        folder, now = Path(self.settings["CONFIG_DIR"]), time.time()
        found = [*network(environ), *browser(asked)]
        for service in asked:
            found += configuration(service, folder, now)
        found += self._live(platforms, asked, folder)
        self._show(found, _secrets(asked, folder))
        wrong = sum(each.state == WRONG for each in found)
        print(f"\n{wrong} of {len(found)} checks are wrong" if wrong else f"\nall {len(found)} checks are well")
        self.exitcode = int(bool(wrong))

    def _live(self, platforms: list[Platform], asked: list[Service], folder: Path) -> list[Finding]:
        """Ask the routes of the services whose configuration can be used."""
        names = {each.name for each in asked}
        fit = [each for each in platforms if names & {s.name for s in each.services} and _loads(each, folder)]
        if not fit:
            return []
        crawler = self.crawler_process.create_crawler(spider_of(RouteCheck, fit))
        wanted = [each.name for each in services_of(fit) if each.name in names]
        self.crawler_process.crawl(crawler, services=wanted)
        self.crawler_process.start()
        if not isinstance(crawler.spider, RouteCheck):
            return [Finding("crawl", WRONG, "it could not be run", "run it again with -L DEBUG")]
        return list(crawler.spider.findings())

    def _show(self, found: list[Finding], secrets: list[str]) -> None:
        text = table(["check", "state", "what it says"], [each[:3] for each in found])
        advice = dict.fromkeys(each.remedy for each in found if each.state == WRONG and each.remedy)
        text += "".join(f"\n→ {visible(each)}" for each in advice)
        for secret in secrets:
            text = text.replace(secret, "…")
        print(text)


def _loads(platform: Platform, folder: Path) -> bool:
    try:
        for service in platform.services:
            ConfigFile(service, folder)
    except ArgumentError:
        return False
    return True


def _secrets(services: list[Service], folder: Path) -> list[str]:
    """Return the values that must not be shown, whatever a message quotes."""
    found = set()
    for service in services:
        try:
            loaded = ConfigFile(service, folder).loaded
        except ArgumentError:
            continue
        found |= {value for each in loaded.credentials for value in each.cookies.values()}
    return sorted((each for each in found if len(each) >= _LEAST_SECRET), key=len, reverse=True)
