"""Posts under the names of the older API's `minimal` object."""

from scraper.platform.dialect import Dialect, Made, Shape, Text, number

_POST: Shape = {
    "type": "type",
    "platform": "meta.platform",
    "aweme_id": "video_id",
    "video_id": "video_id",
    "desc": Text("text"),
    "create_time": "create_time",
    "author": {"mid": Made("author.uid", number), "name": "author.nickname", "face": "author.avatar_url"},
    "music": None,
    "statistics": {
        "aid": Made("alt_ids.aid", number),
        "view": "statistics.play_count",
        "danmaku": "statistics.danmaku_count",
        "reply": "statistics.comment_count",
        "favorite": "statistics.collect_count",
        "coin": "statistics.coin_count",
        "share": "statistics.share_count",
        "like": "statistics.digg_count",
        "now_rank": "statistics.rank_now",
        "his_rank": "statistics.rank_best",
    },
    "cover_data": {
        "cover": "cover_data.cover",
        "origin_cover": "cover_data.cover",
        "dynamic_cover": "cover_data.cover",
    },
    "hashtags": None,
}
V4 = Dialect(
    video={
        **_POST,
        "video_data": {
            "wm_video_url": "video_data.wm_video_url",
            "wm_video_url_HQ": "video_data.wm_video_url_HQ",
            "nwm_video_url": "video_data.nwm_video_url",
            "nwm_video_url_HQ": "video_data.nwm_video_url_HQ",
            "audio_url": "video_data.audio_url_HQ",
            "cid": Made("video_data.cid", number),
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
