"""What it means that a list is empty: private, banned, nothing there, or not shown to this session."""

from typing import Any

import pytest

from scraper.platform import Context
from scraper.platform.targets import Target
from scraper.responses.outcomes import Outcome
from scraper.responses.values import MissingError
from spiders.bilibili import lookups as bilibili
from spiders.bilibili.endpoints import ENDPOINTS as BILIBILI
from spiders.douyin import lookups

O = Outcome  # noqa: E741
LISTS = {"posts": lookups.no_posts, "likes": lookups.no_likes}
PROFILE = {"uid": "1", "secret": 0, "is_ban": False, "aweme_count": 7, "favoriting_count": 9}


@pytest.mark.parametrize(
    "fields, logged_in, posts, likes",
    [
        ({"secret": 1}, True, O.PRIVATE, O.PRIVATE),
        ({"is_ban": True}, True, O.NOT_FOUND, O.NOT_FOUND),
        ({"aweme_count": 0, "favoriting_count": 0}, True, None, None),
        ({"aweme_count": 0, "show_favorite_list": False}, False, None, O.PRIVATE),
        ({"show_favorite_list": True}, False, O.LOGIN_REQUIRED, None),
        ({"favorite_permission": 1}, True, O.INCOMPLETE, O.PRIVATE),
        ({}, True, O.INCOMPLETE, O.PRIVATE),
        (None, True, O.PRIVATE, O.PRIVATE),
    ],
    ids=str,
)
def test_of_douyin(
    fields: dict[str, Any] | None, logged_in: bool, posts: Outcome | None, likes: Outcome | None
) -> None:
    hints = {} if fields is None else lookups.of_profile({"user": {**PROFILE, **fields}})
    context = Context(Target("user", "MS4w", "given").with_hints(hints), logged_in=logged_in)
    assert {name: means(context).stop for name, means in LISTS.items()} == {"posts": posts, "likes": likes}


CARD = {"card": {"mid": "2", "spacesta": 0, "fans": 5, "attention": 0}, "archive_count": 3}


@pytest.mark.parametrize(
    "card, posts, dynamics, followers, following",
    [
        ({}, O.INCOMPLETE, None, O.INCOMPLETE, None),
        ({"spacesta": -2}, O.NOT_FOUND, O.NOT_FOUND, O.NOT_FOUND, O.NOT_FOUND),
        ({"fans": "0"}, O.INCOMPLETE, None, None, None),
        (None, O.INCOMPLETE, O.INCOMPLETE, O.INCOMPLETE, O.INCOMPLETE),
    ],
    ids=str,
)
def test_of_bilibili(card: dict[str, Any] | None, posts: Any, dynamics: Any, followers: Any, following: Any) -> None:
    """What a user's card counts, and a list does not show, is not an empty list."""
    hints = {} if card is None else bilibili.of_card({"data": {**CARD, "card": {**CARD["card"], **card}}})
    context = Context(Target("user", "2", "given").with_hints(hints))
    counts = {"videos": posts, "": dynamics, "followers": followers, "following": following}
    assert {name: bilibili.nothing(name)(context).stop for name in counts} == counts


@pytest.mark.parametrize(
    "meta, uid, expected",
    [
        ({"series_id": 7, "mid": 2, "total": 0}, "2", None),
        ({"series_id": 7, "mid": 2, "total": 0}, "", None),
        ({"series_id": 7, "mid": 2, "total": 4}, "2", O.INCOMPLETE),
        ({"series_id": 7, "mid": 3, "total": 0}, "2", O.NOT_FOUND),
        (None, "2", O.NOT_FOUND),
        ({"series_id": 0}, "2", O.NOT_FOUND),
    ],
    ids=str,
)
def test_of_a_series(meta: dict[str, Any] | None, uid: str, expected: Outcome | None) -> None:
    target = Target("series", "7", "given", (("uid", uid),) if uid else ())
    hints = bilibili.of_series({"data": {"meta": meta}})
    assert bilibili.empty_series(Context(target.with_hints(hints))).stop == expected
    assert bilibili.empty_series(Context(target)).stop == O.INCOMPLETE


@pytest.mark.parametrize("data", [None, {}, {"user": None}, {"user": []}, {"user": {"secret": 1}}], ids=str)
def test_an_answer_without_a_profile_gives_no_hints(data: Any) -> None:
    with pytest.raises(MissingError):
        lookups.of_profile(data)


@pytest.mark.parametrize(
    "cursor, closed",
    [
        ({"control": {"input_disable": True}}, True),
        ({"config": {"read_only": True}}, True),
        ({"control": {"input_disable": False}, "config": {"read_only": False}}, False),
        ({}, False),
    ],
    ids=str,
)
def test_closed_comments_of_bilibili(cursor: dict[str, Any], closed: bool) -> None:
    """Comments from before they were closed are still a list."""
    comments = next(endpoint for endpoint in BILIBILI if endpoint.name == "fetch_video_comments")
    context = Context(Target("video", "BV17x411w7KC", "given"))
    comment = {"rpid": 1, "oid": 170001, "type": 1, "mid": 2, "ctime": 1790000000, "content": {"message": "好"}}
    for replies in ([], None, [comment]):
        data = {"code": 0, "data": {"cursor": {"is_end": True, "all_count": 0}, "replies": replies, **cursor}}
        page = comments.read(data, context)
        assert page.next_page.stop == (O.NOT_FOUND if closed and not replies else None)
        assert len(page.records) == len(replies or ())
