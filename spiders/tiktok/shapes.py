"""What is read of posts and comments in TikTok's answers. docs/wire/tiktok.md says what else there is."""

from typing import Annotated, Any, ClassVar

from msgspec import UNSET, Meta, UnsetType, field

from scraper.platform.sound import SoundMarks
from scraper.responses.shapes import AnswerShape, Count, Flag, Ident, Integer, Shape, String, Text, Texts
from scraper.responses.values import LARGEST, count, is_rounded


class RoundedCount(int):
    """A count that TikTok wrote as a rounded text, such as "1.2M"."""


def _counter(value: Any) -> int | None:
    number = count(value)
    return RoundedCount(number) if number is not None and is_rounded(value) else number


def _addresses(value: Any) -> list[str] | str | None:
    if isinstance(value, list):
        return [entry for entry in value if isinstance(entry, str)]
    return value if isinstance(value, str) else None


Counter = Annotated[Annotated[int, Meta(ge=0, le=LARGEST)] | None, _counter]
"""A count; one that was rounded is a `RoundedCount`."""
Addresses = Annotated[list[str] | str | None, _addresses]
"""One URL, or several."""


class Mirrors(Shape):
    """The URLs of a file, by each name in use."""

    url_list: Addresses = None
    urlList: Addresses = None
    UrlList: Addresses = None


class File(Shape):
    """A file of the app, and its mirrors."""

    uri: Text = None
    url_list: Addresses = None
    url_key: Text = None
    width: Count = None
    height: Count = None
    data_size: Count = None


class WebFile(File):
    """A file of the web, and its mirrors."""

    url_list: Addresses = field(default=None, name="UrlList")
    url_key: Text = field(default=None, name="UrlKey")
    width: Count = field(default=None, name="Width")
    height: Count = field(default=None, name="Height")
    data_size: Count = field(default=None, name="DataSize")


class Quality(SoundMarks):
    """One quality of a video."""

    gear_name: Text = None
    bit_rate: Count = None
    FPS: Count = None
    play_addr: File | None = None


class WebQuality(Quality):
    """One entry of `bitrateInfo`."""

    gear_name: Text = field(default=None, name="GearName")
    bit_rate: Count = field(default=None, name="Bitrate")
    FPS: Count = field(default=None, name="BitrateFPS")
    play_addr: WebFile | None = field(default=None, name="PlayAddr")
    CodecType: Text = None


class AppQuality(Quality):
    """One entry of `bit_rate`. An `is_bytevc1` of 2 stands for H.266."""

    is_h265: Integer = None
    is_bytevc1: Integer = None


class Media(SoundMarks):
    """The video of a web post. Old posts have only `playAddr`. The cover URLs are texts."""

    videoID: Ident = None
    bitrateInfo: list[WebQuality] | None = None
    PlayAddrStruct: WebFile | None = None
    playAddr: Addresses = None
    downloadAddr: Addresses = None
    ratio: Text = None
    codecType: Text = None
    bitrate: Count = None
    size: Count = None
    duration: Any = None
    width: Count = None
    height: Count = None
    cover: Text = None
    originCover: Text = None
    dynamicCover: Text = None


class AppMedia(SoundMarks):
    """The video of an app post; of an image post, `play_addr` is its sound. `duration` is in milliseconds."""

    bit_rate: list[AppQuality] | None = None
    play_addr: File | None = None
    play_addr_h264: File | None = None
    play_addr_bytevc1: File | None = None
    download_addr: File | None = None
    is_h265: Integer = None
    is_bytevc1: Integer = None
    duration: Count = None
    width: Count = None
    height: Count = None
    cover: Mirrors | None = None
    origin_cover: Mirrors | None = None
    dynamic_cover: Mirrors | None = None
    ai_dynamic_cover: Mirrors | None = None


