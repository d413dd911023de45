"""`scrapy cookies`: what the configured cookies say of themselves, without a request and without a value."""

import argparse
import json
import time
from os import environ
from pathlib import Path
from typing import Any

import msgspec
from scrapy.commands import ScrapyCommand

from scraper.commands.project_command import ProjectCommand, wrong_usage
from scraper.commands.terminal_table import table
from scraper.identities.cookie_report import Login, inspect
from scraper.identities.service_config import ConfigFile
from scraper.platform.registry import platforms_of, service_named, services_of
from scraper.platform.service import Service
from scraper.responses.exceptions import ArgumentError

_READ_BY_OTHERS = 0o077


class Command(ProjectCommand, ScrapyCommand):
    """Exit codes: 0, or 1 where a configuration cannot be read."""

    requires_crawler_process = False

    def syntax(self) -> str:
        return "[service] [--json]"

    def short_desc(self) -> str:
        return "Show each service's cookie: present, logged in, expiry"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="as JSON")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        services = services_of(platforms_of(self.settings))
        try:
            asked = [service_named(word, services) for word in args] or services
        except ArgumentError as error:
            raise wrong_usage(error) from None
        found = [each for service in asked for each in self._rows(service)]
        self.exitcode = int(any(each["problem"] for each in found))
        if opts.json:
            print(json.dumps(found, ensure_ascii=False, indent=1))
            return
        rows = [[each["service"], each["identity"], each["from"], each["problem"] or each["says"]] for each in found]
        print(table(["service", "identity", "from", "cookie"], rows))
        for note in dict.fromkeys(note for each in found for note in each["notes"]):
            print(note)

    def _rows(self, service: Service) -> list[dict[str, Any]]:
        """Return what is known of each identity of a service."""
        now, row = time.time(), {"service": service.label, "identity": "", "from": "", "problem": "", "says": ""}
        try:
            config = ConfigFile(service, self.settings["CONFIG_DIR"])
        except ArgumentError as error:
            return [{**row, "problem": str(error), "notes": []}]
        notes = [_open(path) for path in config.paths if _is_open(path)]
        rows = []
        for each in config.loaded.credentials:
            login: Login = inspect(service, each.cookies, each.expires, now, each.name)
            from_ = service.cookie_variable if environ.get(service.cookie_variable) else str(config.path)
            known = {**msgspec.to_builtins(login), "from": from_ if login.present else ""}
            rows.append({**row, **known, "says": login.words(now), "notes": notes})
        return rows


def _is_open(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & _READ_BY_OTHERS)
    except OSError:
        return False


def _open(path: Path) -> str:
    return f"{path} is readable by other users of this machine: chmod 600 {path}"
