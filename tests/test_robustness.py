"""Whatever a platform sends, a page costs no more than what is odd in it, and no record breaks the rules of all."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraper.platform import Endpoint, Route
from scraper.platform.platform import Platform
from scraper.records import Record
from scraper.responses import Content, decode
from scraper.responses.values import UnexpectedShapeError, dig
from tests.cases import ANSWERED, CASES, ENDPOINTS, ROUTER, Case, example_context, read_page, seeded
from tests.every import every
from tests.invariants import problems
from tests.mutation import ODD, mutated, put
from tests.parts import EXAMPLES

PAGES = [(case, page) for case in ANSWERED if (page := read_page(case)[1])]
READABLE = [case for case, _ in PAGES]
OF_ONE_POST = {"fetch_video_subtitles/app", "fetch_video_subtitles/elsewhere"}  # an odd row is the whole answer
LISTS = [case for case, page in PAGES if len(page.records) > 1 and case.label not in OF_ONE_POST]
EXTRAS = [(case, name) for case in CASES for name in case.extras() if case.files[f"{name}.response"].suffix == ".json"]
QUICK = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])


def answer_of(case: Case, what: str = "response") -> Any:
    """Return an answer as data, out of the page that holds it."""
    page = route_of(case).decode if what == "response" else None
    body = case.files[what].read_bytes()
    data = page(body) if page else json.loads(body)
    return data.data if isinstance(data, Content) else data


def route_of(case: Case) -> Route:
    return case.endpoint.routes[case.ask.get("route", 0)]


def sound(record: Record) -> None:
    """Assert that a record is what its definition says, and can be written."""
    line = msgspec.json.encode(record)
    assert msgspec.json.decode(line, type=type(record)) == record
    assert problems(msgspec.to_builtins(record)) == []


def arrived(answer: Any) -> Any:
    """Return an answer as it comes out of the decoder."""
    return decode(json.dumps(answer).encode())


def read(endpoint: Endpoint, answer: Any, case: Case) -> list[Record] | None:
    """Return the records of an answer, or None where it is of no known shape; any other exception fails the test."""
    try:
        return endpoint.read(
            arrived(answer), case.context, case.ask.get("cursor", ""), case.ask.get("route", 0)
        ).records
    except UnexpectedShapeError:
        return None


@pytest.mark.parametrize("known", READABLE, ids=lambda case: case.label)
@QUICK
@given(data=st.data())
def test_a_changed_answer_gives_sound_records_or_none(known: Case, data: st.DataObject) -> None:
    for record in read(known.endpoint, data.draw(mutated(answer_of(known))), known) or ():
        sound(record)
        for extra in known.endpoint.extras:
            query = extra.query(record, known.context)
            assert query is None or all(isinstance(value, str | int) for value in query.values())


@pytest.mark.parametrize("known", LISTS, ids=lambda case: case.label)
@QUICK
@given(data=st.data())
def test_one_odd_record_costs_only_itself(known: Case, data: st.DataObject) -> None:
    answer, path = answer_of(known), route_of(known).path
    entries = dig(answer, path)
    place = data.draw(st.integers(0, len(entries) - 1))
    where = (*path.split("."), place)
    if isinstance(entries[place], dict) and data.draw(st.booleans()):
        changed = data.draw(mutated(answer, under=where))
    else:
        changed = put(answer, where, data.draw(ODD))
    before = read(known.endpoint, put(answer, where, None), known)
    after = read(known.endpoint, changed, known)
    assert before is not None and after is not None
    assert {record.meta.key for record in before} <= {record.meta.key for record in after}


@pytest.mark.parametrize("known, name", EXTRAS, ids=[f"{case.label}.{name}" for case, name in EXTRAS])
@QUICK
@given(data=st.data())
def test_a_changed_extra_answer_leaves_a_sound_record(known: Case, name: str, data: st.DataObject) -> None:
    extra = next(extra for extra in known.endpoint.extras if extra.name == name)
    record = seeded(known)
    before = msgspec.to_builtins(record)
    try:
        extra.add(record, arrived(data.draw(mutated(answer_of(known, f"{name}.response")))), known.context)
    except UnexpectedShapeError:
        assert msgspec.to_builtins(record) == before, "a refused answer left a record half filled"
    sound(record)


@every([row for row in ENDPOINTS if row[1].routes], ROUTER)
def test_an_answer_of_no_known_shape_is_refused_or_empty(_: Platform, endpoint: Endpoint) -> None:
    for odd in (None, [], {}, "", 0, [[]], {"data": None}, {"data": []}, {"data": {}}, {"data": "x"}):
        try:
            page = endpoint.read(odd, example_context(endpoint))
        except UnexpectedShapeError:
            continue
        assert page.records == [], odd
