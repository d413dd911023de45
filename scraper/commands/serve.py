"""`scrapy serve`: answer calls over HTTP with one long-lived crawler."""

import argparse
import asyncio
import ipaddress
import logging
import os
import secrets
import socket
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.utils.log import configure_logging

from scraper.commands.event_loop import twisted_reactor
from scraper.commands.project_command import ProjectCommand, wrong_usage
from scraper.commands.quiet_crawl import is_default
from scraper.crawling.settings_check import check
from scraper.responses.exceptions import ArgumentError

if TYPE_CHECKING:
    from scraper.front.front import Access

logger = logging.getLogger(__name__)
_TOKEN = "SERVE_TOKEN"
_SHORTEST = 16  # characters of a token
_LARGEST_PORT = 65_535


class Command(ProjectCommand, ScrapyCommand):
    """Exit codes: 0 stopped by a signal; 1 an error in this program; 2 wrong usage, or the port is taken."""

    requires_crawler_process = False

    def syntax(self) -> str:
        return "[--host 127.0.0.1] [--port 8000] [--token …] [--no-token] [--allowed-host NAME …]"

    def short_desc(self) -> str:
        return "Answer calls over HTTP"

    def long_desc(self) -> str:
        return (
            "Answer the calls of docs/http.md over HTTP, with one crawler for all platforms. On another address than"
            " this machine's own, callers need a token: --token, SERVE_TOKEN of the environment, or one that is made"
            " and shown at the start. --no-token lets everybody on the network call."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--host", default="127.0.0.1", help="address to bind (default: 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to bind (default: 8000; 0: any free one)")
        parser.add_argument("--token", default="", help="token of the callers (arguments are visible in `ps`)")
        parser.add_argument("--no-token", action="store_true", help="take calls of everybody on the network")
        parser.add_argument(
            "--allowed-host", action="append", default=[], metavar="NAME", help="a further name of this server"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError(f"unknown option or argument {args[0]}: scrapy serve takes the options above")
        if not 0 <= opts.port <= _LARGEST_PORT:
            raise UsageError(f"--port {opts.port}: must be a number up to {_LARGEST_PORT}, such as 8000")
        if find_spec("fastapi") is None or find_spec("uvicorn") is None:
            raise UsageError('two more packages are needed: in the project\'s folder, `pip install -e ".[serve]"`')
        from scraper.front.front import Access

        try:
            check(self.settings)
        except ArgumentError as error:
            raise wrong_usage(error) from None
        token = _token(opts)
        access = Access(opts.host, token, frozenset(name.lower().rstrip(".") for name in opts.allowed_host))
        try:
            listener = _bound(opts.host, opts.port)
        except OSError as error:
            raise wrong_usage(
                f"{opts.host}:{opts.port} cannot be bound: {error}; give another --port or --host"
            ) from None
        configure_logging(self.settings)
        # At INFO, each job logs a page of settings; and each call creates log records that are dropped.
        level = logging.WARNING if is_default(self.settings, "LOG_LEVEL") else self.settings["LOG_LEVEL"]
        for name in ("scrapy", "uvicorn"):
            logging.getLogger(name).setLevel(level)
        try:
            with listener, asyncio.Runner() as runner:
                runner.run(self._serve(listener, access))
        except ArgumentError as error:
            raise wrong_usage(error) from None

    async def _serve(self, listener: socket.socket, access: "Access") -> None:
        """Serve until a signal comes."""
        from scraper.front.front import Front
        from scraper.front.server import FrontServer

        with twisted_reactor():
            front = Front(self.settings, access)
            async with front.running():
                host, port = listener.getsockname()[:2]
                shown = f"[{host}]" if ":" in host else host
                print(f"Taking calls at http://{shown}:{port}; /docs lists all of them", file=sys.stderr, flush=True)
                await FrontServer(front).serve(sockets=[listener])
        logger.info("Stopped")


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _token(opts: argparse.Namespace) -> str:
    """Return the token that callers need, "" if they need none."""
    given = opts.token or os.environ.get(_TOKEN, "")
    if opts.no_token:
        if given:
            raise UsageError("--no-token and a token exclude each other: leave one out")
        if not _is_loopback(opts.host):
            print(f"--no-token: everybody who reaches {opts.host}:{opts.port} can use your cookies", file=sys.stderr)
        return ""
    if given and not all(map(_is_sound, given.split(","))):
        raise UsageError(f"a token has at least {_SHORTEST} ASCII characters and no spaces")
    if given or _is_loopback(opts.host):
        return str(given)
    made = secrets.token_urlsafe(32)
    print(f"callers need the header  Authorization: Bearer {made}", file=sys.stderr)
    return made


def _is_sound(token: str) -> bool:
    return len(token) >= _SHORTEST and token.isascii() and token.isprintable() and " " not in token
