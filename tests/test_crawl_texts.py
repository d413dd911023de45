"""What flies over Bilibili's videos and what is said in them: all segments, all parts, and what is not shown."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.crawling import ROUTER, Crawl, crawl, special, together
from tests.simulator import Fault, Video, World
from tests.simulator.platforms.bilibili import flying, subtitles
from tests.simulator.platforms.bilibili.listing import danmaku

WORLD = World(seed=1, creators=2, videos=60)
LOGIN = f'cookie: "{WORLD.login_cookie}"\n'
SEGMENTS, XML, PARTS = "/x/v2/dm/wbi/web/seg.so", "/x/v1/dm/list.so", "/x/player/pagelist"
PLAYER, UNSIGNED = "/x/player/wbi/v2", "/x/player/v2"
DANMAKU, SUBTITLES = f"{ROUTER}/fetch_video_danmaku", f"{ROUTER}/fetch_video_subtitles"
EVERY = [WORLD.video(0, place) for place in range(60)]
LONG = next(video for video in EVERY if 1200 < video.duration < 3600 and 900 < danmaku(video) < 2500)
QUIET = next(video for video in EVERY if video.duration > 60 and 0 < danmaku(video) < flying.MOST)
MANY = special(WORLD, "multipart")
FAULTS = [Fault(path=SEGMENTS, nth=2, do="truncate"), Fault(path=SEGMENTS, nth=4, do="garbage")]


FILES = f"https://{subtitles.HOST}/bfs"
OTHERS = {"code": 0, "data": {"aid": LONG.aid, "cid": int(LONG.cid), "subtitle": {"subtitles": [
    {"id": 1, "lan": "ai-zh", "subtitle_url": f"{FILES}/ai_subtitle/prod/{LONG.aid + 1}{LONG.cid}{'0' * 32}"},
    {"id": 2, "lan": "en", "subtitle_url": f"{FILES}/subtitle/{'0' * 40}.json"},
]}}}  # fmt: skip


def flown(video: Video) -> list[str]:
    """The ids of all that flies over a work, part by part."""
    return [str(text.number) for part in range(video.parts) for text in flying.texts(WORLD, video, part)]


def ids(done: Crawl) -> list[str]:
    return [record["danmaku_id"] for record in done.of(DANMAKU)]


def langs(video: Video) -> list[str]:
    return subtitles.languages(video) * video.parts


def named(kind: str) -> Video:
    return special(WORLD, kind)


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    def run(*words: str, login: bool = True, **more: object):
        return lambda: crawl(*words, world=WORLD, config=LOGIN if login else "", **more)

    asked, cues = "router=fetch_video_danmaku", "router=fetch_video_subtitles"
    return together(
        long=run(f"url={LONG.bvid}", asked),
        many=run(f"url={MANY.bvid}", asked),
        second=run(f"url=https://www.bilibili.com/video/{MANY.bvid}?p=2", asked),
        beyond=run(f"url=https://www.bilibili.com/video/{MANY.bvid}?p=9", asked),
        guest=run(f"url={QUIET.bvid}", asked, login=False),
        cut=run(f"url={LONG.bvid}", asked, login=False),
        part=run(f"cid={QUIET.cid}", asked, "senders=keep", login=False),
        hurt=run(f"url={LONG.bvid}", asked, faults=FAULTS),
        other=run(f"url={QUIET.bvid}", asked, faults=[Fault(path=SEGMENTS, do="status")], settings={"RETRY_TIMES": 1}),
        resumed=run(f"bv_id={LONG.bvid}", asked, "cursor=1:3"),
        subtitles=run(f"url={MANY.bvid} {LONG.bvid}", cues),
        silent=run(f"url={named('silent').bvid}", cues),
        wall=run(f"url={MANY.bvid}", cues, login=False),
        foreign=run(f"url={named('dolby').bvid}", cues, settings={"RETRY_TIMES": 1}),
        once=run(f"url={named('flac').bvid}", cues),
        signed=run(
            f"url={LONG.bvid}", cues, faults=[Fault(path=PLAYER, do="json", body=OTHERS)], settings={"RETRY_TIMES": 1}
        ),
        unsigned=run(f"url={LONG.bvid}", cues, faults=[Fault(path=PLAYER, do="banned")], env={"RATE_LIMIT_WAIT": "0"}),
        tree=run(f"url={MANY.bvid} {LONG.bvid}", "with=danmaku,subtitles,author"),
    )  # fmt: skip


def test_every_segment_of_a_video(crawls: dict[str, Crawl]) -> None:
    done = crawls["long"]
    assert ids(done) == flown(LONG) and done.code == 0
    count = -(-LONG.duration * 1000 // flying.SEGMENT_MS)
    assert [request.query["segment_index"] for request in done.asked(SEGMENTS)] == [str(n) for n in range(1, count + 1)]
    assert count >= 4 and not done.asked(XML) and len(done.asked(PARTS)) == 1
    record, text = done.records[0], flying.texts(WORLD, LONG, 0)[0]
    assert (record["at_ms"], record["text"], record["create_time"]) == (text.at_ms, text.content, text.created)
    assert (record["video_id"], record["part_cid"], record["segment"]) == (LONG.bvid, str(LONG.cid), 1)
    assert {record["sender_hash"] for record in done.records} == {None}


def test_every_part_of_a_video(crawls: dict[str, Crawl]) -> None:
    assert ids(crawls["many"]) == flown(MANY)
    per_part = Counter(record["part_cid"] for record in crawls["many"].records)
    assert list(per_part) == [str(cid) for cid in MANY.cids]
    assert ids(crawls["second"]) == [str(text.number) for text in flying.texts(WORLD, MANY, 1)]
    assert [failure["error"]["name"] for failure in crawls["beyond"].failures] == ["NOT_FOUND"]


def test_what_guests_are_shown(crawls: dict[str, Crawl]) -> None:
    assert ids(crawls["guest"]) == flown(QUIET) and crawls["guest"].code == 0
    assert not crawls["guest"].asked(SEGMENTS)
    cut = crawls["cut"]
    assert ids(cut) == flown(LONG)[-flying.MOST :]
    [failure] = cut.failures
    assert failure["error"]["name"] == "INCOMPLETE" and "logged-in" in failure["error"]["message"]


def test_a_part_alone(crawls: dict[str, Crawl]) -> None:
    records = crawls["part"].records
    assert [record["danmaku_id"] for record in records] == flown(QUIET) and not crawls["part"].asked(PARTS)
    assert {(record["video_id"], record["part_cid"]) for record in records} == {(None, str(QUIET.cid))}
    senders = {str(text.number): text.sender for text in flying.texts(WORLD, QUIET, 0)}
    assert {record["danmaku_id"]: record["sender_hash"] for record in records} == senders


def test_segments_that_come_broken_are_asked_for_again(crawls: dict[str, Crawl]) -> None:
    assert ids(crawls["hurt"]) == flown(LONG) and crawls["hurt"].code == 0
    assert sum(request.fault is not None for request in crawls["hurt"].requests) == 2


def test_the_other_form_where_one_fails(crawls: dict[str, Crawl]) -> None:
    assert ids(crawls["other"]) == flown(QUIET) and len(crawls["other"].asked(XML)) == 1


def test_going_on_where_it_stopped(crawls: dict[str, Crawl]) -> None:
    later = [text for text in flying.texts(WORLD, LONG, 0) if text.at_ms >= 2 * flying.SEGMENT_MS]
    assert ids(crawls["resumed"]) == [str(text.number) for text in later]


def test_subtitles_of_every_part_with_what_is_said(crawls: dict[str, Crawl]) -> None:
    tracks = crawls["subtitles"].of(SUBTITLES)
    assert Counter(record["lang"] for record in tracks) == Counter(langs(MANY) + langs(LONG))
    for record in tracks:
        video = MANY if record["video_id"] == MANY.bvid else LONG
        path = subtitles.path_of(video, int(record["part_cid"]), record["lang"])
        assert [cue["text"] for cue in record["cues"]] == subtitles.lines(path)
        assert record["cues"][1]["start_ms"] == 2500 and record["text"] == "\n".join(subtitles.lines(path))
        assert record["source"] == ("platform_ai" if record["lang"] == "ai-zh" else "creator")
    assert all(not request.cookies for request in crawls["subtitles"].requests if request.host == subtitles.HOST)


def test_a_video_without_subtitles(crawls: dict[str, Crawl]) -> None:
    record = crawls["silent"].only()["data"]
    assert (record["listing"], record["count"]) == ("fetch_video_subtitles", 0)


def test_subtitles_are_for_logged_in_sessions(crawls: dict[str, Crawl]) -> None:
    assert [failure["error"]["name"] for failure in crawls["wall"].failures] == ["LOGIN_REQUIRED"]


def test_subtitles_of_another_video_are_not_taken(crawls: dict[str, Crawl]) -> None:
    [failure] = crawls["foreign"].failures
    assert failure["error"]["name"] == "UPSTREAM" and "another video" in failure["error"]["message"]
    assert not crawls["foreign"].records and len(crawls["foreign"].asked(PLAYER)) == 2
    assert [record["lang"] for record in crawls["once"].records] == langs(named("flac")) and crawls["once"].code == 0


def test_one_subtitle_of_another_video_casts_doubt_on_all_and_the_other_route_is_asked(
    crawls: dict[str, Crawl],
) -> None:
    done = crawls["signed"]
    assert [record["lang"] for record in done.records] == langs(LONG) and not done.failures
    assert len(done.asked(PLAYER)) == 2 and len(done.asked(UNSIGNED)) == 1


def test_the_unsigned_route_where_the_other_is_refused(crawls: dict[str, Crawl]) -> None:
    assert [record["lang"] for record in crawls["unsigned"].records] == langs(LONG)
    assert crawls["unsigned"].asked(UNSIGNED)


def test_what_records_lead_to(crawls: dict[str, Crawl]) -> None:
    done = crawls["tree"]
    assert sorted(ids(done)) == sorted(flown(MANY) + flown(LONG))
    assert len(done.of(SUBTITLES)) == len(langs(MANY) + langs(LONG))
    authors = {record["uid"] for record in done.of(f"{ROUTER}/fetch_user_profile")}
    assert authors == {str(MANY.mid), str(LONG.mid)}
    assert not done.asked(PARTS), "the records tell of their parts"
    summary = f"declared {danmaku(LONG)}, collected {danmaku(LONG)}, stopped: end"
    assert summary in done.err
