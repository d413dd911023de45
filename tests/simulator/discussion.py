"""Comments and replies, computed from the number of the work and an index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.simulator import specials
from tests.simulator.randomness import mix, shuffled

if TYPE_CHECKING:
    from tests.simulator.world import Video

FIRST_RPID = 250_000_000_000
ROOTS = 2**17
REPLIES = 2**10
REPLIED = 5


class Discussion:
    """The counting part of a world's comments; what they say is made where they are served."""

    def __init__(self, seed: int, comments: int, replies: int) -> None:
        if comments >= ROOTS or replies >= REPLIES:
            raise ValueError(f"at most {ROOTS - 1} comments and {REPLIES - 1} replies")
        self._seed = seed
        self.max_comments = comments
        self.max_replies = replies

    def comments(self, video: Video) -> int:
        """How many root comments the work has."""
        if video.kind in specials.COMMENTS_CLOSED or video.kind == "no_comments":
            return 0
        if video.kind == "busy":
            return self.max_comments
        return (video.hash >> 8) % (self.max_comments + 1)

    def comment_ids(self, video: Video, sort: str = "hot") -> Iterator[int]:
        """The rpids of all root comments in the order of `hot` or `time`."""
        total = self.comments(video)
        return (self.rpid(video, self.comment_index(video, place, sort, total)) for place in range(total))

    def comment_index(self, video: Video, place: int, sort: str, total: int) -> int:
        """Which comment stands at `place`; comment 0 is the oldest."""
        return total - 1 - place if sort == "time" else shuffled(place, total, video.hash % 10_007)

    def pinned(self, video: Video) -> int | None:
        """The rpid of the pinned comment, one of the first three of the hot order, or None."""
        total = self.comments(video)
        if total < 3 or not (video.hash & 3 == 1 or video.kind == "busy"):
            return None
        return self.rpid(video, self.comment_index(video, 2, "hot", total))

    def replies(self, video: Video, rpid: int) -> int:
        """How many replies a root comment has; 0 for an unknown one."""
        index = self.comment_of(video, rpid)
        return 0 if index is None else self.replies_at(video, index)

    def reply_ids(self, video: Video, rpid: int) -> Iterator[int]:
        """The rpids of all replies of a root comment, oldest first."""
        return iter(range(rpid + 1, rpid + 1 + self.replies(video, rpid)))

    def replies_at(self, video: Video, index: int) -> int:
        """How many replies comment number `index` has."""
        if index % REPLIED:
            return 0
        return (video.number + index // REPLIED) % (self.max_replies + 1) if index else self.max_replies

    def all_comments(self, video: Video) -> int:
        """Root comments and replies together, without looking at each."""
        roots = self.comments(video)
        if not roots:
            return 0
        others = (roots - 1) // REPLIED
        period = self.max_replies + 1
        whole, rest = divmod(others, period)
        partial = sum((video.number + 1 + place) % period for place in range(rest))
        return roots + self.max_replies + whole * (period * (period - 1) // 2) + partial

    def rpid(self, video: Video, index: int) -> int:
        """The id of root comment number `index`."""
        return FIRST_RPID + (video.number * ROOTS + index) * REPLIES

    def comment_of(self, video: Video, rpid: int) -> int | None:
        """The index of a root comment of the work, or None."""
        number, rest = divmod(rpid - FIRST_RPID, REPLIES)
        index = number - video.number * ROOTS
        return index if rest == 0 and 0 <= index < self.comments(video) else None

    def comment_hash(self, rpid: int) -> int:
        """The number that everything about a comment is made of."""
        return mix(self._seed, rpid)
