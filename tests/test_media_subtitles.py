"""Subtitles as files, next to the video that they belong to."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from scraper.platform.captions import file_cues
from tests.crawling import Crawl, crawl, together
from tests.simulator.platforms.tiktok import subtitles
from tests.test_crawl_texts import LOGIN, LONG, MANY, WORLD
from tests.test_crawl_tiktok_subtitles import CREATORS, MUTE, SPOKEN, answered, link
from tests.test_media_crawl import media, stored
from tests.tiktok import TIKTOK, go, user

SUBTITLE = {"MEDIA": "subtitle"}
THREE = {**SUBTITLE, "MEDIA_SUBTITLES": "srt,vtt,txt"}


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    links = f"url={MANY.bvid} {LONG.bvid}"
    dropped = {"settings": {**SUBTITLE, "PRIVACY": "P3=drop"}, "env": {"PRIVACY_KEY": "k" * 40}}
    return together(
        three=lambda: crawl(links, world=WORLD, config=LOGIN, settings=THREE),
        one=lambda: go(link(SPOKEN), settings=SUBTITLE),
        user=lambda: go(f"url={user(0)}", "max_items=20", settings=SUBTITLE),
        router=lambda: go(link(SPOKEN), "router=fetch_video_subtitles", settings=SUBTITLE),
        gone=lambda: go(link(CREATORS), settings=SUBTITLE, faults=[answered("403 Forbidden", 403)]),
        mute=lambda: go(link(MUTE), settings=SUBTITLE),
        hidden=lambda: go(link(SPOKEN), **dropped),
        narrow=lambda: go(link(SPOKEN), settings={**SUBTITLE, "FIELDS": "media_id"}),
        wrong=lambda: go(link(SPOKEN), settings={**SUBTITLE, "MEDIA_SUBTITLES": "srt,doc"}),
        none=lambda: go(link(SPOKEN), settings={**SUBTITLE, "MEDIA_SUBTITLES": ""}),
        douyin=lambda: crawl(
            "url=https://www.douyin.com/video/7412000000000000000",
            command=("crawl", "douyin"),
            world=WORLD,
            settings=SUBTITLE,
        ),
    )


def tracks(done: Crawl) -> list[dict[str, Any]]:
    return [record for record in done.records if record["meta"]["record_type"] == "subtitle"]


def test_the_formats_that_are_asked_for(crawls: dict[str, Crawl]) -> None:
    done = crawls["three"]
    assert done.code == 0, done.failures
    files, records = stored(done), media(done)
    assert tracks(done) and len(records) == 3 * len(tracks(done)) == len({record["path"].lower() for record in records})
    assert set(files) == {record["path"] for record in records}
    for track in tracks(done):
        own = [
            record
            for record in records
            if record["media_id"].split(":")[2] == track["subtitle_id"] and record["video_id"] == track["video_id"]
        ]
        by_ending = {record["path"].rpartition(".")[2]: files[record["path"]].decode() for record in own}
        assert set(by_ending) == {"txt", "srt", "vtt"}
        words = [cue["text"] for cue in track["cues"]]
        assert by_ending["txt"].splitlines() == words
        for form in ("srt", "vtt"):
            assert [cue.text for cue in file_cues(by_ending[form].encode())] == words
        assert {record["part_cid"] for record in own} == {track["part_cid"]}
        posts = [r for r in done.records if r["meta"]["record_type"] == "video" and r["video_id"] == track["video_id"]]
        assert all(posts[0]["author"]["nickname"] in record["path"] for record in own)
        assert {record["video_key"] for record in own} == {posts[0]["meta"]["key"]}


def test_srt_in_every_language_without_asking_for_more(crawls: dict[str, Crawl]) -> None:
    done = crawls["one"]
    assert done.code == 0, done.failures
    files = stored(done)
    assert sorted(record["path"].rpartition(".")[2] for record in media(done)) == ["srt", "srt"]
    of_ids = {record["media_id"].split(":")[2]: record for record in media(done)}  # files may end in another order
    assert of_ids.keys() == {track["subtitle_id"] for track in tracks(done)}
    for track in tracks(done):
        record = of_ids[track["subtitle_id"]]
        body = files[record["path"]]
        assert [cue.text for cue in file_cues(body)] == subtitles.lines(SPOKEN, track["lang"])
        assert record["sha256"] == sha256(body).hexdigest() and record["size"] == len(body)
        assert (record["role"], record["media_status"], record["video_id"]) == ("subtitle", "done", SPOKEN.id)
        assert track["lang"] in record["path"] and TIKTOK.creator(0).handle in record["path"]


def test_the_videos_of_a_list(crawls: dict[str, Crawl]) -> None:
    done = crawls["user"]
    videos = [record for record in done.records if record["meta"]["record_type"] == "video"]
    works = [TIKTOK.work_of(video["video_id"]) for video in videos if video["type"] == "video"]
    expected = sum(len(subtitles.languages(work)) for work in works)
    assert expected and len(stored(done)) == len(media(done)) == expected


def test_subtitles_that_are_asked_for_alone(crawls: dict[str, Crawl]) -> None:
    assert len(stored(crawls["router"])) == 2 == len(media(crawls["router"]))
    assert all(SPOKEN.id in path for path in stored(crawls["router"]))


def test_subtitles_whose_file_did_not_come(crawls: dict[str, Crawl]) -> None:
    done = crawls["gone"]
    [record], [failure] = media(done), done.failures
    assert (record["media_status"], record["path"], stored(done), done.code) == ("failed", None, {}, 3)
    assert CREATORS.id in failure["error"]["message"] and "MEDIA=subtitle" in failure["error"]["remedy"]


def test_a_video_without_subtitles(crawls: dict[str, Crawl]) -> None:
    assert (media(crawls["mute"]), stored(crawls["mute"]), crawls["mute"].code) == ([], {}, 0)


def test_words_that_are_hidden_are_in_no_file(crawls: dict[str, Crawl]) -> None:
    done = crawls["hidden"]
    assert stored(done) == {} and {record["media_status"] for record in media(done)} == {"skipped"}
    assert len(media(done)) == 2 and done.code == 0


def test_fields_that_are_left_out_cost_no_result(crawls: dict[str, Crawl]) -> None:
    assert len([record for record in crawls["narrow"].records if "media_id" in record]) == 2
    assert stored(crawls["narrow"]) == {} and crawls["narrow"].code == 0


def test_what_is_refused_at_the_start(crawls: dict[str, Crawl]) -> None:
    for name, words in (("wrong", "MEDIA_SUBTITLES=srt,doc"), ("none", "MEDIA_SUBTITLES="), ("douyin", "no subtitles")):
        assert crawls[name].code == 2 and words in crawls[name].err, name
        assert crawls[name].requests == []


def test_the_next_run_writes_nothing_twice(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("twice")
    first, second = (go(link(SPOKEN), settings=SUBTITLE, folder=folder) for _ in range(2))
    assert [record["media_status"] for record in media(first)] == ["done", "done"]
    assert [record["media_status"] for record in media(second)] == ["skipped", "skipped"]
    assert stored(first) == stored(second)
