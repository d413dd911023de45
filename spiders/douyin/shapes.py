"""What is read of a post in Douyin's answers; see docs/wire/douyin.md for the rest."""

from typing import Any

from msgspec import UNSET, UnsetType, field

from scraper.records.stream_choice import SoundMarks
from scraper.responses.shapes import AnswerShape, Count, Flag, Ident, Integer, Shape, Text, Texts
from spiders.douyin import camel_case


class Address(Shape):
    """A file, with its mirrors."""

    uri: Text = None
    url_list: Texts = None
    url_key: Text = None
    file_hash: Text = None
    width: Count = None
    height: Count = None
    data_size: Count = None


class Quality(SoundMarks):
    """One entry of `bit_rate`."""

    gear_name: Text = None
    bit_rate: Count = None
    is_h265: Count = None
    is_bytevc1: Count = None
    FPS: Count = None
    HDR_type: Text = None
    play_addr: Address | None = None


class Sound(Shape):
    """One entry of `bit_rate_audio`, whose `url_list` is a list or an object of URLs."""

    audio_meta: Any = None


class Media(SoundMarks):
    """`video`: the streams, their covers and the size of the best one."""

    bit_rate: list[Quality] | None = None
    sounds: list[Sound] | None = field(default=None, name="bit_rate_audio")
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
    is_h265: Flag = None
