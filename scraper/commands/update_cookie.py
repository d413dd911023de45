"""`scrapy update_cookie`: a new cookie into a service's configuration, checked first. No value of it is ever shown."""

import argparse
import sys
import time
from importlib.resources import files
from os import environ
from pathlib import Path

import yaml
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from scraper import configtext, cookies
from scraper.config import ConfigFile
from scraper.faults import ArgumentError
from scraper.logins import Login, inspect
from scraper.platform import Service
from scraper.services import platforms_of, service_named, services_of


class Command(ScrapyCommand):
    """Exit codes: 0 written, 1 it could not be written, 2 wrong usage or no cookie in what was given."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return '--service SERVICE (--cookie "name=value; …" | --cookie - | --file cookies.txt)'

    def short_desc(self) -> str:
        return "Check a cookie and write it into a service's configuration"

    def long_desc(self) -> str:
        return (
            "Check a cookie and write it into config/<service>/config.yaml. It is taken as a header string, name=value"
            " lines, a Netscape cookies.txt or a JSON export. A running crawl takes it up at its next request."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--service", required=True, help="whose cookie it is")
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("--cookie", help="the cookie, or - for standard input: an argument is seen in `ps`")
        source.add_argument("--file", help="a file with the cookie")
        parser.add_argument("--identity", default="", help="which one of `identities`, where the file has several")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError("put the cookie into quotes: there are words that belong to no option")
        try:
            service = service_named(opts.service, services_of(platforms_of(self.settings)))
            text = _given(opts)
            found = cookies.parse(text, service.cookie_domains)
            kept = cookies.parse(header := cookies.header(found), service.cookie_domains)
            if not kept:
                raise ArgumentError("it is empty: give the value of a request's Cookie header")
            path = Path(self.settings["CONFIG_DIR"]) / service.name / "config.yaml"
            changed = _changed(path, service, header, opts.identity)
        except ValueError as error:
            raise UsageError(f"{error}; nothing was changed") from None
        ends = cookies.expiries(text, service.cookie_domains)
        print(_said(inspect(service, kept, ends, time.time()), len(kept)))
        if left_out := sorted(found.keys() - kept.keys()):
            print(f"left out, since no header can hold them: {', '.join(left_out)}")
        self.exitcode = self._write(path, changed, service)

    def _write(self, path: Path, text: str, service: Service) -> int:
        try:
            configtext.write(path, text)
        except OSError as error:
            print(f"{path} could not be written ({error.strerror}): the old one is untouched", file=sys.stderr)
            return 1
        print(f"written to {path}; a running crawl takes it up at its next request")
        print("user_agent there must be that of the browser which the cookie came from")
        if environ.get(service.cookie_variable):
            print(f"but {service.cookie_variable} is set in the environment, and is used before it: unset it")
        try:
            ConfigFile(service, self.settings["CONFIG_DIR"])
        except ArgumentError as error:
            print(f"the file has another fault, which a crawl will refuse: {error}", file=sys.stderr)
        return 0


def _given(opts: argparse.Namespace) -> str:
    if opts.cookie == "-" and sys.stdin.isatty():
        print("paste the cookie, then press Enter and Ctrl-D", file=sys.stderr)
    if opts.file is None:
        return sys.stdin.buffer.read().decode("utf-8-sig", "replace") if opts.cookie == "-" else opts.cookie
    try:
        return Path(opts.file).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise ArgumentError(f"{opts.file} cannot be read: {why}") from None


def _changed(path: Path, service: Service, header: str, identity: str) -> str:
    """Return the new text of the configuration; where there is no file yet, it starts as the example."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        text = (files("config") / service.name / "config.example.yaml").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise ArgumentError(f"{path} cannot be read: mend it by hand first") from None
    try:
        names = [str(each.get("name", "default")) for each in (yaml.safe_load(text) or {}).get("identities") or []]
    except (yaml.YAMLError, AttributeError, TypeError):
        names = []  # what is wrong with it is said when it is changed
    if names and not identity:
        raise ArgumentError(f"{path} has several identities: say which by --identity: {', '.join(names)}")
    try:
        return configtext.with_cookie(text, header, identity)
    except ValueError as error:
        raise ArgumentError(f"{path}: {error}") from None


def _said(login: Login, count: int) -> str:
    lines = [f"{login.service}: {count} cookies, {login.words(time.time())}"]
    if not login.logged_in:
        lines.append("less will be seen without a login: log in with the browser, and copy the cookie anew")
    return "\n".join(lines)
