"""The privacy class of every field that may contain personal data."""

P1, P2, P3 = "P1", "P2", "P3"
_DIRECT = [
    "uid", "sec_uid", "unique_id", "short_id", "nickname", "signature", "avatar_url", "author", "coauthors", "mentions",
    "banner_url", "handle_changed_at", "name_changed_at", "verified_text", "live", "owner", "artists", "sender_hash",
    "src_key", "dst_key", "item_key", "evidence_key",
]  # fmt: skip
_INDIRECT = [
    "ip_location", "school", "birthday", "gender", "country", "province", "city", "district", "place", "alias",
]  # fmt: skip
_TEXTS = [
    "text", "desc", "title", "overlay_text", "images", "image_data", "video_data", "cover_data", "cues", "query",
    "tags",
]  # fmt: skip

PRIVACY: dict[str, str] = {
    **dict.fromkeys(_DIRECT, P1),
    **dict.fromkeys(_INDIRECT, P2),
    **dict.fromkeys(_TEXTS, P3),
}
"""By field name: P1 identifies a person, P2 describes one, P3 is text or media that may do either."""