class Clip(Mirrors):
    """The moving part of a picture."""

    play_addr: Mirrors | Addresses = None
    playAddr: Mirrors | Addresses = None
    PlayAddrStruct: Mirrors | Addresses = None


class Picture(Shape):
    """One picture of an image post, of web or app; one that moves has a clip, or a mark."""

    imageURL: Mirrors | None = None
    display_image: Mirrors | None = None
    owner_watermark_image: Mirrors | None = None
    clip_type: Integer = None
    clipType: Integer = None
    live_photo_type: Integer = None
    livePhotoType: Integer = None
    video: Clip | None = None
    live_photo: Clip | None = None
    livePhoto: Clip | None = None
    live_photo_video: Clip | None = None
    livePhotoVideo: Clip | None = None


class ImagePost(Shape):
    """The pictures of a post. An entry that is no object is None, so that it is missed."""

    images: list[Picture | None] | None = None
    title: Text = None
    cover: Picture | None = None


class AppImagePost(ImagePost):
    cover: Picture | None = field(default=None, name="image_post_cover")


class User(Shape):
    """A user as the web writes them."""

    id: Ident = None
    secUid: Text = None
    uniqueId: Text = None
    nickname: Text = None
    avatarLarger: Text = None
    avatarMedium: Text = None
    avatarThumb: Text = None
    verified: Flag = None


class AppUser(Shape):
    """A user as the app and all comments write them."""

    uid: Ident = None
    sec_uid: Text = None
    unique_id: Text = None
    nickname: Text = None
    avatar_larger: Mirrors | None = None
    avatar_medium: Mirrors | None = None
    avatar_thumb: Mirrors | None = None
    custom_verify: Text | UnsetType = UNSET
    enterprise_verify_reason: Text = None


class Music(Shape):
    """The sound of a web post."""

    id: Ident = None
    title: Text = None
    authorName: Text = None
    original: Flag = None
    playUrl: Text = None
    duration: Any = None


class AppMusic(Shape):
    """The sound of an app post."""

    id: Ident = None
    id_str: Ident = None
    mid: Ident = None
    title: Text = None
    author: Text = None
    is_original: Flag = None
    is_original_sound: Flag = None
    play_url: File | None = None
    duration: Any = None


class Statistics(Shape):
    """`stats` may be rounded; `statsV2` is exact, and its numbers are texts."""

    playCount: Counter = None
    diggCount: Counter = None
    commentCount: Counter = None
    shareCount: Counter = None
    collectCount: Counter = None
    repostCount: Counter = None


class AppStatistics(Shape):
    play_count: Counter = None
    digg_count: Counter = None
    comment_count: Counter = None
    share_count: Counter = None
    collect_count: Counter = None
    repost_count: Counter = None
    forward_count: Counter = None
    download_count: Counter = None
    whatsapp_share_count: Counter = None


class Mark(Shape):
    """One entry of `text_extra`: a marked part of a text."""

    type: Integer = None
    start: Count = None
    end: Count = None
    hashtag_id: Ident = None
    hashtag_name: Text = None
    is_commerce: Flag = None
    user_id: Ident = None
    sec_uid: Text = None
    unique_id: Text = None


class WebMark(Mark):
    """One entry of `textExtra`."""

    hashtag_id: Ident = field(default=None, name="hashtagId")
    hashtag_name: Text = field(default=None, name="hashtagName")
    is_commerce: Flag = field(default=None, name="isCommerce")
    user_id: Ident = field(default=None, name="userId")
    sec_uid: Text = field(default=None, name="secUid")
    unique_id: Text = field(default=None, name="userUniqueId")


class Part(Shape):
    """One part of a description."""

    desc: Text = None
    textExtra: list[WebMark] | None = None


class ListedHashtag(Shape):
    id: Ident = None
    name: Text = None
    is_commerce: Flag = None


class AppHashtag(ListedHashtag):
    """One entry of `cha_list`."""

    id: Ident = field(default=None, name="cid")
    name: Text = field(default=None, name="cha_name")


