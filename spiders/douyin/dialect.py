"""Posts under the names of the older API's `minimal` object."""

from scraper.platform.dialect import Dialect, Each, Made, Part, Shape, Text, image, number, seconds

_HASHTAG: Shape = {
    "type": 1, "hashtag_name": "name", "hashtag_id": "id", "is_commerce": "commerce", "user_id": None, "sec_uid": None,
    "start": "start", "end": "end",
}  # fmt: skip
_MENTION: Shape = {
    "type": 0, "hashtag_name": None, "hashtag_id": None, "is_commerce": None, "user_id": "uid", "sec_uid": "sec_uid",
    "start": "start", "end": "end",
}  # fmt: skip
_POST: Shape = {
    "type": "type",
    "platform": "meta.platform",
    "aweme_id": "video_id",
    "video_id": "video_id",
    "desc": Text("desc"),
    "create_time": "create_time",
    "author": {
        "uid": "author.uid",
        "sec_uid": "author.sec_uid",
        "unique_id": "author.unique_id",
        "nickname": "author.nickname",
        "avatar_larger": image("author.avatar_url"),
        "avatar_medium": image("author.avatar_url"),
        "avatar_thumb": image("author.avatar_url"),
    },
    "music": Part(
        "music",
        {
            "id": Made("music.music_id", number),
            "id_str": "music.music_id",
            "mid": "music.music_id",
            "title": "music.title",
            "author": "music.author_name",
            "duration": Made("music.duration_ms", seconds),
            "play_url": image("music.play_url"),
            "is_original_sound": "music.original",
        },
    ),
    "statistics": {
        "aweme_id": "video_id",
        "play_count": "statistics.play_count",
        "digg_count": "statistics.digg_count",
        "comment_count": "statistics.comment_count",
        "share_count": "statistics.share_count",
        "collect_count": "statistics.collect_count",
        "forward_count": "statistics.repost_count",
        "download_count": "statistics.download_count",
        "admire_count": "statistics.admire_count",
    },
    "cover_data": {
        "cover": image("cover_data.cover"),
        "origin_cover": image("cover_data.origin_cover"),
        "dynamic_cover": image("cover_data.dynamic_cover"),
    },
    "hashtags": Each((("hashtags", _HASHTAG), ("mentions", _MENTION)), order="start"),
}
V4 = Dialect(
    video={
        **_POST,
        "video_data": {
            "wm_video_url": "video_data.wm_video_url",
            "wm_video_url_HQ": "video_data.wm_video_url_HQ",
            "nwm_video_url": "video_data.nwm_video_url",
            "nwm_video_url_HQ": "video_data.nwm_video_url_HQ",
        },
        "meta": "meta",
    },
    image={
        **_POST,
        "image_data": {
            "no_watermark_image_list": "image_data.no_watermark_image_list",
            "watermark_image_list": "image_data.watermark_image_list",
        },
        "meta": "meta",
    },
)
