"""What a run tells of fields and keys that changed. Each series of crawls answers from a file, or from a simulator."""

from __future__ import annotations

import copy
import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cases import FIXTURES
from tests.crawling import Crawl, crawl
from tests.simulator import World

ROUTER = "/api/douyin/web/fetch_user_post_videos"
WORLD = World(seed=3, creators=12, videos=60)
USERS = [f"https://www.douyin.com/user/{WORLD.douyin.creator(number).sec_uid}" for number in range(12)]
POSTS = "https://www.douyin.com/aweme/v1/web/aweme/post/"
TRANSPORTS = json.dumps(dict.fromkeys(("direct", "browser", "impersonate"), "tests.canned.Canned"))
Row = dict[str, Any]


def row_of_fixture() -> Row:
    answer = json.loads((FIXTURES / "douyin/web/fetch_user_post_videos/has_more_is_true.response.json").read_bytes())
    row: Row = next(row for row in answer["aweme_list"] if row["statistics"]["digg_count"])
    return row


ROW = row_of_fixture()


class Series:
    """Runs of one ledger, each with answers of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._first_id = 7_300_000_000_000_000_000

    def run(
        self, change: Callable[[Row, int], None] = lambda row, place: None, *, user: int = 0, rows: int = 30
    ) -> Crawl:
        """Crawl the posts of a user.

        :param change: changes a row of the answer, given its place
        """
        posts = []
        for place in range(rows):
            row = copy.deepcopy(ROW)
            self._first_id += 1
            row["aweme_id"] = str(self._first_id)
            row["author"]["sec_uid"] = WORLD.douyin.creator(user).sec_uid
            change(row, place)
            posts.append(row)
        answer = {"status_code": 0, "aweme_list": posts, "has_more": 0, "max_cursor": 0, "min_cursor": 0}
        canned = self.folder.with_suffix(".canned.json")
        canned.write_text(json.dumps({POSTS: [{"body": json.dumps(answer)}]}))
        return crawl(
            f"url={USERS[user]}",
            command=("crawl", "douyin"),
            folder=self.folder,
            settings={"TRANSPORTS": TRANSPORTS, "CANNED": canned},
        )

    def report(self) -> dict[str, Any]:
        """Return what the last run reported."""
        with closing(sqlite3.connect(self.folder / "state/ledger.db")) as database:
            (text,) = database.execute("SELECT report FROM ledger_drift_report ORDER BY id DESC").fetchone()
        report: dict[str, Any] = json.loads(text)
        return report

    def command(self, *words: str) -> Crawl:
        return crawl(*words, command=("drift",), feed=None, folder=self.folder)


@pytest.fixture
def series(tmp_path: Path) -> Series:
    return Series(tmp_path / "series")


def drift_of(done: Crawl, level: str = "WARNING") -> list[str]:
    return [line.partition("Drift: ")[2] for line in done.err.splitlines() if f" {level}: Drift: " in line]


def lose_likes(row: Row, place: int) -> None:
    del row["statistics"]["digg_count"]


def fallen_paths(report: dict[str, Any]) -> list[str]:
    return [entry["path"] for entry in report["fallen"]]


def test_a_field_that_disappears_is_named_until_it_is_accepted(series: Series) -> None:
    for _ in range(3):
        done = series.run()
        assert done.code == 0 and not drift_of(done)
        assert series.report() == {
            "beyond_threshold": False, "fallen": [], "types": [], "values": [], "new_keys": [], "odd_fields": [],
        }  # fmt: skip
    for _ in range(2):
        done = series.run(lose_likes)
        assert done.code == 6 and len(done.records) == 30
        (sentence,) = drift_of(done)
        assert sentence.startswith(f"{ROUTER}: statistics.digg_count is known in 0 % of 30 ") and "100 %" in sentence
        report = series.report()
        assert report["beyond_threshold"] and fallen_paths(report) == ["statistics.digg_count"]
    shown = series.command("--json")
    assert [row["path"] for row in json.loads(shown.out)["less_often"]] == ["statistics.digg_count"]
    assert "statistics.digg_count" in series.command().out
    assert series.command("--accept").code == 0
    assert series.run(lose_likes).code == 0


def test_runs_with_another_schema_are_not_compared(series: Series) -> None:
    for _ in range(3):
        series.run()
    with closing(sqlite3.connect(series.folder / "state/ledger.db")) as database, database:
        database.execute("UPDATE ledger_drift SET counts = json_set(counts, '$.schema_version', 1)")
    done = series.run(lose_likes)
    assert done.code == 0 and not drift_of(done) and fallen_paths(series.report()) == []


def test_a_field_that_half_of_the_records_lose_is_named_with_exit_code_0(series: Series) -> None:
    for _ in range(3):
        series.run()
    done = series.run(lambda row, place: lose_likes(row, place) if place % 5 < 2 else None)
    assert done.code == 0 and "60 %" in drift_of(done)[0] and "100 %" in drift_of(done)[0]
    assert fallen_paths(series.report()) == ["statistics.digg_count"] and not series.report()["beyond_threshold"]


def test_an_object_that_disappears_is_named_once(series: Series) -> None:
    for _ in range(3):
        series.run()
    done = series.run(lambda row, place: row.pop("music") and None)
    assert fallen_paths(series.report()) == ["music"] and done.code == 6


def test_a_type_that_flips_is_named_even_if_it_can_be_converted(series: Series) -> None:
    def as_text(row: Row, place: int) -> None:
        row["statistics"]["digg_count"] = str(row["statistics"]["digg_count"])

    for _ in range(8):
        assert not drift_of(series.run())
    done = series.run(as_text)
    (sentence,) = drift_of(done)
    assert done.code == 0 and "aweme_list[].statistics.digg_count" in sentence and "string" in sentence
    (entry,) = series.report()["types"]
    assert entry["path"] == "aweme_list[].statistics.digg_count"
    assert (entry["types"], entry["usual"]) == (["string"], ["number"])
    assert not drift_of(series.run(as_text)), "it is known by now"


def test_a_value_that_cannot_be_converted_is_named_as_an_odd_field(series: Series) -> None:
    def as_object(row: Row, place: int) -> None:
        if place == 17:
            row["statistics"]["digg_count"] = {"text": "many"}

    for _ in range(3):
        series.run()
    done = series.run(as_object)
    assert done.code == 0
    assert drift_of(done) == [
        f"{ROUTER}: 1 value of statistics.digg_count could not be read, and are null in the records"
    ]
    assert series.report()["odd_fields"] == [{"router": ROUTER, "path": "statistics.digg_count", "number": 1}]
    assert not drift_of(series.run(as_object)), "a warning is given once"
    assert series.report()["odd_fields"]


def test_new_keys_and_codes_are_named(series: Series) -> None:
    def renew(row: Row, place: int) -> None:
        row["statistics"]["echo_count"] = 7
        row["echo"] = {"depth": {"length": 1}, "name": "a"}
        row["aweme_type"] = 4321

    for _ in range(8):
        series.run()
    done = series.run(renew)
    assert done.code == 0
    report = series.report()
    assert sorted(entry["path"] for entry in report["new_keys"]) == [
        "aweme_list[].echo",
        "aweme_list[].statistics.echo_count",
    ]
    (value,) = report["values"]
    assert (value["path"], value["value"]) == ("aweme_list[].aweme_type", "4321")
    assert any("2 new keys" in sentence for sentence in drift_of(done, "INFO"))
    assert any("4321" in sentence for sentence in [*drift_of(done, "INFO"), *drift_of(done)])
    shown = series.command()
    assert "aweme_list[].echo" in shown.out and "aweme_list[].aweme_type = 4321" in shown.out
    series.run(renew)
    assert not series.report()["new_keys"] and not series.report()["values"]


def test_other_inputs_are_no_drift(series: Series) -> None:
    """One user has music on all posts, another on none; one posts images only."""
    for _ in range(3):
        series.run()

    def other_user(row: Row, place: int) -> None:
        for name in ("music", "mix_info", "region", "text_extra"):
            row.pop(name, None)

    assert not drift_of(series.run(other_user, user=1)) and not series.report()["fallen"]
    few = series.run(lose_likes, rows=19)
    assert few.code == 0 and not series.report()["fallen"], "too few records to judge"


def test_a_field_that_all_users_had_is_missed_for_a_new_one(series: Series) -> None:
    for user in range(8):
        assert not drift_of(series.run(user=user))
    assert series.run(lose_likes, user=9).code == 6
    assert fallen_paths(series.report()) == ["statistics.digg_count"]


def test_a_long_series_without_change_is_quiet(tmp_path: Path) -> None:
    """Logged in and not, users in turn, with comments and without: 12 runs of the simulated platform."""
    world = World(seed=7, creators=4, videos=60, comments=25)
    users = [f"https://space.bilibili.com/{world.creator(number).mid}" for number in range(4)]
    for number in range(12):
        words = [f"url={' '.join(users[: 1 + number % 4])}", f"max_items={25 + 5 * (number % 3)}"]
        words += ["with=comments"] if number % 4 == 3 else []
        config = f'cookie: "{world.login_cookie}"\n' if number % 3 == 1 else ""
        done = crawl(*words, world=world, folder=tmp_path / "series", config=config)
        assert not drift_of(done) and done.code != 6 and done.records, number


def test_a_run_that_continues_adds_to_its_sample(tmp_path: Path) -> None:
    world = World(seed=7, creators=4, videos=60)
    users = [f"https://space.bilibili.com/{world.creator(number).mid}" for number in range(4)]
    first = crawl(f"url={' '.join(users[:2])}", "max_requests=4", world=world, folder=tmp_path / "series")
    before = samples(tmp_path / "series")
    second = crawl(command=("resume",), world=world, folder=tmp_path / "series")
    after = samples(tmp_path / "series")
    assert first.code == 3 and second.code == 0
    assert before.keys() <= after.keys() and len({run for run, *_ in after}) == 1
    assert sum(after.values()) > sum(before.values()) > 0


def samples(folder: Path) -> dict[tuple[str, ...], int]:
    """Return the numbers of sampled records."""
    with closing(sqlite3.connect(folder / "state/ledger.db")) as database:
        rows = list(database.execute("SELECT run_id, router, surface, records, counts FROM ledger_drift"))
    return {tuple(names): json.loads(counts)["records"] for *names, counts in rows}


def test_the_command_tells_when_there_is_nothing_to_compare_with(series: Series) -> None:
    sentences = []
    for _ in range(4):
        series.run()
        sentences.append(series.command().out.splitlines()[-1])
    assert sentences[0].startswith("nothing to compare with: 0 earlier runs of the same routers, and at least 3 are")
    assert sentences[1].startswith("nothing to compare with: 1 earlier run of") and "2 earlier runs of" in sentences[2]
    assert re.fullmatch(r"none of \d\d+ fields was known less often than usual", sentences[3])
    compared = json.loads(series.command("--json").out)
    assert compared["earlier_runs"] == 3 and f"none of {compared['compared']} fields" in sentences[3]


def test_the_command_needs_a_known_run(tmp_path: Path) -> None:
    done = crawl(command=("drift", "x"), feed=None, folder=tmp_path / "none")
    assert done.code == 2 and "nothing is known" in done.err + done.out
