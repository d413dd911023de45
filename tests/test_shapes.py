"""What is declared of an answer: it is read as without the declaration, and an odd field costs only itself."""

import json
import random
from itertools import zip_longest
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scraper.platform import Page
from scraper.responses.outcomes import Outcome
from scraper.responses.shapes import (
    UNSET,
    AnswerShape,
    Count,
    Flag,
    Ident,
    Shape,
    Text,
    Texts,
    as_shape,
    decode_as,
    shaped,
)
from scraper.responses.values import UnexpectedShapeError
from tests.cases import CASES, FIXTURES, Case, classify, read_page
from tests.crawling import crawl
from tests.every import every
from tests.mutation import broken
from tests.parts import IS_NIGHTLY
from tests.simulator import World

DECLARED = [case for case in CASES if "response" in case.files and case.endpoint.routes[case.ask.get("route", 0)].shape]
DAMAGES = 300 if IS_NIGHTLY else 10  # of each answer


class Inner(Shape):
    name: Text = None
    links: Texts = None


class Row(Shape):
    id: Ident = None
    likes: Count = None
    shown: Flag = None
    inner: Inner | None = None
    inners: list[Inner] | None = None
    known: Any = UNSET


class Rows(AnswerShape):
    rows = "rows"
    code: Any = UNSET
    items: list[Row] | msgspec.UnsetType | None = msgspec.field(default=UNSET, name="rows")


def page_of(case: Case, body: bytes, declared: bool) -> tuple[Any, ...]:
    """Return all that an answer is read as, with its declaration or without it."""
    place = case.ask.get("route", 0)
    route = case.endpoint.routes[place]
    verdict = classify(case.platform, body, route.signed, case.ask, route.decode, route.shape if declared else None)
    known_verdict = verdict.outcome, verdict.message
    if verdict.outcome is not Outcome.OK:
        return known_verdict
    try:
        page: Page = case.endpoint.read(verdict.data, case.context, case.ask.get("cursor", ""), place)
    except UnexpectedShapeError as error:
        return *known_verdict, str(error)
    return *known_verdict, *page._replace(records=[msgspec.to_builtins(record) for record in page.records])


def assert_same(case: Case, body: bytes) -> None:
    """Assert that a body is read alike. A number too long for Python is skipped only if it is not declared."""
    whole = page_of(case, body, declared=False)
    if whole[1].startswith("the answer is not JSON"):
        return
    declared = page_of(case, body, declared=True)
    differences = [pair for pair in zip_longest(declared, whole) if pair[0] != pair[1]]
    assert not differences, f"{case.label}: {str(differences)[:500]}\n{body[:3000]!r}"


@every(DECLARED, attrgetter("label"))
def test_an_answer_is_read_as_without_its_declaration(known: Case) -> None:
    body = known.files["response"].read_bytes()
    assert_same(known, body)
    source = random.Random(known.label)
    for _ in range(DAMAGES):
        assert_same(known, broken(body, source))


def shape_of(case: Case) -> type[AnswerShape]:
    shape = case.endpoint.routes[case.ask.get("route", 0)].shape
    assert shape is not None
    return shape


def test_nearly_all_answers_with_records_fit_their_declaration() -> None:
    with_records = [case for case in DECLARED if (page := read_page(case)[1]) and page.records]
    odd = [case.label for case in with_records if not decode_as(shape_of(case), case.files["response"].read_bytes())]
    assert len(odd) < 0.1 * len(with_records), odd


def test_an_answer_that_fits_is_decoded_as_declared() -> None:
    row = {"id": 7, "likes": "12", "shown": 1, "inner": {"name": "a", "links": ["b"]}, "unknown": {"x": 1}}
    answer = decode_as(Rows, json.dumps({"code": 0, "rows": [row], "other": 1}).encode())
    assert answer is not None and answer["code"] == 0 and "other" not in answer
    assert answer["rows"] == [Row(id=7, likes=12, shown=True, inner=Inner(name="a", links=["b"]))]


@pytest.mark.parametrize(
    "body", [b'{"code": 0, "rows": []}', b'{"code": 7}', b'{"rows": [3]}', b"[]", b"<html>", b'{"rows": [{"id": ']
)
def test_an_answer_without_rows_or_of_another_shape_is_decoded_as_a_whole(body: bytes) -> None:
    assert decode_as(Rows, body) is None


def test_an_odd_field_costs_itself() -> None:
    raw = {
        "id": {}, "likes": "1.2万", "shown": 7, "inner": {"name": 5, "links": ["b", None, 3]},
        "inners": [{"name": "c"}, None, "d", {"name": []}], "known": None,
    }  # fmt: skip
    row, odd = shaped(Row, raw)
    inners = [Inner(name="c"), Inner()]
    assert row == Row(likes=12000, inner=Inner(links=["b"]), inners=inners, known=None)
    assert sorted(odd) == ["id", "inner.name", "inners[]", "inners[].name", "shown"]


def test_what_is_no_object_is_an_empty_shape() -> None:
    assert as_shape(Row, None) == as_shape(Row, [1]) == Row()
    row = Row(id="1")
    assert as_shape(Row, row) is row


def test_a_row_nested_too_deeply_costs_itself() -> None:
    deep: Any = {}
    for _ in range(100_000):
        deep = [deep]
    row, _ = shaped(Row, {"id": 1, "inner": deep, "likes": 2})
    assert row == Row(id="1", likes=2)


def test_every_declaration_names_its_rows() -> None:
    for case in DECLARED:
        route = case.endpoint.routes[case.ask.get("route", 0)]
        assert route.path.startswith(shape_of(case).rows), case.label


def test_a_crawl_counts_the_odd_fields(tmp_path: Path) -> None:
    answer = json.loads((FIXTURES / "douyin/web/fetch_user_post_videos/has_more_is_true.response.json").read_bytes())
    rows = len(answer["aweme_list"])
    answer |= {"has_more": 0}
    for row in answer["aweme_list"]:
        row["statistics"]["digg_count"] = {"text": "many"}
    url = "https://www.douyin.com/aweme/v1/web/aweme/post/"
    (tmp_path / "canned.json").write_text(json.dumps({url: [{"body": json.dumps(answer)}]}))
    transports = json.dumps(dict.fromkeys(("direct", "browser", "impersonate"), "tests.canned.Canned"))
    user = World(seed=1).douyin.creator(0).sec_uid
    done = crawl(
        f"url=https://www.douyin.com/user/{user}",
        command=("crawl", "douyin"),
        settings={"TRANSPORTS": transports, "CANNED": tmp_path / "canned.json"},
    )
    assert done.code == 0 and len(done.records) == rows > 0
    assert {record["statistics"]["digg_count"] for record in done.records} == {None}
    assert f"'drift//api/douyin/web/fetch_user_post_videos/statistics.digg_count': {rows}" in done.err
