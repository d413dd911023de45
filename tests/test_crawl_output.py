"""Where the data goes: feeds, the database, a user's own pipeline; and what is left of a crawl that is stopped."""

from __future__ import annotations

import csv
import io
import json
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crawling import LIST, VIDEO, Crawl, Running, crawl, read_feed, together
from tests.simulator import Fault, World

WORLD = World(seed=1, creators=3, videos=40)
SLOW = World(seed=1, creators=3, videos=600, page_latency=(0.02, 0.0))
ONE, ENTITIES = WORLD.video(0, 0), str(WORLD.special["entities"])
USER = f"https://space.bilibili.com/{WORLD.creator(0).mid}"
USERS = "url=" + " ".join(f"https://space.bilibili.com/{SLOW.creator(number).mid}" for number in range(3))
VIEW, POSTS = "/x/web-interface/view", "/x/space/wbi/arc/search"
ONE_BY_ONE = {"delay_s": 0, "concurrency": 1}
PIPELINE = '''
from itemadapter import ItemAdapter
from scrapy.exceptions import DropItem


class Mine:
    """Keeps even positions, writes titles in capitals, and reads what it sees as any item."""

    def process_item(self, item):
        adapter = ItemAdapter(item)
        assert list(adapter) == ["code", "router", "data"] and adapter["code"] == item.code
        if adapter["data"]["meta"]["position"] % 2:
            raise DropItem("odd")
        adapter["data"]["title"] = f"MINE {adapter['data']['video_id']}"
        return item
'''


def kill(running: Running) -> None:
    running.until(lambda: len(running.sim.requests) > 25)
    running.kill()


def interrupt(running: Running) -> None:
    running.until(lambda: len(running.sim.requests) > 25)
    running.interrupt()


def interrupt_the_wait(running: Running) -> None:
    running.until(lambda: any(request.fault for request in running.sim.requests))
    running.interrupt()


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Crawl]:
    base = Path(tmp_path_factory.mktemp("output"))
    (base / "mypipelines.py").write_text(PIPELINE)
    mixed = f"url={ONE.bvid} {WORLD.special['deleted']} {ENTITIES}"
    long = {"world": SLOW, "pace": ONE_BY_ONE}
    waiting = [Fault(path=POSTS, after=3, do="rate_limit")]
    return together(
        default=lambda: crawl(mixed, world=WORLD, feed=None),
        jsonl=lambda: crawl(mixed, world=WORLD),
        json=lambda: crawl(mixed, world=WORLD, feed="out.json"),
        csv=lambda: crawl(mixed, world=WORLD, feed="out.csv", env={"SUMMARY": "on"}),
        appended=lambda: [
            crawl(mixed, f"--output={base}/own/o.jsonl", world=WORLD, feed=None, folder=base / "own") for _ in range(2)
        ][-1],
        killed=lambda: crawl(USERS, **long, meanwhile=kill, process=True),
        interrupted=lambda: crawl(USERS, **long, meanwhile=interrupt),
        waiting=lambda: crawl(
            USERS, **long, meanwhile=interrupt_the_wait, env={"RATE_LIMIT_WAIT": "3000"}, faults=waiting
        ),
        summary=lambda: crawl(mixed, world=WORLD, env={"SUMMARY": "on"}),
        quiet=lambda: crawl(mixed, world=WORLD),
        mine=lambda: crawl(
            f"url={USER}",
            world=WORLD,
            env={"PYTHONPATH": str(base)},
            settings={"ITEM_PIPELINES": json.dumps({"mypipelines.Mine": 500})},
        ),
        **{
            name: lambda settings=settings: crawl(mixed, world=WORLD, settings=settings)
            for name, settings in WRONG.items()
        },
    )


WRONG = {
    "database": {"DATABASE_URL": "mysql://me:hunter2@host/x"},
    "retries": {"RETRY_TIMES": "many"},
    "wait": {"RATE_LIMIT_WAIT": "-1"},
    "watched": {"SUMMARY": "maybe"},
}
NAMES = dict(zip(WRONG, ("DATABASE_URL", "RETRY_TIMES", "RATE_LIMIT_WAIT", "SUMMARY"), strict=True))


def test_every_run_is_told_of_also_one_that_was_stopped(crawls: dict[str, Crawl]) -> None:
    for name, reason, stopped in (("default", "finished", set()), ("interrupted", "shutdown", {"end", "interrupted"})):
        done = crawls[name]
        [report] = done.reports
        assert report["close_reason"] == reason and set(report["lists"]["stopped"]) <= stopped
        assert sum(report["records"].values()) == (len(done.records) or 2)
        assert len(done.rows) == report["lists"]["number"]
    assert report["lists"]["stopped"]["interrupted"] >= 1
    assert report["lists"]["collected"] == len(crawls["interrupted"].records)
    assert not [file for file in crawls["database"].files if file.startswith("state/")], "it never began"


