"""Runs that a power failure ended: whatever part of the unsynced writes is on the disk, they are resumed exactly."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests import crawling
from tests.crawling import Crawl
from tests.kills.disk import STRACE, Disk, recorded
from tests.kills.histories import Scenario, not_as, reference, unfinished
from tests.kills.scenarios import GROUPS
from tests.parts import IS_NIGHTLY

FAILURES = 40 if IS_NIGHTLY else 2
SCENARIOS = [scenario for scenario in GROUPS["lists"] if scenario.name in ("lines", "all sinks", "appending")]


def record(scenario: Scenario, folder: Path, before: Path, log: Path, patch: pytest.MonkeyPatch) -> Crawl:
    """Run a crawl to its end, and record its writes and syncs.

    :param before: where the files that were there before are copied to
    """
    start = subprocess.Popen

    def traced(words: list[str], **more: Any) -> Any:
        shutil.copytree(folder, before)
        return start([*recorded(log), *words], **more)

    with patch.context() as within:
        within.setattr(crawling.subprocess, "Popen", traced)
        return scenario.start(folder)


def failed(disk: Disk, log: Path, moment: int) -> str:
    """Apply the writes and syncs before a moment, and return the last one."""
    *_, last = (what for _, what in zip(range(moment), disk.replay(log), strict=False))
    return last


@pytest.mark.skipif(STRACE is None, reason="needs strace")
@pytest.mark.parametrize("scenario", SCENARIOS if IS_NIGHTLY else SCENARIOS[1:2], ids=lambda scenario: scenario.name)
def test_a_power_failure_costs_nothing(tmp_path: Path, scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, chance = reference(scenario), Random(scenario.name)
    folder, before, log = tmp_path / "crawl", tmp_path / "before", tmp_path / "log"
    folder.mkdir()
    record(scenario, folder, before, log, monkeypatch)
    events = [*Disk(folder, before).replay(log)]
    begun = next(number for number, what in enumerate(events) if what == f"sync {folder / scenario.feeds[0]}")
    for _ in range(FAILURES):
        disk, moment = Disk(folder, before), chance.randint(begun + 1, len(events))
        last = failed(disk, log, moment)
        shutil.rmtree(folder)
        disk.after_failure(chance, folder)
        done = scenario.resume(folder)
        assert not_as(scenario.outputs(folder), whole.outputs) == [], (moment, last, done.err[-2000:])
        assert done.code == 0 or "is unfinished" in done.err, (moment, last, done.err[-2000:])  # it was finished
        assert not unfinished(folder)
