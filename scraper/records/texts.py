"""Danmaku and subtitles."""

from typing import Literal

from scraper.records.base import Meta, Piece, Record

SubtitleSource = Literal["asr", "mt", "creator", "platform_ai", "local", "unknown"]


class Danmaku(Record, kw_only=True):
    """A bullet comment shown over a video at `at_ms`. Modes 1 to 3 scroll, 4 is at the bottom, 5 at the top.

    `video_id` is null if the input named only the part. `sender_hash` is the platform's checksum of the sender's user
    id. It can be reversed, so it identifies a person as directly as a name.
    """

    record_type = "danmaku"
    id_field = "danmaku_id"

    danmaku_id: str
    video_id: str | None = None
    part_cid: str | None = None
    segment: int | None = None
    at_ms: int | None = None
    text: str | None = None
    create_time: int | None = None
    mode: int | None = None
    font_size: int | None = None
    color: int | None = None
    pool: int | None = None
    weight: int | None = None
    attr: int | None = None
    sender_hash: str | None = None
    likes: int | None = None
    meta: Meta


class Cue(Piece, kw_only=True):
    start_ms: int | None = None
    end_ms: int | None = None
    text: str | None = None


class Subtitle(Record, kw_only=True):
    """Subtitles in one language. `original` marks the language spoken; `text` joins all cues."""

    record_type = "subtitle"
    id_field = "subtitle_id"

    subtitle_id: str
    video_id: str
    part_cid: str | None = None
    lang: str | None = None
    lang_name: str | None = None
    source: SubtitleSource = "unknown"
    original: bool | None = None
    format: str | None = None
    url: str | None = None
    expires_at: int | None = None
    text: str | None = None
    cues: list[Cue] | None = None
    meta: Meta
