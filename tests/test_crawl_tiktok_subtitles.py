"""What is said in TikTok's videos: every language, from web and app, and what is left if a file cannot be had."""

from __future__ import annotations

import json

import pytest

from tests.crawling import Crawl, crawl, together
from tests.simulator import Fault
from tests.simulator.platforms.tiktok import subtitles
from tests.simulator.platforms.tiktok.item import images_of
from tests.simulator.worlds.realm import Work
from tests.tiktok import ROUTER, SITE, TIKTOK, WORLD, go, user

SUBTITLES = f"{ROUTER}/fetch_video_subtitles"
WORKS = [TIKTOK.listed(TIKTOK.creator(0), place) for place in range(80)]
VIDEOS = [work for work in WORKS if not work.kind and not images_of(work)]
SPOKEN = next(work for work in VIDEOS if len(subtitles.languages(work)) == 2)
CREATORS = next(work for work in VIDEOS if subtitles.languages(work) == ["deu-DE"])
MUTE = next(work for work in VIDEOS if not subtitles.languages(work))
IMAGES = next(work for work in WORKS if not work.kind and images_of(work))
PAGE, MULTI = "/@_/video/", "/aweme/v1/multi/aweme/detail/"
ASKED = "router=fetch_video_subtitles"
ROLLING = """WEBVTT

00:00.000 --> 00:01.000
so today

00:01.000 --> 00:02.000
so today we cook

00:02.000 --> 00:03.000
so today we cook
rice
"""
CREATOR = {"utterances": [{"text": "Hallo", "start_time": 100, "end_time": 900}]}


def link(work: Work) -> str:
    return f"url={SITE}/@_/video/{work.id}"


def answered(body: str, status: int = 200) -> Fault:
    return Fault(path=f"*{subtitles.FOLDER}*", do="status", body=body, status=status)


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    def run(*words: str, **more: object):
        return lambda: go(*words, **more)

    return together(
        both=run(link(SPOKEN), ASKED, login=True),
        creator=run(link(CREATORS), ASKED),
        mute=run(link(MUTE), ASKED),
        app=run(link(SPOKEN), ASKED, faults=[Fault(path=f"{PAGE}*", do="captcha")]),
        other=run(link(SPOKEN), ASKED, faults=[Fault(path=f"{PAGE}*", do="null_data")]),
        gone=run(link(SPOKEN), ASKED, faults=[answered("403 Forbidden", 403)]),
        cut=run(link(SPOKEN), ASKED, faults=[Fault(path=f"*{subtitles.FOLDER}*", nth=1, do="reset")]),
        html=run(link(SPOKEN), ASKED, faults=[answered("<html>x</html>")], settings={"RETRY_TIMES": 1}),
        rolling=run(link(CREATORS), ASKED, faults=[answered(ROLLING)]),
        json=run(link(CREATORS), ASKED, faults=[answered(json.dumps(CREATOR))]),
        followed=run(f"url={SITE}/@_/video/{SPOKEN.id} {SITE}/@_/photo/{IMAGES.id}", "with=subtitles"),
        user=run(f"url={user(0)}", "with=subtitles", "max_items=20"),
        hybrid=lambda: crawl(link(SPOKEN), "with=subtitles", world=WORLD, command=("crawl", "hybrid")),
    )  # fmt: skip


def check(record: dict, work: Work) -> None:
    lang = record["lang"]
    assert record["video_id"] == work.id and [cue["text"] for cue in record["cues"]] == subtitles.lines(work, lang)
    assert [cue["start_ms"] for cue in record["cues"]] == [place * subtitles.STEP_MS for place in range(subtitles.CUES)]
    assert record["cues"][0]["end_ms"] == subtitles.SHOWN_MS
    assert record["text"] == "\n".join(subtitles.lines(work, lang))
    assert record["format"] == "webvtt" and record["expire_time"] > TIKTOK.now()