def test_the_default_feed(crawls: dict[str, Crawl]) -> None:
    done = crawls["default"]
    [name] = [name for name in done.files if name.startswith("output/") and name.endswith(".jsonl")]
    envelopes = read_feed(done.files[name])
    [run_id] = {envelope["data"]["meta"]["run_id"] for envelope in envelopes}
    assert name == f"output/bilibili/{run_id}.jsonl"
    assert sorted(envelope["code"] for envelope in envelopes) == [200, 200, 404]


def test_output_folders_are_made_and_a_missing_config_folder_is_an_error(tmp_path: Path) -> None:
    places = {"CONFIG_DIR": str(tmp_path / "confg"), "OUTPUT_DIR": str(tmp_path / "b" / "out")}
    refused = crawl("router=bv_to_aid", f"bv_id={ONE.bvid}", env=places, feed=None)
    assert refused.code == 2 and f"CONFIG_DIR={tmp_path / 'confg'} does not exist" in refused.err
    assert list(tmp_path.iterdir()) == [] and not refused.requests
    (tmp_path / "confg").mkdir()
    done = crawl("router=bv_to_aid", f"bv_id={ONE.bvid}", env=places, feed=None)
    assert done.code == 0 and len(list(tmp_path.glob("b/out/bilibili/*.jsonl"))) == 1
    assert list((tmp_path / "confg").iterdir()) == []


