"""A real Chromium for tests: where it is, and how it comes to trust the simulator."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

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


def chromium() -> str:
    """The path of an installed Chromium; the test is skipped where there is none, and fails in CI."""
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
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        missing = f"{names[0]} is not installed, so nothing was tried in a real browser; {INSTALL}"
        if os.environ.get("CI") or os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return found
