"""Parse TikTok's comments and replies, which web and app write alike. Pure."""

from typing import Any

from scraper.platform import Context
from scraper.records import Comment, Picture, meta_for
from scraper.responses.shapes import as_shape
from scraper.responses.values import any_true, ident, need, seconds
from spiders.tiktok import media, parse_common
from spiders.tiktok.ids import PLATFORM
from spiders.tiktok.parse_app import author_of
from spiders.tiktok.shapes import AppUser, CommentRow, File, Reply

_BY_CREATOR = 1  # type of the label on the creator's comments
_NO_LANGUAGE = "un"
_NO_USER, _NO_FILE = AppUser(), File()


def parse_comment(raw: CommentRow | dict[str, Any], context: Context) -> Comment:
    """Parse a comment or reply."""
    row = as_shape(CommentRow, raw)
    comment_id = need(ident(row.cid), "cid")
    root, parent, state = ident(row.reply_id), ident(row.reply_to_reply_id), row.status
    language = row.comment_language or None
    return Comment(
        comment_id=comment_id,
        video_id=need(ident(row.aweme_id) or _commented(context), "aweme_id"),
        root_id=root,
        parent_id=parent,
        depth=0 if not root else 1 if parent in (None, root) else 2,
        text=row.text or None,
        lang=None if language == _NO_LANGUAGE else language,
        create_time=need(seconds(row.create_time), "create_time"),
        digg_count=row.digg_count,
        reply_count=row.reply_comment_total,
        author=author_of(row.user) if row.user and row.user != _NO_USER else None,
        liked_by_author=row.is_author_digged,
        replied_by_author=True if row.reply_comment and any(map(_is_of_creator, row.reply_comment)) else None,
        pinned=any_true((row.author_pin, None if row.stick_position is None else row.stick_position > 0)),
        folded=row.no_show,
        images=_pictures(row),
        mentions=parse_common.mentions(row.text_extra),
        state=None if state is None else str(state),
        meta=meta_for(Comment, PLATFORM, comment_id),
    )


def _commented(context: Context) -> str | None:
    """Return the requested post; a comment may not name it."""
    target = context.target
    return target.get("video") or (target.id if target.kind == "video" else None)


def _is_of_creator(reply: Reply) -> bool:
    return reply.label_type == _BY_CREATOR or any(label.type == _BY_CREATOR for label in reply.label_list or ())


def _pictures(row: CommentRow) -> list[Picture] | None:
    if row.image_list is None:
        return None
    named = [image.crop_url if image.origin_url in (None, _NO_FILE) else image.origin_url for image in row.image_list]
    files = [file or _NO_FILE for file in named]
    return [Picture(url=media.image(file.url_list), width=file.width, height=file.height) for file in files]
