"""Crawls into PostgreSQL that are killed twice at chosen moments: their outputs are as if nothing had happened."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.kills.histories import Scenario, killed
from tests.kills.scenarios import GROUPS

SCENARIOS = GROUPS["server"]


@pytest.mark.nightly
@pytest.mark.usefixtures("postgres")
@pytest.mark.parametrize("seed", range(7))
@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.name for scenario in SCENARIOS])
def test_two_kills_cost_nothing(tmp_path: Path, scenario: Scenario, seed: int) -> None:
    assert killed(scenario, tmp_path, Random(f"{scenario.name} {seed}"), kills=2) == []
