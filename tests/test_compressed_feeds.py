"""`.jsonl.gz` and `.jsonl.zst`: a frame a page, which other programs read, also after a kill."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from backports import zstd

from scraper.ledger.compression import DamagedError, whole_frames
from scraper.output.exit_code import OUTPUT, of_crawl
from scraper.output.feed_repair import mend, problem
from scraper.output.sinks import OUTPUT_FAILURES
from tests.crawling import Crawl, Running, crawl
from tests.pages import run
from tests.simulator import World
from tests.test_sinks import pages

UNPACK: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.decompress, "zst": zstd.decompress}
PACK: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "zst": zstd.compress}
WORLD = World(seed=9, creators=1, videos=70)
USER = f"url=https://space.bilibili.com/{WORLD.creator(0).mid}"


def ids(body: bytes) -> list[str]:
    return [json.loads(line)["data"]["video_id"] for line in body.splitlines()]


@pytest.mark.parametrize("kind", UNPACK)
def test_it_holds_the_lines_of_a_plain_feed(tmp_path: Path, kind: str) -> None:
    made = pages(5)
    made[1][1].data.desc = "\0 \ud83d \u2028 " + "x" * 3_000_000
    run(made, FEEDS={f"{tmp_path}/a.jsonl": {"format": "jsonl"}, f"{tmp_path}/a.jsonl.{kind}": {}})
    packed = (tmp_path / f"a.jsonl.{kind}").read_bytes()
    assert UNPACK[kind](packed) == (tmp_path / "a.jsonl").read_bytes() != b""


def frames(body: bytes, kind: str) -> Iterator[bytes]:
    while body:
        one = zlib.decompressobj(31) if kind == "gz" else zstd.ZstdDecompressor()
        yield one.decompress(body)
        assert one.eof
        body = one.unused_data


@pytest.mark.parametrize("kind", UNPACK)
def test_its_frames_are_its_pages(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.jsonl.{kind}"
    run(pages(3, size=2), FEEDS={str(path): {}})
    assert [len(frame.splitlines()) for frame in frames(path.read_bytes(), kind)] == [2, 2, 2]


@pytest.mark.skipif(shutil.which("zcat") is None, reason="needs gzip")
def test_zcat_reads_what_a_kill_leaves(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    run(pages(3, size=2), FEEDS={str(path): {}})
    path.write_bytes(path.read_bytes()[:-5])
    done = subprocess.run(["zcat", path], capture_output=True)
    assert len(done.stdout.splitlines()) >= 4


@pytest.mark.parametrize("end", ["half", "zeros", "whole"])
@pytest.mark.parametrize("kind", UNPACK)
def test_an_incomplete_end_is_removed_before_more_is_appended(tmp_path: Path, kind: str, end: str) -> None:
    path = tmp_path / f"a.jsonl.{kind}"
    run(pages(2), FEEDS={str(path): {}})
    before = path.read_bytes()
    more = {"half": PACK[kind](b"more\n" * 50)[:-3], "zeros": bytes(4096), "whole": b""}[end]
    path.write_bytes(before + more)
    assert problem(path, kind) == ""
    mend(path, kind, {})
    assert path.read_bytes() == before


@pytest.mark.parametrize("kind", UNPACK)
def test_nothing_is_removed_from_a_file_that_is_damaged_in_the_middle(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.jsonl.{kind}"
    body = PACK[kind](b"a line\n") + b"something else" + PACK[kind](b"another\n")
    path.write_bytes(body)
    with pytest.raises(DamagedError):
        whole_frames(path, kind)
    stats = run(pages(1), FEEDS={str(path): {"overwrite": False}})
    assert of_crawl(stats) == OUTPUT and "it is damaged after" in stats[OUTPUT_FAILURES][0]
    assert path.read_bytes() == body


def test_only_lines_are_compressed(tmp_path: Path) -> None:
    [sentence] = run(pages(1), FEEDS={f"{tmp_path}/a.csv.gz": {}})[OUTPUT_FAILURES]
    assert "only JSON lines" in sentence and ".jsonl.gz" in sentence


@pytest.mark.parametrize("kind", ["zst", pytest.param("gz", marks=pytest.mark.nightly)])
def test_a_killed_crawl_leaves_whole_pages_and_is_resumed(tmp_path: Path, kind: str) -> None:
    feed = tmp_path / f"out.jsonl.{kind}"

    def kill(running: Running) -> None:
        running.until(lambda: feed.exists() and feed.stat().st_size > 0)
        running.kill()

    def start(*words: str, meanwhile: Callable[[Running], None] | None = None) -> Crawl:
        command = ("crawl", "bilibili") if words else ("resume",)
        return crawl(
            *words, command=command, world=WORLD, folder=tmp_path, feed=None, meanwhile=meanwhile, process=True
        )

    assert start(USER, f"-O{feed}", meanwhile=kill).code == -9
    left = feed.read_bytes()[: whole_frames(feed, kind)]
    assert {*ids(UNPACK[kind](left))} <= {*WORLD.bvids(0)} and left
    done = start()
    assert done.code == 0, done.err
    assert sorted(ids(UNPACK[kind](feed.read_bytes()))) == sorted(WORLD.bvids(0))
