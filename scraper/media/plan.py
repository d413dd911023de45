"""What is to be downloaded for one file, with everything that its download needs. Plain values: the ledger keeps it."""

from typing import NamedTuple

import msgspec

from scraper.media.content import Family
from scraper.records import MediaRole, Meta
from scraper.responses import Verdict
from scraper.responses.outcomes import Outcome


class Source(msgspec.Struct, kw_only=True):
    """A file on the CDN.

    :ivar urls: its mirrors, best first
    :ivar size: in bytes, None if the platform does not say
    """

    urls: list[str]
    size: int | None = None
    expire_time: int | None = None


class Post(msgspec.Struct, kw_only=True):
    """What names and metadata are made of: the post as it is written.

    :ivar has_parts: whether it has several parts
    :ivar line: its envelope as JSON
    """

    id: str
    author: str | None = None
    title: str | None = None
    url: str | None = None
    create_time: int | None = None
    has_parts: bool = False
    line: bytes = b""


class TextFile(msgspec.Struct, kw_only=True):
    """A file that is made of records.

    :ivar label: what tells its name from those of other files of the post
    :ivar outcome: OK, or why there is nothing to write
    :ivar reason: the same in words
    """

    ext: str
    mime: str
    label: str
    body: str = ""
    outcome: Outcome = Outcome.OK
    reason: str = ""


class Plan(msgspec.Struct, kw_only=True):
    """
    :ivar key: `meta.key` of the file's record
    :ivar rank: from 1
    :ivar family: what the file must be
    :ivar is_only: whether the post has one file of this role, so that its name needs no rank
    :ivar pieces: the file, or the pieces that the platform split it into, in order
    :ivar sound: the sound, if it is apart
    :ivar text: the file, if it needs no download
    :ivar has_sound: whether the post has sound; None if the platform does not say
    :ivar headers: those that the CDN needs
    :ivar cookie_names: the cookies that it needs
    :ivar meta: of the record of the post
    :ivar router: of its envelope
    :ivar page: of the part that the file is of, which gives its addresses; None if the page of the post gives them
    :ivar is_fresh: whether the post was asked again for these URLs
    """

    key: str
    media_id: str
    role: MediaRole
    rank: int
    family: Family
    is_only: bool
    pieces: list[Source]
    sound: Source | None = None
    text: TextFile | None = None
    part_cid: str | None = None
    has_sound: bool | None = None
    duration_ms: int | None = None
    headers: dict[str, str] = {}
    cookie_names: list[str] = []
    post: Post
    meta: Meta
    router: str
    page: str | None = None
    is_fresh: bool = False

    @property
    def sources(self) -> list[Source]:
        """Everything that is downloaded for it."""
        return [*self.pieces, *([self.sound] if self.sound else [])]


class Saved(NamedTuple):
    """A file that is complete in MEDIA_STORE.

    :ivar path: relative to it
    :ivar sha256: of the file
    :ivar source: of what was downloaded
    """

    path: str
    size: int
    sha256: str
    source: str
    mime: str
    url: str
    duration_ms: int | None = None


class MediaError(Exception):
    """A file cannot be downloaded.

    :ivar outcome: MEDIA_EXPIRED if new URLs may help, NOT_FOUND if the CDN has it no more
    :ivar attempts: number of requests that were sent
    """

    attempts = 0

    def __init__(self, outcome: Outcome, message: str):
        super().__init__(message)
        self.outcome = outcome

    @property
    def verdict(self) -> Verdict:
        return Verdict(self.outcome, str(self))


class DiskError(Exception):
    """MEDIA_STORE cannot be written.

    :ivar path: what could not be written
    :ivar reason: the error of the system, or of the store's library
    """

    def __init__(self, path: str, reason: Exception):
        super().__init__(f"{path}: {getattr(reason, 'strerror', None) or reason}")
        self.path, self.reason = path, reason
