"""The special cases of the Bilibili world, by name."""

from __future__ import annotations

# Works that exist under a code alone: name -> code of the view.
HIDDEN = {
    "deleted": -404,
    "invisible": 62002,
    "under_review": 62004,
    "owner_only": 62012,
    "forbidden": -403,
}
# Works that can be seen; each has one trait, of the same name.
VISIBLE = (
    "multipart",
    "silent",
    "durl_only",
    "charging",
    "redirect",
    "forward",
    "coop",
    "season",
    "interactive",
    "comments_closed",
    "comments_closed_area",
    "voucher_playurl",
    "old_view",
    "entities",
    "null_desc_v2",
    "dolby",
    "flac",
    "busy",
    "no_comments",
)
NAMES = (*HIDDEN, *VISIBLE)
# A name that has the right letters and stands for no number.
BAD_BVID = "BV1zzzzzzzzz"
# Further creators behind the ordinary ones: name -> number of works listed (None: all visible special works).
CREATORS: dict[str, int | None] = {
    "odd_user": 45,
    "user_banned": 3,
    "user_empty": 0,
    "user_gone": 0,
    "showcase": None,
}
# Where odd_user's broken entry stands in its list.
ODD_PLACE = 11
PARTS = {"multipart": 4}
ROTATED_PART = 3
COMMENTS_CLOSED = {"comments_closed": 12061, "comments_closed_area": 12002}
CHAIN_HOPS = 6
FOREIGN_TARGET = "https://ads.example.com/landing?from=b23"
HOME_TARGET = "https://www.bilibili.com/"
