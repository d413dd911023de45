"""Tell closed comments from none, on platforms whose list of comments is empty in both cases."""

from collections.abc import Mapping
from typing import Any

from scraper.platform.context import Context
from scraper.platform.pagination import END, NextPage
from scraper.platform.targets import Target
from scraper.responses.outcomes import Outcome
from scraper.responses.values import MissingError

_OPEN = "comments_open"  # hint: "1" or "0"


def hints(can_comment: bool | None) -> Mapping[str, str]:
    """Return the hints of a post whose comments are to be requested.

    :param can_comment: the record's `can.comment`
    """
    return {} if can_comment is None else {_OPEN: str(int(can_comment))}


def known_hints(can_comment: bool | None) -> Mapping[str, str]:
    """Return the hints of a post that says whether comments are open.

    :raises MissingError: if it does not tell
    """
    if can_comment is None:
        raise MissingError("whether others may comment")
    return hints(can_comment)


def commented(video: Any, given: str, platform: str) -> list[Target]:
    """Return a post as the target of its comments."""
    target = Target("video", video.video_id, given, (), platform)
    return [target.with_hints(hints(video.can.comment))]


def are_unknown(target: Target) -> bool:
    return not target.hint(_OPEN)


def no_comments(context: Context) -> NextPage:
    """Return what it means that a post has no comments."""
    closed = context.target.hint(_OPEN) == "0"
    return NextPage(stop=Outcome.NOT_FOUND, message="the comments are closed") if closed else END