class WebHashtag(ListedHashtag):
    """One entry of `challenges`."""

    name: Text = field(default=None, name="title")
    is_commerce: Flag = field(default=None, name="isCommerce")


class PlaceInfo(Shape):
    id: Ident = None
    name: Text = None
    address: Text = None


class AppPlaceInfo(PlaceInfo):
    id: Ident = field(default=None, name="poi_id")
    name: Text = field(default=None, name="poi_name")


class Sticker(Shape):
    """One effect."""

    id: Ident = None
    ID: Ident = None
    name: Text = None


class TextSticker(Shape):
    stickerText: Texts = None


class Label(Shape):
    """A warning of web or app, or a text that is part of it."""

    text: Text = None
    content: Text = None


class Word(Shape):
    word: Text = None


class WordGroup(Shape):
    words: list[Word] | None = None


class SuggestedWords(Shape):
    video_suggest_words_struct: list[WordGroup] | None = None


class Anchor(Shape):
    """A product, a place or a mini program in a web post."""

    type: Integer = None
    id: Ident = None
    keyword: Text = None
    description: Text = None


class AppAnchor(Shape):
    type: Ident = None
    id: Ident = None
    keyword: Text = None


class DuetInfo(Shape):
    duetFromId: Ident | UnsetType = UNSET


class AppDuetInfo(Shape):
    original_item_id: Ident = None


class Post(Shape):
    """A post of the web (`itemStruct`). `author` may be a handle; its other ids are then in the post itself."""

    id: Ident = None
    desc: Text = None
    contents: list[Part] | None = None
    textExtra: list[WebMark] | None = None
    textLanguage: Text = None
    createTime: Integer = None
    locationCreated: Text = None
    CategoryType: Ident = None
    diversificationLabels: Texts = None
    author: User | String | None = None
    authorId: Ident = None
    authorSecId: Text = None
    nickname: Text = None
    avatarThumb: Text = None
    video: Media | None = None
    imagePost: ImagePost | None = None
    music: Music | None = None
    stats: Statistics | None = None
    statsV2: Statistics | None = None
    challenges: list[WebHashtag] | None = None
    poi: PlaceInfo | None = None
    playlistId: Ident = None
    effectStickers: list[Sticker] | None = None
    stickersOnItem: list[TextSticker] | None = None
    warnInfo: list[Label] | None = None
    maskType: Integer = None
    videoSuggestWordsList: SuggestedWords | None = None
    suggestedWords: Texts = None
    anchors: list[Anchor] | None = None
    duetInfo: DuetInfo | None = None
    AIGCDescription: String = None
    IsAigc: Flag = None
    isPinnedItem: Flag = None
    isAd: Flag = None
    adAuthorization: Flag = None
    privateItem: Flag = None
    secret: Flag = None
    forFriend: Flag = None
    takeDown: Integer = None
    isReviewing: Flag = None
    originalItem: Flag = None
    isContentClassified: Any = None
    isPreview: Any = None
    previewType: Integer = None
    itemCommentStatus: Integer = None
    shareEnabled: Flag = None
    duetEnabled: Flag = None
    stitchEnabled: Flag = None


class Status(Shape):
    private_status: Integer = None
    is_private: Flag = None
    self_see: Flag = None
    is_delete: Flag = None
    is_prohibited: Flag = None
    in_reviewing: Flag = None
    allow_comment: Flag = None
    allow_share: Flag = None


class Control(Shape):
    allow_download: Flag = None
    allow_duet: Flag = None
    allow_stitch: Flag = None


class MixState(Shape):
    current_episode: Count = None


class MixInfo(Shape):
    mix_id: Ident = None
    mix_name: Text = None
    statis: MixState | None = None


