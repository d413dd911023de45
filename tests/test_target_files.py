"""Target files in each form: what rows come out, whatever wrote the file, and what a wrong row costs."""

from __future__ import annotations

import csv
import json
import logging
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.inputs.arguments import parse
from scraper.inputs.asked_targets import Asked, SkippedInputs
from scraper.inputs.target_files import lines_of, rows_in
from scraper.inputs.target_rows import TargetRow, line_of
from scraper.platform.atlas import Atlas
from scraper.responses.exceptions import ArgumentError
from tests.cases import PLATFORMS
from tests.simulator import World

ATLAS = Atlas([next(platform for platform in PLATFORMS if platform.name == "bilibili")])
WORLD = World(seed=1, creators=3, videos=40)
VIDEOS = [WORLD.video(0, number).bvid for number in range(6)]
Row = dict[str, Any]
PRINTED = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cn"])
WORD = st.text(PRINTED, min_size=1, max_size=12).map(str.strip).filter(bool)
ANYTHING = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
TAG = st.text(st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=6)
TAG_VALUE = st.text(PRINTED.filter(lambda character: character not in ";="), min_size=1, max_size=8).map(str.strip)
TARGET = st.one_of(
    st.integers(1, 10**19).map(lambda number: f"https://site.test/{number}?a=1&b=x,y;z#c"),
    st.tuples(WORD, WORD).map(lambda words: f"看 {words[0]}: https://site.test/ab '{words[1]}\""),
)
ROW = st.fixed_dictionaries(
    {"url": TARGET},
    optional={
        "max_items": st.integers(1, 10**6),
        "priority": st.integers(-5, 5),
        "router": st.sampled_from(["fetch_one_video", "/api/x/web/fetch_user_profile"]),
        "with": st.sampled_from(["comments", "comments,replies"]),
        "since": st.sampled_from(["last", "7d", "2026-01-31", "2026-01-31T10:00+08:00"]),
        "every": st.sampled_from(["6h", "30m"]),
        "tags": st.dictionaries(TAG, TAG_VALUE.filter(bool) | st.integers(0, 99), min_size=1, max_size=3),
        "title": ANYTHING,
    },
)
ROWS = st.lists(ROW, min_size=1, max_size=6)


def expected(rows: list[Row]) -> list[tuple[str, Row]]:
    """The texts and policies of rows, by the words of the documentation."""
    tags = [{f"tags.{name}": str(value) for name, value in row.get("tags", {}).items()} for row in rows]
    plain = [{name: str(row[name]) for name in row if name not in ("url", "title", "tags")} for row in rows]
    return [(row["url"], {**own, **tagged}) for row, own, tagged in zip(rows, plain, tags, strict=True)]


def as_csv(rows: list[Row], path: Path, draw: Callable[..., Any]) -> None:
    separate = draw(st.booleans())
    delimiter = draw(st.sampled_from(",;\t"))
    flat = []
    for row in rows:
        tags = row.get("tags", {})
        cell = {"tags": ";".join(f"{name}={value}" for name, value in tags.items())}
        columns = {f"tags.{name}": value for name, value in tags.items()} if separate else cell if tags else {}
        flat.append({**{name: value for name, value in row.items() if name != "tags"}, **columns})
    names = draw(st.permutations(sorted({"note"}.union(*flat))))  # of one column, no delimiter can be seen
    # With QUOTE_MINIMAL, Python leaves a carriage return in a cell unquoted: to any reader, it ends the row.
    is_plain = not any("\r" in str(value) for row in flat for value in row.values())
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL] if is_plain else [csv.QUOTE_ALL]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    with path.open("w", encoding=draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])), newline="") as file:
        writer = csv.DictWriter(file, names, delimiter=delimiter, quoting=quoting, lineterminator=end)
        writer.writeheader()
        writer.writerows(flat)


def as_yaml(rows: list[Row], path: Path, draw: Callable[..., Any]) -> None:
    text = yaml.safe_dump(
        rows,
        default_flow_style=draw(st.sampled_from([None, False, True])),
        default_style=draw(st.sampled_from([None, None, "'", '"'])),
        indent=draw(st.integers(2, 6)),
        width=draw(st.integers(20, 200)),
        allow_unicode=draw(st.booleans()),
        explicit_start=draw(st.booleans()),
        sort_keys=draw(st.booleans()),
    )
    if draw(st.booleans()) and not text.startswith("---"):
        text = textwrap.indent(text, "  ")
    path.write_text(draw(st.sampled_from(["", "# a list\n\n"])) + text, "utf-8")
    assert yaml.safe_load(path.read_text("utf-8")) == rows


