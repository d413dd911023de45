"""Every fixture is read as its golden file says. After `pytest --regen`, review the difference as you would code."""

import json
import re
from typing import Any

import msgspec
import pytest

from tests.cases import CASES, ENDPOINTS, ROOT, Case, example_context, reading, seeded
from tests.invariants import problems
from tests.schemas import violations

# What the name of a case says in which nothing can be read.
ODD_NAMES = re.compile(
    r"(^|_)(no|not|without|odd|missing|unknown|hollow|withheld|null|beyond|empty|wrong|duplicate|one_null)(_|$)"
)


def test_a_case_is_read_as_expected(case: Case, request: pytest.FixtureRequest) -> None:
    """Compare with the golden file, and hold the records to the rules of all records."""
    result = reading(case)
    records = result.get("records", [])
    is_unread = result.get("outcome") == "UPSTREAM_CHANGED" or (result.get("faults") and not records)
    assert not is_unread or ODD_NAMES.search(case.name), "nothing of it can be read: mend the parser, or name it so"
    for record in records:
        assert problems(record) == []
        assert record["meta"]["record_type"] in (case.endpoint.record, *case.endpoint.also)
    if request.config.getoption("--regen"):
        case.expected.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert case.expected.exists(), "no golden file yet: run pytest --regen, and review what it writes"
    assert result == json.loads(case.expected.read_text("utf-8"))


@pytest.mark.suits(when=lambda case: case.extras())
def test_asking_again_for_an_extra_gives_a_stable_query(case: Case) -> None:
    for extra in case.endpoint.extras:
        assert extra.query(seeded(case), case.context) == extra.query(seeded(case), case.context)


def holds_a_record(case: Case) -> bool:
    text = case.expected.read_text("utf-8")
    return '"records": []' not in text and ("response" not in case.files or "records" in text)


def test_the_first_record_of_each_case_is_what_its_schema_says() -> None:
    folder = ROOT / "docs" / "schema"
    schemas: dict[str, Any] = {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}
    for case in filter(holds_a_record, CASES):
        record = seeded(case)
        schema = schemas[record.record_type]
        assert violations(msgspec.to_builtins(record), schema) == [], case.label


def test_a_seeded_record_encodes_as_json() -> None:
    seeds = [endpoint.seed(example_context(endpoint, all_params=True)) for _, endpoint in ENDPOINTS]
    assert any(seeds)
    for record in filter(None, seeds):
        assert msgspec.json.decode(msgspec.json.encode(record), type=type(record)) == record
