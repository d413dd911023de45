"""Parse Bilibili's comments and replies. Pure."""

from typing import Any

from scraper.platform import Context
from scraper.records import AuthorRef, Client, Comment, Mention, Picture, meta_for
from scraper.responses.shapes import as_shape
from scraper.responses.values import any_true, ident, integer, need, seconds, url
from spiders.bilibili import shapes
from spiders.bilibili.ids import PLATFORM, canonical
from spiders.bilibili.parse_common import author_ref
from spiders.bilibili.shapes import Commenter, Content, UploaderAction

_CLIENTS = {1: "web", 2: "android", 3: "ios", 4: "windows phone"}
_LOCATION = "IP属地："
_NO_CONTENT, _NO_MEMBER, _NO_ACTION = Content(), Commenter(), UploaderAction()


def parse_comment(answer: shapes.Comment | dict[str, Any], context: Context) -> Comment:
    """Parse a comment or reply of any comment route."""
    row = as_shape(shapes.Comment, answer)
    comment_id = need(ident(row.rpid_str) or ident(row.rpid), "rpid")
    root, parent = ident(row.root_str) or ident(row.root), ident(row.parent_str) or ident(row.parent)
    content, member, action = row.content or _NO_CONTENT, row.member or _NO_MEMBER, row.up_action or _NO_ACTION
    location, plat = row.reply_control.location if row.reply_control else None, content.plat
    return Comment(
        comment_id=comment_id,
        video_id=_commented(row, context),
        area_type=ident(row.type),
        area_id=ident(row.oid),
        root_id=root,
        parent_id=parent,
        depth=0 if not root else 1 if parent in (None, root) else 2,
        text=content.message or None,
        create_time=need(seconds(row.ctime), "ctime"),
        digg_count=row.like,
        reply_count=row.rcount,
        author=_commenter(row, member),
        author_level=member.level_info.current_level if member.level_info else None,
        ip_location=location.removeprefix(_LOCATION) if location else None,
        liked_by_author=action.like,
        replied_by_author=action.reply,
        pinned=row.pinned,
        hot=row.hot,
        folded=any_true((row.folder.is_folded if row.folder else None, row.invisible)),
        images=[
            Picture(url=url(picture.img_src), width=picture.img_width, height=picture.img_height)
            for picture in content.pictures or ()
        ],
        mentions=[Mention(uid=ident(member.mid)) for member in content.members or ()],
        client=Client(platform=_CLIENTS.get(plat, str(plat)), device=content.device or None) if plat else None,
        floor=row.floor or None,
        state=None if row.state is None else str(row.state),
        sort=context.sort if not root else None,
        meta=meta_for(Comment, PLATFORM, comment_id),
    )


def _commented(row: shapes.Comment, context: Context) -> str:
    """Return the id of the commented post: a BV code for a video."""
    asked = context.target.get("video") or (context.target.id if context.target.kind == "video" else "")
    if asked:
        return asked
    oid = integer(row.oid)
    return need(canonical(f"av{oid}") if integer(row.type) == 1 else ident(oid), "oid")


def _commenter(row: shapes.Comment, member: Commenter) -> AuthorRef | None:
    mid = ident(member.mid) or ident(row.mid_str) or ident(row.mid)
    kind = member.official_verify.type if member.official_verify else None
    return author_ref(mid, member.uname, member.avatar, kind) if mid else None
