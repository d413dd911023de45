"""The clients of the benchmark do what they are compared for. How fast they are is for `make bench` to tell."""

from pathlib import Path

import pytest

from tests.bench import media
from tests.bench.clients import BARE, LIMIT, LOOP, OURS, STOCK
from tests.bench.parse_cost import Reader, bodies
from tests.bench.runner import WrongError, bench
from tests.bench.shapes import PLATFORMS
from tests.bench.subjects import SUBJECTS
from tests.bench.work import WorkSize
from tests.simulator import World


def test_every_client_writes_all_posts() -> None:
    with bench(WorkSize(["tiktok_posts"], targets=2, pages=2)) as running:
        for client in (OURS, BARE, STOCK, LOOP, LIMIT):
            used = running.run(client)  # which checks the records
            assert used.answers >= running.work.requests


def test_a_hybrid_crawl_writes_the_posts_of_all_platforms() -> None:
    with bench(WorkSize([f"{platform}_videos" for platform in PLATFORMS], targets=2)) as running:
        running.run(OURS)
        assert len(running.work.ids) == 6


def test_a_client_that_misses_records_is_refused() -> None:
    with bench(WorkSize(["douyin_posts"], targets=1, pages=1)) as running:
        running.work.ids.append("1")
        with pytest.raises(WrongError, match="1 missing"):
            running.run(LOOP)


def test_every_page_is_read_completely() -> None:
    for platform, kind, _, body in bodies():
        reader = Reader(platform, kind, body)
        assert len(reader.parse(reader.verdict()).records) == 20


def test_the_ids_of_a_subject_are_distinct() -> None:
    for subject in SUBJECTS.values():
        ids = [ident for number in range(3) for ident in subject.ids(number, 2)]
        assert len(set(ids)) == len(ids)


def test_the_client_of_media_files_downloads_one_as_a_whole(tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    with media.served(tmp_path, World()) as cdn:
        wall_s, peak_mb = media._client("download", media._address(2**20), cdn.proxy, str(out))
        assert wall_s > 0 and peak_mb > 10
        assert [request["status"] for request in cdn.requests()] == [200]
        with pytest.raises(WrongError, match="came with 1048576"):
            media._check_size(out, 2**20 + 1)
        with pytest.raises(WrongError, match="curl ended"):
            media._curl(cdn, media._address(2**20).replace(f"/{media._UNTIL:08x}/", "/00000001/"), out)
