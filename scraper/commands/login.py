"""`scrapy login`: open a browser in which a person logs in, and store the session in the configuration."""

import argparse
import asyncio
import json
import os
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.commands import ScrapyCommand

from scraper.commands.project_command import ProjectCommand, wrong_usage
from scraper.identities.masking import mask
from scraper.identities.service_config import ConfigFile
from scraper.identities.session_file import SessionFile, read_cookies
from scraper.network.browser.launch_options import context_proxy, launch_options, need_playwright, running_browser
from scraper.platform.registry import platforms_of, service_named, services_of
from scraper.platform.service import Service
from scraper.responses.exceptions import ArgumentError, MissingBrowserError

if TYPE_CHECKING:
    from scraper.network.browser.login_window import LoginSession

_MAX_TIMEOUT_S = 86_400.0


class Command(ProjectCommand, ScrapyCommand):
    """Exit codes: 0 stored; 1 no browser, no login page, or a file error; 2 wrong usage; 5 nobody logged in."""

    requires_crawler_process = False

    def syntax(self) -> str:
        return "<service> [--identity NAME] [--timeout SECONDS] [--cdp URL]"

    def short_desc(self) -> str:
        return "Log in by hand in a browser, and store that session for a service"

    def long_desc(self) -> str:
        return (
            "Open a browser at the platform, wait until you have logged in by hand, and write the cookies and the"
            " browser's user agent to config/<service>/config.yaml. Nothing is typed or solved for you. To cancel,"
            " close the window or press Ctrl-C; nothing is written then."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--identity", default="", help="name of one of the file's `identities`, if it has several")
        parser.add_argument("--timeout", type=float, default=600.0, help="seconds to wait for the login (default: 600)")
        parser.add_argument(
            "--cdp", default="",
            help="use a Chrome that was started with --remote-debugging-port, such as http://127.0.0.1:9222;"
            " anyone who can reach that port controls the browser",
        )  # fmt: skip

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            service = self._service(args)
            file = SessionFile(service, self.settings["CONFIG_DIR"], opts.identity)
            file.changed({"cookie": "", "user_agent": ""})  # fails before anybody bothers to log in
            if not 0 < opts.timeout <= _MAX_TIMEOUT_S:
                raise ArgumentError(f"--timeout must be more than 0 and at most {_MAX_TIMEOUT_S:.0f} seconds")
            session = self._session(service, opts)
            if session is None:
                return
            cookie = read_cookies(service, json.dumps(session.cookies))
            print(cookie.summary())
            self.exitcode = file.update({"cookie": cookie.header, "user_agent": session.user_agent})
        except ValueError as error:
            raise wrong_usage(f"{error}; nothing was changed") from None
        if not self.exitcode:
            print(f"stored: user_agent, and the cookies {', '.join(cookie.names)}")

    def _service(self, args: list[str]) -> Service:
        services = services_of(platforms_of(self.settings))
        if len(args) != 1:
            raise ArgumentError(f"name one service: {', '.join(s.label for s in services if s.login_page)}")
        service = service_named(args[0], services)
        if not service.login_page:
            raise ArgumentError(f"{service.label} has no login page: use `scrapy update_cookie`")
        return service

    def _session(self, service: Service, opts: argparse.Namespace) -> "LoginSession | None":
        """Return the session, or None after a failure, which is printed and sets the exit code.

        :raises ArgumentError: if a setting is invalid
        """
        try:
            need_playwright()
            from scraper.network.browser.login_window import (  # slow to import, and not needed by other commands
                LoginAbortedError,
                NoLoginPageError,
            )

            return self._wait(service, opts)
        except MissingBrowserError as error:
            self._end(1, str(error))
        except NoLoginPageError as error:
            self._end(1, str(error))
        except LoginAbortedError as error:
            self._end(5, str(error))
        except KeyboardInterrupt:
            self._end(5, "interrupted")
        return None

    def _wait(self, service: Service, opts: argparse.Namespace) -> "LoginSession":
        from scraper.network.browser.login_window import LoginWindow, need_display

        options, cdp = {}, opts.cdp or self.settings["PLAYWRIGHT_CDP_URL"] or ""
        if cdp:
            cdp = running_browser(cdp)
        else:
            options = {**launch_options(self.settings), "headless": False}
            need_display(options.get("env", os.environ))
        loaded = ConfigFile(service, self.settings["CONFIG_DIR"]).loaded.credentials
        proxy = next(
            (credentials.proxy for credentials in loaded if credentials.name == opts.identity), loaded[0].proxy
        )
        host = urlsplit(service.login_page).netloc
        print(f"log in at {service.login_page} in the window that opens; close it to cancel", file=sys.stderr)
        return asyncio.run(LoginWindow(service, opts.timeout, options, context_proxy(proxy, host), cdp).run())

    def _end(self, code: int, why: str) -> None:
        print(mask(f"{why}; nothing was changed"), file=sys.stderr)
        self.exitcode = code
