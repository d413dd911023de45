"""What is read of a video, a part or a comment in Bilibili's answers. docs/wire/bilibili.md says what else there is."""

from typing import Any, ClassVar

from msgspec import UNSET, UnsetType, field

from scraper.responses.shapes import AnswerShape, Count, Flag, Ident, Integer, RoundedCount, Shape, Text, Texts

PINNED, HOT = "_pinned", "_hot"  # added to comments in their other places


class Owner(Shape):
    """The uploader of a video, or the owner of a collection."""

    mid: Ident = None
    name: Text = None
    face: Text = None


class Verification(Shape):
    """0 for a person, 1 for an organization; -1 and 127 for none."""

    type: Integer = None
    desc: Text = None


class Member(Owner):
    """One entry of `staff`: a creator of a joint video."""

    official: Verification | None = None


class Dimension(Shape):
    """The size before rotation."""

    width: Count = None
    height: Count = None
    rotate: Flag = None


class Part(Shape):
    """One part of a video, in `pages` or `pagelist`."""

    page: Count = None
    cid: Ident = None
    part: Text = None
    duration: Any = None
    dimension: Dimension | None = None
    first_frame: Text = None
    ctime: Integer = None


class Episode(Shape):
    bvid: Text = None


class Section(Shape):
    episodes: list[Episode] | None = None


class Season(Shape):
    """The season of a video: `ugc_season` or `meta`."""

    id: Ident = None
    title: Text = None
    sections: list[Section] | None = None


class ListedVideo(Shape):
    """An entry of a user's videos (`vlist`). Counts may be "--".

    The fields are in the order of the answer, which makes it faster to decode.
    """

    comment: RoundedCount = None
    typeid: Ident = None
    play: RoundedCount = None
    pic: Text = None
    description: Text = None
    copyright: Ident = None
    title: Text = None
    author: Text = None
    mid: Ident = None
    created: Integer = None
    length: Any = None
    video_review: RoundedCount = None
    aid: Ident = None
    bvid: Text = None
    is_pay: Flag = None
    is_union_video: Flag = None
    is_steins_gate: Flag = None
    is_live_playback: Flag = None
    is_lesson_video: Flag = None
    jump_url: Text = None
    meta: Season | None = None
    season_id: Ident = None
    is_charging_arc: Flag = None
    is_self_view: Flag = None


class Stat(Shape):
    """The counts of a `view`. A rank of 0 means that it has none."""

    view: RoundedCount = None
    like: RoundedCount = None
    reply: RoundedCount = None
    share: RoundedCount = None
    favorite: RoundedCount = None
    coin: RoundedCount = None
    danmaku: RoundedCount = None
    now_rank: Count = None
    his_rank: Count = None
    argue_msg: Text = None


class Rights(Shape):
    pay: Flag = None
    ugc_pay: Flag = None
    arc_pay: Flag = None
    no_share: Flag = None
    no_reprint: Flag = None
    download: Flag = None
    is_stein_gate: Flag = None
    is_360: Flag = None
    is_cooperation: Flag = None


class Words(Shape):
    """One entry of `desc_v2`: a piece of the description; of type 2, a mention of the user `biz_id`."""

    type: Integer = None
    raw_text: Text = None
    biz_id: Ident = None


class Notice(Shape):
    argue_msg: Text = None


class Honor(Shape):
    desc: Text = None


class Honors(Shape):
    honor: list[Honor] | None = None


class View(Shape):
    """A video with its counts and parts. `state` and `rights` say who may see it."""

    bvid: Text = None
    aid: Ident = None
    cid: Ident = None
    title: Text = None
    desc: Text = None
    desc_v2: list[Words] | None = None
    dynamic: Text = None
    pubdate: Integer = None
    ctime: Integer = None
    duration: Any = None
    dimension: Dimension | None = None
    copyright: Ident = None
    pic: Text = None
    pub_location: Text = None
    owner: Owner | None = None
    staff: list[Member] | None = None
    stat: Stat | None = None
    rights: Rights | None = None
    state: Integer = None
    tid: Ident = None
    tname: Text = None
    tid_v2: Ident = None
    tname_v2: Text = None
    ugc_season: Season | None = None
    pages: list[Part] | None = None
    argue_info: Notice | UnsetType | None = UNSET
    honor_reply: Honors | UnsetType | None = UNSET
    forward: Ident = None
    redirect_url: Text = None
    is_story: Flag = None
    is_upower_exclusive: Flag = None
    is_view_self: Flag = None
    is_self_view: Flag = None
    v_voucher: Any = None


