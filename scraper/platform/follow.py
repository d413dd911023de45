"""What is asked beside an endpoint's own answer, or because of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from scraper.platform.targets import Target


@dataclass(frozen=True, kw_only=True)
class Follow:
    """That the records of one type lead to this endpoint, when the user asks for it by `with=`.

    :param name: one of `scraper.inputs.with_argument.NAMES`
    :param record: the type of record
    :param targets: from a record, and the input that it came of, to what is asked for
    :param declared: from a record to how many the platform says there are, None where it does not say
    :param implies: what is followed as well, since this one comes of it
    :param ident: from a target to the id in the key of its record, "" where that is the one that it is asked for by
    """

    name: str
    record: str
    targets: Callable[[Any, str], Sequence[Target]]
    declared: Callable[[Any], int | None] = lambda record: None
    implies: Sequence[str] = ()
    ident: Callable[[Target], str] = lambda target: ""


def _replied(comment: Any, given: str) -> list[Target]:
    """Return a comment that has replies; a reply has none of its own."""
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
"""How comments lead to the replies to them: the same wherever an endpoint takes a comment and its video."""
