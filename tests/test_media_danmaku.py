"""Danmaku as files: one a part and format, with all pages of its list."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.crawling import Crawl, Running, crawl, special, together
from tests.simulator import Fault
from tests.simulator.platforms.bilibili import flying
from tests.simulator.platforms.douyin import flown as douyin_flown
from tests.test_crawl_douyin_things import LONG as DOUYIN_LONG
from tests.test_crawl_douyin_things import run as run_douyin
from tests.test_crawl_texts import LOGIN, LONG, MANY, QUIET, SEGMENTS, WORLD, flown
from tests.test_media_crawl import media, stored
from tests.tiktok import SITE, go, works

DANMAKU = {"MEDIA": "danmaku"}
XML = {**DANMAKU, "MEDIA_DANMAKU": "xml"}


def bilibili(*words: str, login: bool = True, **more: object) -> Crawl:
    return crawl(*words, world=WORLD, config=LOGIN if login else "", **{"settings": XML, **more})


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    return together(
        both=lambda: bilibili(f"url={LONG.bvid} {MANY.bvid}", settings=DANMAKU),
        router=lambda: bilibili(f"url={LONG.bvid}", "router=fetch_video_danmaku"),
        part=lambda: bilibili(f"cid={QUIET.cid}", "router=fetch_video_danmaku", login=False),
        cut=lambda: bilibili(f"url={LONG.bvid}", "with=danmaku", login=False),
        nothing=lambda: bilibili(f"url={special(WORLD, 'silent').bvid}"),
        hidden=lambda: bilibili(
            f"url={QUIET.bvid}", settings={**XML, "PRIVACY": "P3=drop"}, env={"PRIVACY_KEY": "k" * 40}
        ),
        unkept=lambda: bilibili(f"url={LONG.bvid}", settings={**XML, "LEDGER_ENABLED": "0"}),
        douyin=lambda: run_douyin(f"url={DOUYIN_LONG.id}", settings=DANMAKU),
        tiktok=lambda: go(f"url={SITE}/@_/video/{works(0)[0]}", settings=DANMAKU),
        wrong=lambda: bilibili(f"url={LONG.bvid}", settings={**DANMAKU, "MEDIA_DANMAKU": "srt"}),
    )


def ids(body: bytes) -> list[str]:
    """The ids in an XML file, in its order."""
    return [(element.get("p") or "").split(",")[7] for element in ElementTree.fromstring(body).iter("d")]


def is_sound(done: Crawl) -> bool:
    """Whether the records say the truth of the files, and nothing else is in the store."""
    files, records = stored(done), media(done)
    assert {record["path"]: (record["size"], record["sha256"]) for record in records} == {
        path: (len(body), sha256(body).hexdigest()) for path, body in files.items()
    }
    return len(records) == len(files) and {record["media_status"] for record in records} == {"done"}


def test_one_file_a_part_and_format(crawls: dict[str, Crawl]) -> None:
    done = crawls["both"]
    assert done.code == 0 and is_sound(done)
    files = stored(done)
    expected = {
        str(cid): [str(text.number) for text in flying.texts(WORLD, video, part)]
        for video in (LONG, MANY)
        for part, cid in enumerate(video.cids[: video.parts])
    }
    xml, ass = (
        {record["part_cid"]: files[record["path"]] for record in media(done) if record["path"].endswith(form)}
        for form in (".xml", ".ass")
    )
    assert {cid: ids(body) for cid, body in xml.items()} == {cid: own for cid, own in expected.items() if own}
    assert set(ass) == set(xml)
    for cid, body in ass.items():
        lines = [line for line in body.decode().splitlines() if line.startswith("Dialogue:")]
        assert 0 < len(lines) <= len(expected[cid])
    posts = {r["video_id"]: r for r in done.records if r["meta"]["record_type"] == "video"}
    for record in media(done):
        assert posts[record["video_id"]]["author"]["nickname"] in record["path"]
        assert record["video_key"] == posts[record["video_id"]]["meta"]["key"]
    assert sum(record["video_id"] == LONG.bvid for record in media(done)) == 2


def test_the_words_and_their_places(crawls: dict[str, Crawl]) -> None:
    [body] = stored(crawls["router"]).values()
    elements = list(ElementTree.fromstring(body).iter("d"))
    texts = flying.texts(WORLD, LONG, 0)
    assert [element.text for element in elements] == [text.content for text in texts]
    places = [round(float((element.get("p") or "").split(",")[0]) * 1000) for element in elements]
    assert places == [text.at_ms for text in texts]


def test_a_part_alone(crawls: dict[str, Crawl]) -> None:
    assert is_sound(crawls["part"])
    [body] = stored(crawls["part"]).values()
    assert ids(body) == flown(QUIET) and media(crawls["part"])[0]["video_key"] is None


def test_the_rest_of_a_list_replaces_no_larger_file(tmp_path: Path) -> None:
    asked = (f"bv_id={LONG.bvid}", "router=fetch_video_danmaku")
    [(path, body)] = stored(bilibili(*asked, folder=tmp_path)).items()
    files = stored(bilibili(*asked, "cursor=1:3", folder=tmp_path))
    later = [text for text in flying.texts(WORLD, LONG, 0) if text.at_ms >= 2 * flying.SEGMENT_MS]
    assert files.pop(path) == body and ids(body) == flown(LONG)
    assert [ids(rest) for rest in files.values()] == [[str(text.number) for text in later]]
    assert stored(bilibili(*asked, folder=tmp_path))[path] == body


def test_a_list_that_is_cut_off_gives_what_came(crawls: dict[str, Crawl]) -> None:
    [body] = stored(crawls["cut"]).values()
    assert ids(body) == flown(LONG)[-flying.MOST :] and crawls["cut"].code == 3


def test_nothing_comes_of_nothing(crawls: dict[str, Crawl]) -> None:
    done = crawls["nothing"]
    assert len(stored(done)) == bool(flown(special(WORLD, "silent"))) and done.code == 0


def test_words_that_are_hidden_are_in_no_file(crawls: dict[str, Crawl]) -> None:
    [record] = media(crawls["hidden"])
    assert (record["media_status"], stored(crawls["hidden"])) == ("skipped", {})


def test_a_crawl_that_keeps_no_ledger(crawls: dict[str, Crawl]) -> None:
    assert is_sound(crawls["unkept"])
    [body] = stored(crawls["unkept"]).values()
    assert ids(body) == flown(LONG)


def test_danmaku_of_douyin(crawls: dict[str, Crawl]) -> None:
    done = crawls["douyin"]
    assert done.code == 0 and is_sound(done)
    [body] = [body for path, body in stored(done).items() if path.endswith("xml")]
    moments = douyin_flown.moments(DOUYIN_LONG)
    assert ids(body) == [douyin_flown.danmaku_id(DOUYIN_LONG, at) for at in moments] and moments


def test_what_is_refused_at_the_start(crawls: dict[str, Crawl]) -> None:
    for name, words in (("tiktok", "TikTok has no danmaku"), ("wrong", "MEDIA_DANMAKU=srt")):
        assert crawls[name].code == 2 and words in crawls[name].err, name
        assert crawls[name].requests == []


@pytest.mark.nightly
def test_a_resumed_run_has_the_pages_of_both_starts(tmp_path: Path) -> None:
    def interrupt(running: Running) -> None:
        running.until(lambda: len([r for r in running.sim.requests if r.path == SEGMENTS]) >= 3)
        running.interrupt()

    slow = [Fault(path=SEGMENTS, nth=3, do="slow", delay=60)]
    stopped = bilibili(f"url={LONG.bvid}", folder=tmp_path, faults=slow, meanwhile=interrupt)
    assert stopped.code == 3 and media(stopped) == []
    assert not [path for path in stored(stopped) if path.endswith(".xml")]
    resumed = crawl(command=("resume",), world=WORLD, config=LOGIN, folder=tmp_path)
    assert resumed.code == 0 and is_sound(resumed)
    [body] = stored(resumed).values()
    count = -(-LONG.duration * 1000 // flying.SEGMENT_MS)
    assert ids(body) == flown(LONG) and len([r for r in resumed.requests if r.path == SEGMENTS]) == count - 2


def test_a_later_run_writes_the_file_anew(tmp_path: Path) -> None:
    first, second = (bilibili(f"url={QUIET.bvid}", folder=tmp_path) for _ in range(2))
    assert stored(first) == stored(second) and is_sound(second)
