"""Which browser is started, how, and what it trusts."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import certifi
import pytest
import trustme
from scrapy.settings import Settings

from scraper.network.browser import launch_options as launching
from scraper.network.browser.certificates import trusting_home
from scraper.network.browser.launch_options import context_proxy, launch_options
from scraper.responses.exceptions import ArgumentError, MissingBrowserError
from tests.browsers import certutil, chromium
from tests.cases import ROOT
from tests.simulator import Simulator

NOWHERE = {"server": "http://127.0.0.1:9", "bypass": "*"}


class Machine:
    """One with a HOME and a PATH of its own, on which nothing is installed."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch):
        self.folder, self.path, self.home = folder, folder / "bin", folder / "home"
        self.path.mkdir()
        self.home.mkdir()
        self._patch = patch
        patch.setenv("PATH", str(self.path))
        patch.setenv("HOME", str(self.home))
        for name in ("SSL_CERT_FILE", "PLAYWRIGHT_BROWSERS_PATH"):
            patch.delenv(name, raising=False)
        patch.setattr(launching, "_PLACES", ())

    def install(self, name: str) -> str:
        return program(self.path / name)

    def link(self, real: str) -> None:
        (self.path / Path(real).name).symlink_to(real)

    def trust(self, *authorities: trustme.CA) -> None:
        bundle = self.folder / "bundle.pem"
        own = b"".join(authority.cert_pem.bytes() for authority in authorities)
        bundle.write_bytes(Path(certifi.where()).read_bytes() + own)
        self._patch.setenv("SSL_CERT_FILE", str(bundle))

    def options(self, given: object = None) -> dict[str, Any]:
        return launch_options(Settings({"STATE_DIR": str(self.folder / "state"), "PLAYWRIGHT_LAUNCH_OPTIONS": given}))


def program(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture(scope="module")
def tool() -> str:
    """The real certutil, looked for before a machine has no PATH."""
    return certutil()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def authorities(tool: str, home: Path) -> str:
    """The names of what a home's database holds."""
    words = [tool, "-d", f"sql:{home / '.pki' / 'nssdb'}", "-L"]
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=30).stdout


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome-stable", "microsoft-edge"])
def test_an_installed_browser_is_found(machine: Machine, name: str) -> None:
    path = machine.install(name)
    options = machine.options()
    assert (options["executable_path"], options["headless"], "env" in options) == (path, True, False)
    assert {"--disable-quic", "--disable-background-networking", "--disable-component-update"} <= {*options["args"]}


def test_playwrights_own_is_used_before_an_installed_one_and_the_newest_of_them(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.install("chromium")
    own = program(machine.home / ".cache" / "ms-playwright" / "chromium-1208" / "chrome-linux64" / "chrome")
    assert machine.options()["executable_path"] == own
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(machine.folder / "elsewhere"))
    older = Path(program(machine.folder / "elsewhere" / "chromium-1" / "chrome-linux" / "chrome"))
    newer = program(machine.folder / "elsewhere" / "chromium-2" / "chrome-linux" / "chrome")
    os.utime(older, (1, 1))
    assert machine.options()["executable_path"] == newer


def test_without_a_browser_the_message_says_how_to_get_one(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingBrowserError, match=r"python -m playwright install chromium.*apt install chromium"):
        machine.options()
    with pytest.raises(
        MissingBrowserError, match="no browser at /no/such: correct the path in PLAYWRIGHT_LAUNCH_OPTIONS"
    ):
        machine.options({"executable_path": "/no/such"})
    monkeypatch.setattr(launching, "find_spec", lambda name: None)
    with pytest.raises(MissingBrowserError, match=r"pip install scrapy-playwright.*playwright install chromium"):
        machine.options()


@pytest.mark.parametrize("form", [dict, json.dumps])
def test_the_users_options_are_merged_over_ours(machine: Machine, form: Any) -> None:
    machine.install("chromium")
    mine = machine.install("mine")
    ours = machine.options()["args"]
    options = machine.options(form({"executable_path": mine, "headless": False, "slow_mo": 5, "args": ["--x"]}))
    assert (options["executable_path"], options["headless"], options["slow_mo"]) == (mine, False, 5)
    assert options["args"] == [*ours, "--x"]
    assert "executable_path" not in machine.options(form({"channel": "chrome"}))


@pytest.mark.parametrize("given", ["{", "[]", '{"args": "--x"}'])
def test_ill_formed_options_are_refused(machine: Machine, given: str) -> None:
    machine.install("chromium")
    with pytest.raises(ArgumentError, match="PLAYWRIGHT_LAUNCH_OPTIONS must be a JSON object"):
        machine.options(given)


def test_a_home_that_trusts_what_the_crawl_trusts(machine: Machine, tool: str) -> None:
    machine.link(tool)
    machine.install("chromium")
    machine.trust(trustme.CA(), trustme.CA())
    options = machine.options()
    home = Path(options["env"]["HOME"])
    assert home.parent == machine.folder / "state" / "browser"
    assert home.stat().st_mode & 0o777 == 0o700
    assert authorities(tool, home).count(" C,,") == 2, authorities(tool, home)
    assert options["env"]["PATH"] == str(machine.path)
    assert machine.options({"env": {"A": "b"}})["env"] == {"A": "b"}


