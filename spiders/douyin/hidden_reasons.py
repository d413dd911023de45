"""Find out why Douyin hides a post, from filter reasons and from the flags of posts that it returns anyway."""

import re
from collections.abc import Mapping
from typing import Any

from scraper.responses import Reading
from scraper.responses.outcomes import Outcome
from scraper.responses.values import obj, objs, text
from spiders.douyin.shapes import Post

_GONE = Reading(Outcome.NOT_FOUND, "the post does not exist or was deleted")
_BANNED = Reading(Outcome.NOT_FOUND, "its author is banned")
_OWNER_ONLY = Reading(Outcome.PRIVATE, "visible to its author only")
_FRIENDS = Reading(Outcome.PRIVATE, "visible to its author's friends only")
_REVIEW = Reading(Outcome.PRIVATE, "under review, or rejected")

# If Douyin names several reasons, the first of these counts.
REASONS = {
    "status_deleted": _GONE,
    "status_delete": _GONE,
    "status_removed": _GONE,
    "system_item_not_exist": _GONE,
    "author_level_ban": _BANNED,
    "author_invalid": _BANNED,
    "status_audit_self_see": _REVIEW,
    "status_audit": _REVIEW,
    "status_audit_fail": _REVIEW,
    "status_audit_not_pass": _REVIEW,
    "status_self_see": _OWNER_ONLY,
    "only_self_see": _OWNER_ONLY,
    "self_see": _OWNER_ONLY,
    "privacy": _OWNER_ONLY,
    "author_secret": _OWNER_ONLY,
    "only_friend_see": _FRIENDS,
    "copyright_foreign": Reading(Outcome.GEO_BLOCKED, "not available outside mainland China for copyright reasons"),
    "story_25_filter": Reading(Outcome.PRIVATE, "a story; only the app shows stories"),
    "images_base": Reading(Outcome.UPSTREAM_CHANGED, "Douyin does not show notes to this kind of client"),
    "core_dep": Reading(Outcome.NOT_FOUND, "Douyin has no such post", once_more=True),
}  # fmt: skip


def of_filter(data: Mapping[str, Any]) -> Reading | None:
    """Read `filter_detail` or the first of `filter_list`; None if there is no reason."""
    details = [obj(data.get("filter_detail")), *objs(data.get("filter_list"))]
    raw = next((reason for detail in details if (reason := text(detail.get("filter_reason")))), None)
    if raw is None:
        return None
    named = [part.strip().lower() for part in re.split(r"[&,]", raw)]
    reading = next((REASONS[reason] for reason in REASONS if reason in named), None)
    if reading is None:
        reading = Reading(Outcome.UPSTREAM_CHANGED, "Douyin hides it for an unknown reason")
    return reading._replace(message=f"{reading.message} (filter_reason: {raw})")


def of_status(post: Post) -> Reading | None:
    """Read the flags of a post. A post with media is a record regardless of its flags, unless it was removed."""
    status = post.status
    if status is None:
        return None
    if status.is_delete:
        return _GONE
    if status.is_prohibited:
        return Reading(Outcome.NOT_FOUND, "Douyin took it down")
    if _can_be_seen(post):
        return None
    if status.in_reviewing:
        return _REVIEW
    if status.self_see:
        return _OWNER_ONLY
    return {1: _OWNER_ONLY, 2: _FRIENDS}.get(status.private_status or 0)


def of_row(post: Post) -> Reading | None:
    """Read why a post in a list is not shown, by the flags that count when it is asked for alone."""
    return None if post.aweme_id is None else of_status(post)


def _can_be_seen(post: Post) -> bool:
    played = post.video.play_addr if post.video else None
    return bool(post.images or (played and played.url_list))
