"""`scrapy media`: what failed is downloaded again, alone; files that changed on the disk are named."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.crawling import Crawl
from tests.simulator import Fault
from tests.test_media_crawl import IDS, LINKS, media, posts, stored
from tests.tiktok import go

SETTINGS = {"MEDIA": "video,cover"}


def retry(folder: Path, run_id: str, feed: str = "rest.jsonl") -> Crawl:
    return go(command=("media", "retry", run_id, "-O", str(folder / feed)), folder=folder, feed=feed)


def test_only_what_failed_is_downloaded_again(tmp_path: Path) -> None:
    failed = go(LINKS, settings=SETTINGS, folder=tmp_path, faults=[Fault("p16-*", do="status", status=403)])
    assert failed.code == 3 and len(failed.failures) == len(IDS)
    (run_id,) = {failure["meta"]["run_id"] for failure in failed.failures}
    assert all(f"scrapy media retry {run_id}" in failure["error"]["remedy"] for failure in failed.failures)
    done = retry(tmp_path, run_id)
    assert (done.code, done.failures) == (0, []), done.err
    assert posts(done) == []
    assert {(r["video_id"], r["role"], r["media_status"]) for r in media(done)} == {(i, "cover", "done") for i in IDS}
    assert {r["meta"]["run_id"] for r in media(done)} != {run_id}
    assert {request.host.partition("-")[0] for request in done.requests} <= {"p16", "www.tiktok.com"}
    assert {record["path"] for record in media(done)} <= set(stored(done))
    again = retry(tmp_path, run_id, "third.jsonl")
    assert again.requests == [] and "Nothing that failed" in again.out
    assert f"{tmp_path / 'third.jsonl'} is not written" in again.out


def test_files_that_changed_are_named(tmp_path: Path) -> None:
    done = go(LINKS, settings=SETTINGS, folder=tmp_path)
    sound = go(command=("media", "verify"), folder=tmp_path, feed=None)
    assert sound.code == 0 and sound.out.strip() == "6 files: 6 as downloaded, 0 not"
    changed, cut, removed = (tmp_path / "output" / "media" / record["path"] for record in media(done)[:3])
    changed.write_bytes(changed.read_bytes()[:-1] + b"?")
    cut.write_bytes(cut.read_bytes()[:-1])
    removed.unlink()
    damaged = go(command=("media", "verify"), folder=tmp_path, feed=None)
    assert damaged.code == 3 and "6 files: 3 as downloaded, 3 not" in damaged.out
    named = {line.rpartition(": ")[0] for line in damaged.out.splitlines()[:-1]}
    assert named == {str(changed), str(cut), str(removed)}
    listed = json.loads(go(command=("media", "verify", "--json"), folder=tmp_path, feed=None).out)
    assert (listed["files"], set(listed["problems"]), listed["not_checked"]) == (6, named, {})


def test_a_ledger_without_files_is_not_called_sound(tmp_path: Path) -> None:
    nothing = go(command=("media", "verify"), folder=tmp_path, feed=None)
    assert nothing.code == 2 and f"no downloaded file is known in {tmp_path / 'state'} (if" in nothing.err


def test_the_same_files_in_two_folders(tmp_path: Path) -> None:
    done = [
        go(LINKS, settings={"MEDIA": "cover", "MEDIA_STORE": str(tmp_path / name)}, folder=tmp_path)
        for name in ("one", "other")
    ]
    assert [[record["media_status"] for record in media(crawl)] for crawl in done] == [["done"] * len(IDS)] * 2
    (tmp_path / "one" / media(done[0])[0]["path"]).unlink()
    checked = go(command=("media", "verify"), folder=tmp_path, feed=None)
    assert checked.code == 3 and "6 files: 5 as downloaded, 1 not" in checked.out
    again = go(LINKS, settings={"MEDIA": "cover", "MEDIA_STORE": str(tmp_path / "one")}, folder=tmp_path)
    assert sorted(record["media_status"] for record in media(again)) == ["done", "skipped", "skipped"]


def test_a_ledger_that_knew_one_store_a_file_is_brought_up_to_date(tmp_path: Path) -> None:
    stores = [str(tmp_path / name) for name in ("one", "other")]
    go(LINKS, settings={"MEDIA": "cover", "MEDIA_STORE": stores[0]}, folder=tmp_path)
    with closing(sqlite3.connect(next(tmp_path.rglob("ledger.db")))) as ledger, ledger:
        ledger.execute("CREATE TABLE kept AS SELECT * FROM media_file")
        columns = [column for _, column, *_ in ledger.execute("PRAGMA table_info(media_file)")]
        ledger.execute("DROP TABLE media_file")
        ledger.execute(f"CREATE TABLE media_file ({', '.join(columns)}, PRIMARY KEY (key))")
        ledger.execute("INSERT INTO media_file SELECT * FROM kept")
        ledger.execute("DROP TABLE kept")
        ledger.execute("UPDATE schema_version SET definition = 'older'")
    again = go(LINKS, settings={"MEDIA": "cover", "MEDIA_STORE": stores[0]}, folder=tmp_path)
    assert {record["media_status"] for record in media(again)} == {"skipped"}
    second = go(LINKS, settings={"MEDIA": "cover", "MEDIA_STORE": stores[1]}, folder=tmp_path)
    assert (second.code, {record["media_status"] for record in media(second)}) == (0, {"done"})


def test_a_video_of_another_length_is_named(tmp_path: Path) -> None:
    """Its bytes are those that were downloaded, but the length that was noted is another."""
    done = go(LINKS, settings=SETTINGS, folder=tmp_path)
    video = next(record for record in media(done) if record["role"] == "video")
    with closing(sqlite3.connect(next(tmp_path.rglob("ledger.db")))) as ledger, ledger:
        rows = ledger.execute("UPDATE media_file SET duration_ms = duration_ms + 5000 WHERE path = ?", [video["path"]])
        assert rows.rowcount == 1
    longer = go(command=("media", "verify"), folder=tmp_path, feed=None)
    assert longer.code == 3 and f"{video['path']}: " in longer.out and "cut off" in longer.out
    assert "6 files: 5 as downloaded, 1 not" in longer.out


def test_wrong_usage_is_explained() -> None:
    for words in (("media",), ("media", "check"), ("media", "retry"), ("media", "verify", "now")):
        assert go(command=words, feed=None).code == 2, words
