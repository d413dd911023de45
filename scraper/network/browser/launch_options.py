"""Finding a browser, and starting one that trusts what the crawl trusts and talks to nobody of its own accord."""

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
# A browser asks its maker for updates and accounts, whatever it is told. All that is the platform's goes by the proxy
# of its context, so that what is left leads nowhere.
_NOWHERE = "http://127.0.0.1:9"
_PATIENCE_S = 10.0
_INSTALL = "`python -m playwright install chromium`, or on Debian `apt install chromium`"


def need_playwright() -> None:
    """Go on where Playwright is installed.

    :raises MissingBrowserError: where it is not
    """
    if find_spec("playwright") is None:
        raise MissingBrowserError(f"this needs Playwright: `pip install scrapy-playwright`, then {_INSTALL}")


def launch_options(settings: BaseSettings) -> dict[str, Any]:
    """Return what Playwright's `chromium.launch` is given: ours, and what PLAYWRIGHT_LAUNCH_OPTIONS says instead.

    It may run certutil, which takes a moment.

    :raises MissingBrowserError: where no browser is found, or what drives it is not installed
    :raises ArgumentError: where the setting is ill-formed
    """
    need_playwright()
    given = given_options(settings)
    options = {
        "headless": True,
        "proxy": {"server": _NOWHERE},
        "handle_sigint": False,  # a crawl that is being stopped still needs it
        "handle_sigterm": False,
        "handle_sighup": False,
        **given,
        "args": [*_ARGUMENTS, *given.get("args", ())],
    }
    if not options.get("executable_path") and not options.get("channel"):
        options["executable_path"] = find()
    elif (path := options.get("executable_path")) and not Path(path).exists():
        raise MissingBrowserError(f"there is no browser at {path}, which PLAYWRIGHT_LAUNCH_OPTIONS names")
    if "env" not in options and (home := trusting_home(Path(settings["STATE_DIR"]))):
        options["env"] = {**os.environ, "HOME": str(home)}
    return options


def running_browser(url: str) -> str:
    """Return the address by which a browser that runs already is driven.

    It is asked without the environment's proxy, which would be asked for this machine otherwise. It may take seconds.

    :raises MissingBrowserError: where none answers
    """
    if not url.startswith(("http://", "https://")):
        return url
    try:
        with build_opener(ProxyHandler({})).open(f"{url.rstrip('/')}/json/version", timeout=_PATIENCE_S) as answer:
            return str(json.load(answer)["webSocketDebuggerUrl"])
    except (OSError, HTTPException, ValueError, LookupError, TypeError):
        how = "start Chrome with --remote-debugging-port=9222 and a --user-data-dir of its own"
        raise MissingBrowserError(f"no browser answers at {_address(url)}: {how}") from None


def unusable(said: str, running: str | None, options: Mapping[str, Any]) -> str:
    """Return why a browser that was found cannot be used, and what to do. None of its own text is kept.

    :param said: by Playwright
    :param running: the address of one that runs already, where that is used
    :param options: what it was launched with, where it was

    >>> unusable("WebSocket error: ws://browser.test/?token=1 403", "wss://a:b@browser.test/?token=1", {})
    'the browser at wss://browser.test cannot be controlled: restart it, or unset PLAYWRIGHT_CDP_URL'
    """
    if running:
        how = "restart it, or unset PLAYWRIGHT_CDP_URL"
        return f"the browser at {_address(running)} cannot be controlled: {how}"
    if "XServer" in said:
        return "no display for a browser window: leave `headless` on, or set DISPLAY"
    path = options.get("executable_path") or options.get("channel")
    return f"the browser {path} does not start: repair it, set another in PLAYWRIGHT_LAUNCH_OPTIONS, or {_INSTALL}"


def _address(url: str) -> str:
    """Return where a URL leads, without what may be a secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def given_options(settings: BaseSettings) -> dict[str, Any]:
    """Return what PLAYWRIGHT_LAUNCH_OPTIONS says.

    :raises ArgumentError: where it is ill-formed
    """
    text = settings["PLAYWRIGHT_LAUNCH_OPTIONS"] or {}
    try:
        given = json.loads(text) if isinstance(text, str) else dict(text)
    except ValueError:
        given = None
    if not isinstance(given, dict) or not isinstance(given.get("args", []), list):
        raise ArgumentError(
            'PLAYWRIGHT_LAUNCH_OPTIONS must be a JSON object, such as {"executable_path": "/usr/bin/chromium"}'
        )
    return given


def find() -> str:
    """Return the path of a browser: Playwright's own where it was downloaded, else an installed one.

    :raises MissingBrowserError: where there is none
    """
    own = _downloaded()
    found = own or next(filter(None, map(shutil.which, _NAMES)), None)
    found = found or next((place for place in _PLACES if Path(place).exists()), None)
    if found is None:
        raise MissingBrowserError(f"this needs a browser, and none was found; install one: {_INSTALL}")
    return found


def _downloaded() -> str | None:
    """Return the newest Chromium that Playwright downloaded, where it keeps such."""
    if named := os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        folder = Path(named)
    else:
        caches = {
            "darwin": Path.home() / "Library" / "Caches",
            "win32": Path(os.environ.get("LOCALAPPDATA", "")),
        }
        folder = caches.get(sys.platform, Path.home() / ".cache") / "ms-playwright"
    programs = ("chrome-linux*/chrome", "chrome-mac*/*.app/Contents/MacOS/*Chrom*", "chrome-win*/chrome.exe")
    found = [path for each in programs for path in folder.glob(f"chromium-*/{each}")]
    return str(max(found, key=lambda path: path.stat().st_mtime)) if found else None


def context_proxy(proxy: str | None, host: str, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return Playwright's proxy for a context: the identity's, else the environment's, else none at all.

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
    found = {"server": f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"}
    if parts.username:
        found |= {"username": unquote(parts.username), "password": unquote(parts.password or "")}
    return found


def _bypassed(host: str, proxies: Mapping[str, str]) -> bool:
    return is_proxy_bypassed(host, proxies)
