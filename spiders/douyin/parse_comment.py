"""Parse Douyin's comments and replies. Pure."""

from typing import Any

from scraper.platform import Context
from scraper.records import Comment, Picture, meta_for
from scraper.responses.shapes import as_shape
from scraper.responses.values import count, flag, ident, integer, need, obj, objs, seconds, text
from spiders.douyin import refs
from spiders.douyin.ids import PLATFORM
from spiders.douyin.shapes import Post, User
from spiders.douyin.streams import best

_LOCATION = "IP属地："
_REPLIED = "作者回复"


def parse_comment(raw: dict[str, Any], context: Context) -> Comment:
    """Parse a comment or reply."""
    comment_id = need(ident(raw.get("cid")), "cid")
    root, parent = ident(raw.get("reply_id")), ident(raw.get("reply_to_reply_id"))
    location, state, user = text(raw.get("ip_label")), integer(raw.get("status")), obj(raw.get("user"))
    stuck = count(raw.get("stick_position"))
    return Comment(
        comment_id=comment_id,
        video_id=_commented(raw, context),
        root_id=root,
        parent_id=parent,
        depth=0 if not root else 1 if parent in (None, root) else 2,
        text=text(raw.get("text")),
        create_time=need(seconds(raw.get("create_time")), "create_time"),
        digg_count=count(raw.get("digg_count")),
        reply_count=count(raw.get("reply_comment_total")),
        author=refs.owner_ref(as_shape(User, user)),
        ip_location=location.removeprefix(_LOCATION) or None if location else None,
        liked_by_author=flag(raw.get("is_author_digged")),
        replied_by_author=_replied(raw),
        pinned=None if stuck is None else stuck > 0,
        hot=flag(raw.get("is_hot")),
        folded=flag(raw.get("is_folded")),
        images=_pictures(raw),
        sticker=_sticker(obj(raw.get("sticker"))),
        mentions=refs.mentions(as_shape(Post, {"text_extra": raw.get("text_extra")}).text_extra),
        state=str(state) if state is not None else None,
        meta=meta_for(Comment, PLATFORM, comment_id),
    )


def _commented(raw: dict[str, Any], context: Context) -> str:
    """Return the id of the post as in links; a comment may carry another number."""
    asked = context.target.get("video") or (context.target.id if context.target.kind == "video" else "")
    return asked or need(ident(raw.get("aweme_id")), "aweme_id")


def _replied(raw: dict[str, Any]) -> bool | None:
    """Return whether the author of the post replied, from a label; None without one."""
    labels = [text(raw.get("label_text")), *(text(label.get("text")) for label in objs(raw.get("label_list")))]
    return True if any(_REPLIED in label for label in labels if label) else None


def _pictures(raw: dict[str, Any]) -> list[Picture] | None:
    if "image_list" not in raw:
        return None
    originals = [obj(image.get("origin_url")) for image in objs(raw["image_list"])]
    pictures = [(best(original.get("url_list")), original) for original in originals]
    return [
        Picture(url=address, width=count(original.get("width")) or None, height=count(original.get("height")) or None)
        for address, original in pictures
        if address
    ]


def _sticker(raw: dict[str, Any]) -> str | None:
    return best(obj(raw.get("animate_url")).get("url_list")) or best(obj(raw.get("static_url")).get("url_list"))
