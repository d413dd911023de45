"""Find a browser and choose its launch options: it trusts what the crawl trusts, and contacts only the platform."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import ProxyHandler, build_opener

from scrapy.settings import BaseSettings

from scraper.network.browser.certificates import trusting_home
from scraper.network.private_apis import is_proxy_bypassed
from scraper.responses.exceptions import ArgumentError, MissingBrowserError

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
_ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A browser contacts its vendor for updates and accounts despite all options. Platform traffic uses the proxy of its
# context, so the browser-wide proxy can point nowhere.
_NOWHERE = "http://127.0.0.1:9"
_TIMEOUT_S = 10.0
_INSTALL = "`python -m playwright install chromium`, or on Debian `apt install chromium`"


def need_playwright() -> None:
    """Check that Playwright is installed.

    :raises MissingBrowserError: if it is not
    """
    if find_spec("playwright") is None:
        raise MissingBrowserError(f"this needs Playwright: `pip install scrapy-playwright`, then {_INSTALL}")


def launch_options(settings: BaseSettings) -> dict[str, Any]:
    """Return the arguments of Playwright's `chromium.launch`: our defaults, overridden by PLAYWRIGHT_LAUNCH_OPTIONS.

    It may run certutil, which takes a moment.

    :raises MissingBrowserError: if no browser is found, or Playwright is not installed
    :raises ArgumentError: if the setting is invalid
    """
    need_playwright()
    configured = configured_options(settings)
    options = {
        "headless": True,
        "proxy": {"server": _NOWHERE},
        "handle_sigint": False,  # a crawl that is being stopped still needs it
        "handle_sigterm": False,
        "handle_sighup": False,
        **configured,
        "args": [*_ARGUMENTS, *configured.get("args", ())],
    }
    if not options.get("executable_path") and not options.get("channel"):
        options["executable_path"] = find()
    elif (path := options.get("executable_path")) and not Path(path).exists():
        raise MissingBrowserError(f"there is no browser at {path}: correct the path in PLAYWRIGHT_LAUNCH_OPTIONS")
    if "env" not in options and (home := trusting_home(Path(settings["STATE_DIR"]))):
        options["env"] = {**os.environ, "HOME": str(home)}
    return options


def running_browser(url: str) -> str:
    """Return the WebSocket address that controls a running browser.

    The request bypasses the environment's proxy, because the browser is usually on this machine. It may take seconds.

    :raises MissingBrowserError: if no browser answers
    """
    if not url.startswith(("http://", "https://")):
        return url
    try:
        with build_opener(ProxyHandler({})).open(f"{url.rstrip('/')}/json/version", timeout=_TIMEOUT_S) as answer:
            return str(json.load(answer)["webSocketDebuggerUrl"])
    except (OSError, HTTPException, ValueError, LookupError, TypeError):
        how = "start Chrome with --remote-debugging-port=9222 and a --user-data-dir of its own"
        raise MissingBrowserError(f"no browser answers at {_address(url)}: {how}") from None


def unusable(playwright_error: str, running: str | None, options: Mapping[str, Any]) -> str:
    """Return why a browser cannot be used, and what to do. The browser's own text is dropped.

    :param playwright_error: Playwright's message
    :param running: the address of a running browser, if one is used
    :param options: the launch options, if it was launched

    >>> unusable("WebSocket error: ws://browser.test/?token=1 403", "wss://a:b@browser.test/?token=1", {})
    'the browser at wss://browser.test cannot be controlled: restart it, or unset PLAYWRIGHT_CDP_URL'
    """
    if running:
        how = "restart it, or unset PLAYWRIGHT_CDP_URL"
        return f"the browser at {_address(running)} cannot be controlled: {how}"
    if "XServer" in playwright_error:
        return "no display for a browser window: leave `headless` on, or set DISPLAY"
    path = options.get("executable_path") or options.get("channel")
    return f"the browser {path} does not start: repair it, set another in PLAYWRIGHT_LAUNCH_OPTIONS, or {_INSTALL}"


def _address(url: str) -> str:
    """Return a URL's scheme and host, without anything that may be secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def configured_options(settings: BaseSettings) -> dict[str, Any]:
    """Return the value of PLAYWRIGHT_LAUNCH_OPTIONS.

    :raises ArgumentError: if it is invalid
    """
    value = settings["PLAYWRIGHT_LAUNCH_OPTIONS"] or {}
    try:
        options = json.loads(value) if isinstance(value, str) else dict(value)
    except ValueError:
        options = None
    if not isinstance(options, dict) or not isinstance(options.get("args", []), list):
        raise ArgumentError(
            'PLAYWRIGHT_LAUNCH_OPTIONS must be a JSON object, such as {"executable_path": "/usr/bin/chromium"}'
        )
    return options


def find() -> str:
    """Return the path of a browser: Playwright's own if it was downloaded, else an installed one.

    :raises MissingBrowserError: if there is none
    """
    path = _downloaded() or next(filter(None, map(shutil.which, _NAMES)), None)
    path = path or next((place for place in _PLACES if Path(place).exists()), None)
    if path is None:
        raise MissingBrowserError(f"this needs a browser, and none was found; install one: {_INSTALL}")
    return path


def _downloaded() -> str | None:
    """Return the newest Chromium in Playwright's download folder, or None."""
    if named := os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        folder = Path(named)
    else:
        caches = {
            "darwin": Path.home() / "Library" / "Caches",
            "win32": Path(os.environ.get("LOCALAPPDATA", "")),
        }
        folder = caches.get(sys.platform, Path.home() / ".cache") / "ms-playwright"
    programs = ("chrome-linux*/chrome", "chrome-mac*/*.app/Contents/MacOS/*Chrom*", "chrome-win*/chrome.exe")
    installed = [path for program in programs for path in folder.glob(f"chromium-*/{program}")]
    return str(max(installed, key=lambda path: path.stat().st_mtime)) if installed else None


def context_proxy(proxy: str | None, host: str, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return Playwright's proxy options for a context: the identity's proxy, else the environment's, else none.

    >>> context_proxy("http://a:b%40@proxy.test:80", "site.test", {})
    {'server': 'http://proxy.test:80', 'username': 'a', 'password': 'b@'}
    >>> context_proxy(None, "site.test", {})
    {'server': 'http://127.0.0.1:9', 'bypass': '*'}
    """
    by_environment = {name.lower(): value for name, value in environ.items() if name.lower().endswith("_proxy")}
    proxies = {name.removesuffix("_proxy"): value for name, value in by_environment.items()}
    url = proxy or (None if _bypassed(host, proxies) else proxies.get("https") or proxies.get("all"))
    if not url:
        return {"server": _NOWHERE, "bypass": "*"}
    parts = urlsplit(url if "://" in url else f"http://{url}")
    options = {"server": f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"}
    if parts.username:
        options |= {"username": unquote(parts.username), "password": unquote(parts.password or "")}
    return options


def _bypassed(host: str, proxies: Mapping[str, str]) -> bool:
    return is_proxy_bypassed(host, proxies)
