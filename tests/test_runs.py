"""What remains of a run: run.json, `scrapy runs`, `scrapy retry`, RUN_WEBHOOK, KEEP_RUNS."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from scraper.ledger.backends import backend_of
from scraper.ledger.run import Run, add_run
from scraper.ledger.schema import FAILURE, LIST_RUN, TABLES
from scraper.ledger.stops import Stop
from scraper.output.run_report import RunReport
from scraper.output.webhook import post_report
from tests.crawling import COMMENTS, LIST, VIDEO, Crawl, Running, crawl
from tests.in_process import ROOT
from tests.simulator import Fault, World

WORLD = World(seed=3, creators=3, videos=40)
MIDS = [WORLD.creator(number).mid for number in range(3)]
USERS = "url=" + " ".join(f"https://space.bilibili.com/{mid}" for mid in MIDS)
POSTS, VIEW, REPLY = "/x/space/wbi/arc/search", "/x/web-interface/view", "/x/v2/reply/wbi/main"
MISSING = "https://www.bilibili.com/video/BV1M1421t7hT"
LOGIN = f'cookie: "{WORLD.login_cookie}"\n'
ONE = WORLD.video(0, 0)


def only(done: Crawl) -> dict[str, Any]:
    [report] = done.reports
    return report


def keys(*crawls: Crawl) -> Counter[str]:
    return Counter(record["meta"]["key"] for done in crawls for record in done.records)


def runs(folder: Path) -> list[dict[str, Any]]:
    done = crawl("--json", command=("runs",), folder=folder, feed=None)
    assert done.code == 0, done.err
    rows: list[dict[str, Any]] = json.loads(done.out)
    return rows


def test_a_report_agrees_with_what_was_written(tmp_path: Path) -> None:
    done = crawl(
        f"{USERS} {MISSING}",
        "max_items=35",
        world=WORLD,
        folder=tmp_path,
        settings={"DATABASE_URL": f"sqlite:///{tmp_path}/crawl.db"},
    )
    report = only(done)
    assert (report["state"], report["stopped"], report["exit_code"]) == ("finished", "end", done.code)
    assert report["resume"] is None and report["database"]["rows"] == len(done.records) == 3 * 35
    body = done.files["out.jsonl"]
    assert report["feeds"] == [
        {
            "uri": str(tmp_path / "out.jsonl"),
            "rows": len(done.envelopes),
            "bytes": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
            "stored": True,
            "local_copy": None,
        }
    ]
    outcomes = Counter((envelope["router"], envelope["code"]) for envelope in done.envelopes)
    counted = {(router, name): number for router, row in report["outcomes"].items() for name, number in row.items()}
    assert counted == {(LIST, "OK"): outcomes[LIST, 200], (VIDEO, "NOT_FOUND"): 1}
    lists = {row["target"]: (row["declared"], row["collected"], row["stopped"]) for row in report["lists"]["rows"]}
    assert lists == {str(mid): (40, 35, "item_limit") for mid in MIDS}
    assert all(row["cursor"] and row["arguments"]["uid"] == row["target"] for row in report["lists"]["rows"])
    [failure] = report["failures"]["rows"]
    assert (failure["input"], failure["name"], failure["code"]) == (MISSING, "NOT_FOUND", 404)
    assert failure["command"] is None and report["retry"] is None, "the same request gets the same answer"
    assert set(report["versions"]) == {"code", "schema", "scrapy", "python"}
    with closing(sqlite3.connect(tmp_path / "crawl.db")) as database:
        assert database.execute("SELECT code, input FROM failure").fetchall() == [(404, MISSING)]
        assert database.execute("SELECT exit_code, state FROM run").fetchall() == [(0, "finished")]


def test_retry_crawls_what_failed_and_nothing_else(tmp_path: Path) -> None:
    rows = [
        {"url": f"https://space.bilibili.com/{MIDS[0]}", "max_items": 38, "tags": {"team": "red"}},
        {"url": f"https://space.bilibili.com/{MIDS[1]}", "tags": {"team": "green"}},
        {"url": ONE.bvid, "with": "comments"},
        {"url": WORLD.video(1, 1).bvid},
        {"url": MISSING},
        {"url": "https://www.youtube.com/watch?v=1"},
    ]
    (tmp_path / "targets.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    target = f"file={tmp_path}/targets.jsonl"
    whole = crawl(target, world=WORLD, config=LOGIN)
    faults = [
        Fault(do="reset", path=POSTS, query={"mid": str(MIDS[0]), "pn": "2"}),
        Fault(do="reset", path=REPLY),
        Fault(do="reset", path=VIEW, query={"bvid": WORLD.video(1, 1).bvid}),
    ]
    first = crawl(target, world=WORLD, config=LOGIN, faults=faults, folder=tmp_path, settings={"RETRY_TIMES": 0})
    report = only(first)
    assert first.code == report["exit_code"] == 3
    failed = {row["name"]: row for row in report["failures"]["rows"]}
    assert set(failed) == {"INCOMPLETE", "UPSTREAM", "NOT_FOUND", "BAD_INPUT"}
    comments = next(row for row in report["failures"]["rows"] if row["router"] == COMMENTS)
    assert comments["title"] == ONE.title[:80] and ONE.bvid in comments["command"]
    assert report["retry"] == f"scrapy retry {report['run_id']}"
    command = ("retry", report["run_id"], "-O", str(tmp_path / "rest.jsonl"))
    again = crawl(world=WORLD, config=LOGIN, command=command, folder=tmp_path, feed="rest.jsonl")
    assert again.code == 0, again.err
    assert keys(first, again) == keys(whole)
    posts = [request for request in again.requests if request.path == POSTS]
    assert [(request.query["mid"], request.query["pn"]) for request in posts] == [(str(MIDS[0]), "2")]
    assert {json.dumps(record["meta"]["tags"]) for record in again.of(LIST)} == {'{"team": "red"}'}
    [newest] = [other for other in again.reports if other["run_id"] != report["run_id"]]
    assert newest["retry_of"] == report["run_id"]
    assert newest["arguments"] == report["arguments"] and newest["state"] == "finished"
    listed = {row["run_id"]: row for row in runs(tmp_path)}
    assert listed[report["run_id"]]["command"] == report["retry"]
    assert listed[newest["run_id"]]["exit_code"] == 0 and listed[newest["run_id"]]["command"] is None
    last = crawl(command=("retry", newest["run_id"]), folder=tmp_path, feed=None)
    assert last.code == 0 and "Nothing that failed" in last.out and not last.requests


def test_what_a_challenge_stopped_is_resumed_and_leaves_no_stale_failure(tmp_path: Path) -> None:
    sink = {"DATABASE_URL": f"sqlite:///{tmp_path}/crawl.db"}
    first = crawl(USERS, world=WORLD, faults=[Fault(do="captcha", path=POSTS, after=2)], folder=tmp_path, settings=sink)
    report = only(first)
    assert (report["state"], report["stopped"]) == ("unfinished", "challenge")
    assert report["exit_code"] == first.code and report["retry"] is None
    resume = f"scrapy resume {report['run_id']}"
    assert report["resume"] == resume and {row["command"] for row in report["failures"]["rows"]} == {resume}
    assert report["failures"]["number"] == len(first.failures) > 0
    assert {row["stopped"] for row in report["lists"]["rows"]} <= {"challenge", "end"}
    [row] = runs(tmp_path)
    assert (row["state"], row["command"], row["failures"]) == ("unfinished", resume, len(first.failures))
    refused = crawl(command=("retry", report["run_id"]), folder=tmp_path, feed=None)
    assert refused.code == 2 and resume in refused.err
    rest = crawl(world=WORLD, command=("resume",), folder=tmp_path)
    newest = only(rest)
    assert (newest["run_id"], newest["state"], newest["exit_code"]) == (report["run_id"], "finished", 0)
    assert newest["failures"] == {"number": 0, "rows": []}
    assert newest["records"] == {"video": 120} and newest["database"]["rows"] == 120
    assert {row["target"]: row["collected"] for row in newest["lists"]["rows"]} == {str(mid): 40 for mid in MIDS}
    [feed] = newest["feeds"]
    assert (feed["rows"], feed["stored"]) == (120, True)
    with closing(sqlite3.connect(tmp_path / "crawl.db")) as database:
        assert database.execute("SELECT count(*) FROM failure").fetchone() == (0,)
    assert [row["state"] for row in runs(tmp_path)] == [], "it is in a database that is not named"


def test_a_killed_run_is_listed_and_a_limit_is_named(tmp_path: Path) -> None:
    def kill(running: Running) -> None:
        running.until(lambda: len(running.sim.requests) > 5)
        [row] = runs(tmp_path)
        assert (row["state"], row["exit_code"], row["command"]) == ("alive", None, None)
        running.kill()

    stall = [Fault(do="stall", path=POSTS, after=2)]
    killed = crawl(USERS, world=WORLD, folder=tmp_path, process=True, meanwhile=kill, faults=stall)
    assert not killed.reports, "it is written last"
    [row] = runs(tmp_path)
    assert (row["state"], row["stopped"], row["command"]) == ("killed", None, f"scrapy resume {row['run_id']}")
    done = crawl(world=WORLD, command=("resume",), folder=tmp_path)
    assert done.code == 0 and only(done)["requests"] >= 6
    limited = crawl(USERS, "max_requests=3", world=WORLD, folder=tmp_path, feed="second.jsonl")
    [report] = [other for other in limited.reports if other["run_id"] != row["run_id"]]
    assert (report["stopped"], report["state"], report["exit_code"]) == ("budget", "unfinished", 3)
    assert {row["stopped"] for row in report["lists"]["rows"]} <= {"budget", "end"}


def test_a_report_that_cannot_be_written_is_a_failed_output(tmp_path: Path) -> None:
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "bilibili").write_text("a file is in the way", "utf-8")
    refused = crawl(USERS, world=WORLD, folder=tmp_path)
    assert refused.code == 7 and not refused.envelopes and not refused.requests
    assert str(tmp_path / "output" / "bilibili") in refused.err
    (tmp_path / "output" / "bilibili").unlink()

    def occupy(running: Running) -> None:
        running.until(lambda: bool([*tmp_path.glob("output/bilibili")]))
        (tmp_path / "output" / "bilibili").rename(tmp_path / "moved")
        (tmp_path / "output" / "bilibili").write_text("a file is in the way", "utf-8")

    slow = World(seed=3, creators=3, videos=40, page_latency=(0.1, 0.0))
    lost = crawl(USERS, world=slow, folder=tmp_path, meanwhile=occupy)
    assert lost.code == 7 and len(lost.records) == 120
    [newest] = [row for row in runs(tmp_path) if row["records"]]
    assert (newest["state"], newest["stopped"], newest["exit_code"]) == ("unfinished", "output_failed", 7)
    (tmp_path / "output" / "bilibili").unlink()
    done = crawl(world=slow, command=("resume", newest["run_id"]), folder=tmp_path)
    [report] = [other for other in done.reports if other["run_id"] == newest["run_id"]]
    assert done.code == report["exit_code"] == 0 and report["records"] == {"video": 120}
    assert not [request for request in done.requests if request.path == POSTS] and len(done.records) == 120


class Hook(BaseHTTPRequestHandler):
    """Answers each POST by the next word of its server: a status, `hang`, or `drip`."""

    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Hooked)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.calls.append((self.path, self.headers, body))
        word = server.words[min(len(server.calls), len(server.words)) - 1]
        if word == "hang":
            server.is_over.wait(60)
        elif word == 302:
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{server.server_port}/elsewhere")
            self.end_headers()
        else:
            self.send_response(int(word))
            self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


class Hooked(ThreadingHTTPServer):
    def __init__(self, words: list[Any]):
        super().__init__(("127.0.0.1", 0), Hook)
        self.words, self.is_over = words, threading.Event()
        self.calls: list[tuple[str, Any, bytes]] = []


@contextmanager
def hook(*words: Any) -> Iterator[Hooked]:
    server = Hooked(list(words))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.is_over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def notified(server: Hooked, folder: Path, *words: str, monkeypatch: pytest.MonkeyPatch) -> Crawl:
    monkeypatch.setattr("scraper.output.webhook._PAUSE_S", 0.0)
    url = f"http://robot:hunter22secret@127.0.0.1:{server.server_port}/services/T0SECRETPATH?key=abcdefgh"
    env = {"RUN_WEBHOOK": url, "no_proxy": "127.0.0.1"}
    done = crawl(*words, world=WORLD, folder=folder, env=env, may_leave=True)
    assert not [word for word in ("hunter22secret", "T0SECRETPATH", "abcdefgh") if word in done.err + done.out]
    assert b"T0SECRETPATH" not in b"".join(done.files.values())
    return done


@pytest.mark.parametrize(
    "words, calls, is_sent",
    [((200,), 1, True), ((500, 429, 204), 3, True), ((503,), 3, False), ((302,), 1, False), ((404,), 1, False)],
)
def test_a_webhook_gets_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[Any, ...], calls: int, is_sent: bool
) -> None:
    with hook(*words) as server:
        done = notified(server, tmp_path, f"url={MISSING}?token=T0PSECRET", monkeypatch=monkeypatch)
    assert done.code == 0 and len(server.calls) == calls
    path, headers, body = server.calls[-1]
    assert path == "/services/T0SECRETPATH?key=abcdefgh" and headers["Authorization"].startswith("Basic ")
    assert b"T0PSECRET" not in body and json.loads(body) == only(done)
    assert ("was sent to 127.0.0.1" in done.err) is is_sent
    assert ("was not sent to RUN_WEBHOOK" in done.err) is not is_sent


def test_a_webhook_that_hangs_costs_no_run(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr("scraper.output.webhook._TIMEOUT_S", 0.2)
    monkeypatch.setattr("scraper.output.webhook._PAUSE_S", 0.0)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with hook("hang") as server:
        post_report(f"http://127.0.0.1:{server.server_port}/T0SECRETPATH", b"{}")
        assert len(server.calls) == 3
    [message] = caplog.messages
    assert "was not sent to RUN_WEBHOOK" in message and "T0SECRETPATH" not in message


def test_a_webhook_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scraper.output.webhook._PAUSE_S", 0.0)
    gone = crawl(f"url={MISSING}", world=WORLD, env={"RUN_WEBHOOK": "http://127.0.0.1:9/", "no_proxy": "127.0.0.1"})
    assert gone.code == 0 and "was not sent to RUN_WEBHOOK" in gone.err
    wrong = crawl(f"url={MISSING}", world=WORLD, env={"RUN_WEBHOOK": "ftp://h.test/T0SECRETPATH"})
    assert wrong.code == 2 and "RUN_WEBHOOK" in wrong.err and "T0SECRETPATH" not in wrong.err


def test_old_runs_are_removed_and_their_feeds_stay(tmp_path: Path) -> None:
    words = (f"url=https://www.bilibili.com/video/{ONE.bvid}",)
    unfinished = crawl(USERS, "max_requests=2", world=WORLD, folder=tmp_path, feed=None).reports[-1]["run_id"]
    started = []
    for _ in range(4):
        done = crawl(*words, world=WORLD, folder=tmp_path, feed=None, settings={"KEEP_RUNS": 2})
        started += [report["run_id"] for report in done.reports if report["run_id"] not in [*started, unfinished]]
    listed = runs(tmp_path)
    assert len(listed) == 3 and {row["state"] for row in listed} == {"finished", "unfinished"}
    names = {path.name.removesuffix(".run.json") for path in tmp_path.glob("output/bilibili/*.run.json")}
    assert names == {row["run_id"] for row in listed} and unfinished in names
    assert len([*tmp_path.glob("output/bilibili/*.jsonl")]) == 5
    with closing(sqlite3.connect(tmp_path / "state" / "ledger.db")) as database:
        assert {run for (run,) in database.execute("SELECT run_id FROM list_run")} <= names


def test_captures_of_old_runs_are_removed_unless_another_run_got_the_same(tmp_path: Path) -> None:
    def captured(number: int, keep: int = 1) -> Crawl:
        settings = {"KEEP_RUNS": keep, "RAW_CAPTURE": 1}
        video = f"url=https://www.bilibili.com/video/{WORLD.video(0, number).bvid}"
        return crawl(video, world=WORLD, folder=tmp_path, feed=f"{number}.jsonl", settings=settings)

    def bodies() -> set[str]:
        return {path.relative_to(tmp_path / "output").as_posix() for path in tmp_path.glob("output/raw/*/*.zst")}

    first, second, same = captured(0, 0), captured(1, 0), captured(0, 0)
    refs = {record["meta"]["raw_ref"] for done in (first, second, same) for record in done.records}
    assert refs < bodies() and len([*tmp_path.glob("output/raw/*.index.jsonl")]) == 3
    last = captured(2)
    [index] = tmp_path.glob("output/raw/*.index.jsonl")
    assert index.name.startswith(last.records[0]["meta"]["run_id"])
    named = {line["ref"] for line in map(json.loads, index.read_text("utf-8").splitlines()) if line.get("ref")}
    assert bodies() == named and {last.records[0]["meta"]["raw_ref"]} <= named
    captured(1)
    again = captured(1)
    assert again.records[0]["meta"]["raw_ref"] in bodies()
    assert crawl(command=("renormalize", again.records[0]["meta"]["run_id"]), folder=tmp_path, feed=None).code == 0


def test_runs_without_anything_due_push_out_no_other(tmp_path: Path) -> None:
    (tmp_path / "watch.csv").write_text(f"url,every\n{ONE.bvid},6h\n", "utf-8")
    words = (f"file={tmp_path}/watch.csv", "due=1")
    done = [crawl(*words, world=WORLD, folder=tmp_path, feed=None, settings={"KEEP_RUNS": 1}) for _ in range(4)]
    assert [len(one.requests) > 0 for one in done] == [True, False, False, False]
    assert [row["records"] for row in runs(tmp_path)] == [0, 1]
    (feed,) = tmp_path.glob("output/bilibili/*.jsonl")
    assert len(feed.read_text("utf-8").splitlines()) == 1
    named = crawl(*words, world=WORLD, folder=tmp_path)
    assert named.code == 0 and named.files["out.jsonl"] == b"", "a feed with a name is written, too"


KILLER = """
import os, signal
from pathlib import Path
from scrapy import signals

