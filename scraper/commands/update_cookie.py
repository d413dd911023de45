"""`scrapy update_cookie`: a new cookie into a service's configuration, checked first. No value of it is ever shown."""

import argparse
import sys
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from scraper.commands.project_command import ProjectCommand, wrong_usage
from scraper.identities.session_file import SessionFile, given
from scraper.platform.registry import platforms_of, service_named, services_of
from scraper.responses.exceptions import ArgumentError


class Command(ProjectCommand, ScrapyCommand):
    """Exit codes: 0 written, 1 it could not be written, 2 wrong usage or no cookie in what was given."""

    requires_crawler_process = False

    def syntax(self) -> str:
        return '--service SERVICE (--cookie "name=value; …" | --cookie - | --file cookies.txt)'

    def short_desc(self) -> str:
        return "Check a cookie and write it into a service's configuration"

    def long_desc(self) -> str:
        return (
            "Check a cookie and write it into config/<service>/config.yaml. It is taken as a header string, name=value"
            " lines, a cURL command, request headers, a Netscape cookies.txt, a JSON export, or the table of the"
            " browser's developer tools. A running crawl takes it up at its next request."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--service", required=True, help="whose cookie it is")
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("--cookie", help="the cookie, or - for standard input (arguments are visible in `ps`)")
        source.add_argument("--file", help="a file with the cookie")
        parser.add_argument("--identity", default="", help="which of the file's `identities`, if it has several")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError("quote the cookie: there are words outside any option")
        try:
            service = service_named(opts.service, services_of(platforms_of(self.settings)))
            cookie = given(service, _text(opts))
            file = SessionFile(service, self.settings["CONFIG_DIR"], opts.identity)
            file.changed({"cookie": cookie.header})  # refused before anything is said
            print(cookie.said())
            self.exitcode = file.update({"cookie": cookie.header})
        except ValueError as error:
            raise wrong_usage(f"{error}; nothing was changed") from None
        if not self.exitcode:
            print("user_agent there must belong to the browser that the cookie came from")


def _text(opts: argparse.Namespace) -> str:
    if opts.cookie == "-" and sys.stdin.isatty():
        print("paste the cookie, then press Enter and Ctrl-D", file=sys.stderr)
    if opts.file is None:
        return sys.stdin.buffer.read().decode("utf-8-sig", "replace") if opts.cookie == "-" else opts.cookie
    try:
        return Path(opts.file).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise ArgumentError(f"{opts.file} cannot be read: {why}") from None
