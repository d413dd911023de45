"""Parse Douyin's comments and replies. Pure."""

from typing import Any

from msgspec import UNSET

from scraper.platform import Context
from scraper.records import Comment, Picture, meta_for
from scraper.responses.shapes import as_shape
from scraper.responses.values import ident, need, seconds
from spiders.douyin import refs
from spiders.douyin.ids import PLATFORM
from spiders.douyin.shapes import Remark, Sticker
from spiders.douyin.streams import best, first

_LOCATION = "IP属地："
_REPLIED = "作者回复"


def parse_comment(raw: Remark | dict[str, Any], context: Context) -> Comment:
    """Parse a comment or reply."""
    remark = as_shape(Remark, raw)
    comment_id = need(ident(remark.cid), "cid")
    root, parent = ident(remark.reply_id), ident(remark.reply_to_reply_id)
    return Comment(
        comment_id=comment_id,
        video_id=_commented(remark, context),
        root_id=root,
        parent_id=parent,
        depth=0 if not root else 1 if parent in (None, root) else 2,
        text=remark.text or None,
        create_time=need(seconds(remark.create_time), "create_time"),
        digg_count=remark.digg_count,
        reply_count=remark.reply_comment_total,
        author=refs.owner_ref(remark.user) if remark.user else None,
        ip_location=remark.ip_label.removeprefix(_LOCATION) or None if remark.ip_label else None,
        liked_by_author=remark.is_author_digged,
        replied_by_author=_replied(remark),
        pinned=None if remark.stick_position is None else remark.stick_position > 0,
        hot=remark.is_hot,
        folded=remark.is_folded,
        images=_pictures(remark),
        sticker=_sticker(remark.sticker) if remark.sticker else None,
        mentions=refs.mentions(remark.text_extra),
        state=None if remark.status is None else str(remark.status),
        meta=meta_for(Comment, PLATFORM, comment_id),
    )


def _commented(remark: Remark, context: Context) -> str:
    """Return the id of the post as in links; a comment may carry another number."""
    asked = context.target.get("video") or (context.target.id if context.target.kind == "video" else "")
    return asked or need(ident(remark.aweme_id), "aweme_id")


def _replied(remark: Remark) -> bool | None:
    """Return whether the author of the post replied, from a label; None without one."""
    if not remark.label_text and not remark.label_list:
        return None
    labels = [remark.label_text, *(label.text for label in remark.label_list or ())]
    return True if any(_REPLIED in label for label in labels if label) else None


def _pictures(remark: Remark) -> list[Picture] | None:
    if remark.image_list is UNSET:
        return None
    originals = [image.origin_url for image in remark.image_list or () if image.origin_url]
    return [
        Picture(url=address, width=original.width or None, height=original.height or None)
        for original in originals
        if (address := best(original.url_list))
    ]


def _sticker(sticker: Sticker) -> str | None:
    return first(sticker.animate_url) or first(sticker.static_url)
