"""A real Chromium for tests: where it is, and how it comes to trust the simulator.

`python -m tests.browsers` installs what is missing: Debian's packages, or else what Playwright downloads.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scraper.network.browser.launch_options import find
from scraper.responses.exceptions import MissingBrowserError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The proxy to launch with: Chromium calls its maker whatever it is told. A context's own proxy is the simulator.
NOWHERE = {"server": "http://127.0.0.1:9"}
INSTALL = "apt-get install chromium libnss3-tools xvfb"
_PATIENCE_S = 600


def chromium() -> str:
    """The path of a Chromium; the test is skipped where there is none, and fails in CI."""
    try:
        return find()
    except MissingBrowserError:
        return program(NAMES)


def certutil() -> str:
    """The path of what gives a browser authorities to trust; the same where there is none."""
    return program(("certutil",))


def trusting(home: Path, ca: Path) -> dict[str, str]:
    """What the environment says of a browser that lives in `home` and trusts the authority of the certificate `ca`."""
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    database = f"sql:{store}"
    for words in (("-N", "--empty-password"), ("-A", "-t", "C,,", "-n", "simulator", "-i", str(ca))):
        subprocess.run([certutil(), "-d", database, *words], check=True, timeout=30)
    return {"HOME": str(home)}


def program(names: tuple[str, ...]) -> str:
    """The path of the first of these that is installed; the test is skipped where there is none, and fails in CI."""
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        missing = f"{names[0]} is not installed, so nothing was tried in a real browser; {INSTALL}"
        if os.environ.get("CI") or os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return path


def install() -> None:
    """Install what is missing, as far as this machine allows, and say what it does not."""
    if _has_all():
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("installing a browser for the tests …", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (("update", "-qq"), ("install", "-y", "-qq", *INSTALL.split()[2:])):
            subprocess.run(["apt-get", *words], env=quiet, stdout=subprocess.DEVNULL, timeout=_PATIENCE_S, check=False)
    if not _has_browser():
        words = [sys.executable, "-m", "playwright", "install", "chromium"]
        subprocess.run(words, timeout=_PATIENCE_S, check=False)
    if not _has_all():
        print(f"Tests in a real browser will be skipped, since something is missing: {INSTALL}", file=sys.stderr)


def _has_browser() -> bool:
    try:
        return bool(find())
    except MissingBrowserError:
        return False


def _has_all() -> bool:
    return _has_browser() and all(map(shutil.which, ("certutil", "Xvfb")))


if __name__ == "__main__":
    install()
