"""Lists of Douyin as they were really answered from 2020 to 2026. The facts were read out by hand."""

import pytest

from scraper.platform import END, NextPage
from scraper.responses.outcomes import Outcome
from spiders.douyin.ids import ROOM_ID
from spiders.douyin.parse_live import parse_room
from tests.cases import classify, plain
from tests.invariants import problems
from tests.recordings import PLATFORMS, context, decoded, only, read, recorded

ROUTER = "/api/douyin/web"
DOUYIN = next(platform for platform in PLATFORMS if platform.name == "douyin")
WORK = "7565738210670036384"
ROOMS = "douyin_web/live_room"


def test_comments_of_2026() -> None:
    page = read(f"{ROUTER}/fetch_video_comments", recorded("douyin_web/comment_list/page1_2026.json"), WORK)
    assert (page.total, page.next_page, page.faults) == (3296, NextPage(cursor="20"), [])
    first, liked = page.records[0], page.records[3]
    assert (first.comment_id, first.create_time, first.digg_count) == ("7603286383018746372", 1770278064, 0)
    assert (first.ip_location, first.depth, first.root_id, first.parent_id) == ("云南", 0, None, None)
    assert (liked.comment_id, liked.digg_count, liked.reply_count, liked.hot) == ("7594442682365971418", 3, 24, True)
    assert [len(record.images) for record in page.records[:5]] == [0, 1, 0, 1, 0] and liked.images[0].url.startswith(
        "https"
    )
    assert [record.reply_count for record in page.records][2:8] == [2, 24, 0, 1, 0, 25]
    assert {record.video_id for record in page.records} == {WORK}, "what a comment says of its work is another number"
    assert all(
        record.author.sec_uid and record.author.avatar_url and problems(plain(record)) == [] for record in page.records
    )
    assert {(record.pinned, record.folded, record.liked_by_author, record.state) for record in page.records} == {
        (False, False, False, "1")
    }


def test_comments_of_the_app_of_2020() -> None:
    page = read(f"{ROUTER}/fetch_video_comments", recorded("douyin_app/comment_list/comments_2020.json"))
    assert (page.total, page.next_page.cursor) == (102357, "10")
    (comment,) = page.records
    assert (comment.comment_id, comment.video_id) == ("6870867767256622828", "6870813762749856636")
    assert (comment.digg_count, comment.reply_count, comment.create_time) == (82810, 4489, 1599748572)
    assert comment.images is None and comment.ip_location is None and comment.hot is None


@pytest.mark.parametrize(
    "file, ident, cursor",
    [
        ("web/aweme_list/post_video", "7253290038467862114", "1689909551000"),
        ("web/aweme_list/post_image", "7232626237179306810", "1689909551000"),
        ("web/aweme_list/post_2023_03", "7188795450462163705", "1673771886000"),
        ("app/aweme_list/user_posts_2020", "6871068361081866201", "1599792916000"),
        ("web/aweme_list/iesdouyin_2020", "6839264345234188394", "1590658233000"),
    ],
)
def test_works_of_a_creator(file: str, ident: str, cursor: str) -> None:
    page = read(f"{ROUTER}/fetch_user_post_videos", recorded(f"douyin_{file}.json"))
    assert (page.records[0].video_id, page.next_page, page.faults) == (
        ident,
        NextPage(cursor=cursor, empty_is_common=True),
        [],
    )


def test_what_a_search_of_2023_found() -> None:
    answer = {"status_code": 0, "data": decoded("douyin_web/search_item/search_2023.json"), "cursor": 10, "has_more": 0}
    page = read(f"{ROUTER}/fetch_video_search", answer, "样例")
    assert [record.video_id for record in page.records] == ["7231759790941041997", "7231739169864964683"]
    assert (page.next_page, page.faults) == (END, [])


def test_a_room_of_2023_whose_broadcast_is_over() -> None:
    ident = "7318296340599886649"
    room = only(
        read(
            f"{ROUTER}/fetch_user_live_videos_by_room_id", recorded(f"{ROOMS}/reflow_info_2023.json"), ident, **ROOM_ID
        )
    )
    assert (room.room_id, room.alias, room.status, room.live_streams) == (ident, "775841227732", "ended", [])
    assert (room.start_time, room.end_time) == (1703923686, 1703931645)
    assert (room.viewers, room.viewers_total, room.likes, room.portrait) == (0, 6130, 8166, True)
    assert (room.owner.uid, room.owner.unique_id) == ("5793041720455763", "61229683569")
    permissions = room.permissions
    assert (permissions.chat, permissions.gift, permissions.digg, permissions.share) == (True, True, True, True)
    assert room.url == "https://live.douyin.com/775841227732" and problems(plain(room)) == []


@pytest.mark.parametrize(
    "file, streams",
    [
        ("douyin_web/live_room/reflow_info_2023.json", 11),
        ("douyin_app/live_room/room_info_2020.json", 2),
    ],
)
def test_where_a_broadcast_was(file: str, streams: int) -> None:
    answer = decoded(file)
    room = parse_room({**answer.get("data", {}).get("room", answer), "status": 2}, context("live room"))
    assert room.status == "live" and len(room.live_streams) == streams and problems(plain(room)) == []
    assert len({stream.url for stream in room.live_streams}) == streams
    assert [(stream.quality, stream.protocol, stream.codec) for stream in room.live_streams[:2]] == [
        ("origin", "flv", "h264"), ("origin", "hls", "h264"),
    ]  # fmt: skip


@pytest.mark.parametrize("router", ["fetch_user_post_videos", "fetch_video_comments", "fetch_general_search"])
@pytest.mark.parametrize(
    "file, status, outcome",
    [
        ("empty_object.json", 200, Outcome.SIGNATURE_REJECTED),
        ("login_2483.json", 200, Outcome.LOGIN_REQUIRED),
        ("not_logged_8.json", 200, Outcome.LOGIN_REQUIRED),
        ("server_nap_4.json", 200, Outcome.CHALLENGE),
        ("captcha_middle_page.html", 200, Outcome.CHALLENGE),
        ("argus_403.txt", 403, Outcome.SIGNATURE_REJECTED),
    ],
)
def test_a_list_that_is_refused_unsigned(router: str, file: str, status: int, outcome: Outcome) -> None:
    endpoint = next(endpoint for endpoint in DOUYIN.endpoints if endpoint.name == router)
    body = recorded(f"douyin_web/failure/{file}")
    assert classify(DOUYIN, body, ask={"status": status}, decode=endpoint.routes[0].decode).outcome is outcome
