"""Crawls that download the files of posts: each is whole and has a record; what is owed survives an interruption."""

from __future__ import annotations

import json
import sqlite3
from hashlib import sha256
from pathlib import Path
from typing import Any

import av
import pytest

from tests.crawling import Crawl, Running, together
from tests.simulator import Fault
from tests.tiktok import SITE, go, works

IDS = works(0)[:3]
LINKS = f"url={' '.join(f'{SITE}/@_/video/{ident}' for ident in IDS)}"
MANIFEST = ("media.jsonl", ".media.jsonl.lock")
WANTED = {"MEDIA": "video,cover"}


def media(crawl: Crawl) -> list[dict[str, Any]]:
    """The records of files."""
    return [record for record in crawl.records if record["meta"]["record_type"] == "media"]


def posts(crawl: Crawl) -> list[dict[str, Any]]:
    """The envelopes of posts."""
    return [envelope for envelope in crawl.envelopes if envelope["data"]["meta"]["record_type"] == "video"]


def stored(crawl: Crawl) -> dict[str, bytes]:
    """The files in MEDIA_STORE, by their paths in it."""
    start = "output/media/"
    names = ((path.removeprefix(start), body) for path, body in crawl.files.items() if path.startswith(start))
    return {name: body for name, body in names if name not in MANIFEST}


def manifest(crawl: Crawl) -> list[dict[str, Any]]:
    """The lines of the manifest."""
    return [json.loads(line) for line in crawl.files[f"output/media/{MANIFEST[0]}"].splitlines()]


def lengths(path: Path) -> dict[str, float]:
    """Decode all frames of a file, and return the length of each track in seconds by its type."""
    ends: dict[str, float] = {}
    for kind in ("video", "audio"):
        with av.open(str(path)) as container:
            for frame in container.decode(**{kind: 0}) if [s for s in container.streams if s.type == kind] else ():
                ends[kind] = frame.time or 0.0
    return ends


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="module")
def crawls(folder: Path) -> dict[str, Crawl]:
    rows = {"DATABASE_URL": f"sqlite:///{folder}/all.db"}
    return together(
        whole=lambda: go(LINKS, settings={**WANTED, **rows}, folder=folder / "whole"),
        off=lambda: go(LINKS),
        hidden=lambda: go(
            LINKS, settings={"MEDIA": "cover", "PRIVACY": "P1=drop,P3=drop"}, env={"PRIVACY_KEY": "k" * 40}
        ),
        again=lambda: go(LINKS, settings={**WANTED, **rows}, folder=folder / "whole"),
        unkept=lambda: go(LINKS, settings={**WANTED, "LEDGER_ENABLED": 0}),
        hybrid=lambda: go(LINKS, settings={"MEDIA": "cover"}, command=("crawl", "hybrid")),
        wrong=lambda: go(LINKS, settings={"MEDIA": "video,covers"}),
        odd=lambda: go(LINKS, settings={**WANTED, "MEDIA_QUALITY": "good"}),
        named=lambda: go(LINKS, settings={**WANTED, "MEDIA_NAME": "{id}_{nick}.{ext}"}),
    )


def test_each_file_has_a_record_that_is_true_of_it(crawls: dict[str, Crawl], folder: Path) -> None:
    crawl = crawls["whole"]
    assert crawl.code == 0
    files = stored(crawl)
    assert {(record["video_id"], record["role"]) for record in media(crawl)} == {
        (ident, role) for ident in IDS for role in ("video", "cover")
    }
    for record in media(crawl):
        body = files[record["path"]]
        assert (record["size"], record["sha256"]) == (len(body), sha256(body).hexdigest())
        assert (record["media_status"], record["error"], record["rank"]) == ("done", None, 1)
        assert record["mime"] == {"video": "video/mp4", "cover": "image/jpeg"}[record["role"]]
    for post in posts(crawl):
        (video,) = [r for r in media(crawl) if r["role"] == "video" and r["video_key"] == post["data"]["meta"]["key"]]
        ends = lengths(folder / "whole" / "output" / "media" / video["path"])
        assert set(ends) == {"video", "audio"}
        assert all(abs(end - post["data"]["duration_ms"] / 1000) <= 1.5 for end in ends.values())


def test_nothing_but_whole_files_and_envelopes_is_left(crawls: dict[str, Crawl]) -> None:
    files = stored(crawls["whole"])
    paths = {record["path"] for record in media(crawls["whole"])}
    assert set(files) == paths | {f"{path}.json" for path in paths}
    by_key = {envelope["data"]["meta"]["key"]: envelope for envelope in posts(crawls["whole"])}
    for record in media(crawls["whole"]):
        assert json.loads(files[f"{record['path']}.json"]) == by_key[record["video_key"]]


def test_the_time_of_a_file_is_that_of_its_post(crawls: dict[str, Crawl], folder: Path) -> None:
    times = {envelope["data"]["meta"]["key"]: envelope["data"]["create_time"] for envelope in posts(crawls["whole"])}
    for record in media(crawls["whole"]):
        path = folder / "whole" / "output" / "media" / record["path"]
        assert int(path.stat().st_mtime) == times[record["video_key"]]


