"""What is read of a post in Douyin's answers. docs/wire/douyin.md says what else there is."""

from typing import Any, ClassVar

from msgspec import UNSET, UnsetType

from scraper.platform.sound import SoundMarks
from scraper.responses.shapes import AnswerShape, Count, Flag, Ident, Integer, Shape, String, Text, Texts
from spiders.douyin import camel_case


class Address(Shape):
    """A file and its mirrors."""

    uri: Text = None
    url_list: Texts = None
    url_key: Text = None
    file_hash: Text = None
    width: Count = None
    height: Count = None
    data_size: Count = None


class Quality(SoundMarks):
    """One entry of `bit_rate`. An `is_…` of 2 stands for H.266."""

    gear_name: Text = None
    bit_rate: Count = None
    is_h265: Count = None
    is_bytevc1: Count = None
    FPS: Count = None
    HDR_type: String = None
    play_addr: Address | None = None


class Media(SoundMarks):
    """The file of a post: its qualities, covers, and the size of the best quality.

    `bit_rate_audio` lists its separate sounds: `{audio_meta: {bitrate, codec_type, url_list}}`.
    """

    bit_rate: list[Quality] | None = None
    play_addr: Address | None = None
    play_addr_h264: Address | None = None
    play_addr_265: Address | None = None
    play_addr_bytevc1: Address | None = None
    play_addr_lowbr: Address | None = None
    download_addr: Address | None = None
    cover: Address | None = None
    origin_cover: Address | None = None
    dynamic_cover: Address | None = None
    animated_cover: Address | None = None
    ratio: Text = None
    duration: Count = None
    width: Count = None
    height: Count = None
    is_h265: Any = None
    is_bytevc1: Any = None


class Image(Shape):
    """One picture of a note; a live photo has a `video` too."""

    url_list: Texts = None
    download_url_list: Texts = None
    display_image: Address | None = None
    owner_watermark_image: Address | None = None
    video: Media | None = None
    clip_type: Count = None
    live_photo_type: Count = None


class ImagePost(Shape):
    images: list[Image | None] | None = None


class User(Shape):
    """The author of something. The counters in the same object are dummies."""

    uid: Ident = None
    sec_uid: Ident = None
    unique_id: Ident = None
    short_id: Ident = None
    nickname: Text = None
    avatar_larger: Address | None = None
    avatar_300x300: Address | None = None
    avatar_medium: Address | None = None
    avatar_thumb: Address | None = None
    custom_verify: Text | UnsetType = UNSET
    enterprise_verify_reason: Text | UnsetType = UNSET


class Music(Shape):
    id: Ident = None
    id_str: Ident = None
    mid: Ident = None
    title: Text = None
    music_name: Text = None
    author: Text = None
    is_original: Flag = None
    is_original_sound: Flag = None
    play_url: Address | None = None
    duration: Any = None


class Statistics(Shape):
    """Counts. `play_count`, `exposure_count` and `live_watch_count` are always 0, and not read."""

    digg_count: Count = None
    comment_count: Count = None
    share_count: Count = None
    collect_count: Count = None
    forward_count: Count = None
    download_count: Count = None
    admire_count: Count = None


class Status(Shape):
    private_status: Integer = None
    part_see: Integer = None
    self_see: Flag = None
    is_delete: Flag = None
    is_prohibited: Flag = None
    in_reviewing: Flag = None
    allow_comment: Flag = None
    allow_share: Flag = None


class Control(Shape):
    """`aweme_control`, `video_control` and `danmaku_control`."""

    can_comment: Flag = None
    can_share: Flag = None
    allow_download: Flag = None
    danmaku_cnt: Count = None


class Mark(Shape):
    """One entry of `text_extra`: a marked part of the text."""

    type: Integer = None
    start: Count = None
    end: Count = None
    hashtag_id: Ident = None
    hashtag_name: Text = None
    is_commerce: Flag = None
    user_id: Ident = None
    sec_uid: Ident = None
    unique_id: Ident = None


class ListedHashtag(Shape):
    """One entry of `cha_list`."""

    cid: Ident = None
    cha_name: Text = None
    is_commerce: Flag = None


class MixState(Shape):
    current_episode: Count = None
    updated_to_episode: Count = None


class MixInfo(Shape):
    mix_id: Ident = None
    mix_name: Text = None
    statis: MixState | None = None


class Tag(Shape):
    """One entry of `video_tag`: a category."""

    tag_id: Ident = None
    tag_name: Text = None
    level: Count = None


class Label(Shape):
    text: Text = None
    content: Text = None


class Chapter(Shape):
    timestamp: Count | UnsetType = UNSET
    start_time: Count = None
    end_time: Count = None
    desc: Text = None
    title: Text = None


class Anchor(Shape):
    """A product, a place or a mini program; `promotions` have a `promotion_id` or `product_id`."""

    type: Integer = None
    id: Ident = None
    title: Text = None
    keyword: Text = None
    promotion_id: Ident = None
    product_id: Ident = None


