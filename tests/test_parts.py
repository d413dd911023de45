"""The parts of `make nightly` name files that exist, and are the same wherever they are listed."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.in_process import ROOT
from tests.parts import PARTS, WAITING, parts_of

FILES = [path.relative_to(ROOT / "tests").with_suffix("").as_posix() for path in (ROOT / "tests").rglob("test_*.py")]


@pytest.mark.parametrize("part", PARTS)
def test_each_name_of_a_part_is_that_of_a_file(part: str) -> None:
    named = [name for name in PARTS[part] if "/" not in name]
    assert [name for name in named if not any(Path(file).match(name) for file in FILES)] == []
    assert any(part in parts_of(file, is_property=False) for file in FILES)


def test_each_file_that_begins_early_exists() -> None:
    assert set(WAITING) <= {Path(file).name for file in FILES}


def test_makefile_and_markers_know_the_parts() -> None:
    listed = re.search(r"^PARTS := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert listed and listed[1].split() == list(PARTS)
    markers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]["markers"]
    assert set(PARTS) <= {marker.partition(":")[0] for marker in markers}


def test_a_property_is_a_mutation_wherever_it_is() -> None:
    assert parts_of("test_values", is_property=True) == {"mutations"}
    assert parts_of("test_values", is_property=False) == set()