class SavedStat(Shape):
    """The counts of a saved video or season (`cnt_info`)."""

    play: RoundedCount = None
    collect: RoundedCount = None
    danmaku: RoundedCount = None
    reply: RoundedCount = None
    share: RoundedCount = None
    thumb_up: RoundedCount = None


class SeasonAbout(Shape):
    """The `meta` of a list: its season, if it is one."""

    mid: Ident = None
    season_id: Ident = None
    name: Text = None


class Views(Shape):
    view: RoundedCount = None


class Archive(Shape):
    """A video of a season or series. The endpoint adds the season."""

    bvid: Text = None
    aid: Ident = None
    title: Text = None
    pubdate: Integer = None
    ctime: Integer = None
    duration: Any = None
    pic: Text = None
    stat: Views | None = None
    state: Integer = None
    interactive_video: Flag = None
    ugc_pay: Flag = None
    season: SeasonAbout | None = field(default=None, name="_season")


class FirstPart(Shape):
    first_cid: Ident = None


class Saved(Shape):
    """An entry of a folder: a video, audio or season. An `attr` other than 0 says why it is hidden."""

    type: Integer = None
    id: Ident = None
    bvid: Text = None
    title: Text = None
    intro: Text = None
    cover: Text = None
    attr: Integer = None
    duration: Any = None
    pubtime: Integer = None
    ctime: Integer = None
    upper: Owner | None = None
    ugc: FirstPart | None = None
    cnt_info: SavedStat | None = None
    media_count: Count = None


class Result(Shape):
    """A result of a search: a video or, of type `bili_user`, a user."""

    type: Text = None
    mid: Ident = None
    upic: Text = None
    bvid: Text = None
    aid: Ident = None
    title: Text = None
    description: Text = None
    tag: Text = None
    pubdate: Integer = None
    senddate: Integer = None
    duration: Any = None
    author: Text = None
    play: RoundedCount = None
    like: RoundedCount = None
    review: RoundedCount = None
    favorites: RoundedCount = None
    danmaku: RoundedCount = None
    typeid: Ident = None
    typename: Text = None
    pic: Text = None
    is_pay: Flag = None
    is_union_video: Flag = None
    uname: Text = None
    usign: Text = None
    official_verify: Verification | None = None
    gender: Integer = None
    level: Count = None
    fans: Count = None
    videos: Count = None
    room_id: Ident = None
    is_live: Flag = None


class DashFile(Shape):
    """A picture or a sound. Every name is written in two ways, but not in all answers."""

    id: Integer = None
    baseUrl: Text = None
    base_url: Text = None
    backupUrl: Texts = None
    backup_url: Texts = None
    bandwidth: Count = None
    codecs: Text = None
    width: Count = None
    height: Count = None
    frameRate: Any = None
    frame_rate: Any = None
    codecid: Integer = None


class Dolby(Shape):
    audio: list[DashFile] | None = None


class Flac(Shape):
    audio: DashFile | None = None


class Dash(Shape):
    """Pictures and sounds apart. `audio` is null for a video without sound."""

    video: list[DashFile] | None = None
    audio: list[DashFile] | UnsetType | None = UNSET
    dolby: Dolby | None = None
    flac: Flac | None = None


class Piece(Shape):
    """A file with picture and sound, or a segment of one."""

    order: Count = None
    length: Count = None
    size: Count = None
    url: Text = None
    backup_url: Texts = None


class Streams(Shape):
    """The streams of a part (`playurl`)."""

    quality: Integer = None
    accept_description: Texts = None
    accept_quality: list[Integer] | None = None
    video_codecid: Integer = None
    durl: list[Piece] | None = None
    dash: Dash | None = None
    is_preview: Integer = None
    v_voucher: Any = None


