"""Danmaku and subtitles."""

from __future__ import annotations

from typing import Annotated, Literal

from scraper.records.base import Meta, Piece, Record
from scraper.records.describing import P1, P3, about

SubtitleSource = Literal["asr", "mt", "creator", "platform_ai", "local", "unknown"]


class Danmaku(Record, kw_only=True):
    """A bullet comment shown over a video."""

    record_type = "danmaku"
    id_field = "danmaku_id"

    danmaku_id: Annotated[str, about("Id of the danmaku.")]
    video_id: Annotated[str | None, about("Id of the video.", null="the input named only the part")] = None
    part_cid: Annotated[str | None, about("Id of the part.")] = None
    segment: Annotated[int | None, about("Segment of the part that was requested, from 1.", unit="position")] = None
    at_ms: Annotated[int | None, about("Place in the video.")] = None
    text: Annotated[str | None, about("The words.", P3)] = None
    create_time: Annotated[int | None, about("When it was written.")] = None
    mode: Annotated[int | None, about("1 to 3 scroll, 4 is at the bottom, 5 at the top.", unit="code")] = None
    font_size: Annotated[int | None, about("Font size.", unit="pixels")] = None
    color: Annotated[int | None, about("Color as 256² red + 256 green + blue.", unit="code")] = None
    pool: Annotated[int | None, about("0 ordinary, 1 subtitles, 2 special.", unit="code")] = None
    weight: Annotated[int | None, about("Filter weight: the higher, the more viewers see it.", unit="level")] = None
    attr: Annotated[int | None, about("Bits: 1 protected, 2 from a broadcast, 4 widely liked.", unit="code")] = None
    sender_hash: Annotated[
        str | None,
        about(
            "Checksum of the sender's user number. It can be reversed, so it identifies a person as a name does.",
            P1,
            null="not kept unless `senders=keep`",
        ),
    ] = None
    likes: Annotated[int | None, about("Likes.", unit="count")] = None
    meta: Annotated[Meta, about("Context of the record.")]


class Cue(Piece, kw_only=True):
    """One line of subtitles."""

    start_ms: Annotated[int | None, about("When the line appears.")] = None
    end_ms: Annotated[int | None, about("When the line disappears.")] = None
    text: Annotated[str | None, about("The words.", P3)] = None


class Subtitle(Record, kw_only=True):
    """Subtitles in one language."""

    record_type = "subtitle"
    id_field = "subtitle_id"

    subtitle_id: Annotated[str, about("Id of the subtitles.")]
    video_id: Annotated[str, about("Id of the video.")]
    part_cid: Annotated[str | None, about("Id of the part.")] = None
    lang: Annotated[str | None, about("Language code.")] = None
    lang_name: Annotated[str | None, about("Name of the language.")] = None
    source: Annotated[SubtitleSource, about("Who made them.")] = "unknown"
    format: Annotated[str | None, about("Format of the file.")] = None
    url: Annotated[str | None, about("The file.")] = None
    expire_time: Annotated[int | None, about("When the address stops working.", null="the address does not say")] = None
    text: Annotated[str | None, about("All cues, one line each.", P3)] = None
    cues: Annotated[list[Cue] | None, about("The lines with their times.")] = None
    meta: Annotated[Meta, about("Context of the record.")]
