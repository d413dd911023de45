"""What keeps the code as its authors found it easiest to change."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.responses import outcomes
from scraper.responses.outcomes import Outcome
from tests.cases import PLATFORMS, ROOT

# Names that only a platform's own folder may know: of parameters, cookies, fields and hosts.
WIRE = re.compile(
    r"bvid|aweme|w_rid|\bwts\b|buvid|sessdata|bili_?jct|v_voucher|\brpid\b|wbi|dm_img|hdslb|b23|"
    r"ttwid|ms_?token|a_?bogus|x-?bogus|odin_tt|sec_user_id|secUid\b|uniqueId\b|itemStruct",
    re.I,
)
PLATFORM_NAMES = re.compile(
    "|".join(sorted({"bilibili", "douyin", "tiktok"} | {platform.name for platform in PLATFORMS})), re.I
)
MACHINE = sorted(path for folder in ("scraper", "pipelines") for path in (ROOT / folder).rglob("*.py"))
ALL = sorted(path for folder in ("scraper", "pipelines", "spiders") for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    """Yield what a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} imports relatively"
            yield node.module or ""


def test_the_machine_names_no_platform_and_nothing_of_its_wire() -> None:
    mentions = [
        f"{name_of(path)}:{number}: {line}"
        for path in MACHINE
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if WIRE.search(line) or PLATFORM_NAMES.search(line)
    ]
    assert mentions == []


def test_knowledge_points_one_way() -> None:
    """spiders -> scraper <- pipelines."""
    unknown = {"scraper": {"spiders", "pipelines"}, "pipelines": {"spiders"}, "spiders": {"pipelines"}}
    for path in ALL:
        above = unknown[path.relative_to(ROOT).parts[0]] | {"tests"}
        assert {imported.split(".")[0] for imported in imports(path)} & above == set(), name_of(path)


OF_PLATFORMS = [path for path in ALL if path.relative_to(ROOT).parts[0] == "spiders" and path.parent.name != "spiders"]


def test_a_platform_knows_no_other() -> None:
    known = {"platform", "records", "responses"}
    modules = {"scraper.crawling.spider", "scraper.identities", "scraper.identities.user_agents"}
    for path in OF_PLATFORMS:
        for imported in imports(path):
            if imported.startswith("spiders."):
                assert imported.split(".")[1] == path.relative_to(ROOT).parts[1], name_of(path)
            elif imported.startswith("scraper."):
                assert imported.split(".")[1] in known or imported in modules, (
                    f"{name_of(path)} reaches into {imported}"
                )


# Each room may import those before it, and no other.
ROOMS = (
    "records",
    "responses",
    "platform",
    "inputs",
    "identities",
    "jobs",
    "ledger",
    "drift",
    "network",
    "output",
    "media",
    "conversion",
    "captures",
    "forgetting",
    "crawling",
    "python_api",
    "report",
    "fleet",
    "front",
    "commands",
)
TOP = {"settings", "directories", "__version__"}


def room_imports(path: Path) -> Iterator[str]:
    """Yield the rooms that a module of the scraper imports; those under TYPE_CHECKING count."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "scraper":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("scraper."):
            yield (node.module or "").split(".")[1]
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("scraper."))


def test_rooms_import_downwards_only() -> None:
    for path in MACHINE:
        top, room, *below = path.relative_to(ROOT).parts
        if top == "scraper" and below:
            allowed = {*ROOMS[: ROOMS.index(room) + 1], *TOP}
            assert set(room_imports(path)) - allowed == set(), f"{name_of(path)} imports upwards"


def test_every_room_is_in_the_order_and_says_what_it_is() -> None:
    rooms = {path.parent.name for path in (ROOT / "scraper").glob("*/__init__.py")}
    assert rooms <= set(ROOMS)
    for room in rooms:
        text = ast.get_docstring(ast.parse((ROOT / "scraper" / room / "__init__.py").read_text("utf-8"))) or ""
        assert len(text.splitlines()) >= 3, f"scraper/{room}/__init__.py: say what is in it, and where to start reading"


def test_no_module_of_the_scraper_is_in_an_import_circle() -> None:
    graph: dict[str, set[str]] = {}
    for path in (ROOT / "scraper").rglob("*.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        graph[name] = {imported for imported in imports(path) if imported.startswith("scraper.") and imported != name}
    while free := [name for name, others in graph.items() if not others & graph.keys()]:
        for name in free:
            del graph[name]
    assert graph == {}, f"these import each other: {', '.join(sorted(graph))}"


def rows() -> dict[str, tuple[int, str]]:
    """Return the table in the docstring of the outcomes: name to code and remedy."""
    pattern = re.compile(r"^([A-Z_]+) +(\d{3})  +([a-z]+(?: [a-z]+)*)  +(.+)$", re.M)
    return {match[1]: (int(match[2]), match[3]) for match in pattern.finditer(outcomes.__doc__ or "")}


@pytest.mark.parametrize("outcome", Outcome, ids=lambda outcome: outcome.name)
def test_an_outcome_has_its_row(outcome: Outcome) -> None:
    assert rows()[outcome.name] == (outcome.value, outcome.remedy.value)


def test_every_row_is_an_outcome() -> None:
    assert set(rows()) == {outcome.name for outcome in Outcome}


@pytest.mark.parametrize("outcome", Outcome, ids=lambda outcome: outcome.name)
def test_an_outcome_says_what_to_do(outcome: Outcome) -> None:
    advice = outcome.advice("the-service")
    assert bool(advice) is (outcome is not Outcome.OK)
    assert "{" not in advice
    if outcome in (Outcome.RATE_LIMITED, Outcome.COOKIE_EXPIRED, Outcome.LOGIN_REQUIRED, Outcome.CHALLENGE):
        assert "the-service" in advice


def test_success_is_200_and_nothing_else_is() -> None:
    assert [outcome for outcome in Outcome if outcome == 200] == [Outcome.OK]
    assert len({outcome.value for outcome in Outcome}) == len(Outcome)
