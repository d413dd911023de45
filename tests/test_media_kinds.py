"""The files of every kind of post: with their sound, in order, in pairs, and in the quality that was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from scraper.media.options import MediaOptions, media_options
from scraper.media.wanted import chosen
from scraper.records import AudioStream, Stream, VideoData
from scraper.settings import MEDIA_NAME
from tests.crawling import Crawl, crawl, special, together
from tests.simulator import Fault, World
from tests.test_crawl_douyin_lists import DOUYIN, WWW, run
from tests.test_media_crawl import lengths, media, posts

WORLD = World(seed=1, creators=3, videos=40)
SILENT, SPLIT, PARTS = (special(WORLD, name) for name in ("silent", "durl_only", "multipart"))
PAGE = f"https://www.bilibili.com/video/{PARTS.bvid}"
SMALL = {"MEDIA": "video", "MEDIA_QUALITY": "smallest"}
REFUSED = Fault("*.bilivideo.com", do="status", status=403, times=1)
NOTES = {name: DOUYIN.special_work(name).id for name in ("note", "slides", "live_photo")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kinds")


@pytest.fixture(scope="module")
def crawls(folder: Path) -> dict[str, Crawl]:
    notes = " ".join(f"{WWW}/note/{ident}" for ident in NOTES.values())
    return together(
        apart=lambda: crawl(
            f"url={PAGE}?p=1",
            world=WORLD,
            settings={"MEDIA": "video", "MEDIA_QUALITY": "<=480p"},
            folder=folder / "apart",
        ),
        odd=lambda: crawl(f"url={SILENT.bvid} {SPLIT.bvid}", world=WORLD, settings=SMALL, folder=folder / "odd"),
        parts=lambda: crawl(
            f"url={PARTS.bvid}", "router=fetch_video_playurl", world=WORLD, settings=SMALL, folder=folder / "parts"
        ),
        plain=lambda: crawl(f"url={PAGE}", world=WORLD, settings=SMALL),
        second=lambda: crawl(
            "router=fetch_one_video", f"bv_id={PARTS.bvid}", "p=2", world=WORLD, settings=SMALL, faults=[REFUSED]
        ),
        listed=lambda: crawl(
            f"url=https://space.bilibili.com/{PARTS.mid}", "until=2026-09-03", world=WORLD, settings=SMALL
        ),
        notes=lambda: run(f"url={notes}", settings={"MEDIA": "image,live_photo,music"}, folder=folder / "notes"),
    )


def path_of(folder: Path, name: str, record: dict[str, Any]) -> Path:
    return folder / name / "output" / "media" / record["path"]


def test_picture_and_sound_that_come_apart_are_one_file(crawls: dict[str, Crawl], folder: Path) -> None:
    done = crawls["apart"]
    assert done.code == 0, done.failures
    (record,) = media(done)
    (post,) = posts(done)
    own = [part for part in post["data"]["parts"] if part["cid"] == record["part_cid"]]
    ends = lengths(path_of(folder, "apart", record))
    assert set(ends) == {"video", "audio"} and record["attempts"] == 2
    assert all(abs(end * 1000 - own[0]["duration_ms"]) <= 2000 for end in ends.values())
    with av.open(str(path_of(folder, "apart", record))) as container:
        assert min(container.streams.video[0].width, container.streams.video[0].height) > 0
        tags = container.metadata
    assert tags["title"] == post["data"]["title"] and tags["artist"] == post["data"]["author"]["nickname"]
    assert tags["comment"] == post["data"]["url"]


def test_a_video_without_sound_is_a_success(crawls: dict[str, Crawl], folder: Path) -> None:
    done = crawls["odd"]
    assert (done.code, done.failures) == (0, [])
    tracks = {r["video_id"]: set(lengths(path_of(folder, "odd", r))) for r in media(done)}
    assert tracks == {SILENT.bvid: {"video"}, SPLIT.bvid: {"video", "audio"}}


def test_pieces_are_joined(crawls: dict[str, Crawl], folder: Path) -> None:
    (record,) = [record for record in media(crawls["odd"]) if record["video_id"] == SPLIT.bvid]
    assert record["attempts"] > 1 and record["mime"] == "video/mp4"
    (post,) = [post for post in posts(crawls["odd"]) if post["data"]["video_id"] == SPLIT.bvid]
    pieces = len(post["data"]["video_data"]["segments"])
    ends = lengths(path_of(folder, "odd", record))
    assert all(abs(end * 1000 - post["data"]["duration_ms"]) <= 1000 * (pieces + 1) for end in ends.values())


@pytest.mark.parametrize("name", ["parts", "plain"])
def test_every_part_is_a_file_of_its_own(crawls: dict[str, Crawl], name: str) -> None:
    done = crawls[name]
    assert done.code == 0, done.failures
    records = media(done)
    assert sorted(record["rank"] for record in records) == list(range(1, len(PARTS.cids) + 1))
    assert {record["part_cid"] for record in records} == {str(cid) for cid in PARTS.cids}
    assert len({record["path"].lower() for record in records}) == len(records)


def test_a_part_that_is_selected_comes_alone(crawls: dict[str, Crawl]) -> None:
    """It is asked for again, since its first address is refused."""
    done = crawls["second"]
    assert done.code == 0, done.failures
    [record] = media(done)
    assert (record["part_cid"], record["rank"], record["media_status"]) == (str(PARTS.cids[1]), 2, "done")
    assert record["attempts"] > 1


def test_a_list_leads_to_all_parts(crawls: dict[str, Crawl]) -> None:
    done = crawls["listed"]
    records = [record for record in media(done) if record["video_id"] == PARTS.bvid]
    assert sorted(record["part_cid"] for record in records) == sorted(map(str, PARTS.cids)), done.failures
    assert {record["media_status"] for record in records} == {"done"}


def test_the_images_of_a_post_are_there_in_order(crawls: dict[str, Crawl], folder: Path) -> None:
    done = crawls["notes"]
    assert done.code == 0, done.failures
    for post in posts(done):
        images = [r for r in media(done) if r["role"] == "image" and r["video_key"] == post["data"]["meta"]["key"]]
        listed = post["data"]["image_data"]["no_watermark_image_list"]
        assert [r["url"] for r in sorted(images, key=lambda r: r["rank"])] == listed
        assert [r["path"].rpartition("_")[2] for r in sorted(images, key=lambda r: r["rank"])] == [
            f"{place:02}.jpg" for place in range(1, len(listed) + 1)
        ]
        for record in images:
            with Image.open(path_of(folder, "notes", record)) as picture:
                picture.load()


def test_a_live_photo_is_a_pair(crawls: dict[str, Crawl], folder: Path) -> None:
    for post in posts(crawls["notes"]):
        key, pairs = post["data"]["meta"]["key"], post["data"]["image_data"]["live_photos"]
        files = [r for r in media(crawls["notes"]) if r["role"] == "live_photo" and r["video_key"] == key]
        expected = [(rank, url) for rank, pair in enumerate(pairs, 1) for url in (pair["clip"], pair["image"])]
        assert sorted((r["rank"], r["url"]) for r in files) == sorted(expected)
        for rank in range(1, len(pairs) + 1):
            stems = {r["path"].rpartition(".")[0] for r in files if r["rank"] == rank}
            assert len(stems) == 1 and {r["mime"] for r in files if r["rank"] == rank} == {"video/mp4", "image/jpeg"}


def options(**settings: str) -> MediaOptions:
    from scrapy.settings import BaseSettings

    usual = {"MEDIA_QUALITY": "best", "MEDIA_WATERMARK": "0", "MEDIA_NAME": MEDIA_NAME, "MEDIA_CONCURRENCY": 4,
             "OUTPUT_DIR": "output", "MEDIA_SUBTITLES": "srt", "MEDIA_DANMAKU": "xml"}  # fmt: skip
    read = media_options(BaseSettings({**usual, **settings}))
    assert read
    return read


def stream(lines: int, codec: str, audio: bool | None = True, size: int | None = None, **more: Any) -> Stream:
    url = f"https://cdn.test/{lines}/{codec}/{audio}"
    return Stream(width=lines * 16 // 9, height=lines, codec=codec, audio=audio, size=size, urls=[url], **more)


FILES = [stream(1440, "h265"), stream(1080, "h265"), stream(1080, "h264"), stream(480, "h264")]
MUTE = [stream(2160, "h265", audio=False), *FILES]


@pytest.mark.parametrize(
    "quality, streams, lines, codec",
    [
        ("best", FILES, 1440, "h265"),
        ("best", MUTE, 1440, "h265"),
        ("best", [stream(720, "h264", audio=False)], 720, "h264"),
        ("h264", FILES, 1080, "h264"),
        ("h264", FILES[:2], 1440, "h265"),
        ("<=1080p", FILES, 1080, "h265"),
        ("<=720p", FILES, 480, "h264"),
        ("<=360p", FILES, 480, "h264"),
        ("smallest", FILES, 480, "h264"),
        ("smallest", [stream(480, "h264", size=9), stream(720, "h265", size=5)], 720, "h265"),
        ("smallest", MUTE, 480, "h264"),
    ],
)
def test_the_quality_is_the_one_asked_for(quality: str, streams: list[Stream], lines: int, codec: str) -> None:
    video = VideoData(streams=streams)
    taken = chosen(video, options(MEDIA="video", MEDIA_QUALITY=quality).quality)
    assert taken and (taken.height, taken.codec) == (lines, codec)


def test_a_mute_picture_is_taken_if_its_sound_comes_apart() -> None:
    sound = AudioStream(urls=["https://cdn.test/a"])
    taken = chosen(VideoData(streams=MUTE, audio_streams=[sound]), options(MEDIA="video").quality)
    assert taken and taken.height == 2160
