"""Generate docs/crosswalk.md: the names of our fields in other programs' output.

The names of dialects are read from the platforms. For the others, `NAMES` is the only definition: by record type and
field, the names for each of `COLUMNS`, separated by `; `. What follows a name in brackets is a remark.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scraper.platform.dialect import Dialect, Each, Made, Part, Text
from scraper.platform.platform import Platform
from scraper.records import RECORDS
from scraper.records.definition import leaves

COLUMNS = ("Research API", "Apify", "yt-dlp")
Names = tuple[str, str, str]

NAMES: dict[str, dict[str, Names]] = {
    "video": {
        "video_id": ("id", "id", "id"),
        "type": ("", "isSlideshow (true or false)", ""),
        "url": ("", "webVideoUrl", "webpage_url"),
        "title": ("", "", "title"),
        "desc": ("video_description", "text", "description"),
        "desc_language": ("", "textLanguage", ""),
        "create_time": ("create_time", "createTime; createTimeISO (text)", "timestamp"),
        "duration_ms": ("video_duration (seconds)", "videoMeta.duration (seconds)", "duration (seconds)"),
        "width": ("", "videoMeta.width", "width"),
        "height": ("", "videoMeta.height", "height"),
        "region": ("region_code (of the account)", "locationCreated", ""),
        "place.name": ("", "", "location"),
        "author.uid": ("", "authorMeta.id", "uploader_id"),
        "author.sec_uid": ("", "", "channel_id (TikTok)"),
        "author.unique_id": ("username", "authorMeta.name", "uploader (TikTok)"),
        "author.nickname": ("", "authorMeta.nickName", "channel (TikTok); uploader (Bilibili)"),
        "author.avatar_url": ("", "authorMeta.avatar; authorMeta.originalAvatarUrl", ""),
        "author.verified": ("", "authorMeta.verified", ""),
        "author.url": ("", "authorMeta.profileUrl", "uploader_url"),
        "statistics.play_count": ("view_count", "playCount", "view_count"),
        "statistics.digg_count": ("like_count", "diggCount", "like_count"),
        "statistics.comment_count": ("comment_count", "commentCount", "comment_count"),
        "statistics.share_count": ("share_count", "shareCount", "repost_count (TikTok)"),
        "statistics.collect_count": ("favorites_count", "collectCount", "save_count"),
        "statistics.repost_count": ("", "repostCount", ""),
        "hashtags[].id": ("hashtag_info_list[].hashtag_id", "", ""),
        "hashtags[].name": (
            "hashtag_names[]; hashtag_info_list[].hashtag_name", "hashtags[].name", "tags[] (Bilibili)",
        ),
        "mentions[].uid": ("", "detailedMentions[].id", ""),
        "mentions[].unique_id": ("video_mention_list[]", "mentions[]; detailedMentions[].name", ""),
        "category[].name": ("", "", "categories[]"),
        "music.music_id": ("music_id", "musicMeta.musicId", ""),
        "music.title": ("", "musicMeta.musicName", "track"),
        "music.author_name": ("", "musicMeta.musicAuthor", "artists[]"),
        "music.original": ("", "musicMeta.musicOriginal", ""),
        "music.play_url": ("", "musicMeta.playUrl", ""),
        "mix.id": ("playlist_id", "", ""),
        "effects[].id": ("effect_ids[]", "effectStickers[].ID", ""),
        "effects[].name": ("", "effectStickers[].name", ""),
        "labels": ("video_label", "", ""),
        "flags.pinned": ("", "isPinned", ""),
        "flags.ad": ("", "isAd", ""),
        "flags.paid_partnership": ("", "isSponsored", ""),
        "availability": ("", "", "availability (other words)"),
        "chapters[].start_ms": ("", "", "chapters[].start_time (seconds)"),
        "chapters[].end_ms": ("", "", "chapters[].end_time (seconds)"),
        "chapters[].title": ("", "", "chapters[].title"),
        "cover_data.cover": ("", "videoMeta.coverUrl", "thumbnail"),
        "cover_data.origin_cover": ("", "videoMeta.originalCoverUrl", "thumbnails[].url"),
        "video_data.nwm_video_url": ("", "mediaUrls[] (if downloaded)", "url (of the chosen format)"),
        "video_data.wm_video_url": ("", "videoMeta.downloadAddr", ""),
        "video_data.headers": ("", "", "http_headers"),
        "video_data.streams[].quality": ("", "videoMeta.definition", "formats[].format_note"),
        "video_data.streams[].codec": ("", "", "formats[].vcodec (other words)"),
        "video_data.streams[].width": ("", "", "formats[].width"),
        "video_data.streams[].height": ("", "", "formats[].height"),
        "video_data.streams[].fps": ("", "", "formats[].fps"),
        "video_data.streams[].bitrate": ("", "", "formats[].tbr (kbit/s)"),
        "video_data.streams[].size": ("", "", "formats[].filesize"),
        "video_data.streams[].hdr": ("", "", "formats[].dynamic_range (other words)"),
        "video_data.streams[].container": ("", "videoMeta.format", "formats[].ext"),
        "video_data.streams[].urls": ("", "", "formats[].url (one)"),
        "video_data.audio_streams[].codec": ("", "", "formats[].acodec (other words)"),
        "video_data.audio_streams[].bitrate": ("", "", "formats[].abr (kbit/s)"),
        "image_data.no_watermark_image_list": ("", "slideshowImageLinks[].tiktokLink", ""),
        "meta.platform": ("", "", "extractor"),
        "meta.target": ("", "submittedVideoUrl; input", "original_url"),
        "meta.fetched_at": ("", "", "epoch (number)"),
    },
    "author": {
        "uid": ("", "authorMeta.id", "uploader_id"),
        "sec_uid": ("", "", "channel_id (TikTok)"),
        "unique_id": ("username (of the query)", "authorMeta.name", "uploader (TikTok)"),
        "nickname": ("display_name", "authorMeta.nickName", "channel (TikTok); uploader (Bilibili)"),
        "signature": ("bio_description", "authorMeta.signature", ""),
        "url": ("", "authorMeta.profileUrl", "uploader_url"),
        "avatar_url": ("avatar_url", "authorMeta.avatar; authorMeta.originalAvatarUrl", ""),
        "verified": ("is_verified", "authorMeta.verified", "channel_is_verified"),
        "private": ("", "authorMeta.privateAccount", ""),
        "commerce": ("", "authorMeta.ttSeller; authorMeta.commerceUserInfo.commerceUser", ""),
        "statistics.follower_count": ("follower_count", "authorMeta.fans", "channel_follower_count"),
        "statistics.following_count": ("following_count", "authorMeta.following", ""),
        "statistics.friend_count": ("", "authorMeta.friends", ""),
        "statistics.total_favorited": ("likes_count", "authorMeta.heart", ""),
        "statistics.favoriting_count": ("", "authorMeta.digg", ""),
        "statistics.video_count": ("video_count", "authorMeta.video", ""),
        "live.room_id": ("", "authorMeta.roomId", ""),
    },
    "comment": {
        "comment_id": ("id", "cid", "comments[].id"),
        "video_id": ("video_id", "videoWebUrl (a link)", "id"),
        "root_id": ("parent_comment_id", "repliesToId", "comments[].parent (`root` in place of null)"),
        "text": ("text", "text", "comments[].text"),
        "create_time": ("create_time", "createTime; createTimeISO (text)", "comments[].timestamp"),
        "digg_count": ("like_count", "diggCount", "comments[].like_count"),
        "reply_count": ("reply_count", "replyCommentTotal", ""),
        "author.uid": ("", "uid", "comments[].author_id"),
        "author.unique_id": ("", "uniqueId", ""),
        "author.nickname": ("", "", "comments[].author"),
        "author.avatar_url": ("", "avatarThumbnail", "comments[].author_thumbnail"),
        "author.verified": ("", "", "comments[].author_is_verified"),
        "author.url": ("", "", "comments[].author_url"),
        "liked_by_author": ("", "likedByAuthor", "comments[].is_favorited"),
        "pinned": ("", "pinnedByAuthor", "comments[].is_pinned"),
        "mentions[].unique_id": ("", "mentions[]; detailedMentions[].name", ""),
    },
}  # fmt: skip


def crosswalk(platforms: Mapping[str, Platform]) -> str:
    """Return the page."""
    text = [_HEAD]
    for record_type, rows in NAMES.items():
        dialects = _names_in_dialects([*platforms.values()]) if record_type == "video" else {}
        columns = ["field", *dialects, *COLUMNS]
        text.append(f"\n## `{record_type}`\n\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
        order = paths(record_type)
        named = {*rows, *(field for names in dialects.values() for field in names)}
        for field in sorted(named, key=lambda name: order.index(name if name in order else map_of(name))):
            cells = [names.get(field, "") for names in dialects.values()]
            cells += [_marked(names) for names in rows.get(field, ("",) * len(COLUMNS))]
            text.append(f"| `{field}` | {' | '.join(cells)} |")
    return "\n".join(text) + "\n"


def paths(record_type: str) -> list[str]:
    """Return the paths of all fields of a record, and of the objects in it, in their order."""
    known: dict[str, None] = {}
    for path, _ in leaves(RECORDS[record_type]):
        parts = path.split(".")
        known.update((".".join(parts[:number]), None) for number in range(1, len(parts) + 1))
    return [*known]


def map_of(field: str) -> str:
    """Return the map that a value belongs to. Its keys are not part of the definition.

    >>> map_of("alt_ids.aid")
    'alt_ids'
    """
    return field.rpartition(".")[0]


def _marked(names: str) -> str:
    """Return names as code, without their remarks.

    >>> _marked("duration (seconds); length")
    '`duration` (seconds), `length`'
    """
    parts = [name.partition(" ") for name in names.split("; ") if name]
    return ", ".join(f"`{name}`{space}{remark}" for name, space, remark in parts)


def _names_in_dialects(platforms: Sequence[Platform]) -> dict[str, dict[str, str]]:
    """Return the names in each dialect by our fields; where platforms differ, with their titles."""
    names: dict[str, dict[str, str]] = {}
    for dialect in sorted(set.intersection(*(set(platform.dialects) for platform in platforms))):
        pairs = {platform.title: fields_of(platform.dialects[dialect]) for platform in platforms}
        fields = dict.fromkeys(field for own in pairs.values() for field, _ in own)
        names[dialect] = {field: _cell(field, pairs) for field in fields}
    return names


def _cell(field: str, pairs: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    titles: dict[str, list[str]] = {}
    for title, own in pairs.items():
        for ours, name in own:
            if ours == field:
                titles.setdefault(name, []).append(title)
    return ", ".join(
        f"`{name}`" if len(having) == len(pairs) else f"`{name}` ({', '.join(having)})"
        for name, having in titles.items()
    )


def fields_of(dialect: Dialect) -> list[tuple[str, str]]:
    """Return our fields, each with a name in the dialect that it is written under."""
    return list(dict.fromkeys([*_pairs(dialect.video, "", ""), *_pairs(dialect.image, "", "")]))


def _pairs(value: Any, name: str, ours: str) -> Iterator[tuple[str, str]]:
    """Yield the fields in a value of a dialect's table.

    :param name: where the value is
    :param ours: what its paths begin with
    """
    if isinstance(value, str):
        yield f"{ours}{value}", name
    elif isinstance(value, Made | Text):
        yield f"{ours}{value.path}", name
    elif isinstance(value, Part):
        yield from _pairs(value.shape, name, ours)
    elif isinstance(value, Each):
        for path, shape in value.lists:
            yield from _pairs(shape, f"{name}[]", f"{ours}{path}[].")
    elif isinstance(value, Mapping):
        for inner, part in value.items():
            yield from _pairs(part, f"{name}.{inner}" if name else inner, ours)


_HEAD = """# Our fields in other programs

Generated by `make docs` from `docs/generate_crosswalk.py` and `spiders/*/dialect.py`. [records.md](records.md)
describes our fields; an empty cell means that there is no such field.

- **v4**: the `minimal` object of the API that the envelope comes from, which [`DIALECT=v4`](dialect.md) writes;
  for posts.
- **Research API**: TikTok's [API for researchers](https://developers.tiktok.com/doc/research-api-specs-query-videos):
  its videos, users and comments.
- **Apify**: the actors `clockworks/tiktok-scraper` and `clockworks/tiktok-comments-scraper`.
- **yt-dlp**: an `info.json`; with `--write-comments` it has comments. The meaning of a field depends on the platform;
  profiles are known only from their videos."""