class AppPost(Shape):
    """A post of the app (`aweme`)."""

    aweme_id: Ident = None
    group_id: Ident = None
    aweme_type: Integer = None
    desc: Text = None
    text_extra: list[Mark] | None = None
    desc_language: Text = None
    create_time: Integer = None
    region: Text = None
    author: AppUser | None = None
    video: AppMedia | None = None
    image_post_info: AppImagePost | None = None
    music: AppMusic | None = None
    statistics: AppStatistics | None = None
    cha_list: list[AppHashtag] | None = None
    poi_data: AppPlaceInfo | None = None
    mix_info: MixInfo | None = None
    effect_stickers: list[Sticker] | None = None
    hybrid_label: list[Label] | None = None
    risk_infos: Label | None = None
    anchors: list[AppAnchor] | None = None
    duet_info: AppDuetInfo | None = None
    duet_from_id: Ident = None
    status: Status | None = None
    video_control: Control | None = None
    is_top: Flag = None
    is_ads: Flag = None
    is_story: Flag = None


class CommentLabel(Shape):
    type: Integer = None


class Reply(Shape):
    """A reply in its comment: only who wrote it is read."""

    label_list: list[CommentLabel] | None = None
    label_type: Integer = None


class CommentPicture(Shape):
    origin_url: File | None = None
    crop_url: File | None = None


class CommentRow(Shape):
    """A comment or reply."""

    cid: Ident = None
    aweme_id: Ident = None
    reply_id: Ident = None
    reply_to_reply_id: Ident = None
    text: Text = None
    text_extra: list[Mark] | None = None
    comment_language: Text = None
    create_time: Integer = None
    digg_count: Count = None
    reply_comment_total: Count = None
    reply_comment: list[Reply] | None = None
    user: AppUser | None = None
    is_author_digged: Flag = None
    author_pin: Flag = None
    stick_position: Integer = None
    no_show: Flag = None
    status: Integer = None
    image_list: list[CommentPicture] | None = None


class TikTokAnswer(AnswerShape):
    """What every answer may have."""

    status_code: Any = UNSET
    statusCode: Any = UNSET
    error_code: Any = UNSET
    code: Any = UNSET
    type: Any = UNSET
    status_msg: Any = UNSET
    statusMsg: Any = UNSET
    message: Any = UNSET
    data: Any = UNSET
    filter_detail: Any = UNSET
    filter_list: Any = UNSET


class PostList(TikTokAnswer):
    """A page of posts of the web."""

    rows: ClassVar[str] = "itemList"
    itemList: list[Post] | UnsetType | None = UNSET
    hasMore: Any = UNSET
    hasMorePrevious: Any = UNSET
    cursor: Any = UNSET
    total: Any = UNSET


class FoundPosts(TikTokAnswer):
    """A page of posts that a search found."""

    rows: ClassVar[str] = "item_list"
    item_list: list[Post] | UnsetType | None = UNSET
    has_more: Any = UNSET
    cursor: Any = UNSET
    rid: Any = UNSET
    log_pb: Any = UNSET


class ItemInfo(AnswerShape):
    itemStruct: Post | UnsetType | None = UNSET


class OnePost(TikTokAnswer):
    """A post of the web that was asked for alone."""

    rows: ClassVar[str] = "itemInfo.itemStruct"
    itemInfo: ItemInfo | UnsetType | None = UNSET


class AppPostList(TikTokAnswer):
    """A page of posts of the app."""

    rows: ClassVar[str] = "aweme_list"
    aweme_list: list[AppPost] | UnsetType | None = UNSET


class AppPostDetails(TikTokAnswer):
    """Posts of the app that were asked for together."""

    rows: ClassVar[str] = "aweme_details"
    aweme_details: list[AppPost] | UnsetType | None = UNSET


class CommentList(TikTokAnswer):
    """A page of comments or replies."""

    rows: ClassVar[str] = "comments"
    comments: list[CommentRow] | UnsetType | None = UNSET
    has_more: Any = UNSET
    cursor: Any = UNSET
    total: Any = UNSET
