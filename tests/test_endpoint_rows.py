"""Rows: how they read lists that are null, and how they ask."""

import json
from typing import Any

import pytest

from scraper.platform import END, NOTHING, Context, Endpoint, NextPage, Pagination, Route, listed
from scraper.platform.targets import Target
from scraper.records import Video
from scraper.responses.values import MissingError
from tests.cases import CASES
from tests.toys import API, parse_id

ROW = Endpoint(
    router="/api/toy/web/list", kind="user", record="id", params=[], summary="a list",
    routes=[Route(raw_type=object, url=f"{API}/list", raw=listed("data.rows"), path="data.rows", parse=parse_id)],
    pagination=Pagination(
        cursor_params=lambda cursor, context: {"c": cursor},
        next_page=lambda data, *_: NextPage(cursor="2") if data["more"] else END
    ),
)  # fmt: skip
CONTEXT = Context(Target("user", "1", "1"))


@pytest.mark.parametrize("rows, names, absent", [([1, 2], ["1", "2"], False), ([], [], False), (None, [], True)])
@pytest.mark.parametrize("more", [True, False])
def test_a_list_that_is_null(rows: list[int] | None, names: list[str], absent: bool, more: bool) -> None:
    page = ROW.read({"data": {"rows": rows}, "more": more}, CONTEXT)
    assert ([record.input for record in page.records], page.absent, page.next_page.cursor is not None) == (
        names,
        absent,
        more,
    )


@pytest.mark.parametrize(
    "data", [{}, {"data": None}, {"data": []}, {"data": {}}, {"data": {"rows": {}}}, {"data": {"rows": 0}}]
)
def test_a_list_that_is_not_there(data: Any) -> None:
    with pytest.raises(MissingError, match=r"data\.rows"):
        ROW.read({**data, "more": False}, CONTEXT)


def test_a_list_at_the_top() -> None:
    assert listed("rows")({"rows": [1]}) == [1] and listed("rows")({"rows": None}) is NOTHING
    with pytest.raises(MissingError):
        listed("rows")([])


def test_an_episode_without_a_number_has_none() -> None:
    (case,) = (case for case in CASES if case.label == "fetch_bangumi_season/season")
    answer = json.loads(case.files["response"].read_bytes())
    for episode in answer["result"]["episodes"]:
        episode["title"] = "-1"
    page = case.endpoint.read(answer, case.context, route=case.ask.get("route", 0))
    episodes = [record.mix.episode for record in page.records if isinstance(record, Video) and record.mix]
    assert episodes and set(episodes) == {None}
