"""Creators, their lists, comments and failures as they were really answered. The facts were read out by hand."""

from typing import Any

import pytest

from scraper.responses.outcomes import Outcome
from spiders.bilibili import parse_comment
from tests.cases import classify, plain
from tests.invariants import problems
from tests.recordings import BILIBILI, RECORDINGS, context, decoded, only, read, recorded

WEB = "/api/bilibili/web"

# file, declared, what follows; then each: code, created, milliseconds, plays, comments, danmaku
LISTS: list[tuple[str, int, str | None, list[tuple[str, int, int, int, int, int]]]] = [
    ("2020_04", 163, "2", [("BV13N4y1P7qg", 1585311134, 2896000, 954380, 4626, 25064),
                           ("BV1nE411V7nw", 1584758891, 1300000, 838204, 3372, 12964)]),
    ("2020_11", 176, "2", [("BV1da4y1y7AF", 1605844817, 316000, 1275661, 3558, 7470),
                           ("BV1GD4y1d7vi", 1604635221, 1468000, 840676, 2979, 10476)]),
    ("2022", 1, None, [("BV1FY411777J", 1662521700, 111000, 123337, 87, 26)]),
    ("2023_01", 214, "2", [("BV1i34y1Q7Fs", 1671163200, 1438000, 2171260, 6729, 7931),
                           ("BV1L6411h7s3", 1670558400, 179000, 811600, 3380, 2343)]),
    ("2023", 220, "2", [("BV1VT411b7ej", 1684468800, 1673000, 1379744, 2727, 7538),
                        ("BV1XL411Y7GV", 1683434541, 1316000, 1601320, 2959, 2552),
                        ("BV1wy4y1A7Pv", 1680840000, 1315000, 3898109, 6844, 15975),
                        ("BV1YV4y1J7Kw", 1677816000, 2202000, 2272296, 2030, 9902),
                        ("BV1gz4y1M7pK", 1674964800, 4644000, 1892762, 12666, 68240)]),
]  # fmt: skip


@pytest.mark.parametrize("file, declared, following, entries", LISTS)
def test_a_list_of_posts(file: str, declared: int, following: str | None, entries: list[Any]) -> None:
    body = recorded(f"bilibili/space_arc_search/{file}.json")
    page = read(f"{WEB}/fetch_user_post_videos", body, "2")
    assert (page.total, page.next_page.cursor, page.next_page.stop, page.faults) == (declared, following, None, [])
    assert [
        (record.video_id, record.create_time, record.duration_ms, record.statistics.play_count,
         record.statistics.comment_count, record.statistics.danmaku_count)
        for record in page.records
    ] == entries  # fmt: skip
    assert all(record.meta.partial and problems(plain(record)) == [] for record in page.records)


def test_a_list_of_2025_with_a_lesson() -> None:
    page = read(f"{WEB}/fetch_user_post_videos", recorded("bilibili/space_arc_search/2025.json"), "2")
    joint, lesson = page.records
    assert (page.total, page.next_page.cursor) == (786, "2")
    assert (joint.alt_ids, joint.flags.coop, joint.flags.paid, joint.duration_ms) == (
        {"aid": "226915137805836", "season_id": "4682487"}, True, False, 1331000,
    )  # fmt: skip
    assert (lesson.duration_ms, lesson.availability, lesson.statistics.comment_count) == (None, "paid", 0)
    assert (lesson.mix.id, lesson.author.uid, lesson.kind) == ("105475417", "133530", "video")


def test_posts_of_2020_name_no_copyright() -> None:
    page = read(f"{WEB}/fetch_user_post_videos", recorded("bilibili/space_arc_search/2020_04.json"), "2")
    assert {(record.raw_kind, record.flags.original) for record in page.records} == {(None, None)}


# file, mid, level, verified, birthday, room, whether it is live
CREATORS = [
    ("2020", "694168777", 5, False, "03-05", None, None),
    ("2022", "4478372545", 6, True, "95-49", "64489241", "live"),
    ("2023_b", "791043929", 6, True, None, "22759142", "offline"),
    ("2025", "2", 6, True, "42-54", "2052", "offline"),
]


@pytest.mark.parametrize("file, mid, level, verified, birthday, room, live", CREATORS)
def test_a_creator(
    file: str, mid: str, level: int, verified: bool, birthday: str | None, room: str | None, live: str | None
) -> None:
    author = only(read(f"{WEB}/fetch_user_profile", recorded(f"bilibili/space_acc_info/{file}.json"), mid))
    assert (author.uid, author.level, author.verified, author.birthday) == (mid, level, verified, birthday)
    assert (author.membership, author.banned, author.register_time, author.school) == ("annual", False, None, None)
    assert (author.live and author.live.room_id, author.live and author.live.status) == (room, live)
    assert (author.banner_url is None) is (file == "2020") and author.avatar_url
    assert author.statistics.follower_count == (358 if file == "2020" else None)
    assert problems(plain(author)) == []


def test_the_first_comments_of_2022() -> None:
    page = read(f"{WEB}/fetch_video_comments", recorded("bilibili/reply_main/2022.json"), "BV1xx411c7mD")
    assert page.total == 76793 and page.next_page.cursor == '{"type":1,"direction":1,"data":{"pn":2}}'
    assert [
        (record.comment_id, record.digg_count, record.reply_count, record.create_time) for record in page.records
    ] == [
        ("710363", 90419, 2608, 1291350931),
        ("693017004", 29793, 365, 1532071373),
        ("4914581508", 44307, 1000, 1584945297),
        ("839520", 34223, 838, 1291918239),
        ("109487743", 7197, 160, 1519135750),
    ]
    assert [record.author.verified for record in page.records] == [False, False, False, True, False]
    assert {(record.depth, record.pinned, record.sort, record.video_id) for record in page.records} == {
        (0, None, "hot", "BV1xx411c7mD")
    }
    assert [record.state for record in page.records] == ["0", "0", "0", "2", "0"]


