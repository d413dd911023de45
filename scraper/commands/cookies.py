"""`scrapy cookies`: report the configured cookies, without sending a request or showing a value."""

import argparse
import time
from os import environ
from pathlib import Path
from typing import Any

import msgspec
from scrapy.commands import ScrapyCommand

from scraper.commands.project_command import ProjectCommand, as_json, wrong_usage
from scraper.commands.terminal_table import table
from scraper.identities.cookie_report import Login, inspect
from scraper.identities.service_config import ConfigFile
from scraper.platform.registry import platforms_of, service_named, services_of
from scraper.platform.service import Service
from scraper.responses.exceptions import ArgumentError

_READ_BY_OTHERS = 0o077


class Command(ProjectCommand, ScrapyCommand):
    """Exit codes: 0, or 1 if a configuration file cannot be read."""

    requires_crawler_process = False
    has_json = True

    def syntax(self) -> str:
        return "[service] [--json]"

    def short_desc(self) -> str:
        return "Show each service's cookie: whether it is present and logged in, and when it expires"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        services = services_of(platforms_of(self.settings))
        try:
            selected = [service_named(word, services) for word in args] or services
        except ArgumentError as error:
            raise wrong_usage(error) from None
        rows = [row for service in selected for row in self._rows(service)]
        self.exitcode = int(any(row["problem"] for row in rows))
        if opts.json:
            print(as_json(rows))
            return
        cells = [[row["service"], row["identity"], row["from"], row["problem"] or row["says"]] for row in rows]
        print(table(["service", "identity", "from", "cookie"], cells))
        for note in dict.fromkeys(note for row in rows for note in row["notes"]):
            print(note)

    def _rows(self, service: Service) -> list[dict[str, Any]]:
        """Return one row per identity of a service."""
        now, row = time.time(), {"service": service.label, "identity": "", "from": "", "problem": "", "says": ""}
        try:
            config = ConfigFile(service, self.settings["CONFIG_DIR"])
        except ArgumentError as error:
            return [{**row, "problem": str(error), "notes": []}]
        notes = [_open(path) for path in config.paths if _is_open(path)]
        rows = []
        for credentials in config.loaded.credentials:
            login: Login = inspect(service, credentials.cookies, credentials.expires, now, credentials.name)
            from_ = service.cookie_variable if environ.get(service.cookie_variable) else str(config.path)
            fields = {**msgspec.to_builtins(login), "from": from_ if login.present else ""}
            rows.append({**row, **fields, "says": login.words(now), "notes": notes})
        return rows


def _is_open(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & _READ_BY_OTHERS)
    except OSError:
        return False


def _open(path: Path) -> str:
    return f"{path} is readable by other users of this machine; run: chmod 600 {path}"
