"""Parse Bilibili's comments and replies. Pure."""

from typing import Any

from scraper.platform import Context
from scraper.records import AuthorRef, Client, Comment, Mention, Picture, meta_for
from scraper.responses.values import any_true, count, flag, ident, integer, need, obj, objs, rank, seconds, text, url
from spiders.bilibili.ids import PLATFORM, canonical
from spiders.bilibili.parse_common import author_ref

PINNED, HOT = "_pinned", "_hot"  # marks that the endpoint sets on raw comments by their place in the answer

_CLIENTS = {1: "web", 2: "android", 3: "ios", 4: "windows phone"}
_LOCATION = "IP属地："


def parse_comment(raw: dict[str, Any], context: Context) -> Comment:
    """Parse a comment or reply of any comment route."""
    comment_id = need(ident(raw.get("rpid_str")) or ident(raw.get("rpid")), "rpid")
    root, parent = (ident(raw.get(f"{name}_str")) or ident(raw.get(name)) for name in ("root", "parent"))
    content, member, did, control = (obj(raw.get(name)) for name in ("content", "member", "up_action", "reply_control"))
    location, plat = text(control.get("location")), integer(content.get("plat"))
    return Comment(
        comment_id=comment_id,
        video_id=_commented(raw, context),
        area_type=ident(raw.get("type")),
        area_id=ident(raw.get("oid")),
        root_id=root,
        parent_id=parent,
        depth=0 if not root else 1 if parent in (None, root) else 2,
        text=text(content.get("message")),
        create_time=need(seconds(raw.get("ctime")), "ctime"),
        digg_count=count(raw.get("like")),
        reply_count=count(raw.get("rcount")),
        author=_commenter(raw, member),
        author_level=count(obj(member.get("level_info")).get("current_level")),
        ip_location=location.removeprefix(_LOCATION) if location else None,
        liked_by_author=flag(did.get("like")),
        replied_by_author=flag(did.get("reply")),
        pinned=flag(raw.get(PINNED)),
        hot=flag(raw.get(HOT)),
        folded=any_true([flag(obj(raw.get("folder")).get("is_folded")), flag(raw.get("invisible"))]),
        images=_pictures(content),
        mentions=[Mention(uid=ident(member.get("mid"))) for member in objs(content.get("members"))],
        client=Client(platform=_CLIENTS.get(plat, str(plat)), device=text(content.get("device"))) if plat else None,
        floor=rank(raw.get("floor")),
        state=str(state) if (state := integer(raw.get("state"))) is not None else None,
        sort=context.sort if not root else None,
        meta=meta_for(Comment, PLATFORM, comment_id),
    )


def _commented(raw: dict[str, Any], context: Context) -> str:
    """Return the id of the commented post: a BV code for a video."""
    asked = context.target.get("video") or (context.target.id if context.target.kind == "video" else "")
    oid = integer(raw.get("oid"))
    return asked or need(canonical(f"av{oid}") if integer(raw.get("type")) == 1 else ident(oid), "oid")


def _commenter(raw: dict[str, Any], member: dict[str, Any]) -> AuthorRef | None:
    mid = ident(member.get("mid")) or ident(raw.get("mid_str")) or ident(raw.get("mid"))
    return author_ref(mid, member.get("uname"), member.get("avatar"), member.get("official_verify")) if mid else None


def _pictures(content: dict[str, Any]) -> list[Picture]:
    pictures = objs(content.get("pictures"))
    return [
        Picture(
            url=url(picture.get("img_src")),
            width=count(picture.get("img_width")),
            height=count(picture.get("img_height")),
        )
        for picture in pictures
    ]
