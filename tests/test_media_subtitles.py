"""Subtitles as files, next to the video that they belong to."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scraper.media.texts import subtitle_plans
from scraper.platform.captions import file_cues
from scraper.records import Cue, Subtitle, meta_for
from tests.crawling import Crawl, crawl, together
from tests.simulator import Fault
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


def on_files(**more: Any) -> Fault:
    return Fault(path=f"*{subtitles.FOLDER}*", **more)


def texts_of(done: Crawl) -> dict[str, list[str]]:
    """The lines of each file, by its language."""
    langs = {track["subtitle_id"]: track["lang"] for track in tracks(done)}
    files = stored(done)
    return {
        langs[record["media_id"].split(":")[2]]: [cue.text or "" for cue in file_cues(files[record["path"]])]
        for record in media(done)
        if record["path"]
    }


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


def test_a_retry_of_files_says_how_subtitles_are_crawled_again(tmp_path: Path) -> None:
    failed = go(link(CREATORS), settings=SUBTITLE, faults=[answered("403 Forbidden", 403)], folder=tmp_path)
    run_id = failed.failures[0]["meta"]["run_id"]
    retried = go(command=("media", "retry", run_id), folder=tmp_path, feed=None)
    assert "Subtitles and danmaku are not downloaded" in retried.out and retried.requests == []
    again = go(link(CREATORS), settings=SUBTITLE, folder=tmp_path)
    assert {record["media_status"] for record in media(again)} == {"done"} and again.code == 0


FAULTS: dict[str, list[Fault]] = {
    "refused": [answered("403 Forbidden", 403)],
    "reset": [on_files(do="reset")],
    "cut": [on_files(do="cut", share=0.5)],
    "length": [on_files(do="length")],
    "html": [on_files(do="html")],
    "empty": [on_files(do="empty")],
    "stall": [on_files(do="stall")],
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_file_that_does_not_come_whole_is_none(name: str) -> None:
    done = go(link(SPOKEN), settings={**SUBTITLE, "RETRY_TIMES": 0, "DOWNLOAD_TIMEOUT": 1}, faults=FAULTS[name])
    expected = {lang: subtitles.lines(SPOKEN, lang) for lang in subtitles.languages(SPOKEN)}
    whole = {lang: body for lang, body in texts_of(done).items() if body == expected[lang]}
    assert texts_of(done) == whole, "no file has less than the CDN"
    failed = [record for record in media(done) if record["media_status"] == "failed"]
    assert len(failed) == len(done.failures) and len(failed) + len(whole) == len(expected)
    assert failed and done.code == 3


def test_tracks_of_one_language_and_source_are_two_files() -> None:
    meta = meta_for(Subtitle, "tiktok", "71")
    record = Subtitle(subtitle_id="71", video_id="1", lang="en", source="creator", cues=[Cue(text="a")], meta=meta)
    other = msgspec.structs.replace(record, subtitle_id="72")
    plans = [plan for one in (record, other) for plan in subtitle_plans(one, one, "router", None, ["srt"])]
    labels = {plan.text.label for plan in plans if plan.text}
    assert len(labels) == 2


def test_the_ceiling_of_a_file_holds_for_subtitles() -> None:
    done = go(link(SPOKEN), settings={**SUBTITLE, "MEDIA_MAX_FILE_SIZE": "10"})
    assert done.code == 0 and stored(done) == {}
    assert {record["media_status"] for record in media(done)} == {"skipped"}
    assert all("MEDIA_MAX_FILE_SIZE=10" in record["error"] for record in media(done))


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