def test_every_language_with_what_is_said(crawls: dict[str, Crawl]) -> None:
    done = crawls["both"]
    assert {record["lang"]: record["source"] for record in done.records} == {"eng-US": "asr", "vie-VN": "mt"}
    assert done.code == 0 and len({record["subtitle_id"] for record in done.records}) == 2
    for record in done.records:
        check(record, SPOKEN)


def test_no_cookie_is_sent_for_a_file(crawls: dict[str, Crawl]) -> None:
    files = [request for request in crawls["both"].requests if request.host == subtitles.HOST]
    assert len(files) == 2 and [request.cookies for request in files] == [{}, {}]
    assert {request.headers["referer"] for request in files} == {f"{SITE}/"}


def test_subtitles_that_the_creator_wrote(crawls: dict[str, Crawl]) -> None:
    [record] = crawls["creator"].records
    assert record["source"] == "creator"
    check(record, CREATORS)


def test_a_video_without_subtitles(crawls: dict[str, Crawl]) -> None:
    record = crawls["mute"].only()["data"]
    assert (record["listing"], record["count"], crawls["mute"].code) == ("fetch_video_subtitles", 0, 0)


@pytest.mark.parametrize("name", ["app", "other"])
def test_the_app_knows_them_if_the_page_does_not(crawls: dict[str, Crawl], name: str) -> None:
    done = crawls[name]
    assert {record["lang"]: record["source"] for record in done.records} == {"eng-US": "asr", "vie-VN": "mt"}
    assert len(done.asked(MULTI)) == 1
    for record in done.records:
        check(record, SPOKEN)


def test_a_file_whose_address_expired_costs_only_its_text(crawls: dict[str, Crawl]) -> None:
    done = crawls["gone"]
    assert len(done.records) == 2 and not done.failures
    assert {tuple(record["meta"]["missing"]) for record in done.records} == {("text", "cues")}
    files = [request for request in done.requests if request.host == subtitles.HOST]
    assert len(files) == 2, "it says nothing about the session, and asking again does not help"
    assert "HTTP 403" in done.err and "refuses requests" not in done.err


def test_a_file_that_was_cut_off_is_asked_for_again(crawls: dict[str, Crawl]) -> None:
    assert [record["meta"]["missing"] for record in crawls["cut"].records] == [[], []]


def test_a_page_is_no_subtitle(crawls: dict[str, Crawl]) -> None:
    assert {tuple(record["meta"]["missing"]) for record in crawls["html"].records} == {("text", "cues")}


def test_captions_that_roll_up_say_each_line_once(crawls: dict[str, Crawl]) -> None:
    [record] = crawls["rolling"].records
    assert record["text"] == "so today we cook\nrice"


def test_files_in_json(crawls: dict[str, Crawl]) -> None:
    [record] = crawls["json"].records
    assert record["cues"] == [{"start_ms": 100, "end_ms": 900, "text": "Hallo"}] and record["text"] == "Hallo"


def test_videos_lead_to_their_subtitles_and_images_to_none(crawls: dict[str, Crawl]) -> None:
    done = crawls["followed"]
    assert {record["video_id"] for record in done.of(SUBTITLES)} == {SPOKEN.id} and len(done.of(SUBTITLES)) == 2
    assert len(done.records) == 4 and done.code == 0
    assert len(crawls["hybrid"].records) == 3


def test_the_subtitles_of_a_creators_videos(crawls: dict[str, Crawl]) -> None:
    done = crawls["user"]
    videos = [record for record in done.records if record["meta"]["record_type"] == "video"]
    expected = {
        (work.id, lang)
        for work in map(TIKTOK.work_of, (video["video_id"] for video in videos if video["type"] == "video"))
        for lang in subtitles.languages(work)
    }
    tracks = {(record["video_id"], record["lang"]) for record in done.of(SUBTITLES) if "lang" in record}
    assert expected and tracks == expected
