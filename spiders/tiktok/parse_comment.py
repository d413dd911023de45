"""Parse TikTok's comments and replies, which web and app write alike. Pure."""

from typing import Any

from scraper.platform import Context
from scraper.records import Comment, Picture, meta_for
from scraper.responses.values import any_true, count, flag, ident, integer, need, obj, objs, seconds, text
from spiders.tiktok import media, parse_common
from spiders.tiktok.ids import PLATFORM
from spiders.tiktok.parse_app import author_of, marked

_BY_CREATOR = 1  # type of the label on the creator's comments
_NO_LANGUAGE = "un"


def parse_comment(raw: dict[str, Any], context: Context) -> Comment:
    """Parse a comment or reply."""
    comment_id = need(ident(raw.get("cid")), "cid")
    root, parent, state = ident(raw.get("reply_id")), ident(raw.get("reply_to_reply_id")), integer(raw.get("status"))
    user, language = obj(raw.get("user")), text(raw.get("comment_language"))
    return Comment(
        comment_id=comment_id,
        video_id=need(ident(raw.get("aweme_id")) or _commented(context), "aweme_id"),
        root_id=root,
        parent_id=parent,
        depth=0 if not root else 1 if parent in (None, root) else 2,
        text=text(raw.get("text")),
        lang=None if language == _NO_LANGUAGE else language,
        create_time=need(seconds(raw.get("create_time")), "create_time"),
        digg_count=count(raw.get("digg_count")),
        reply_count=count(raw.get("reply_comment_total")),
        author=author_of(user) if user else None,
        liked_by_author=flag(raw.get("is_author_digged")),
        replied_by_author=True if any(map(_is_of_creator, objs(raw.get("reply_comment")))) else None,
        pinned=any_true([flag(raw.get("author_pin")), _is_stuck(raw)]),
        folded=flag(raw.get("no_show")),
        images=_pictures(raw),
        mentions=parse_common.mentions(marked(raw)) if parse_common.known(["text_extra"], raw) else None,
        state=None if state is None else str(state),
        meta=meta_for(Comment, PLATFORM, comment_id),
    )


def _commented(context: Context) -> str | None:
    """Return the requested post; a comment may not name it."""
    target = context.target
    return target.get("video") or (target.id if target.kind == "video" else None)


def _is_of_creator(reply: dict[str, Any]) -> bool:
    labels = [*objs(reply.get("label_list")), {"type": reply.get("label_type")}]
    return any(integer(label.get("type")) == _BY_CREATOR for label in labels)


def _is_stuck(raw: dict[str, Any]) -> bool | None:
    place = integer(raw.get("stick_position"))
    return None if place is None else place > 0


def _pictures(raw: dict[str, Any]) -> list[Picture] | None:
    if not parse_common.known(["image_list"], raw):
        return None
    origins = [obj(image.get("origin_url")) or obj(image.get("crop_url")) for image in objs(raw["image_list"])]
    return [
        Picture(
            url=media.image(media.list_of(origin)), width=count(origin.get("width")), height=count(origin.get("height"))
        )
        for origin in origins
    ]
