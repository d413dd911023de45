"""The gate: what a record costs in function calls stays within a tenth of the committed number."""

from collections.abc import Iterator

import pytest

from tests.bench import cost
from tests.bench.subjects import SUBJECTS

NUMBERS = cost.committed()

pytestmark = pytest.mark.skipif(not NUMBERS, reason="no number is committed for this version of Python")


@pytest.fixture(scope="module")
def counting() -> Iterator[cost.Counter]:
    with cost.counter() as counter:
        yield counter


def test_every_subject_has_a_number() -> None:
    assert set(NUMBERS) == set(SUBJECTS)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_record_costs_the_calls_that_are_committed(counting: cost.Counter, name: str) -> None:
    committed, calls = NUMBERS[name], counting.calls(name)
    for _ in range(cost.TRIES - 1):
        if calls > committed * (1 + cost.MARGIN):
            calls = min(calls, counting.calls(name))
    assert calls == pytest.approx(committed, rel=cost.MARGIN), (
        f"{name}: {calls} calls of Python functions a record, {committed} are committed: {calls / committed - 1:+.0%}. "
        "If more, look where they come from (docs/performance.md). If they are worth it, or if less, commit the new "
        "numbers: python -m tests.bench --write-cost"
    )
