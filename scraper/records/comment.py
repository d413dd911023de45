"""Comments and replies."""

from scraper.records.base import Meta, Piece, Record
from scraper.records.refs import AuthorRef, Mention, Picture


class Client(Piece, kw_only=True):
    platform: str | None = None
    device: str | None = None


class Comment(Record, kw_only=True):
    """A comment or a reply. `depth` is 0 for a comment, 1 for a reply to it, 2 for a reply to a reply."""

    record_type = "comment"
    id_field = "comment_id"

    comment_id: str
    video_id: str
    area_type: str | None = None
    area_id: str | None = None
    root_id: str | None = None
    parent_id: str | None = None
    depth: int = 0
    text: str | None = None
    lang: str | None = None
    create_time: int
    digg_count: int | None = None
    reply_count: int | None = None
    author: AuthorRef | None = None
    author_level: int | None = None
    ip_location: str | None = None
    liked_by_author: bool | None = None
    replied_by_author: bool | None = None
    pinned: bool | None = None
    hot: bool | None = None
    folded: bool | None = None
    images: list[Picture] | None = None
    sticker: str | None = None
    mentions: list[Mention] | None = None
    client: Client | None = None
    floor: int | None = None
    state: str | None = None
    sort: str | None = None
    meta: Meta
