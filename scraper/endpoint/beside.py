"""What is asked beside an endpoint's own answer, or because of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scraper.endpoint.context import Context
from scraper.endpoint.urls import with_query
from scraper.targets import Target


@dataclass(frozen=True, kw_only=True)
class Extra:
    """A further request that completes a record, such as the streams of a video.

    :param place: from the record to what follows `url`, where it is not always the same
    :param query: from the record and the context to query parameters, or None where there is nothing to ask
    :param decode: from the body to data, where that is not simply JSON with a code; see `scraper.verdicts.content`
    :param add: from the record, the answer and the context to the completed record
    :param fills: the fields that it fills, named in `meta.missing` where the request fails
    :param required: whether the record is nothing without it: then its failure is that of the record
    :param login: whether only a logged-in session is asked
    """

    name: str
    url: str
    query: Callable[[Any, Context], Mapping[str, Any] | None]
    add: Callable[[Any, Any, Context], None]
    fills: Callable[[Any], Sequence[str]]
    signed: bool = False
    required: bool = False
    login: bool = False
    place: Callable[[Any], str] = lambda record: ""
    decode: Callable[[bytes], Any] | None = None
    referer: Callable[[Target], str] | None = None

    def url_for(self, record: Any, context: Context) -> str:
        """Return the unsigned, stable URL of a record."""
        return with_query(self.url + self.place(record), self.query(record, context) or {})


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A cheap request that any session is answered, unless the platform refuses the session or its address.

    :param decode: from a body to data, where that is not simply JSON
    :param logged_in: from data to whether the session is a logged-in one, or None where that does not tell
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    decode: Callable[[bytes], Any] | None = None
    logged_in: Callable[[Any], bool | None] = lambda data: None


@dataclass(frozen=True, kw_only=True)
class Follow:
    """That the records of one type lead to this endpoint, when the user asks for it by `with=`.

    :param name: one of `scraper.follows.NAMES`
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
