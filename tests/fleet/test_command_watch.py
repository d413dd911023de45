"""`scrapy watch`: targets from files, links and standard input into the watch list of a real PostgreSQL, and back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests import in_process
from tests.fleet.rows import Rows
from tests.in_process import PATIENCE_S, ROOT, Result
from tests.postgres import Server

USER, VIDEO = "https://space.bilibili.com/100200300", "https://www.bilibili.com/video/BV1L9Uoa9EUx"
YAML = f"""
- url: https://www.tiktok.com/@user
  every: 6h
  priority: 10
  tags: {{team: red}}
- url: {USER}
  router: [fetch_user_profile, fetch_user_post_videos]
  cron: 0 6 * * * Europe/Berlin
- {VIDEO}
"""


def test_check_prints_the_alarms_that_are_on(rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFIG_DIR", str(tmp_path))
    none = watch(rows, "check")
    assert none.code == 2 and "there are no monitors: copy config/monitors/config.example.yaml" in none.err
    (tmp_path / "monitors").mkdir()
    (tmp_path / "monitors" / "config.yaml").write_text("freshness: {late: 1h}\n", "utf-8")
    well = watch(rows, "check")
    assert (well.code, well.out.strip()) == (0, "no alarm is on"), well.err
    rows.target(7, expected_time=rows.now - 7200)
    late = watch(rows, "check")
    assert late.code == 3 and late.out.startswith("freshness: toy7: a complete run is overdue by 2 h"), late.err
    [alarm] = json.loads(watch(rows, "check", "--json").out)
    assert (alarm["monitor"], alarm["state"]) == ("freshness", "on")
    (tmp_path / "monitors" / "config.yaml").write_text("freshness: {late: soon}\n", "utf-8")
    wrong = watch(rows, "check")
    assert wrong.code == 2 and "such as 30m, 6h or 1d" in wrong.err
    assert watch(rows, "check", "x").code == 2


def watch(rows: Rows | str, *words: str, stdin: str = "") -> Result:
    url = rows if isinstance(rows, str) else rows.url
    return in_process.run(["watch", *words], env={**os.environ, "DATABASE_URL": url}, stdin=stdin.encode())


def listed(rows: Rows, *words: str) -> list[Any]:
    result = watch(rows, "list", "--json", *words)
    assert result.code == 0, result.err
    return list(json.loads(result.out))


def test_the_first_watch_list_makes_the_tables(postgres: Server, tmp_path: Path) -> None:
    url = postgres.new_database()
    (path := tmp_path / "targets.yaml").write_text(YAML)
    nothing = watch(url, "list")
    assert nothing.code == 2 and "no watch list in this database yet: scrapy watch add <link>" in nothing.err
    assert watch(url, "add", str(path)).out == "3 added, 0 changed, 0 unchanged, 0 refused\n"
    assert watch(url, "add", str(path)).out == "0 added, 0 changed, 3 unchanged, 0 refused\n"
    table = watch(url, "list").out.splitlines()
    assert [line.split()[:5] for line in table[2:]] == [
        ["1", "tiktok", "https://www.tiktok.com/@user", "default", "due"],
        ["2", "bilibili", USER, "fetch_user_profile,fetch_user_post_videos", "waiting"],
        ["3", "bilibili", VIDEO, "default", "due"],
    ]
    assert " 6h " in table[2] and " 0 6 * * * Europe/Berlin " in table[3] and " once " in table[4]


@pytest.mark.parametrize("ending", ["txt", "csv", "jsonl", "-"])
def test_a_bad_row_is_named_and_the_others_are_added(rows: Rows, ending: str, tmp_path: Path) -> None:
    links = [USER, "https://www.youtube.com/watch?v=1", VIDEO]
    text = "\n".join(links if ending in ("txt", "-") else [json.dumps({"url": link}) for link in links])
    text = "\n".join(["url,max_items", *(f"{link}," for link in links)]) if ending == "csv" else text
    path = tmp_path / f"t.{ending}"
    path.write_text(text)
    done = watch(rows, "add", "-", stdin=text) if ending == "-" else watch(rows, "add", str(path))
    assert (done.code, done.out) == (3, "2 added, 0 changed, 0 unchanged, 1 refused\n")
    place = "standard input" if ending == "-" else path
    reason = "www.youtube.com is not supported (Bilibili, Douyin and TikTok are)"
    assert done.err.splitlines() == [f"{place}, row 2: {links[1]}: {reason}"]
    assert [target["link"] for target in listed(rows)] == [USER, VIDEO]


def test_links_with_options(rows: Rows) -> None:
    words = ("--every", "30m", "--priority", "7", "-a", "max_items=5", "-a", "tags=team=red", "--json")
    done = watch(rows, "add", USER, f"看 {VIDEO} 吧", *words)
    assert (done.code, json.loads(done.out)) == (0, {"added": 2, "changed": 0, "unchanged": 0, "refused": 0})
    wanted = {"max_items": "5", "since": "last", "tags": "team=red"}
    assert [(row["link"], row["every"], row["priority"], row["arguments"]) for row in listed(rows)] == [
        (link, 1800, 7, wanted) for link in (USER, VIDEO)
    ]
    assert len(listed(rows, "--tag", "team=red")) == 2 and listed(rows, "--tag", "team=blue") == []
    assert len(listed(rows, "--due")) == 2 and listed(rows, "--failed") == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "give one of add, list, check, remove, pause, resume"),
        (("show",), "give one of add, list"),
        (("add",), "add what? Give files, links or -"),
        (("list", USER), "list takes no target"),
        (("list", "--every", "6h"), "list takes no -a, --every, --cron or --priority: they are for add"),
        (("pause", USER, "--tag", "team=red"), "pause takes no --due, --failed, --paused or --tag: they are for list"),
        (("list", "--tag", "team"), "--tag team: give a name and a value: --tag team=red"),
        (("add", "no/such.yaml"), "no/such.yaml: no such file"),
        (("add", USER, "--every", "6"), "every=6: must be a number with m, h, d or w"),
        (("add", USER, "--cron", "0 6 * *"), "cron=0 6 * *: give minute"),
        (("add", USER, "--every", "6h", "--cron", "0 6 * * * UTC"), "give every or cron, not both"),
        (("add", USER, "-a", "max_itms=1"), "did you mean max_items"),
        (("add", USER, "-a", "max_items"), "-a takes NAME=VALUE"),
        (("add", USER, "-a", "file=x"), "file is for crawls"),
    ],
)
def test_wrong_usage_is_named(rows: Rows, words: tuple[str, ...], message: str) -> None:
    done = watch(rows, *words)
    assert (done.code, done.out.partition("\n")[0]) == (2, "") and message in done.err
    assert rows.sql("SELECT FROM fleet_target") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [("nothing", "no link or id found. Example: https://"), ("", "no link or id found in the input"), ("# x", "give")],
)
def test_nothing_to_add(rows: Rows, text: str, message: str) -> None:
    done = watch(rows, "add", "-", stdin=text)
    assert done.code == 2 and message in done.err


def test_a_table_with_two_equal_columns_is_refused(rows: Rows, tmp_path: Path) -> None:
    (path := tmp_path / "t.csv").write_text(f"url,url\n{USER},{VIDEO}\n")
    done = watch(rows, "add", str(path))
    assert done.code == 2 and "several columns are named url" in done.err


def test_other_databases_are_refused(tmp_path: Path) -> None:
    for url in ("", f"sqlite:///{tmp_path / 'a.db'}"):
        done = watch(url, "add", USER)
        assert done.code == 2 and "the fleet needs a PostgreSQL server" in done.err
    gone = watch("postgresql://me:s3cret@127.0.0.1:9/x", "list")
    assert gone.code == 2 and "s3cret" not in gone.err and "127.0.0.1:9" in gone.err


def test_pause_resume_and_remove(rows: Rows, tmp_path: Path) -> None:
    (path := tmp_path / "t.yaml").write_text(YAML)
    watch(rows, "add", str(path))
    done = watch(rows, "pause", "1", VIDEO, "77", USER)
    assert (done.code, done.out) == (3, "2 paused, 2 refused\n")
    assert done.err.splitlines() == [f"{USER}: not in the watch list", "77: not in the watch list"]
    assert [(row["target_id"], row["state"]) for row in listed(rows, "--paused")] == [(1, "paused"), (3, "paused")]
    assert watch(rows, "resume", "1").out == "1 resumed, 0 refused\n"
    assert watch(rows, "resume", "9").code == 2
    router = "router=fetch_user_profile,fetch_user_post_videos"
    assert watch(rows, "remove", USER, "-a", router).out == "1 removed, 0 refused\n"
    rest = watch(rows, "remove", str(path))
    assert (rest.code, rest.out, listed(rows)) == (3, "2 removed, 1 refused\n", [])
    assert watch(rows, "list").out == "no target\n"


def test_a_long_list_is_shown_in_part(rows: Rows) -> None:
    for number in range(201):
        rows.target(number)
    shown = watch(rows, "list").out.splitlines()
    assert len(shown) == 204 and shown[-1].startswith("These are the first 200. --json shows all")
    assert len(listed(rows)) == 201


def test_rows_of_one_link_differ_in_their_routers(rows: Rows) -> None:
    routers = "fetch_user_profile,fetch_user_post_videos"
    watch(rows, "add", USER), watch(rows, "add", USER, "-a", f"router={routers}")
    head, _, *lines = [line.split() for line in watch(rows, "list").out.splitlines()]
    assert [line[head.index("router")] for line in lines] == ["default", routers]


@pytest.mark.nightly
def test_rows_are_added_as_they_come(rows: Rows) -> None:
    command = [sys.executable, "-m", "scrapy", "watch", "add", "-"]
    env = {**os.environ, "DATABASE_URL": rows.url}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        process.stdin.write(b"".join(b"https://www.tiktok.com/@user%d\n" % number for number in range(1500)))
        process.stdin.flush()
        deadline = time.monotonic() + PATIENCE_S
        while not rows.sql("SELECT FROM fleet_target") and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(rows.sql("SELECT FROM fleet_target")) == 1000
        process.stdin.close()
        assert process.stdout.read() == b"1500 added, 0 changed, 0 unchanged, 0 refused\n"
        assert process.wait() == 0


def test_a_reader_that_leaves_early_is_no_error(rows: Rows) -> None:
    rows.sql(
        "INSERT INTO fleet_target (key, spider, link, arguments, priority, added_time, lease, attempts)"
        " SELECT n, 'tiktok', 'https://www.tiktok.com/@user' || n, '{}', 0, 0, 0, 0 FROM generate_series(1, 2000) AS n"
    )
    command = [sys.executable, "-m", "scrapy", "watch", "list", "--json"]
    env = {**os.environ, "DATABASE_URL": rows.url}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        assert process.stdout.read(1) == b"["
        process.stdout.close()
        assert process.stderr.read() == b""