def test_the_manifest_has_a_line_a_file(crawls: dict[str, Crawl]) -> None:
    for name in ("whole", "again"):
        names = ("path", "size", "sha256", "mime")
        lines = {line["key"]: tuple(line[n] for n in names) for line in manifest(crawls[name])}
        assert len(lines) == len(manifest(crawls[name]))
        assert lines == {r["meta"]["key"]: tuple(r[n] for n in names) for r in media(crawls["whole"])}, name


def test_the_manifest_keeps_the_lines_of_other_ledgers(tmp_path: Path) -> None:
    settings = [{"MEDIA": "cover", "STATE_DIR": str(tmp_path / ident)} for ident in IDS[:2]]
    links = [f"url={SITE}/@_/video/{ident}" for ident in IDS[:2]]
    first, second = (go(link, settings=own, folder=tmp_path) for link, own in zip(links, settings, strict=True))
    assert [line["post"] for line in manifest(first)] == [post["data"]["meta"]["key"] for post in posts(first)]
    assert {line["path"] for line in manifest(second)} == {r["path"] for done in (first, second) for r in media(done)}


def test_the_database_has_a_row_a_file(crawls: dict[str, Crawl], folder: Path) -> None:
    connection = sqlite3.connect(folder / "all.db")
    rows = connection.execute("SELECT media_id, sha256, path FROM media").fetchall()
    assert sorted(rows) == sorted((r["media_id"], r["sha256"], r["path"]) for r in media(crawls["whole"]))
    assert connection.execute("SELECT count(*) FROM ledger_media").fetchone() == (0,)
    connection.close()


def test_what_an_earlier_run_downloaded_is_not_requested(crawls: dict[str, Crawl]) -> None:
    crawl = crawls["again"]
    assert crawl.code == 0
    assert {record["media_status"] for record in media(crawl)} == {"skipped"}
    assert {(r["path"], r["sha256"]) for r in media(crawl)} == {
        (r["path"], r["sha256"]) for r in media(crawls["whole"])
    }
    assert {request.host for request in crawl.requests} == {"www.tiktok.com"}


def test_a_crawl_without_a_ledger_downloads_as_well(crawls: dict[str, Crawl]) -> None:
    crawl = crawls["unkept"]
    assert crawl.code == 0
    assert sorted(r["media_id"] for r in media(crawl)) == sorted(r["media_id"] for r in media(crawls["whole"]))
    assert {record["path"] for record in media(crawl)} <= set(stored(crawl))


def test_a_file_has_the_router_of_its_post(crawls: dict[str, Crawl]) -> None:
    routers = {envelope["router"] for envelope in crawls["hybrid"].envelopes}
    assert routers == {"/api/hybrid/video_data"} and len(media(crawls["hybrid"])) == len(IDS)
    assert {record["meta"]["router"] for record in media(crawls["hybrid"])} == {posts(crawls["whole"])[0]["router"]}


def test_nothing_is_downloaded_by_default(crawls: dict[str, Crawl]) -> None:
    assert media(crawls["off"]) == [] and stored(crawls["off"]) == {}
    assert {request.host for request in crawls["off"].requests} == {"www.tiktok.com"}


def test_what_is_hidden_in_records_is_in_no_name_and_no_file(crawls: dict[str, Crawl]) -> None:
    people = {post["data"]["author"]["unique_id"] for post in posts(crawls["whole"])}
    texts = {post["data"]["text"] for post in posts(crawls["whole"])}
    files = stored(crawls["hidden"])
    assert len(files) == 2 * len(IDS)
    for path, body in files.items():
        assert not any(word in path for word in people | texts)
        assert not any(word.encode() in body for word in people | texts)


def test_wrong_settings_are_refused_before_the_crawl(crawls: dict[str, Crawl]) -> None:
    for name, words in (("wrong", "did you mean cover"), ("odd", "MEDIA_QUALITY=good"), ("named", "nick")):
        assert crawls[name].code == 2 and words in crawls[name].err, name
        assert crawls[name].requests == []


def test_files_that_come_faster_than_posts() -> None:
    """The ledger owes nothing in between, and SQLite would give the next download the id of the one before."""
    slow = Fault("www.tiktok.com", do="slow", delay=1, after=1)
    done = go(LINKS, settings={"MEDIA": "cover"}, faults=[slow], pace={"concurrency": 1})
    assert done.code == 0, done.failures
    assert [record["media_status"] for record in media(done)] == ["done"] * len(IDS)


def test_a_resumed_run_downloads_what_it_owes(tmp_path: Path) -> None:
    def interrupt(running: Running) -> None:
        running.until(lambda: len([r for r in running.sim.requests if r.host.startswith("p16")]) >= len(IDS))
        running.interrupt()

    slow = [Fault("p16-*", do="slow", delay=60)]
    stopped = go(LINKS, settings={"MEDIA": "cover"}, folder=tmp_path, faults=slow, meanwhile=interrupt)
    assert stopped.code == 3 and "scrapy resume" in stopped.err
    assert len(posts(stopped)) == len(IDS) and media(stopped) == []
    resumed = go(command=("resume",), folder=tmp_path)
    assert resumed.code == 0
    assert len(posts(resumed)) == len(IDS)
    assert sorted(record["video_id"] for record in media(resumed)) == sorted(IDS)
    assert {request.host.partition("-")[0] for request in resumed.requests} == {"p16"}
    for record in media(resumed):
        assert sha256(stored(resumed)[record["path"]]).hexdigest() == record["sha256"]
