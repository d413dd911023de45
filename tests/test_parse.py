"""Every fixture is read as its golden file says. After `pytest --regen`, review the difference as you would code."""

import json
import re

import msgspec
import pytest

from tests.cases import Case, example_context, reading, seeded
from tests.invariants import problems

# What the name of a case says in which nothing can be read.
ODD_NAMES = re.compile(
    r"(^|_)(no|not|without|odd|missing|unknown|hollow|withheld|null|beyond|empty|wrong|duplicate|one_null)(_|$)"
)


def test_a_case_is_read_as_expected(case: Case, request: pytest.FixtureRequest) -> None:
    found = reading(case)
    is_unread = found.get("outcome") == "UPSTREAM_CHANGED" or (found.get("faults") and not found["records"])
    assert not is_unread or ODD_NAMES.search(case.name), "nothing of it can be read: mend the parser, or name it so"
    if request.config.getoption("--regen"):
        case.expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert case.expected.exists(), "no golden file yet: run pytest --regen, and review what it writes"
    assert found == json.loads(case.expected.read_text("utf-8"))


def test_a_record_keeps_the_rules_of_all_records(case: Case) -> None:
    found = reading(case)
    for record in found.get("records", []):
        assert problems(record) == []


def test_a_record_is_of_its_endpoint(case: Case) -> None:
    for record in reading(case).get("records", []):
        assert record["meta"]["record_type"] in (case.endpoint.record, *case.endpoint.also)


def test_asking_again_for_an_extra_gives_a_stable_query(case: Case) -> None:
    for extra in case.endpoint.extras if case.extras() else ():
        record = seeded(case)
        assert extra.query(record, case.context) == extra.query(seeded(case), case.context)


def test_a_seeded_record_encodes_as_json(platform, endpoint) -> None:
    record = endpoint.seed(example_context(endpoint, all_params=True))
    if record:
        assert msgspec.json.decode(msgspec.json.encode(record), type=type(record)) == record
