"""The comments and replies of a realm's works, by index, and back from an id by arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.simulator.randomness import mix, shuffled

if TYPE_CHECKING:
    from tests.simulator.worlds.realm import Work

WORD = 2**32
ROOTS, REPLIES = 2**17, 2**10
REPLIED = 5
PACE_S, REPLY_PACE_S = 1200, 40


@dataclass(frozen=True, slots=True)
class Talk:
    """What is said below the works.

    :param comments: how many comments a work has at the most
    :param replies: how many replies a comment has at the most
    :param closed: the kinds of works without comments
    """

    comments: int
    replies: int
    closed: frozenset[str]

    def __post_init__(self) -> None:
        if self.comments >= ROOTS or self.replies >= REPLIES:
            raise ValueError(f"at most {ROOTS - 1} comments and {REPLIES - 1} replies")

    def count(self, work: Work) -> int:
        """How many comments a work has; the busy one has all."""
        if work.kind in self.closed:
            return 0
        return self.comments if work.kind == "busy" else (work.hash >> 8) % (self.comments + 1)

    def replies_at(self, work: Work, index: int) -> int:
        """How many replies comment number `index` has."""
        return self.replies if not index else 0 if index % REPLIED else (work.hash + index) % (self.replies + 1)

    def all(self, work: Work) -> int:
        """How many comments and replies there are together."""
        count = self.count(work)
        return count + sum(self.replies_at(work, index) for index in range(0, count, REPLIED))

    def at(self, work: Work, place: int) -> int:
        """Which comment stands at `place` of the list; comment 0 is the oldest."""
        return shuffled(place, self.count(work), work.hash % 10_007)

    def ident(self, work: Work, index: int, place: int = 0) -> str:
        """The id of comment number `index`, or of its reply number `place`, from 1."""
        return str((self.created(work, index, place) << 32) | mix(work.hash, index * REPLIES + place) % WORD)

    def created(self, work: Work, index: int, place: int = 0) -> int:
        """When it was written."""
        return work.created + 60 + index * PACE_S + place * REPLY_PACE_S

    def index_of(self, work: Work, ident: str) -> int | None:
        """Which comment of a work has this id, or None."""
        if not (ident.isascii() and ident.isdigit()):
            return None
        index, rest = divmod((int(ident) >> 32) - work.created - 60, PACE_S)
        is_known = rest == 0 and 0 <= index < self.count(work) and self.ident(work, index) == ident
        return index if is_known else None

    def marks(self, work: Work, index: int, place: int) -> dict[str, str]:
        """What a reply says of what it answers: each third one another reply."""
        fields = {"reply_id": self.ident(work, index)}
        if place % 3 == 0:
            fields["reply_to_reply_id"] = self.ident(work, index, place - 1)
        return fields

    def idents(self, work: Work) -> Iterator[str]:
        """The ids of all comments, in the order of the list."""
        return (self.ident(work, self.at(work, place)) for place in range(self.count(work)))

    def reply_idents(self, work: Work, index: int) -> Iterator[str]:
        """The ids of all replies to comment number `index`, oldest first."""
        return (self.ident(work, index, place) for place in range(1, self.replies_at(work, index) + 1))