def as_json_lines(rows: list[Row], path: Path, draw: Callable[..., Any]) -> None:
    ascii_only = draw(st.booleans())
    path.write_text("".join(f"{json.dumps(row, ensure_ascii=ascii_only)}\n" for row in rows), "utf-8")


def as_json(rows: list[Row], path: Path, draw: Callable[..., Any]) -> None:
    path.write_text(json.dumps(rows, indent=draw(st.sampled_from([None, 0, 2]))), "utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("targets")


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (as_csv, "targets.csv"),
        (as_csv, "targets"),
        (as_yaml, "targets.yaml"),
        (as_json_lines, "targets.jsonl"),
        (as_json_lines, "targets.txt"),
        (as_json, "targets.json"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
@settings(max_examples=120)
@given(rows=ROWS, data=st.data())
def test_the_rows_that_were_written_come_out(write: Any, name: str, folder: Path, rows: list[Row], data: Any) -> None:
    write(rows, folder / name, data.draw)
    read = list(rows_in(lines_of(str(folder / name)), name))
    assert [(row.text, dict(row.policy)) for row in read] == expected(rows)
    assert not any(row.problem for row in read)


@settings(max_examples=120)
@given(texts=st.lists(TARGET | WORD, min_size=1, max_size=6), data=st.data())
def test_the_texts_of_a_yaml_list_come_out(folder: Path, texts: list[str], data: Any) -> None:
    as_yaml(texts, folder / "t.yml", data.draw)  # type: ignore[arg-type]
    assert [row.text for row in rows_in(lines_of(str(folder / "t.yml")), "t.yml")] == texts


@settings(max_examples=60)
@given(rows=ROWS)
def test_a_row_written_as_a_line_is_read_as_the_same_row(rows: list[Row]) -> None:
    """As the file of unfinished inputs is written, plain lines among the others."""
    given_rows = [TargetRow(text, policy) for text, policy in expected(rows)]
    lines = [line_of(row.text, row.policy) for row in given_rows]
    assert list(rows_in(["https://site.test/first", *lines], "x.txt"))[1:] == given_rows


def asked(text: str, path: Path, **arguments: str) -> list[Asked]:
    path.write_text(text, "utf-8")
    return list(parse({"file": str(path), **arguments}, ATLAS).targets(ATLAS))


FORMS = {
    "t.yaml": ("- url: {}\n", "- url: [{}\n  max_items: 3\n"),
    "t.jsonl": ('{{"url": "{}"}}\n', '{{"url": "{}", \n'),
    "t.csv": ("{},5\n", '"{},5\n'),
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_row_that_cannot_be_read_costs_no_other_row(name: str, place: int, tmp_path: Path) -> None:
    good, bad = FORMS[name]
    lines = [(bad if number == place else good).format(video) for number, video in enumerate(VIDEOS[:5])]
    header = "url,max_items\n" if name == "t.csv" else ""
    rest = [video for number, video in enumerate(VIDEOS[:5]) if number != place]
    read = asked(header + "".join(lines), tmp_path / name)
    assert [row.target.id for row in read if not row.error and row.target.id in rest] == rest
    assert len(read) == 5


def messages(rows: list[Asked]) -> list[str]:
    return [str(row.error) for row in rows if row.error]


@pytest.mark.parametrize(
    ("column", "value", "right"),
    [
        ("max_items", "many", "max_items=20"),
        ("max_items", "0", "max_items=20"),
        ("max_pages", "1.5", "max_pages=20"),
        ("router", "fetch_one_vide", "did you mean fetch_one_video"),
        ("with", "coments", "comments, replies"),
        ("since", "yesterday", "2026-01-31T10:00"),
        ("since", "2026-02-30", "7d"),
        ("until", "last", "must be a date"),
        ("priority", "high", "such as 10"),
        ("priority", "1.5", "such as 10"),
        ("every", "6", "6h"),
        ("every", "0h", "6h"),
        ("cron", "0 6 * * *", "scrapy watch add"),
        ("tags", "cat, dog", "name=value"),
    ],
)
@pytest.mark.parametrize("ending", ["csv", "jsonl", "yaml"])
def test_a_wrong_value_is_named_with_the_right_form(
    column: str, value: str, right: str, ending: str, tmp_path: Path
) -> None:
    rows: list[Row] = [{"url": VIDEOS[0], column: value}, {"url": VIDEOS[1], column: ""}]
    path = tmp_path / f"t.{ending}"
    with path.open("w") as file:
        if ending == "csv":
            writer = csv.DictWriter(file, ["url", column])
            writer.writeheader()
            writer.writerows(rows)
        elif ending == "jsonl":
            file.writelines(f"{json.dumps(row)}\n" for row in rows)
        else:
            yaml.safe_dump(rows, file)
    first, second = parse({"file": str(path)}, ATLAS).targets(ATLAS)
    assert f"{column}={value}" in str(first.error) and right in str(first.error)
    assert second.error is None and second.ask is None


@pytest.mark.parametrize(
    "row",
    [
        {"url": VIDEOS[0], "tags": ["a"]},
        {"url": VIDEOS[0], "tags": {"a": {"b": 1}}},
        {"url": VIDEOS[0], "max_items": {"a": 1}},
        {"url": VIDEOS[0], "max_items": [1, 2]},
        {"url": VIDEOS[0], "max_items": True},
        {"max_items": 3},
        ["a"],
    ],
    ids=str,
)
def test_a_value_of_another_shape_is_refused(row: Any, tmp_path: Path) -> None:
    text = yaml.safe_dump([row, VIDEOS[1]], default_flow_style=False)
    first, second = asked(text, tmp_path / "t.yaml")
    assert first.error and not second.error
    assert second.target.id == VIDEOS[1]


def test_two_columns_of_one_name_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"url,max_items,url\n{VIDEOS[0]},3,{VIDEOS[1]}\n")
    with pytest.raises(ArgumentError, match="several columns are named url"):
        parse({"file": str(path)}, ATLAS)


def test_ignored_columns_are_named_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [{"url": video, "max_item": 3, "title": "a", "views": 5} for video in VIDEOS]
    with caplog.at_level(logging.WARNING):
        asked("\n".join(map(json.dumps, rows)), tmp_path / "t.jsonl")
    [record] = caplog.records
    assert record.getMessage().endswith("t.jsonl: ignored columns: max_item (did you mean max_items?), title, views")


def test_of_many_ignored_columns_some_are_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    header = ",".join(f"column{number}" for number in range(30))
    with caplog.at_level(logging.WARNING):
        asked(f"url,{header}\n{VIDEOS[0]}\n", tmp_path / "t.csv")
    [record] = caplog.records
    assert record.getMessage().endswith("column19, …")


def test_a_table_without_further_columns_warns_of_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        asked(f"url,max_items,tags.a\n{VIDEOS[0]},5,b\n", tmp_path / "t.csv")
    assert caplog.records == []


def test_rows_with_the_same_policy_share_one_ask(tmp_path: Path) -> None:
    text = "url,max_items,with\n" + "".join(f"{video},{place % 2 + 1},comments\n" for place, video in enumerate(VIDEOS))
    rows = asked(text, tmp_path / "t.csv", max_pages="7")
    assert len({id(row.ask) for row in rows}) == 2
    assert [row.ask and (row.ask.max_items, row.ask.max_pages, row.ask.follow) for row in rows[:2]] == [
        (1, 7, {"comments"}),
        (2, 7, {"comments"}),
    ]


def test_times_and_schedules_are_parsed(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"url,since,until,every\n{VIDEOS[0]},last,2026-01-31T00:00Z,6h\n{VIDEOS[1]},,,\n")
    arguments = parse({"file": str(tmp_path / "t.csv"), "since": "1d", "due": "1"}, ATLAS)
    own, others = arguments.targets(ATLAS)
    assert own.ask and (own.ask.since, own.ask.until, own.ask.every) == ("last", 1_769_817_600, 21_600)
    assert (others.ask, arguments.ask.since, arguments.due) == (None, int(arguments.now) - 86_400, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"since": "yesterday"}, "since=yesterday: must be a date"),
        ({"until": "last"}, "until=last: must be a date"),
        ({"since": "1d", "until": "2d"}, "since must be before until"),
        ({"due": "yes"}, "due=yes: must be one of 0, 1"),
    ],
)
def test_a_wrong_date_is_named(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        parse({"url": VIDEOS[0], **arguments}, ATLAS)


def test_a_target_with_two_policies_is_asked_for_twice(tmp_path: Path) -> None:
    one = VIDEOS[0]
    lines = [{"url": one, "tags": {"a": 1}}, {"url": one, "tags": {"a": 2}}, {"url": f"https://b23.tv/{one}"}]
    lines += [{"url": f"https://www.bilibili.com/video/{one}", "tags": {"a": 1}, "priority": 3}]
    rows = asked("\n".join(map(json.dumps, lines)), tmp_path / "t.jsonl")
    assert [(row.target.given, row.ask and dict(row.ask.tags), row.others) for row in rows] == [
        (one, {"a": "1"}, [f"https://www.bilibili.com/video/{one}"]),
        (one, {"a": "2"}, []),
        (f"https://b23.tv/{one}", None, []),
    ]


def taken(path: Path) -> Iterator[tuple[str, int]]:
    targets = parse({"file": str(path)}, ATLAS).targets(ATLAS)
    while (row := targets.take()) is not None:
        yield row.target.id, row.ask.priority if row.ask else 0
    assert targets.left == 0


@settings(max_examples=60)
@given(priorities=st.lists(st.sampled_from([None, -2, 0, 1, 7]), min_size=1, max_size=60), ending=st.just("jsonl"))
def test_rows_of_a_higher_priority_come_first(folder: Path, priorities: list[int | None], ending: str) -> None:
    rows = [{"url": f"av{number + 100}", "priority": priority} for number, priority in enumerate(priorities)]
    (path := folder / f"p.{ending}").write_text("\n".join(map(json.dumps, rows)))
    expected_order = sorted(range(len(rows)), key=lambda number: (-(priorities[number] or 0), number))
    read = list(taken(path))
    assert [priority for _, priority in read] == [priorities[number] or 0 for number in expected_order]
    assert [ident for ident, _ in read] == [ident for ident, _ in read_in_order(path, expected_order)]


def read_in_order(path: Path, order: list[int]) -> list[tuple[str, int]]:
    plain = [row.target.id for row in parse({"file": str(path)}, ATLAS).targets(ATLAS)]
    return [(plain[number], 0) for number in order]


def test_what_was_taken_before_is_left_out(tmp_path: Path) -> None:
    rows = [{"url": video, "priority": place % 2} for place, video in enumerate(VIDEOS)]
    (path := tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    targets = parse({"file": str(path)}, ATLAS).targets(ATLAS)
    assert [targets.take().number for _ in range(4)] == [2, 4, 6, 1]  # type: ignore[union-attr]
    assert targets.left == 2
    targets.close()
    rest = parse({"file": str(path)}, ATLAS).targets(ATLAS)
    rest.skip(SkippedInputs(2, {4, 6}))
    assert [rest.take().number for _ in range(2)] == [3, 5] and rest.take() is None  # type: ignore[union-attr]
    rest.close()


@pytest.mark.parametrize(
    "text",
    [
        "- look https://www.bilibili.com/video/{0}\n- see: https://www.bilibili.com/video/{1}\n{2} # note\n",
        "- {0}\n- see: https://www.bilibili.com/video/{1}\n\n## a title https://www.bilibili.com\n- '{2}' # note\n",
        "- {0}\n- [a](https://www.bilibili.com/video/{1})\n{2}\n",
        "---\n{0}\n{1}\n- {2}\n",
        '{{"share_url": "{0}"}}\n{1}\n{{"id": "{2}"}}\n',
        '{0}\n{{not json https://www.bilibili.com/video/{1}}}\n{{"id": "{2}"}}\n',
        '[{{"url": "{0}"}},\n"{1}",\n {{"id": "{2}"}}]\n',
        "[a](https://www.bilibili.com/video/{0})\n{1}\n{2}",
        "note\turl\n\t{0}\nx\t{1}\n# {0}\n\t{2}\n",
    ],
)
def test_the_form_is_recognised_by_the_content(text: str, tmp_path: Path) -> None:
    rows = asked(text.format(*VIDEOS), tmp_path / "targets.txt")
    assert [row.target.id for row in rows if row.target.kind == "video"] == VIDEOS[:3]
    assert messages(rows) == []


def test_a_list_of_yaml_that_is_none_is_refused_once(tmp_path: Path) -> None:
    [row] = asked("targets:\n  - url: x\n  - url: y\n", tmp_path / "t.yaml")
    assert "a list of rows is needed" in str(row.error)


@pytest.mark.parametrize("wrong", ["[" * 5_000, "&a [*a]", "!!int x", "!!python/name:os.system", "{? [a] : b}", "\x07"])
def test_hostile_yaml_costs_its_row_only(wrong: str, tmp_path: Path) -> None:
    rows = asked(f"- {VIDEOS[0]}\n- url: {wrong}\n- {VIDEOS[1]}\n", tmp_path / "t.yaml")
    assert [row.target.id for row in (rows[0], rows[-1])] == VIDEOS[:2]
    assert rows[1].error or rows[1].target.kind == "unknown"
