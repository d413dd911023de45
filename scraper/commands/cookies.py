"""`scrapy cookies`: report the configured cookies, without sending a request or showing a value."""

import argparse

from scrapy.commands import ScrapyCommand

from scraper.commands.project_command import ProjectCommand, as_json, wrong_usage
from scraper.commands.terminal_table import table
from scraper.identities.cookie_rows import cookie_rows
from scraper.platform.registry import platforms_of, service_named, services_of
from scraper.responses.exceptions import ArgumentError


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
        rows = [row for service in selected for row in cookie_rows(service, self.settings["CONFIG_DIR"])]
        self.exitcode = int(any(row["problem"] for row in rows))
        if opts.json:
            print(as_json(rows))
            return
        cells = [[row["service"], row["identity"], row["from"], row["problem"] or row["says"]] for row in rows]
        print(table(["service", "identity", "from", "cookie"], cells))
        for note in dict.fromkeys(note for row in rows for note in row["notes"]):
            print(note)
