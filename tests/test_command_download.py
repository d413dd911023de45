"""`scrapy download`: files of any links, with bars on a terminal; posts of an archive are left out."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import threading
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.crawling import PATIENCE_S, Crawl, Running, together, write_config
from tests.in_process import ROOT
from tests.simulator import Fault, Simulator
from tests.test_crawl_douyin_things import NO_BROWSER
from tests.test_media_crawl import IDS, lengths
from tests.tiktok import SITE, UNSIGNED, WORLD, go, user, works

LINKS = [f"{SITE}/@_/video/{ident}" for ident in IDS]


def download(folder: Path, *words: str, **more: Any) -> Crawl:
    return go(command=("download", *words, "-o", str(folder / "files")), folder=folder, feed=None, **more)


def cdn(crawl: Crawl) -> list[str]:
    """The hosts of the requests for files."""
    return [request.host for request in crawl.requests if not request.host.startswith("www.")]


def read_json(crawl: Crawl) -> dict[str, dict[str, Any]]:
    """The records that --json printed, by post."""
    return {record["video_id"]: record for record in json.loads(crawl.out)}


def names(folder: Path) -> set[str]:
    """The ids of the posts that have a file."""
    return {re.findall(r"_(\d{19})_", path.name)[0] for path in (folder / "files").rglob("*.mp4")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("download")


@pytest.fixture(scope="module")
def crawls(folder: Path) -> dict[str, Crawl]:
    return together(
        plain=lambda: download(folder / "plain", f"look: {LINKS[0]} and", LINKS[1]),
        json=lambda: download(folder / "json", "--json", *LINKS),
        smallest=lambda: download(folder / "smallest", "--json", "--quality", "smallest", *LINKS),
        marked=lambda: download(folder / "marked", "--json", "--with-watermark", *LINKS),
        list=lambda: download(folder / "list", user(0), "--max-items", "2"),
        piped=lambda: download(folder / "piped", "-", stdin=f"{LINKS[0]}\n"),
    )


def test_every_platform_and_a_sound_that_comes_apart(tmp_path: Path) -> None:
    """TikTok's best picture is silent. Douyin's share page names no sound, but a file with sound."""
    apart = WORLD.tiktok.special["separate_sound"], WORLD.douyin.special_work("separate_sound").id
    links = [f"{SITE}/@_/video/{apart[0]}", f"https://www.douyin.com/video/{apart[1]}", WORLD.video(0, 0).bvid]
    configs = {"douyin_web": "", "tiktok_web": "", "tiktok_app": ""}
    done = download(tmp_path, "--json", *links, configs=configs, env=NO_BROWSER)
    assert (done.code, done.err) == (0, "")
    records = read_json(done)
    assert set(records) == {*apart, links[2]}
    for record in records.values():
        assert set(lengths(tmp_path / "files" / record["path"])) == {"video", "audio"}
    assert records[apart[0]]["attempts"] == 2, "picture and sound"


def test_a_quality_that_is_none_is_named_as_it_was_given(tmp_path: Path) -> None:
    done = download(tmp_path, "--quality", "good", LINKS[0])
    assert done.code == 2 and "--quality=good" in done.err and done.requests == []


def test_each_path_that_is_printed_is_a_whole_file(crawls: dict[str, Crawl], folder: Path) -> None:
    done = crawls["plain"]
    assert (done.code, done.err) == (0, "")
    paths = [Path(line) for line in done.out.splitlines()]
    assert set((folder / "plain" / "files").rglob("*.mp4")) == set(paths) and len(paths) == 2
    assert all(set(lengths(path)) == {"video", "audio"} for path in paths)
    assert names(folder / "plain") == set(IDS[:2])


def test_lists_and_standard_input_are_taken(crawls: dict[str, Crawl], folder: Path) -> None:
    assert crawls["list"].code == crawls["piped"].code == 0
    assert names(folder / "list") <= set(works(0)[:3]) and len(crawls["list"].out.splitlines()) == 2
    assert names(folder / "piped") == {IDS[0]}


def test_json_has_the_records_of_the_files(crawls: dict[str, Crawl], folder: Path) -> None:
    records = read_json(crawls["json"])
    assert set(records) == set(IDS)
    for record in records.values():
        body = (folder / "json" / "files" / record["path"]).read_bytes()
        assert (record["size"], record["sha256"]) == (len(body), sha256(body).hexdigest())


def test_the_options_choose_the_file(crawls: dict[str, Crawl]) -> None:
    best, smallest, marked = (read_json(crawls[name]) for name in ("json", "smallest", "marked"))
    assert all(smallest[ident]["size"] < best[ident]["size"] for ident in IDS)
    assert all(marked[ident]["sha256"] != best[ident]["sha256"] for ident in IDS)


def test_posts_of_the_archive_are_not_requested(tmp_path: Path) -> None:
    archive = tmp_path / "archive.txt"
    archive.write_text(f"tiktok {IDS[0]}\ntiktok 73", "utf-8")  # a line that was not completed
    first = download(tmp_path, "--archive", str(archive), *LINKS)
    assert first.code == 0 and "1 post not downloaded" in first.err
    assert not any(IDS[0] in request.path for request in first.requests)
    lines = archive.read_text("utf-8").splitlines()
    assert lines[:2] == [f"tiktok {IDS[0]}", "tiktok 73"]
    assert sorted(lines[2:]) == sorted(f"tiktok {ident}" for ident in IDS[1:])
    second = download(tmp_path, "--archive", str(archive), *LINKS)
    assert (second.code, second.requests) == (0, []) and "3 posts not downloaded" in second.err
    of_list = download(tmp_path, "--archive", str(archive), user(0), "--max-items", "5")
    assert of_list.code == 0 and "not downloaded: in" in of_list.err
    assert names(tmp_path) == set(IDS[1:]) | {
        ident for line in of_list.out.splitlines() for ident in works(0) if ident in line
    }
    assert not set(IDS) & {ident for ident in works(0) if ident in of_list.out}


def test_a_post_whose_file_failed_is_not_in_the_archive(tmp_path: Path) -> None:
    archive = tmp_path / "archive.txt"
    failed = download(tmp_path, "--archive", str(archive), LINKS[0], faults=[Fault("v1*", do="status", status=403)])
    assert failed.code == 3 and failed.out == "" and archive.read_text("utf-8") == ""
    (run_id,) = re.findall(r"scrapy media retry (\S+)", failed.err)
    assert IDS[0] in failed.err
    done = go(command=("media", "retry", run_id), folder=tmp_path, feed=None)
    assert done.code == 0 and archive.read_text("utf-8") == f"tiktok {IDS[0]}\n"


def test_processes_at_once_do_not_damage_the_archive(tmp_path: Path) -> None:
    archive = tmp_path / "archive.txt"
    posts = works(0)[:8]
    threads, codes = [], list[int]()
    for number, group in enumerate((posts[:4], posts[4:])):
        links = [f"{SITE}/@_/video/{ident}" for ident in group]
        words = ("--archive", str(archive), *links)
        place = tmp_path / str(number)

        def run(words: tuple[str, ...] = words, place: Path = place) -> None:
            codes.append(download(place, *words, process=True).code)

        threads.append(threading.Thread(target=run))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [0, 0]
    assert sorted(archive.read_text("utf-8").splitlines()) == sorted(f"tiktok {ident}" for ident in posts)


def test_ctrl_c_says_how_to_continue_and_the_archive_is_continued(tmp_path: Path) -> None:
    archive = tmp_path / "archive.txt"

    def interrupt(running: Running) -> None:
        running.until(lambda: any(request.host.startswith("v16") for request in running.sim.requests))
        running.interrupt()

    slow = [Fault("v16-*", do="slow", delay=60)]
    stopped = download(tmp_path, "--archive", str(archive), *LINKS, faults=slow, meanwhile=interrupt)
    assert stopped.code == 3 and archive.read_text("utf-8") == ""
    (run_id,) = re.findall(r"To continue: scrapy resume (\S+)", stopped.err)
    resumed = go(command=("resume", run_id), folder=tmp_path, feed=None)
    assert resumed.code == 0 and names(tmp_path) == set(IDS)
    assert sorted(archive.read_text("utf-8").splitlines()) == sorted(f"tiktok {ident}" for ident in IDS)


def test_what_cannot_be_downloaded_is_explained(tmp_path: Path) -> None:
    gone = download(tmp_path, str(f"{SITE}/@_/video/7000000000000000000"))
    assert gone.out == "" and "NOT_FOUND" in gone.err and "7000000000000000000" in gone.err
    (tmp_path / "a_file").write_text("")
    blocked = go(command=("download", LINKS[0], "-o", str(tmp_path / "a_file")), folder=tmp_path, feed=None)
    assert blocked.code == 7 and "a_file" in blocked.err and blocked.requests == []
    for words in (
        (),
        ("--quality", "good", LINKS[0]),
        ("--archive", str(tmp_path), LINKS[0]),
        ("--max-items", "x", LINKS[0]),
    ):
        wrong = download(tmp_path, *words)
        assert wrong.code == 2 and wrong.requests == [], words


def test_a_terminal_shows_a_bar_for_each_file_and_one_for_all(tmp_path: Path) -> None:
    write_config(tmp_path, service_name="tiktok_web")
    ours, theirs = pty.openpty()
    shown = bytearray()
    with Simulator(WORLD, [Fault("v16-*", do="slow", delay=1, times=1)]) as sim:
        folders = {f"{name.upper()}_DIR": str(tmp_path / name) for name in ("config", "state", "output")}
        options = [word for name, value in UNSIGNED.items() for word in ("-s", f"{name}={value}")]
        process = subprocess.Popen(
            [sys.executable, "-m", "scrapy", "download", *LINKS, "-o", str(tmp_path / "files"), *options],
            **dict.fromkeys(("stdin", "stdout", "stderr"), theirs),
            cwd=ROOT,
            env={**os.environ, **sim.env, **folders, "COLUMNS": "200", "TERM": "xterm"},
        )
        os.close(theirs)
        reader = threading.Thread(target=_read, args=(ours, shown))
        reader.start()
        assert process.wait(PATIENCE_S) == 0
        reader.join()
    os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert any(f"{ident} video" in text for ident in IDS) and "━" in text
    assert "all files" in text and "/3" in text
    paths = [line for line in text.replace("\r", "\n").splitlines() if line.endswith(".mp4")]
    assert len([path for path in paths if Path(path).is_file()]) == len(IDS)
    assert names(tmp_path) == set(IDS)


def _read(terminal: int, shown: bytearray) -> None:
    try:
        while block := os.read(terminal, 1 << 16):
            shown += block
    except OSError:  # the other side was closed
        return
