"""Links between endpoints: which records lead to further requests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from scraper.platform.targets import Target


@dataclass(frozen=True, kw_only=True)
class Follow:
    """Follows each record of one type to this endpoint, if the user asks for it with `with=`.

    :param name: one of `scraper.inputs.with_argument.NAMES`
    :param record: the type of record that is followed
    :param targets: returns the targets to crawl, given a record and the target it came from
    :param declared: returns the platform's own count of the followed records, None if unknown
    :param implies: names that are followed too, because this one depends on them
    :param ident: returns the record id of a target, "" if it equals the target's own id
    """

    name: str
    record: str
    targets: Callable[[Any, str], Sequence[Target]]
    declared: Callable[[Any], int | None] = lambda record: None
    implies: Sequence[str] = ()
    ident: Callable[[Target], str] = lambda target: ""


def _replied(comment: Any, given: str) -> list[Target]:
    """Return a top-level comment with replies as a target; replies have no replies."""
    if comment.depth or not comment.reply_count:
        return []
    return [Target("comment", comment.comment_id, given, (("video", comment.video_id),), comment.meta.platform)]


REPLIES = Follow(
    name="replies",
    record="comment",
    targets=_replied,
    declared=lambda comment: comment.reply_count,
    implies=["comments"],
)
"""Follows comments to their replies, for endpoints that take a comment id and its video id."""
