"""Pages of posts as msgspec types: what a record needs of them, and nothing else. The limit that a parser can reach."""

from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct


class _Address(Struct, gc=False):
    url_list: list[str] = []
    width: int | None = None
    height: int | None = None
    data_size: int | None = None
    file_hash: str | None = None


class _Stream(Struct, gc=False):
    gear_name: str | None = None
    bit_rate: int | None = None
    is_h265: int | None = None
    is_bytevc1: int | None = None
    FPS: int | None = None
    format: str | None = None
    HDR_type: str | None = None
    play_addr: _Address | None = None


class _Video(Struct, gc=False):
    bit_rate: list[_Stream] = []
    play_addr: _Address | None = None
    play_addr_h264: _Address | None = None
    play_addr_265: _Address | None = None
    download_addr: _Address | None = None
    cover: _Address | None = None
    origin_cover: _Address | None = None
    dynamic_cover: _Address | None = None
    width: int | None = None
    height: int | None = None
    duration: int | None = None


class _Author(Struct, gc=False):
    uid: str | None = None
    sec_uid: str | None = None
    unique_id: str | None = None
    short_id: str | None = None
    nickname: str | None = None
    avatar_thumb: _Address | None = None
    avatar_larger: _Address | None = None


class _Music(Struct, gc=False):
    id_str: str | None = None
    title: str | None = None
    author: str | None = None
    duration: int | None = None
    play_url: _Address | None = None


class _Statistics(Struct, gc=False):
    digg_count: int | None = None
    comment_count: int | None = None
    collect_count: int | None = None
    share_count: int | None = None
    play_count: int | None = None


class _Word(Struct, gc=False):
    start: int | None = None
    end: int | None = None
    type: int | None = None
    hashtag_id: str | None = None
    hashtag_name: str | None = None
    user_id: str | None = None
    sec_uid: str | None = None


class _Work(Struct, gc=False):
    aweme_id: str
    aweme_type: int | None = None
    desc: str | None = None
    create_time: int | None = None
    duration: int | None = None
    region: str | None = None
    is_top: int | None = None
    author: _Author | None = None
    music: _Music | None = None
    statistics: _Statistics | None = None
    video: _Video | None = None
    text_extra: list[_Word] = []


class _Works(Struct, gc=False):
    aweme_list: list[_Work]
    max_cursor: int | None = None
    has_more: int | None = None


class _PlayAddr(Struct, rename="pascal", gc=False):
    url_list: list[str] = []
    width: int | None = None
    height: int | None = None
    data_size: str | int | None = None
    file_hash: str | None = None


class _Bitrate(Struct, rename="pascal", gc=False):
    gear_name: str | None = None
    bitrate: int | None = None
    quality_type: int | None = None
    codec_type: str | None = None
    play_addr: _PlayAddr | None = None
    format: str | None = None


class _ItemVideo(Struct, rename="camel", gc=False):
    bitrate_info: list[_Bitrate] = []
    width: int | None = None
    height: int | None = None
    duration: int | None = None
    ratio: str | None = None
    cover: str | None = None
    origin_cover: str | None = None
    dynamic_cover: str | None = None
    play_addr: str | None = None
    download_addr: str | None = None
    codec_type: str | None = None
    size: int | str | None = None


class _ItemAuthor(Struct, rename="camel", gc=False):
    id: str | None = None
    unique_id: str | None = None
    sec_uid: str | None = None
    nickname: str | None = None
    avatar_thumb: str | None = None
    avatar_larger: str | None = None
    verified: bool | None = None


class _ItemMusic(Struct, rename="camel", gc=False):
    id: str | None = None
    title: str | None = None
    author_name: str | None = None
    original: bool | None = None
    play_url: str | None = None
    duration: int | None = None


class _ItemCounts(Struct, rename="camel", gc=False):
    digg_count: int | str | None = None
    share_count: int | str | None = None
    comment_count: int | str | None = None
    play_count: int | str | None = None
    collect_count: int | str | None = None
    repost_count: int | str | None = None


class _Item(Struct, rename="camel", gc=False):
    id: str
    desc: str | None = None
    create_time: int | str | None = None
    author: _ItemAuthor | None = None
    music: _ItemMusic | None = None
    stats: _ItemCounts | None = None
    video: _ItemVideo | None = None
    is_pinned_item: bool | None = None
    private_item: bool | None = None


class _Items(Struct, rename="camel", gc=False):
    item_list: list[_Item]
    has_more_previous: int | bool | None = None


class _Row(Struct, gc=False):
    bvid: str
    aid: int | None = None
    title: str | None = None
    description: str | None = None
    created: int | None = None
    length: str | None = None
    mid: int | None = None
    author: str | None = None
    play: int | str | None = None
    comment: int | None = None
    video_review: int | None = None
    pic: str | None = None
    typeid: int | None = None


class _Rows(Struct, gc=False):
    vlist: list[_Row]


class _Data(Struct, gc=False):
    list: _Rows


class _Search(Struct, gc=False):
    data: _Data


_DOUYIN, _TIKTOK, _BILIBILI = (msgspec.json.Decoder(kind).decode for kind in (_Works, _Items, _Search))
PAGES: dict[str, Callable[[bytes], Sequence[Struct]]] = {
    "douyin": lambda body: _DOUYIN(body).aweme_list,
    "tiktok": lambda body: _TIKTOK(body).item_list,
    "bilibili": lambda body: _BILIBILI(body).data.list.vlist,
}
