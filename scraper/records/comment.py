"""Comments and replies."""

from __future__ import annotations

from typing import Annotated

from scraper.records.base import Meta, Piece, Record
from scraper.records.describing import P2, P3, about
from scraper.records.refs import AuthorRef, Mention, Picture


class Client(Piece, kw_only=True):
    """The program that a comment was written with."""

    platform: Annotated[str | None, about("Name or number of the program.", P2)] = None
    device: Annotated[str | None, about("The device's name.", P2)] = None


class Comment(Record, kw_only=True):
    """A comment or a reply."""

    record_type = "comment"
    id_field = "comment_id"

    comment_id: Annotated[str, about("Id of the comment.")]
    video_id: Annotated[str, about("Id of the post, dynamic or article, as in links.")]
    area_type: Annotated[str | None, about("The platform's type of the comment area.")] = None
    area_id: Annotated[str | None, about("Number of the comment area.")] = None
    root_id: Annotated[str | None, about("The comment that a reply belongs to.", null="it is no reply")] = None
    parent_id: Annotated[str | None, about("The comment or reply that it answers.", null="it is no reply")] = None
    depth: Annotated[int, about("0 for a comment, 1 for a reply to it, 2 for a reply to a reply.", unit="level")] = 0
    text: Annotated[str | None, about("The words.", P3, null="only a picture or sticker")] = None
    lang: Annotated[str | None, about("Language that the platform detected.")] = None
    create_time: Annotated[int, about("When it was written.")]
    digg_count: Annotated[int | None, about("Likes.")] = None
    reply_count: Annotated[int | None, about("Replies.")] = None
    author: Annotated[AuthorRef | None, about("Who wrote it.")] = None
    author_level: Annotated[int | None, about("Level of that account.", unit="level")] = None
    ip_location: Annotated[str | None, about("Region that the platform derives from the address.", P2)] = None
    liked_by_author: Annotated[bool | None, about("Whether the author of the post likes it.")] = None
    replied_by_author: Annotated[bool | None, about("Whether the author of the post replied.")] = None
    pinned: Annotated[bool | None, about("Whether it stands at the top of the list.")] = None
    hot: Annotated[bool | None, about("Whether the platform marks it as popular.")] = None
    folded: Annotated[bool | None, about("Whether the platform hides it until it is opened.")] = None
    images: Annotated[list[Picture] | None, about("Pictures in the comment.")] = None
    sticker: Annotated[str | None, about("Address of a sticker.", P3, null="none")] = None
    mentions: Annotated[list[Mention] | None, about("Users mentioned in the text.")] = None
    client: Annotated[Client | None, about("The program that it was written with.")] = None
    floor: Annotated[int | None, about("Running number within the comment area.", unit="position")] = None
    state: Annotated[str | None, about("The platform's number of its state.")] = None
    sort: Annotated[str | None, about("Order of the list: `hot` or `time`.", null="replies, or not chosen")] = None
    meta: Annotated[Meta, about("Context of the record.")]


def with_replies(comment: Comment) -> int:
    """Return the number of a comment and its replies, which some platforms count as the length of a list."""
    return 1 + (comment.reply_count or 0)
