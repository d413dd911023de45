"""Bilibili's folders, series, boards, rooms and subtitles as they really were. The facts were read out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from scraper.platform import Page
from spiders.bilibili import parse_lists
from tests.cases import plain
from tests.invariants import problems
from tests.recordings import context, decoded, endpoint_of, only, read, recorded

WEB = "/api/bilibili/web"


def sound(page: Page) -> Page:
    assert page.faults == [] and all(problems(plain(record)) == [] for record in page.records)
    return page


# file, then of some entries: code, created, milliseconds, plays
FOLDERS: list[tuple[str, int, list[tuple[str, int, int, int]]]] = [
    ("2021", 8, [("BV1eG4y197CE", 1595690513, 546000, 1621908), ("BV1Sz4y1T7yT", 1595770876, 644000, 1324607)]),
    ("2023", 5, [("BV1zM4y1u7fM", 1595690513, 546000, 1638040), ("BV1wr411n7Pc", 1595770876, 644000, 1334651)]),
]


@pytest.mark.parametrize("file, count, first", FOLDERS)
def test_a_folder(file: str, count: int, first: list[Any]) -> None:
    page = sound(read(f"{WEB}/fetch_user_collection_videos", recorded(f"bilibili/fav_resource_list/{file}.json"), "1"))
    assert (page.total, page.next_page.cursor, len(page.records)) == (28, "2", count)
    assert [
        (record.video_id, record.create_time, record.duration_ms, record.statistics.play_count)
        for record in page.records[:2]
    ] == first
    assert {(record.kind, record.flags.deleted, record.meta.partial) for record in page.records} == {
        ("video", False, True)
    }


def test_a_series() -> None:
    body = recorded("bilibili/season_archives/series_2024.json")
    page = sound(read(f"{WEB}/fetch_series_videos", body, "1", uid="5"))
    assert (page.total, page.next_page.cursor, len(page.records)) == (25, "2", 16)
    first, last = page.records[0], page.records[-1]
    assert (first.video_id, first.duration_ms, first.statistics.play_count) == ("BV1pY411v75Y", 275000, 26555)
    assert (last.video_id, last.create_time, last.author.uid, last.mix) == ("BV1rx411q7Rg", 1581258353, "5", None)


def test_the_lists_of_a_user() -> None:
    body = recorded("bilibili/seasons_series_list/2024.json")
    page = sound(read(f"{WEB}/fetch_user_seasons_series", body, "25751888"))
    assert [(record.mix_id, record.mix_kind, record.item_count, record.update_time) for record in page.records] == [
        ("3764943", "series", 3, 1705925782),
        ("2282115", "series", 9, 1696249622),
        ("6037969", "series", 7, 1688123428),
        ("2500355", "series", 6, 1667816253), ("3300844", "series", 3, 1658735292),
    ]  # fmt: skip
    assert page.total == 1 and page.next_page.cursor is None, "it declares less than it gives"


def test_what_was_popular_in_2024() -> None:
    page = sound(read(f"{WEB}/fetch_com_popular", recorded("bilibili/popular/2024.json"), "popular"))
    assert [(record.video_id, record.statistics.play_count, record.ip_location) for record in page.records] == [
        ("BV1Af4o1s7TL", 2465053, "云南"), ("BV1vv4X1D7Ym", 406829, page.records[1].ip_location),
    ]  # fmt: skip
    assert page.next_page.cursor == "2" and page.records[0].statistics.rank_best == 2


def test_what_was_popular_in_2023() -> None:
    raw = decoded("bilibili/popular/hotDataList.json")
    videos = [parse_lists.parse_popular(row, context("popular list", "popular")) for row in raw]
    assert [(video.video_id, video.statistics.play_count, video.width) for video in videos] == [
        ("BV1Vc411Q7Cn", 2653156, 3840), ("BV1Bu4y187Hs", 2631514, 1920), ("BV1Pg4y1M7Dg", 6308282, 1920),
        ("BV1dz411d7uT", 5050321, 1920), ("BV1Ue4y1r7uM", 231597, 3840), ("BV1GX4y1Z747", 535274, 1920),
    ]  # fmt: skip


def test_a_room_that_shows_a_recording() -> None:
    room = only(read(f"{WEB}/fetch_live_room_detail", recorded("bilibili/live_room/get_info_2022.json"), "1"))
    assert (room.room_id, room.alias, room.status, room.start_time, room.viewers) == ("3415", "1", "round", None, None)
    assert [(category.id, category.level) for category in room.category] == [("1", 1), ("145", 2)]
    assert (room.owner.uid, room.portrait, room.keywords) == ("2891832", False, None)


def test_the_streams_of_a_room() -> None:
    room = only(read(f"{WEB}/fetch_live_videos", recorded("bilibili/live_playinfo/2023.json"), "3"))
    assert (room.room_id, room.alias, room.status, room.start_time) == ("92257", "3", "live", 1671425336)
    assert {stream.expire_time for stream in room.live_streams} == {1674103815} and len(room.live_streams) == 4
    assert room.live_streams[0].protocol == "flv" and room.live_streams[0].codec == "h264"


def test_the_streams_of_2020() -> None:
    endpoint = endpoint_of(f"{WEB}/fetch_live_videos")
    page = endpoint.read(decoded("bilibili/live_playinfo/old_playUrl_2020.json"), context("live room", "5"), "", 1)
    room = only(sound(page))
    assert (len(room.live_streams), room.status) == (4, "live")
    first = room.live_streams[0].quality
    assert {(stream.quality, stream.expire_time) for stream in room.live_streams} == {(first, 1602496530)}


def test_subtitles_that_people_made() -> None:
    endpoint, body = endpoint_of(f"{WEB}/fetch_video_subtitles"), decoded("bilibili/player_v2/doc.json")
    page = sound(endpoint.read(body, context("video", "BV1mJ411m7Jd", cid="114149157"), "", 1))
    assert [(record.subtitle_id, record.lang, record.source) for record in page.records] == [
        ("13643112080433826", "zh-Hans", "creator"), ("13643200379524237", "en-US", "creator"),
    ]  # fmt: skip
    assert page.records[0].expire_time == 7775406017 and page.next_page.cursor is None and page.next_page.stop is None


def test_subtitles_that_were_asked_for_another_part_are_not_taken() -> None:
    endpoint, body = endpoint_of(f"{WEB}/fetch_video_subtitles"), decoded("bilibili/player_v2/doc.json")
    for video, cid in (("BV1mJ411m7Jd", "114149158"), ("BV1L9Uoa9EUx", "114149157")):
        page = endpoint.read(body, context("video", video, cid=cid), "", 1)
        assert page.records == [] and page.next_page.stop is not None and page.next_page.retry
