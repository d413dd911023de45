"""`scrapy forget` removes the files of a person's posts, and no others."""

from __future__ import annotations

from pathlib import Path

from tests.test_media_crawl import manifest, media, posts, stored
from tests.tiktok import SITE, go, maker, works


def test_the_files_of_a_person_are_removed(tmp_path: Path) -> None:
    gone, kept = works(0)[:2], works(1)[:2]
    links = f"url={' '.join(f'{SITE}/@_/video/{ident}' for ident in (*gone, *kept))}"
    archive = tmp_path / "archive.txt"
    settings = {"MEDIA": "cover", "MEDIA_ARCHIVE": str(archive)}
    before = go(links, settings=settings, folder=tmp_path)
    assert len(stored(before)) == 8
    dry = go(command=("forget", "tiktok", maker(0).handle, "--dry-run"), folder=tmp_path)
    assert stored(dry) == stored(before)
    assert len(manifest(dry)) == len(archive.read_text().splitlines()) == 4
    assert all(f"{record['path']}" in dry.out for record in media(before) if record["video_id"] in gone)
    done = go(command=("forget", "tiktok", maker(0).handle), folder=tmp_path)
    assert done.code == 0, done.out
    left = {record["path"] for record in media(before) if record["video_id"] in kept}
    assert set(stored(done)) == left | {f"{path}.json" for path in left}
    folders = tmp_path / "output" / "media" / "tiktok"
    assert [folder.name for folder in folders.iterdir()] == [maker(1).handle], "no folder has the person's name"
    assert {record["video_id"] for record in media(done)} == set(kept)
    assert {line["path"] for line in manifest(done)} == left
    assert sorted(archive.read_text().split()) == sorted(["tiktok", *kept, "tiktok"])
    assert {post["data"]["video_id"] for post in posts(done)} == set(kept)
    again = go(links, settings={"MEDIA": "cover"}, folder=tmp_path)
    statuses = {record["video_id"]: record["media_status"] for record in media(again)}
    assert statuses == dict.fromkeys(gone, "done") | dict.fromkeys(kept, "skipped")