class PlaceAddress(Shape):
    simple_addr: Text = None


class PlaceInfo(Shape):
    poi_id: Ident = None
    poi_name: Text = None
    address: Text = None
    address_info: PlaceAddress | None = None


class Cooperation(Shape):
    co_creators: list[User] | UnsetType | None = UNSET


class PaidSeries(Shape):
    series_paid_status: Integer = None


class Aigc(Shape):
    aigc_label_type: Integer = None


class Seo(Shape):
    seo_ocr_content: Text = None


class Impression(Shape):
    similar_id_list_a: Any = None


class Post(Shape):
    """A post of any kind."""

    aweme_id: Ident = None
    group_id: Ident = None
    comment_gid: Ident = None
    aweme_type: Integer = None
    media_type: Integer = None
    desc: Text = None
    caption: Text = None
    preview_title: Text = None
    item_title: Text = None
    create_time: Integer = None
    duration: Count = None
    region: Text = None
    author: User | None = None
    music: Music | None = None
    video: Media | None = None
    images: list[Image | None] | None = None
    image_post_info: ImagePost | None = None
    statistics: Statistics | None = None
    status: Status | None = None
    aweme_control: Control | None = None
    video_control: Control | None = None
    danmaku_control: Control | None = None
    prevent_download: Flag = None
    text_extra: list[Mark] | None = None
    cha_list: list[ListedHashtag] | None = None
    mix_info: MixInfo | None = None
    video_tag: list[Tag] | None = None
    hybrid_label: list[Label] | UnsetType | None = UNSET
    item_warn_notification: Label | UnsetType | None = UNSET
    risk_infos: Label | UnsetType | None = UNSET
    chapter_list: list[Chapter] | None = None
    anchors: list[Anchor] | UnsetType | None = UNSET
    anchor_info: Anchor | UnsetType | None = UNSET
    promotions: list[Anchor] | UnsetType | None = UNSET
    poi_info: PlaceInfo | None = None
    cooperation_info: Cooperation | None = None
    series_paid_info: PaidSeries | None = None
    aigc_info: Aigc | None = None
    seo_info: Seo | None = None
    impression_data: Impression | None = None
    is_top: Flag = None
    is_ads: Flag = None
    is_duet_sing: Flag = None
    is_story: Flag | UnsetType = UNSET
    is_24_story: Flag | UnsetType = UNSET
    is_25_story: Flag | UnsetType = UNSET
    is_moment_story: Flag | UnsetType = UNSET

    @classmethod
    def renamed(cls, raw: dict[str, Any]) -> dict[str, Any]:
        return camel_case.work(raw)


class CommentImage(Shape):
    origin_url: Address | None = None


class Sticker(Shape):
    animate_url: Address | None = None
    static_url: Address | None = None


class Remark(Shape):
    """A comment, or a reply. A `reply_id` of 0 marks a comment."""

    cid: Ident = None
    aweme_id: Ident = None
    reply_id: Ident = None
    reply_to_reply_id: Ident = None
    text: Text = None
    create_time: Integer = None
    digg_count: Count = None
    reply_comment_total: Count = None
    user: User | None = None
    ip_label: Text = None
    is_author_digged: Flag = None
    label_text: Text = None
    label_list: list[Label] | None = None
    stick_position: Count = None
    is_hot: Flag = None
    is_folded: Flag = None
    image_list: list[CommentImage] | UnsetType | None = UNSET
    sticker: Sticker | None = None
    text_extra: list[Mark] | None = None
    status: Integer = None


class DouyinAnswer(AnswerShape):
    """What every answer may have."""

    status_code: Any = UNSET
    statusCode: Any = UNSET
    error_code: Any = UNSET
    errorCode: Any = UNSET
    status_msg: Any = UNSET
    statusMsg: Any = UNSET
    message: Any = UNSET


class PostList(DouyinAnswer):
    """A page of posts."""

    rows: ClassVar[str] = "aweme_list"
    aweme_list: list[Post] | UnsetType | None = UNSET
    has_more: Any = UNSET
    max_cursor: Any = UNSET
    cursor: Any = UNSET
    total: Any = UNSET
    not_login_module: Any = UNSET


class RemarkList(DouyinAnswer):
    """A page of comments or replies."""

    rows: ClassVar[str] = "comments"
    comments: list[Remark] | UnsetType | None = UNSET
    has_more: Any = UNSET
    cursor: Any = UNSET
    total: Any = UNSET
    not_login_module: Any = UNSET


class OnePost(DouyinAnswer):
    """A post that was asked for alone."""

    rows: ClassVar[str] = "aweme_detail"
    aweme_detail: Post | UnsetType | None = UNSET
    filter_detail: Any = UNSET


class PostDetails(DouyinAnswer):
    """Posts that were asked for together."""

    rows: ClassVar[str] = "aweme_details"
    aweme_details: list[Post] | UnsetType | None = UNSET
    filter_list: Any = UNSET
