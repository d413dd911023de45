"""The generated documentation is current, and what the documentation names exists."""

import importlib.util
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from docs import generate_crosswalk
from scraper.platform import Endpoint
from scraper.platform.platform import Platform
from tests import coverage
from tests.cases import every_endpoint, example_context
from tests.recordings import RECORDINGS, there_are_recordings

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def _generator():
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATOR = _generator()


@pytest.mark.parametrize("file", GENERATOR.FILES)
def test_what_is_generated_is_current(file):
    assert (ROOT / file).read_text("utf-8") == GENERATOR.FILES[file](), "run `make docs`"


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda page: page.name)
def test_a_link_leads_to_a_file(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8"))
    missing = [link for link in links if not (page.parent / link).exists()]
    assert not missing


def test_the_readme_names_commands_that_exist():
    text = (ROOT / "README.md").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)", text)) <= targets


def test_the_readme_names_routers_that_exist():
    text = (ROOT / "README.md").read_text("utf-8")
    known = {endpoint.name for platform in GENERATOR.platforms().values() for endpoint in platform.endpoints}
    named = set(re.findall(r"\b(?:fetch|handler|get)_[a-z_]+[a-z]\b", text)) - {"get_all"}
    assert named and named <= known


@every_endpoint
def test_the_page_of_a_platforms_api_names_every_request(platform: Platform, endpoint: Endpoint) -> None:
    page = (DOCS / "wire" / f"{platform.name}.md").read_text("utf-8")
    context = example_context(endpoint)
    urls = [endpoint.url_for(context, "", number) for number in range(len(endpoint.routes))]
    urls += [extra.url or f"https://{platform.cdn.hosts[0]}" for extra in endpoint.extras]
    for parts in map(urlsplit, urls):
        path = re.sub("^(?:/aweme/v1/web|/api)(?=/)", "", parts.path)
        assert parts.hostname in page, parts.hostname
        assert path in page or re.search(r"\d{6}|/@|MS4w", path), path  # a page for people has the target's id in it


def test_the_crosswalk_names_fields_that_exist() -> None:
    for record_type, rows in generate_crosswalk.NAMES.items():
        assert rows.keys() - set(generate_crosswalk.paths(record_type)) == set(), record_type
    for platform in GENERATOR.platforms().values():
        for dialect in platform.dialects.values():
            fields = {field for field, _ in generate_crosswalk.fields_of(dialect)}
            assert fields - {"alt_ids.aid", *generate_crosswalk.paths("video")} == set(), platform.name


def test_an_example_is_shortened_and_still_told_apart():
    short = GENERATOR._short
    assert short("https://site.test/v/7412345678901234567?p=2") == "site.test/v/7412…?p=2"
    assert short("https://site.test/list/songs-7412345678901234567") == "site.test/list/songs-7412…"
    assert short("https://site.test/video/BV1L9Uoa9EUx") == "site.test/video/BV1L9Uoa9EUx"


@every_endpoint
def test_no_endpoint_goes_untested(platform: Platform, endpoint: Endpoint) -> None:
    row = coverage.row(platform, endpoint)
    assert all(row), row
    assert row.fixtures != "0" and not coverage.unsimulated(platform, endpoint), row


@pytest.mark.parametrize(
    "place",
    [
        "api.bilibili.com/x/not/there", "www.bilibili.com/nothing", "www.douyin.com/aweme/v1/web/not/there/?a=1",
        "www.douyin.com/nothing", "www.iesdouyin.com/web/api/v2/not/there/", "www.tiktok.com/api/not/there/?a=1",
        "www.tiktok.com/nothing", "elsewhere.test/x/web-interface/view",
    ],
)  # fmt: skip
def test_a_path_that_is_not_simulated_is_seen(place: str) -> None:
    assert not coverage.is_simulated(f"https://{place}")


def test_every_recording_belongs_to_an_endpoint() -> None:
    routers = {endpoint.router for platform in coverage.PLATFORMS for endpoint in platform.endpoints}
    assert set(coverage.RECORDED) <= routers
    there_are_recordings()
    there = {path.parent.relative_to(RECORDINGS).as_posix() for path in RECORDINGS.glob("*/*/*")}
    assert {folder for folders in coverage.RECORDED.values() for folder in folders} <= there


def test_the_way_of_a_request_names_functions_that_exist() -> None:
    text = (DOCS / "architecture.md").read_text("utf-8")
    steps = re.findall(r"^\| \d+ \| .* \| `(\S+\.py)` \| (?:`(\w+)`)? ?\|$", text, re.MULTILINE)
    assert len(steps) > 15
    for file, name in steps:
        assert re.search(rf"^ *(?:async )?(?:def|class) {name}\b", (ROOT / file).read_text("utf-8"), re.MULTILINE), name


def test_the_architecture_names_files_and_rooms_that_exist() -> None:
    text = (DOCS / "architecture.md").read_text("utf-8")
    files = re.findall(r"`((?:scraper|spiders|pipelines|tests)/[^`<]*)`", text)
    assert files and [file for file in files if not (ROOT / file).exists()] == []
    rooms = {path.parent.name for path in (ROOT / "scraper").glob("*/__init__.py")}
    assert rooms == set(re.findall(r"^\| `(\w+)/` \|", text, re.MULTILINE)) - {
        "pipelines",
        "config",
        "tests",
        "scraper",
    }
