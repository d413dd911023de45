"""How far a run has come: the inputs it took, the bytes of its feeds, the counts of its envelopes."""

from typing import NamedTuple

import msgspec


class FeedPosition(msgspec.Struct):
    """How much of a feed is complete.

    :ivar path: of the local file, which for an upload is a temporary one
    :ivar start: its size before the run, in bytes
    :ivar size: its size, up to the last complete item
    :ivar items: number of items that the run wrote
    :ivar file: device and inode of the file
    :ivar closed: its size when the run stopped, None while it runs and if it was killed
    """

    path: str
    start: int
    size: int
    items: int
    file: tuple[int, int]
    closed: int | None = None


class OpenFeed(NamedTuple):
    """A feed that is open: its position, and the descriptor of its file."""

    uri: str
    position: FeedPosition
    descriptor: int


class Progress(msgspec.Struct, kw_only=True):
    """
    :ivar taken: all inputs up to this number were taken
    :ivar numbered: number of requests that were noted
    :ivar sent: number of requests that were sent
    :ivar rows: number of rows that were written to the database
    :ivar feeds: by URI
    :ivar counts: number of stored envelopes by stats key
    :ivar logins: whether the platform considers an identity logged in, by its hash
    """

    taken: int = 0
    numbered: int = 0
    sent: int = 0
    rows: int = 0
    feeds: dict[str, FeedPosition] = {}
    counts: dict[str, int] = {}
    logins: dict[str, bool] = {}
