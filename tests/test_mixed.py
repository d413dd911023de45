"""The mixed inputs are the same every time, all different, and as many of each kind as promised."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.mixed import BAD_INPUT, GEO, LOGIN, NOT_FOUND, OK, PRIVATE, mixed, write
from tests.simulator import World


def test_mixed_inputs(tmp_path: Path) -> None:
    inputs = mixed(World(creators=3, videos=40), 300)
    assert inputs == mixed(World(creators=3, videos=40), 300) != mixed(World(seed=2, creators=3, videos=40), 300)
    assert len({entry.given for entry in inputs}) == len({entry.line for entry in inputs}) == 300
    assert all(entry.given in entry.line for entry in inputs)
    assert Counter(entry.platform for entry in inputs) == {"bilibili": 100, "douyin": 100, "tiktok": 100}
    codes = Counter(entry.code for entry in inputs)
    assert (codes[OK], set(codes)) == (270, {OK, BAD_INPUT, LOGIN, NOT_FOUND, PRIVATE, GEO})
    assert len({(entry.platform, entry.what) for entry in inputs if entry.code == OK}) == 27
    assert len({(entry.platform, entry.what) for entry in inputs if entry.code != OK}) == 30
    lines = write(inputs, tmp_path / "inputs.txt").read_text(encoding="utf-8").splitlines()
    assert lines == [entry.line for entry in inputs]


def test_short_links_are_entered() -> None:
    world = World(creators=1, videos=20)
    before = len(world.douyin.short_links)
    mixed(world, 30)
    assert len(world.douyin.short_links) > before


def test_a_small_world_is_refused() -> None:
    with pytest.raises(ValueError, match="too small"):
        mixed(World(creators=1, videos=9), 30)