class EpisodeStreams(Streams):
    """The streams of an episode; encrypted ones cannot be played."""

    is_drm: Flag = None


class LevelInfo(Shape):
    current_level: Count = None


class Commenter(Shape):
    """The `member` of a comment; of one that is mentioned, only the `mid` is read."""

    mid: Ident = None
    uname: Text = None
    avatar: Text = None
    official_verify: Verification | None = None
    level_info: LevelInfo | None = None


class Mentioned(Shape):
    mid: Ident = None


class Picture(Shape):
    img_src: Text = None
    img_width: Count = None
    img_height: Count = None


class Content(Shape):
    """The text of a comment, with its pictures and the people that it mentions. A `plat` of 0 is unknown."""

    message: Text = None
    plat: Integer = None
    device: Text = None
    members: list[Mentioned] | None = None
    pictures: list[Picture] | None = None


class UploaderAction(Shape):
    """Whether the uploader liked or answered a comment."""

    like: Flag = None
    reply: Flag = None


class ReplyControl(Shape):
    location: Text = None


class Fold(Shape):
    is_folded: Flag = None


class Comment(Shape):
    """A comment or reply. The endpoint adds whether it is pinned or hot, which its place in the answer tells."""

    rpid: Ident = None
    rpid_str: Ident = None
    root: Ident = None
    root_str: Ident = None
    parent: Ident = None
    parent_str: Ident = None
    type: Ident = None
    oid: Ident = None
    mid: Ident = None
    mid_str: Ident = None
    ctime: Integer = None
    like: Count = None
    rcount: Count = None
    floor: Count = None
    state: Integer = None
    invisible: Flag = None
    content: Content | None = None
    member: Commenter | None = None
    up_action: UploaderAction | None = None
    reply_control: ReplyControl | None = None
    folder: Fold | None = None
    pinned: Flag = field(default=None, name=PINNED)
    hot: Flag = field(default=None, name=HOT)


class AnnouncedStat(Shape):
    play: RoundedCount = None
    danmaku: RoundedCount = None


class AnnouncedVideo(Shape):
    """The video that a dynamic announces."""

    aid: Ident = None
    bvid: Text = None
    title: Text = None
    cover: Text = None
    desc: Text = None
    duration_text: Any = None
    stat: AnnouncedStat | None = None


class TextNode(Shape):
    """A piece of a text. `RICH_TEXT_NODE_TYPE_AT` mentions the user `rid`."""

    type: Text = None
    rid: Ident = None


class Written(Shape):
    text: Text = None
    rich_text_nodes: list[TextNode] | None = None


class DynamicPicture(Shape):
    """`live_url` is the clip of a live photo; older pictures have `src` instead of `url`."""

    url: Text = None
    src: Text = None
    live_url: Text = None


class Opus(Shape):
    title: Text = None
    summary: Written | None = None
    pics: list[DynamicPicture] | None = None


class Drawn(Shape):
    items: list[DynamicPicture] | None = None


class Article(Shape):
    title: Text = None
    desc: Text = None
    covers: Texts = None


class Major(Shape):
    """The content of a dynamic; `type` says which of the others it has."""

    type: Text = None
    archive: AnnouncedVideo | None = None
    ugc_season: AnnouncedVideo | None = None
    opus: Opus | None = None
    article: Article | None = None
    draw: Drawn | None = None


class Topic(Shape):
    id: Ident = None
    name: Text = None


class DynamicModule(Shape):
    desc: Written | None = None
    major: Major | None = None
    topic: Topic | None = None


class AuthorModule(Owner):
    pub_ts: Integer = None
    pub_location_text: Text = None


class Counted(Shape):
    count: Count = None


class StatModule(Shape):
    comment: Counted | None = None
    forward: Counted | None = None
    like: Counted | None = None


class TagModule(Shape):
    text: Text = None


class Modules(Shape):
    module_author: AuthorModule | None = None
    module_dynamic: DynamicModule | None = None
    module_stat: StatModule | None = None
    module_tag: TagModule | None = None


class CommentArea(Shape):
    comment_type: Ident = None
    comment_id_str: Ident = None