@pytest.mark.parametrize("name", ["latest.jsonl", "latest.csv", "latest.xlsx"])
def test_a_feed_may_be_a_symbolic_link_to_a_file_that_does_not_exist_yet(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to(tmp_path / "today" / name)
    done = crawl(f"url={ONE.bvid}", world=WORLD, feed=str(tmp_path / name), folder=tmp_path)
    assert done.code == 0, done.err
    made = [*(tmp_path / "today").iterdir(), *tmp_path.glob("latest.video.csv")]
    assert any(ONE.bvid.encode() in file.read_bytes() or name.endswith("xlsx") for file in made)


def test_a_loop_of_symbolic_links_is_an_output_that_failed(tmp_path: Path) -> None:
    (tmp_path / "loop.jsonl").symlink_to(tmp_path / "loop.jsonl")
    done = crawl(f"url={ONE.bvid}", world=WORLD, feed=str(tmp_path / "loop.jsonl"), folder=tmp_path)
    assert done.code == 7 and "symbolic links" in done.err and not done.requests


def test_lines_are_utf_8_that_is_not_escaped(crawls: dict[str, Crawl]) -> None:
    body = crawls["jsonl"].files["out.jsonl"]
    assert ONE.title.encode() in body and b"\\u" not in body
    assert body.endswith(b"\n") and len(body.splitlines()) == 3
    assert not [name for name in crawls["jsonl"].files if name.startswith("output/") and name.endswith(".jsonl")]


def test_other_formats_hold_the_same(crawls: dict[str, Crawl]) -> None:
    true = {json.dumps(envelope["data"].get("title")) for envelope in crawls["jsonl"].envelopes}
    envelopes = json.loads(crawls["json"].files["out.json"])
    assert {json.dumps(envelope["data"].get("title")) for envelope in envelopes} == true
    assert all(list(envelope) == ["code", "router", "data"] for envelope in envelopes)
    tables = {name: body.decode() for name, body in crawls["csv"].files.items() if name.endswith(".csv")}
    rows = {name: [*csv.DictReader(io.StringIO(text))] for name, text in tables.items()}
    assert {name: len(rows[name]) for name in rows} == {"out.video.csv": 2, "out.failure.csv": 1}
    assert {json.dumps(row["title"]) for row in rows["out.video.csv"]} == true - {"null"}
    assert [row["code"] for row in rows["out.failure.csv"]] == ["404"]
    assert len(read_feed(crawls["appended"].files["o.jsonl"])) == 6


def test_a_kill_leaves_whole_lines(crawls: dict[str, Crawl]) -> None:
    done = crawls["killed"]
    assert done.code == -signal.SIGKILL
    assert 300 <= len(done.envelopes) < 1800 and set(done.codes) == {200}


def test_ctrl_c_ends_it_and_says_what_is_missing(crawls: dict[str, Crawl]) -> None:
    done = crawls["interrupted"]
    assert done.code == 3
    idents = [record["video_id"] for record in done.records]
    assert 300 <= len(idents) < 1800 and len(idents) == len(set(idents))
    assert {failure["error"]["name"] for failure in done.failures} == {"INCOMPLETE"}
    answered = {envelope["data"]["meta"]["target"] for envelope in done.envelopes}
    assert answered == set(USERS.removeprefix("url=").split())


def test_ctrl_c_ends_a_wait_as_well(crawls: dict[str, Crawl]) -> None:
    done = crawls["waiting"]
    assert done.code == 3 and len(done.records) == 90
    assert {failure["meta"]["target"] for failure in done.failures} <= set(USERS.removeprefix("url=").split())
    assert sum(request.fault is not None for request in done.requests) == 1


def test_the_summary_says_what_came_of_it_and_where_it_is(crawls: dict[str, Crawl]) -> None:
    err = crawls["summary"].err
    for text in (f"{VIDEO}  OK ", f"{VIDEO}  NOT_FOUND ", "out.jsonl", "finished", "bilibili:video:BV"):
        assert text in err, text
    places = [line for line in crawls["csv"].err.splitlines() if "→" in line]
    assert {Path(line.split()[1]).name for line in places} == {"out.video.csv", "out.failure.csv"}, "only what is there"
    assert "  OK " not in crawls["quiet"].err, "not where nobody watches"
    assert crawls["summary"].out == crawls["quiet"].out == ""


def test_a_pipeline_of_the_user_sees_single_envelopes(crawls: dict[str, Crawl]) -> None:
    done = crawls["mine"]
    assert done.code == 0 and len(done.records) == 20
    assert [record["video_id"] for record in done.records] == list(WORLD.bvids(0))[1::2]
    assert all(record["title"] == f"MINE {record['video_id']}" for record in done.records)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_wrong_usage(crawls: dict[str, Crawl], name: str) -> None:
    done = crawls[name]
    assert (done.code, done.requests) == (2, [])
    usage = done.err.partition("error:")[2]
    assert NAMES[name] in usage and "hunter2" not in done.err


def test_one_table_a_record_type_and_one_row_a_key(tmp_path: Path) -> None:
    base = tmp_path / "db"
    url = f"sqlite:///{base}/new/crawl.db"

    def run(*words: str) -> None:
        done = crawl(*words, world=WORLD, settings={"DATABASE_URL": url}, folder=base)
        assert done.code == 0, done.err

    def row(table: str, key: str) -> sqlite3.Row:
        connection = sqlite3.connect(f"file:{base}/new/crawl.db?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        rows = connection.execute(f'SELECT * FROM "{table}" WHERE key = ?', (key,)).fetchall()
        counts = connection.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0]
        connection.close()
        assert len(rows) == 1 and counts >= 1
        return rows[0]

    def data(stored: sqlite3.Row) -> dict[str, object]:
        return json.loads(stored["data"])

    key = f"bilibili:video:{ONE.bvid}"
    run(f"url={USER}", "max_items=10")
    thin = row("video", key)
    assert thin["statistics_digg_count"] is None and data(thin).get("video_data_nwm_video_url") is None
    assert thin["meta_partial"] == 1 and thin["title"] == ONE.title
    run(f"url={ONE.bvid}", "with=comments", "max_items=20")
    full = row("video", key)
    assert full["statistics_digg_count"] is not None and not full["meta_partial"]
    assert data(full)["video_data_nwm_video_url"]
    assert json.loads(full["data"])["parts"][0]["cid"] == str(ONE.cid)
    run(f"url={USER}", "max_items=10")
    again = row("video", key)
    assert again["statistics_digg_count"] == full["statistics_digg_count"] and not again["meta_partial"]
    assert data(again)["video_data_nwm_video_url"] == data(full)["video_data_nwm_video_url"]
    assert again["meta_run_id"] != full["meta_run_id"] and again["meta_router"] == LIST
    rpid = next(iter(WORLD.comment_ids(ONE)))
    assert row("comment", f"bilibili:comment:{rpid}")["video_id"] == ONE.bvid


@pytest.mark.parametrize("stop", [interrupt, interrupt_the_wait])
def test_a_crawl_is_paused_and_resumed(tmp_path: Path, stop: Callable[[Running], None]) -> None:
    wait = [Fault(path=POSTS, nth=10, do="rate_limit")] if stop is interrupt_the_wait else []
    more = {"env": {"RATE_LIMIT_WAIT": "3000"}, "faults": wait, "meanwhile": stop}
    login = f'cookie: "{SLOW.login_cookie}"'
    paused = crawl(USERS, world=SLOW, pace=ONE_BY_ONE, config=login, folder=tmp_path, **more)
    kept = [body for name, body in paused.files.items() if name.startswith("state/")]
    assert any(kept) and not any(SLOW.sessdata.encode() in content for content in kept)
    assert paused.records and set(paused.codes) == {200, 206} and paused.code == 3
    assert "To continue: scrapy resume " in paused.err
    resumed = crawl(world=SLOW, pace=ONE_BY_ONE, command=("resume",), folder=tmp_path)
    assert (resumed.code, resumed.failures) == (0, []) and resumed.requests
    idents = [record["video_id"] for record in resumed.records]
    assert len(idents) == len(set(idents))
    assert set(idents) == {bvid for number in range(3) for bvid in SLOW.bvids(number)}
    assert max(record["meta"]["position"] for record in resumed.records) == 600
    again = crawl(world=SLOW, command=("resume",), folder=tmp_path)
    assert (again.code, again.requests) == (2, []) and "no run is unfinished in" in again.err
