"""`scrapy update_cookie`: check a cookie and store it in a service's configuration. Values are never shown."""

import argparse
import sys
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from scraper.commands.project_command import ProjectCommand, wrong_usage
from scraper.identities import copied_request, user_agents
from scraper.identities.session_file import SessionFile, checked_user_agent, read_cookies
from scraper.platform.registry import platforms_of, service_named, services_of
from scraper.platform.service import Service
from scraper.responses.exceptions import ArgumentError

_MOST_BYTES = 64 * 1024 * 1024  # a HAR is large


class Command(ProjectCommand, ScrapyCommand):
    """Exit codes: 0 written; 1 the file could not be written; 2 wrong usage, or the input holds no cookie.

    The user agent is written too if `--user-agent` gives it, or the input is a copied request that names it.
    """

    requires_crawler_process = False

    def syntax(self) -> str:
        return '--service SERVICE (--cookie "name=value; …" | --cookie - | --file cookies.txt) [--user-agent …]'

    def short_desc(self) -> str:
        return "Check a cookie and write it to a service's configuration"

    def long_desc(self) -> str:
        return (
            "Check a cookie and write it to config/<service>/config.yaml. It may be a header string, name=value lines,"
            " a cURL command, request headers, a HAR, a Netscape cookies.txt, a JSON export, or the cookie table of the"
            " browser's developer tools. A cURL command, request headers and a HAR also give the user agent. A running"
            " crawl uses it from its next request on."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--service", required=True, help="service that the cookie is for")
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("--cookie", help="the cookie, or - for standard input (arguments are visible in `ps`)")
        source.add_argument("--file", help="a file with the cookie")
        parser.add_argument("--user-agent", default="", help="user agent of the browser that the cookie came from")
        parser.add_argument("--identity", default="", help="name of one of the file's `identities`, if it has several")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError("put the cookie in quotes: there are words outside the options")
        try:
            service = service_named(opts.service, services_of(platforms_of(self.settings)))
            text = _text(opts)
            cookie = read_cookies(service, text)
            agent = checked_user_agent(opts.user_agent or copied_request.user_agent(text, service.cookie_domains))
            values = {"cookie": cookie.header, **({"user_agent": agent} if agent else {})}
            file = SessionFile(service, self.settings["CONFIG_DIR"], opts.identity)
            file.changed(values)  # fails before anything is printed
            print(cookie.summary())
            self.exitcode = file.update(values)
        except ValueError as error:
            raise wrong_usage(f"{error}; nothing was changed") from None
        if not self.exitcode:
            print(_about_agent(agent, service))


def _about_agent(agent: str, service: Service) -> str:
    """Return what was stored of the browser, or what the user has to do about it."""
    if not agent:
        return "Set user_agent to the user agent of the browser that you copied the cookie from, or give --user-agent."
    browser = user_agents.read(agent)
    refused = service.refused_agent(agent)
    stored = f"user_agent: {browser.name} {browser.major} on {browser.system}"
    return f"{stored}, but {refused}: update that browser, and copy cookie and user agent again" if refused else stored


def _text(opts: argparse.Namespace) -> str:
    if opts.cookie == "-" and sys.stdin.isatty():
        print("paste the cookie, then press Enter and Ctrl-D", file=sys.stderr)
    if opts.file is None:
        return sys.stdin.buffer.read().decode("utf-8-sig", "replace") if opts.cookie == "-" else opts.cookie
    try:
        with Path(opts.file).open("rb") as file:  # which may be a pipe
            body = file.read(_MOST_BYTES + 1)
        if len(body) > _MOST_BYTES:
            raise ArgumentError(f"{opts.file} is too large: give a file of at most {_MOST_BYTES:,} bytes")
        return body.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not a text file"
        raise ArgumentError(f"{opts.file} cannot be read: {why}") from None
