"""The gate: what a page costs in function calls stays within a tenth of the committed number."""

import pytest

from tests.bench import cost

MARGIN = 0.10


@pytest.fixture(scope="module")
def measured():
    return cost.measured()


@pytest.mark.parametrize("name", cost.committed())
def test_a_page_costs_no_more_calls_than_it_did(measured, name):
    held, now = cost.committed()[name], measured[name]
    assert now <= held * (1 + MARGIN), (
        f"{name}: {now} Python function calls, and {held} are held: {now / held - 1:+.0%}. Look where they come from "
        "(docs/performance.md, 'Where the time goes'). If what they do is worth it, commit the new number: "
        "python -m tests.bench --write-cost"
    )


def test_the_committed_number_is_near_what_is_measured(measured):
    far = {name: now for name, now in measured.items() if now < cost.committed()[name] * (1 - MARGIN)}
    assert not far, f"cheaper by more than a tenth, so hold it: python -m tests.bench --write-cost; now {far}"
