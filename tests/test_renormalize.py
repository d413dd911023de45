"""Captured answers are read again: what comes of them is what the crawl wrote, or differs where the parsers do."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from scraper.captures.raw_answers import zstd
from scraper.platform import Endpoint
from tests.crawling import Crawl, Running, crawl
from tests.mixed import mixed, write
from tests.parts import IS_NIGHTLY
from tests.simulator import Fault, World
from tests.test_crawl_hybrid import logins

WORLD = World(seed=1, creators=3, videos=40)
CAPTURE = {"RAW_CAPTURE": 1}
FOLLOWED = "with=comments,replies,danmaku,subtitles,author"
SPACE = "https://space.bilibili.com"


FAULTS = [
    Fault(path="*playurl*", do="json", body={"code": -404, "message": "nothing"}, times=2),
    Fault(path="*playurl*", do="json", body={"code": 0, "data": {"dash": 5}}, after=3, times=3),
    Fault(path="*reply*", do="status", status=412, body="too many", times=2),
    Fault(path="*reply*", do="truncate", after=4, times=9),
]
"""Extra requests that fail, or cannot be read, retries, other routes."""


def run_ids(done: Crawl) -> list[str]:
    return sorted(report["run_id"] for report in done.reports)


def again(folder: Path, run: str, *words: str, feed: str = "new.jsonl", **more: Any) -> Crawl:
    options = [*words, f"-O{folder / feed}"] if feed else [*words]
    return crawl(*options, command=("renormalize", run), feed=feed or None, folder=folder, world=WORLD, **more)


def lines(envelopes: list[dict[str, Any]]) -> Counter[str]:
    return Counter(json.dumps(envelope, sort_keys=True) for envelope in envelopes)


@pytest.fixture(scope="module")
def hybrid(tmp_path_factory: pytest.TempPathFactory) -> tuple[Crawl, Crawl, Path]:
    """A crawl of all platforms with all that can follow, and what is read of its captures."""
    folder = tmp_path_factory.mktemp("hybrid")
    inputs = mixed(WORLD, 150 if IS_NIGHTLY else 30)
    file = write([*inputs, *inputs[:4]], folder / "inputs.txt")
    extras = [f"{SPACE}/{WORLD.creator(0).mid}"]
    with file.open("a", encoding="utf-8") as targets:
        targets.writelines(f"{link}\n" for link in extras)
    done = crawl(
        f"file={file}",
        FOLLOWED,
        "max_items=4",
        command=("crawl", "hybrid"),
        folder=folder,
        world=WORLD,
        configs={**logins(WORLD), "tiktok_app": ""},
        faults=FAULTS,
        settings={**CAPTURE, "OBSERVE": "placement,edge", "DATABASE_URL": f"sqlite:///{folder}/crawl.db"},
    )
    url = f"sqlite:///{folder}/new.db"
    return done, again(folder, run_ids(done)[0], "--json", settings={"DATABASE_URL": url}), folder


def test_a_crawl_is_read_again_as_it_was(hybrid: tuple[Crawl, Crawl, Path]) -> None:
    done, new, _ = hybrid
    platforms = {record["meta"]["platform"] for record in done.records}
    assert len(platforms) == 3 and len({failure["error"]["name"] for failure in done.failures}) >= 2
    kinds = {record["meta"]["record_type"] for record in done.records}
    assert kinds >= {"video", "comment", "danmaku", "subtitle", "author", "placement", "edge"}
    index = next(body for name, body in done.files.items() if name.endswith(".index.jsonl"))
    awaiting = [step for line in index.splitlines() for _, step in json.loads(line).get("awaiting", [])]
    assert {0, 1, 2} <= set(awaiting), "records that other routes and extra requests complete"
    assert lines(new.envelopes) == lines(done.envelopes) and new.code == 0, new.err
    assert not new.requests


def test_a_database_is_filled_as_by_the_crawl(hybrid: tuple[Crawl, Crawl, Path]) -> None:
    _, _, folder = hybrid

    def rows(name: str, table: str) -> list[Any]:
        with closing(sqlite3.connect(folder / name)) as database:
            return database.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()

    for table in ("video", "comment", "danmaku"):
        assert rows("new.db", table) == rows("crawl.db", table) != []


def test_each_record_names_the_file_of_its_answer(hybrid: tuple[Crawl, Crawl, Path]) -> None:
    done, _, _ = hybrid
    videos = [record for record in done.records if record["meta"]["record_type"] == "video"]
    comments = [record for record in done.records if record["meta"]["record_type"] == "comment"]
    for record, ident in [*((video, "author.uid") for video in videos), *((comment, "text") for comment in comments)]:
        ref = record["meta"]["raw_ref"]
        body = zstd.decompress(done.files[f"output/{ref}"])
        assert Path(ref).name == f"{sha256(body).hexdigest()}.zst" and ident
    bodies = {name for name in done.files if name.startswith("output/raw/") and name.endswith(".zst")}
    assert {f"output/{comment['meta']['raw_ref']}" for comment in comments} <= bodies
    for comment in comments:
        text = zstd.decompress(done.files[f"output/{comment['meta']['raw_ref']}"]).decode()
        assert str(comment["comment_id"]) in text


def test_nothing_changed_is_said_as_numbers(hybrid: tuple[Crawl, Crawl, Path]) -> None:
    done, new, folder = hybrid
    (report,) = json.loads(new.out)
    assert report["run_id"] == run_ids(done)[0] and report["problems"] == []
    assert report["records"] == len(done.records) and report["failures"] == len(done.failures)
    compared = report["compared"]
    assert (compared["same"], compared["changed"], compared["fields"]) == (len(done.envelopes), 0, [])
    assert (compared["gone"], compared["new"], compared["feed"]) == ({}, {}, str(folder / "out.jsonl"))


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Crawl]:
    """Crawls some videos of one user, with captures."""
    uid = WORLD.creator(0).mid
    return partial(crawl, f"url={SPACE}/{uid}", "max_items=40", world=WORLD, folder=tmp_path, settings=CAPTURE)


def test_a_changed_parser_shows_which_fields_it_changes(
    small: Callable[..., Crawl], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = small()
    read = Endpoint.read

    def shouting(self: Endpoint, *args: Any) -> Any:
        page = read(self, *args)
        for record in page.records:
            record.title = record.title.upper() + "!"
        return page._replace(records=page.records[:-1])

    monkeypatch.setattr(Endpoint, "read", shouting)
    new = again(tmp_path, run_ids(done)[0])
    pages = len({record["meta"]["page"] for record in done.records})
    titles = {record["video_id"]: record["title"] for record in done.records}
    assert new.code == 0 and len(new.records) == len(done.records) - pages
    assert all(record["title"] == titles[record["video_id"]].upper() + "!" for record in new.records)
    assert f"{len(new.records)} changed" in new.out and f"no more: {pages} video, such as bilibili:video:" in new.out
    (row,) = [line for line in new.out.splitlines() if line.startswith("video ")]
    first = new.records[0]
    assert row.split()[:3] == ["video", "title", str(len(new.records))] and first["title"] in row
    (report,) = json.loads(again(tmp_path, run_ids(done)[0], "--json", feed="").out)
    (field,) = report["compared"]["fields"]
    before, after = field["before"], field["after"]
    assert before == titles[field["key"].rpartition(":")[2]] and after == before.upper() + "!"


def test_a_page_that_cannot_be_read_any_more_becomes_a_failure(
    small: Callable[..., Crawl], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = small()

    def broken(self: Endpoint, *args: Any) -> Any:
        raise KeyError("title")

    monkeypatch.setattr(Endpoint, "read", broken)
    new = again(tmp_path, run_ids(done)[0])
    names = {failure["error"]["name"] for failure in new.failures}
    assert (
        names == {"BUG"} and not new.records and "new: " in new.out and f"no more: {len(done.records)} video" in new.out
    )


def test_a_parser_that_reads_more_replaces_the_failure(
    small: Callable[..., Crawl], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Endpoint, "read", lambda *args: {}["title"])
        failed = small(may_raise=True)
    assert failed.codes == [500]
    new = again(tmp_path, run_ids(failed)[0])
    assert new.failures == [] and 0 < len(new.records) <= 40 and new.code == 0


def test_missing_and_damaged_captures_are_named(small: Callable[..., Crawl], tmp_path: Path) -> None:
    done = small()
    run = run_ids(done)[0]
    refs = sorted({record["meta"]["raw_ref"] for record in done.records})
    (tmp_path / "output" / refs[0]).unlink()
    damaged = tmp_path / "output" / refs[1]
    body = bytearray(damaged.read_bytes())
    body[len(body) // 2] ^= 0xFF
    damaged.write_bytes(body)
    index = tmp_path / "output" / "raw" / f"{run}.index.jsonl"
    index.write_bytes(index.read_bytes() + b'{"number": 9, "jo\n')
    new = again(tmp_path, run)
    left = [record for record in done.records if record["meta"]["raw_ref"] not in refs[:2]]
    assert new.code == 3 and len(new.records) == len(left) and "3 captures could not be used" in new.out
    assert f"{refs[0]}: No such file or directory" in new.out and f"{refs[1]}: its content is damaged" in new.out
    assert f"{index}: line " in new.out


def test_a_folder_holds_several_runs_and_equal_answers_once(small: Callable[..., Crawl], tmp_path: Path) -> None:
    first = small()
    second = small(feed="second.jsonl")
    bodies = [name for name in second.files if name.endswith(".zst")]
    assert len(bodies) == len([name for name in first.files if name.endswith(".zst")])
    new = again(tmp_path, str(tmp_path / "output"))
    assert lines(new.envelopes) == lines(first.envelopes + second.envelopes)
    assert new.out.count("the same, 0 changed") == 2 and new.code == 0


def test_a_compressed_feed_with_fewer_fields_is_compared(small: Callable[..., Crawl], tmp_path: Path) -> None:
    fewer = {"FIELDS": "video_id,title,author.*", "PRIVACY": "P1=hmac"}
    key = {"PRIVACY_KEY": "k" * 32}
    done = small(feed="out.jsonl.zst", settings={**CAPTURE, **fewer}, env=key)
    assert "holds answers as they came: PRIVACY changes only records" in done.err
    new = again(tmp_path, run_ids(done)[0], settings=fewer, env=key)
    assert "40 the same, 0 changed" in new.out and new.code == 0
    feed = zstd.decompress(done.files["out.jsonl.zst"])
    assert lines(new.envelopes) == lines([json.loads(line) for line in feed.splitlines()])


def test_a_feed_on_standard_output_holds_nothing_but_envelopes(small: Callable[..., Crawl], tmp_path: Path) -> None:
    done = small()
    new = again(tmp_path, run_ids(done)[0], "-O-:jsonl", feed="")
    assert lines([json.loads(line) for line in new.out.splitlines()]) == lines(done.envelopes)
    assert "40 the same, 0 changed" in new.err


def test_the_feed_to_compare_with_is_never_overwritten(small: Callable[..., Crawl], tmp_path: Path) -> None:
    done = small()
    refused = again(tmp_path, run_ids(done)[0], feed="out.jsonl")
    assert refused.code == 2 and "out.jsonl is the feed to compare with" in refused.err
    assert lines(refused.envelopes) == lines(done.envelopes)
    other = again(tmp_path, run_ids(done)[0], f"--compare={tmp_path}/nowhere.jsonl")
    assert other.code == 2 and "nowhere.jsonl: No such file" in other.err
    wrong = crawl("url=BV1", settings={"RAW_CAPTURE": "sometimes"}, world=WORLD)
    assert wrong.code == 2 and "RAW_CAPTURE=sometimes: must be 1 or 0" in wrong.err


def test_a_feed_of_one_record_type_is_not_taken_for_the_whole_run(small: Callable[..., Crawl], tmp_path: Path) -> None:
    done = small(feed="%(record_type)s.jsonl")
    new = again(tmp_path, run_ids(done)[0])
    assert "not compared: the run has no local feed of JSON lines with all its records" in new.out and new.code == 0


def test_a_run_without_captures_is_refused(tmp_path: Path) -> None:
    assert "there are no captures of a run 2026 in" in again(tmp_path, "2026").err
    assert "holds no captures; a crawl with -s RAW_CAPTURE=1 writes them" in again(tmp_path, str(tmp_path)).err


def test_a_folder_that_cannot_be_written_stops_the_crawl_before_its_first_request(
    small: Callable[..., Crawl], tmp_path: Path
) -> None:
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "raw").write_text("a file")
    done = small()
    assert done.code == 7 and not done.requests and "raw cannot be written: File exists" in done.err


def test_a_folder_that_goes_away_stops_the_crawl_and_the_run_can_be_resumed(
    small: Callable[..., Crawl], tmp_path: Path
) -> None:
    raw, away = tmp_path / "output" / "raw", tmp_path / "away"

    def take_away(running: Running) -> None:
        running.until(lambda: any(raw.glob("*.index.jsonl")))
        raw.rename(away)
        raw.write_text("a file")

    stopped = small(meanwhile=take_away, pace={"delay_s": 0.2, "concurrency": 1})
    assert stopped.code == 7 and f"{raw} cannot be written" in stopped.err
    raw.unlink()
    away.rename(raw)
    resumed = crawl(command=("resume",), folder=tmp_path, world=WORLD)
    assert resumed.code == 0 and len({record["video_id"] for record in resumed.records}) == len(resumed.records) == 40
    assert lines(again(tmp_path, run_ids(resumed)[0]).envelopes) == lines(resumed.envelopes)


def test_after_a_kill_the_answers_of_all_records_are_there(small: Callable[..., Crawl], tmp_path: Path) -> None:
    def kill(running: Running) -> None:
        running.until(lambda: len(running.sim.requests) >= 4)
        running.kill()

    killed = small(process=True, meanwhile=kill, pace={"delay_s": 0.2, "concurrency": 1})
    with closing(sqlite3.connect(tmp_path / "state" / "ledger.db")) as ledger:
        (progress,) = ledger.execute("SELECT progress FROM run").fetchone()
    (feed,) = json.loads(progress)["feeds"].values()
    committed = [json.loads(line) for line in killed.files["out.jsonl"][: feed["size"]].splitlines()]
    refs = {envelope["data"]["meta"]["raw_ref"] for envelope in committed}
    assert refs
    assert all(zstd.decompress(killed.files[f"output/{ref}"]) for ref in refs)
    resumed = crawl(command=("resume",), folder=tmp_path, world=WORLD)
    assert len(resumed.records) == 40 and lines(again(tmp_path, run_ids(resumed)[0]).envelopes) == lines(
        resumed.envelopes
    )


def test_a_record_that_needed_no_request_or_began_in_another_run_is_completed(tmp_path: Path) -> None:
    code = WORLD.video(0, 0).bvid
    words = ("router=fetch_video_playurl", f"bv_id={code}")
    parts = [Fault(path="*playurl*", do="status", status=500, body="")]
    settings = {**CAPTURE, "RETRY_TIMES": 0}
    failed = crawl(*words, world=WORLD, folder=tmp_path, settings=settings, faults=parts)
    assert failed.codes == [502] and lines(again(tmp_path, run_ids(failed)[0]).envelopes) == lines(failed.envelopes)
    retry = ("retry", run_ids(failed)[0], f"-O{tmp_path}/rest.jsonl")
    rest = crawl(command=retry, feed="rest.jsonl", world=WORLD, folder=tmp_path)
    assert rest.codes == [200]
    new = again(tmp_path, run_ids(rest)[-1])
    assert lines(new.envelopes) == lines(rest.envelopes) and new.code == 0
    whole = crawl(*words, world=WORLD, folder=tmp_path, settings=settings, feed="whole.jsonl")
    assert lines(again(tmp_path, run_ids(whole)[-1]).envelopes) == lines(whole.envelopes) and whole.codes == [200]


def test_records_of_files_are_not_missed(tmp_path: Path) -> None:
    settings = {**CAPTURE, "MEDIA": "cover"}
    done = crawl(
        f"bv_id={WORLD.video(0, 0).bvid}", "router=fetch_one_video", world=WORLD, folder=tmp_path, settings=settings
    )
    assert [record["meta"]["record_type"] for record in done.records] == ["video", "media"]
    new = again(tmp_path, run_ids(done)[0], feed="")
    assert new.code == 0 and "1 the same" in new.out and "no more" not in new.out
    assert "not compared: 1 record of media files" in new.out


@pytest.mark.nightly
def test_a_run_that_a_challenge_stopped_and_that_was_resumed_is_read_again(tmp_path: Path) -> None:
    file = write(mixed(WORLD, 60), tmp_path / "inputs.txt")
    walls = [Fault(host=host, do="captcha") for host in ("*.douyin.com", "*.iesdouyin.com")]
    hybrid = {"folder": tmp_path, "world": WORLD, "configs": {**logins(WORLD), "tiktok_app": ""}}
    words = (f"file={file}", FOLLOWED, "max_items=5")
    stopped = crawl(*words, command=("crawl", "hybrid"), faults=walls, settings=CAPTURE, **hybrid)
    assert 423 in stopped.codes
    assert lines(again(tmp_path, run_ids(stopped)[0]).envelopes) == lines(stopped.envelopes)
    resumed = crawl(command=("resume",), **hybrid)
    assert 423 not in resumed.codes
    assert lines(again(tmp_path, run_ids(stopped)[0]).envelopes) == lines(resumed.envelopes)