class Killer:
    @classmethod
    def from_crawler(cls, crawler):
        self, mark = cls(), Path(__file__).with_suffix(".killed")
        def kill():
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        crawler.signals.connect(kill, signals.feed_slot_closed, weak=False)
        return self
"""


def test_a_kill_after_the_feeds_were_stored_leaves_no_half_report(tmp_path: Path) -> None:
    (tmp_path / "killer.py").write_text(KILLER, "utf-8")
    env = {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    settings = {"EXTENSIONS": json.dumps({"killer.Killer": 0})}
    killed = crawl(USERS, world=WORLD, folder=tmp_path, process=True, env=env, settings=settings)
    assert (tmp_path / "killer.killed").exists() and not killed.reports and len(killed.records) == 120
    done = crawl(world=WORLD, command=("resume",), folder=tmp_path, process=True, env=env)
    report = only(done)
    assert done.code == 0 and (report["state"], report["records"]) == ("finished", {"video": 120})
    assert keys(done) == keys(killed) and not [request for request in done.requests if request.path == POSTS]
    [feed] = report["feeds"]
    assert feed["sha256"] == hashlib.sha256(done.files["out.jsonl"]).hexdigest() and feed["rows"] == 120


def test_many_lists_and_failures_need_little_memory(tmp_path: Path) -> None:
    number = 50_000
    url = f"sqlite:///{tmp_path}/many.db"
    connection = backend_of(url).connect(writes=True)
    TABLES.create_all(connection)
    run = Run(run_id="r", spider="a", arguments={}, report=str(tmp_path / "r.run.json"))
    add_run(connection, run)
    row = {"run_id": "r", "router": "/api/a/web/b", "declared": 3, "collected": 2, "pages": 1, "gaps": 0}
    for start in range(0, number, 10_000):
        lists = [{**row, "target": str(start + at), "stopped": "end"} for at in range(10_000)]
        connection.execute(insert(LIST_RUN), lists)
        failure = {"run_id": "r", "router": "/api/a/web/b", "code": 502, "name": "UPSTREAM", "message": "m"}
        connection.execute(insert(FAILURE), [{**failure, "input": str(start + at)} for at in range(10_000)])
    report = RunReport(run, None)
    head = report.head(
        stopped=Stop.END,
        close_reason="finished",
        exit_code=3,
        is_ended=True,
        stats={},
        feeds=[],
        sent=0,
        left_open=0,
        files_left=0,
        drift=None,
    )
    tracemalloc.start()
    report.write(connection, head, [])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    connection.close()
    written = json.loads((tmp_path / "r.run.json").read_text("utf-8"))
    assert len(written["lists"]["rows"]) == written["lists"]["number"] == number == written["failures"]["number"]
    assert written["lists"]["declared"] == 3 * number and len(written["failures"]["rows"]) == 1000
    assert peak < 4 << 20, f"{peak} bytes for {number} lists"
    assert report.sent is not None and len(report.sent) < 1 << 20
    assert len(json.loads(report.sent)["lists"]["rows"]) == 100


def test_a_run_that_cannot_be_resumed_is_forgotten(tmp_path: Path) -> None:
    def stop(running: Running) -> None:
        running.until(lambda: len(running.sim.requests) >= 4)
        running.interrupt()

    slow = World(seed=3, creators=3, videos=40, page_latency=(0.1, 0.0))
    crawl(USERS, world=slow, folder=tmp_path, pace={"delay_s": 0.2, "concurrency": 1}, meanwhile=stop)
    (tmp_path / "out.jsonl").write_text("another file\n")
    [row] = runs(tmp_path)
    assert crawl(command=("resume",), folder=tmp_path, feed=None).code == 2
    done = crawl(command=("runs", "--forget", row["run_id"]), folder=tmp_path, feed=None)
    assert done.code == 0 and row["run_id"] in done.out
    assert runs(tmp_path) == [] and (tmp_path / "out.jsonl").read_text() == "another file\n"
    again = crawl(command=("runs", "--forget", row["run_id"]), folder=tmp_path, feed=None)
    assert again.code == 2 and "there is no run" in again.err


def test_the_place_where_no_run_was_found_is_named(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'crawl.db'}"
    for words, out in ((("runs",), "out"), (("retry", "none"), "err"), (("resume",), "err")):
        here, there = (
            getattr(crawl(command=words, settings=settings, folder=tmp_path, feed=None), out)
            for settings in ({}, {"DATABASE_URL": url})
        )
        assert f"in {tmp_path / 'state'} (if the run wrote to a database, give its DATABASE_URL)" in here
        assert f"in {url}" in there