def test_a_home_is_made_once_for_a_bundle_also_by_two_at_once(machine: Machine, tool: str) -> None:
    machine.link(tool)
    machine.trust(first := trustme.CA())
    state = machine.folder / "state"
    with ThreadPoolExecutor(4) as workers:
        homes = set(workers.map(trusting_home, [state] * 4))
    assert len(homes) == 1
    made = next(iter((state / "browser").iterdir()))
    assert {made} == homes == {*(state / "browser").iterdir()}
    before = made.stat().st_mtime_ns
    assert trusting_home(state) == made and made.stat().st_mtime_ns == before
    machine.trust(first, trustme.CA())
    assert trusting_home(state) not in (None, made)


def test_what_the_user_trusts_already_stays_trusted(machine: Machine, tool: str, tmp_path: Path) -> None:
    machine.link(tool)
    own = machine.home / ".pki" / "nssdb"
    own.mkdir(parents=True)
    (tmp_path / "own.pem").write_bytes(trustme.CA().cert_pem.bytes())
    for words in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "mine", "-i", str(tmp_path / "own.pem")]):
        subprocess.run([tool, "-d", f"sql:{own}", *words], check=True, timeout=30)
    machine.trust(trustme.CA())
    home = trusting_home(machine.folder / "state")
    assert home is not None
    trusted = authorities(tool, home)
    assert "mine" in trusted and trusted.count(" C,,") == 2
    assert authorities(tool, machine.home).count(" C,,") == 1


def test_nothing_is_made_where_the_browser_knows_them_all(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    state = machine.folder / "state"
    assert trusting_home(state) is None
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    assert trusting_home(state) is None
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    assert trusting_home(state) is None and not state.exists()


def test_what_keeps_it_from_trusting_is_said(machine: Machine, caplog: pytest.LogCaptureFixture) -> None:
    machine.trust(trustme.CA())
    state = machine.folder / "state"
    with caplog.at_level(logging.WARNING):
        assert trusting_home(state) is None
    assert "apt install libnss3-tools" in caplog.text
    (machine.path / "certutil").write_text("#!/bin/sh\necho no such luck >&2; exit 1\n")
    (machine.path / "certutil").chmod(0o755)
    assert trusting_home(state) is None
    assert "no such luck" in caplog.text
    assert list((state / "browser").iterdir()) == []


@pytest.mark.parametrize(
    ("proxy", "environ", "expected"),
    [
        ("http://u%40:p%3A@proxy.test:1", {"https_proxy": "http://other.test"},
         {"server": "http://proxy.test:1", "username": "u@", "password": "p:"}),
        (None, {"HTTPS_PROXY": "http://proxy.test:1"}, {"server": "http://proxy.test:1"}),
        (None, {"https_proxy": "proxy.test:1"}, {"server": "http://proxy.test:1"}),
        (None, {"all_proxy": "http://proxy.test:1"}, {"server": "http://proxy.test:1"}),
        (None, {"http_proxy": "http://proxy.test:1"}, NOWHERE),
        (None, {"https_proxy": "http://proxy.test:1", "no_proxy": "site.test"}, NOWHERE),
        (None, {"https_proxy": "http://proxy.test:1", "no_proxy": "other.test"}, {"server": "http://proxy.test:1"}),
        (None, {}, NOWHERE),
    ],
)  # fmt: skip
def test_the_proxy_of_a_context(proxy: str | None, environ: Mapping[str, str], expected: dict[str, str]) -> None:
    assert context_proxy(proxy, "www.site.test", environ) == expected


def test_no_command_loads_what_only_a_browser_needs() -> None:
    script = (
        "import sys; from scrapy.cmdline import execute\n"
        "try: execute(['scrapy', 'routes', 'video'])\n"
        "finally: print(sorted(name for name in sys.modules if 'playwright' in name), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert "fetch_one_video" in done.stdout and done.stderr.strip() == "[]"


@pytest.mark.parametrize("trusted", [True, False])
def test_a_real_browser_goes_through_the_proxy_and_trusts_its_authority(
    sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    from playwright.async_api import Error, async_playwright

    for name, value in sim.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SSL_CERT_FILE", sim.env["SSL_CERT_FILE"] if trusted else certifi.where())
    certutil()
    given = {"executable_path": chromium()}
    options = launch_options(Settings({"STATE_DIR": str(tmp_path / "state"), "PLAYWRIGHT_LAUNCH_OPTIONS": given}))

    async def visit() -> str:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(**options)
            page = await browser.new_page(proxy=context_proxy(None, "www.douyin.com"))
            try:
                answer = await page.goto("https://www.douyin.com/", timeout=30_000)
                return str(answer and answer.status)
            except Error as error:
                return error.message
            finally:
                await browser.close()

    sim.forget()
    result = asyncio.run(visit())
    assert (result == "200") if trusted else ("ERR_CERT_AUTHORITY_INVALID" in result)
    assert sim.refused == [] or not trusted  # it looks for a portal that could be the cause