class Forwarded(Shape):
    id_str: Ident = None


class Dynamic(Shape):
    """A post of any kind in a user's feed."""

    id_str: Ident = None
    type: Text = None
    basic: CommentArea | None = None
    modules: Modules | None = None
    orig: Forwarded | None = None


class BilibiliAnswer(AnswerShape):
    """What every answer may have."""

    code: Any = UNSET
    message: Any = UNSET
    msg: Any = UNSET


class Page(AnswerShape):
    """The `data` of a list. A voucher asks for a captcha, even if the code is 0."""

    v_voucher: Any = UNSET


class VideoLists(AnswerShape):
    vlist: list[ListedVideo] | UnsetType | None = UNSET


class UserVideosPage(Page):
    lists: VideoLists | UnsetType | None = field(default=UNSET, name="list")
    page: Any = UNSET


class UserVideos(BilibiliAnswer):
    """A page of a user's videos."""

    rows: ClassVar[str] = "data.list.vlist"
    data: UserVideosPage | UnsetType | None = UNSET


class OneView(BilibiliAnswer):
    """A video that was asked for alone."""

    rows: ClassVar[str] = "data"
    data: View | UnsetType | None = UNSET


class PartList(BilibiliAnswer):
    """The parts of a video (`pagelist`)."""

    rows: ClassVar[str] = "data"
    data: list[Part] | UnsetType | None = UNSET


class ViewsPage(Page):
    views: list[View] | UnsetType | None = field(default=UNSET, name="list")
    no_more: Any = UNSET


class ViewList(BilibiliAnswer):
    """Popular videos, or a ranking."""

    rows: ClassVar[str] = "data.list"
    data: ViewsPage | UnsetType | None = UNSET


class ArchivesPage(Page):
    archives: list[Archive] | UnsetType | None = UNSET
    meta: SeasonAbout | UnsetType | None = UNSET
    page: Any = UNSET


class ArchiveList(BilibiliAnswer):
    """A page of a season or series."""

    rows: ClassVar[str] = "data.archives"
    data: ArchivesPage | UnsetType | None = UNSET


class FolderPage(Page):
    medias: list[Saved] | UnsetType | None = UNSET
    info: Any = UNSET
    has_more: Any = UNSET


class SavedList(BilibiliAnswer):
    """A page of a folder."""

    rows: ClassVar[str] = "data.medias"
    data: FolderPage | UnsetType | None = UNSET


class ResultsPage(Page):
    result: list[Result] | UnsetType | None = UNSET
    numPages: Any = UNSET
    numResults: Any = UNSET


class ResultList(BilibiliAnswer):
    """A page of search results."""

    rows: ClassVar[str] = "data.result"
    data: ResultsPage | UnsetType | None = UNSET


class CommentsPage(Page):
    """The other places of comments are first pages only; their entries are rare, and decoded as they are."""

    replies: list[Comment] | UnsetType | None = UNSET
    top_replies: Any = UNSET
    top: Any = UNSET
    upper: Any = UNSET
    hots: Any = UNSET
    cursor: Any = UNSET
    page: Any = UNSET
    control: Any = UNSET
    config: Any = UNSET


class CommentList(BilibiliAnswer):
    """A page of comments or replies."""

    rows: ClassVar[str] = "data.replies"
    data: CommentsPage | UnsetType | None = UNSET


class DynamicsPage(Page):
    items: list[Dynamic] | UnsetType | None = UNSET
    has_more: Any = UNSET
    offset: Any = UNSET


class DynamicList(BilibiliAnswer):
    """A page of a user's feed."""

    rows: ClassVar[str] = "data.items"
    data: DynamicsPage | UnsetType | None = UNSET


class PartStreams(BilibiliAnswer):
    """The streams of a part."""

    rows: ClassVar[str] = "data"
    data: Streams | UnsetType | None = UNSET


class EpisodeResult(AnswerShape):
    video_info: EpisodeStreams | UnsetType | None = UNSET


class EpisodePlay(BilibiliAnswer):
    """The streams of an episode of a broadcast season."""

    rows: ClassVar[str] = "result.video_info"
    result: EpisodeResult | UnsetType | None = UNSET