def test_a_conversation_of_2020_says_nothing_of_its_end() -> None:
    page = read(f"{WEB}/fetch_video_comments", recorded("bilibili/reply_main/2020_06.json"), "BV1L9Uoa9EUx")
    assert page.next_page.stop is Outcome.UPSTREAM_CHANGED
    assert [(record.comment_id, record.depth, record.floor) for record in page.records] == [
        ("3833299876", 1, 5), ("2756184939", 2, 7), ("9168778588", 2, 54), ("2360234682", 2, 93), ("4821086561", 2, 94),
    ]  # fmt: skip
    assert [record.client.platform for record in page.records] == ["web", "android", "ios", "android", "ios"]
    assert [len(record.mentions) for record in page.records] == [0, 1, 1, 1, 1]


def test_replies_of_2020() -> None:
    body = recorded("bilibili/reply_reply/2020.json")
    page = read(f"{WEB}/fetch_comment_reply", body, "280824", video="BV1xx411c7mD")
    assert (page.total, page.next_page.cursor) == (1843, "2")
    assert [(record.comment_id, record.digg_count, record.depth) for record in page.records] == [
        ("994438666", 1087, 1), ("144649728", 1189, 1), ("933042608", 235, 1), ("114255832", 111, 1),
        ("456756705", 107, 2),
    ]  # fmt: skip
    assert {record.root_id for record in page.records} == {"280824"}
    assert page.records[-1].parent_id == "114255832"


@pytest.mark.parametrize(
    "file, ids, replies",
    [
        ("2020", [669622, 8792450948, 958309, 549871518, 686437246], [1839, 801, 530, 511, 104]),
        ("2026", [859190499966, 431646950597, 415996433268, 169715962666, 734382573611, 459318227872],
         [20, 5, 36, 13, 48, 19]),
        ("by_oid", [646507, 480170528, 8986821300, 817673, 448664499], [2608, 365, 1000, 838, 160]),
    ],
)  # fmt: skip
def test_comments_of_the_older_route(file: str, ids: list[int], replies: list[int]) -> None:
    raw = decoded(f"bilibili/reply/{file}.json")["data"]["replies"]
    comments = [parse_comment.parse_comment(row, context("video")) for row in raw]
    assert [comment.comment_id for comment in comments] == [str(ident) for ident in ids]
    assert [comment.reply_count for comment in comments] == replies
    assert all(problems(plain(comment)) == [] and comment.area_type == "1" and comment.author for comment in comments)


def test_comments_of_2026_have_places_and_pictures() -> None:
    raw = decoded("bilibili/reply/2026.json")["data"]["replies"]
    comments = [parse_comment.parse_comment(row, context("video")) for row in raw]
    assert all(
        comment.ip_location and ":" not in comment.ip_location and "：" not in comment.ip_location
        for comment in comments
    )
    assert [[(one.width, one.height) for one in comment.images] for comment in comments[:3]] == [
        [(750, 530)],
        [(1080, 2383)],
        [],
    ]
    assert [comment.author_level for comment in comments] == [6, 5, 6, 6, 5, 5]
    inner = [parse_comment.parse_comment(reply, context("video")) for reply in raw[0]["replies"]]
    assert [(reply.comment_id, reply.depth) for reply in inner] == [
        ("384747657219", 1), ("531131949516", 1), ("503592083977", 2),
    ]  # fmt: skip


def test_comments_whose_member_is_null_keep_its_number() -> None:
    raw = decoded("bilibili/reply/by_oid.json")["data"]["replies"]
    comments = [parse_comment.parse_comment(row, context("video")) for row in raw]
    assert [comment.author.uid for comment in comments] == ["52087", "75289767", "60192600", "2", "51720017"]
    assert {(comment.author.nickname, comment.video_id, comment.area_id) for comment in comments} == {
        (None, "BV1xx411c7mD", "2")
    }
    assert [comment.floor for comment in comments] == [2, 17977, 40932, 5, 10914]


FAILURES = {
    "m10403_geo": Outcome.GEO_BLOCKED,
    "m352_v_voucher": Outcome.CHALLENGE,
    "m404": Outcome.NOT_FOUND,
    "m412": Outcome.RATE_LIMITED,
    "m412_en": Outcome.RATE_LIMITED,
    "m799": Outcome.RATE_LIMITED,
    "p53013": Outcome.PRIVATE,
    "p62002": Outcome.NOT_FOUND,
}


@pytest.mark.parametrize("name, outcome", FAILURES.items())
def test_a_failure(name: str, outcome: Outcome) -> None:
    for signed in (False, True):
        for ask in ({}, {"login_cookie": True}, {"status": 412 if name == "m412_en" else 200}):
            assert classify(BILIBILI, recorded(f"bilibili/failure/{name}.json"), signed, ask).outcome is outcome


def test_every_recorded_failure_is_read() -> None:
    recorded("bilibili/failure/m404.json")
    assert {path.stem for path in (RECORDINGS / "bilibili" / "failure").iterdir()} == set(FAILURES)
