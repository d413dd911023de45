"""The gate: what a page costs in function calls stays within a tenth of the committed number."""

import pytest

from tests.bench import cost

MARGIN = 0.10
TRIES = 3  # a loaded machine adds turns of the event loop, never takes calls away


pytestmark = pytest.mark.skipif(not cost.committed(), reason="no number is held for this version of Python")


@pytest.fixture(scope="module")
def measured():
    return cost.measured()


@pytest.mark.parametrize("name", cost.committed() or [""])
def test_a_page_costs_no_more_calls_than_it_did(measured, name):
    held, now = cost.committed()[name], measured[name]
    for _ in range(TRIES - 1):
        if now > held * (1 + MARGIN):
            now = min(now, cost.slope(name))
    assert now <= held * (1 + MARGIN), (
        f"{name}: {now} Python function calls, and {held} are held: {now / held - 1:+.0%}. Look where they come from "
        "(docs/performance.md, 'Where the time goes'). If what they do is worth it, commit the new number: "
        "python -m tests.bench --write-cost"
    )
