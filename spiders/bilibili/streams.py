"""Read streams from Bilibili's `playurl` answers. Pure."""

import re
from collections.abc import Sequence
from typing import Any

from scraper.platform import Context
from scraper.records import AudioStream, Segment, Stream, StreamSet, Video, VideoData, stream_choice
from scraper.responses.shapes import as_shape
from scraper.responses.values import MissingError, ident, seconds, url
from spiders.bilibili.shapes import Dash, DashFile, Piece, Streams

REFERER = "https://www.bilibili.com/"
_QUALITIES = {
    6: "240P", 16: "360P", 32: "480P", 64: "720P", 74: "720P60", 80: "1080P", 100: "AI repair", 112: "1080P+",
    116: "1080P60", 120: "4K", 125: "HDR", 126: "Dolby Vision", 127: "8K", 129: "HDR Vivid",
}  # fmt: skip
_SOUNDS = {30216: "64k", 30232: "132k", 30280: "192k", 30250: "Dolby Atmos", 30251: "Hi-Res", 30255: "Dolby Audio"}
_HDR = {125, 126, 129}
_CODECS = {7: "h264", 12: "h265", 13: "av1"}
_DEADLINE = re.compile(r"[?&]deadline=(\d{1,19})(?![^&#])")
_FPS = re.compile(r"(\d{1,9}(?:\.\d+)?)(?:/(\d{1,9}))?", re.ASCII)
_PREVIEW = "试看"


def add_dash(record: Video | StreamSet, data: Any, context: Context) -> None:
    """Fill `video_data` from DASH, or from the single file if a video has nothing else."""
    streams, cid = _streams_in(data), _cid(record)
    dash = streams.dash or Dash()
    video = VideoData(cid=cid, headers=context.media_headers(REFERER), preview=_preview(streams))
    video.qualities_offered = [name for number in streams.accept_quality or () if (name := _quality(number))]
    pictures = [stream for raw in dash.video or () if (stream := _picture(raw, cid))]
    sounds = [sound for raw in _sounds(dash) if (sound := _sound(raw, cid))]
    video.audio_streams = sorted(sounds, key=lambda sound: -(sound.bitrate or 0))
    _add_file(video, streams, cid)
    lacking = _choose(video, pictures)
    if lacking and dash.audio is not None:  # null for a video without sound; absent if unknown
        record.meta.missing += [name for name in lacking if name not in record.meta.missing]
    if not video.streams and not video.segments:
        raise MissingError("data.dash.video")
    video.expire_time = _earliest(video)
    record.video_data = video


def add_mp4(record: Video | StreamSet, data: Any, context: Context) -> None:
    """Add the single file with sound, which needs no Referer."""
    streams, cid = _streams_in(data), _cid(record)
    video = record.video_data or VideoData(cid=cid, headers=context.media_headers(REFERER), preview=_preview(streams))
    if not _add_file(video, streams, cid):
        raise MissingError("data.durl")
    _choose(video)
    if any(stream.audio for stream in video.streams):
        lacking = (stream_choice.NO_SOUND, stream_choice.NO_AUDIO_URL)
        record.meta.missing = [name for name in record.meta.missing if name not in lacking]
    video.expire_time = _earliest(video)
    record.video_data = video
    record.meta.missing = ["video_data.streams" if name == "video_data" else name for name in record.meta.missing]


def _streams_in(data: Any) -> Streams:
    """Return the streams in an answer; some are under `result`."""
    streams = as_shape(Streams, data.get("data"))
    return streams if streams != Streams() else as_shape(Streams, data.get("result"))


def _cid(record: Video | StreamSet) -> str | None:
    return record.alt_ids.get("cid") if isinstance(record, Video) else record.cid


def _add_file(video: VideoData, streams: Streams, cid: str | None) -> bool:
    """Add the single file, or its segments; return whether there was one."""
    pieces = [piece for raw in streams.durl or () if (piece := _segment(raw)).urls]
    if not pieces:
        return False
    if len(pieces) > 1:  # a single segment is not the whole video
        video.segments = pieces
        return True
    quality, address = streams.quality, pieces[0].urls[0]
    video.streams.append(
        Stream(
            quality=_quality(quality),
            codec=_CODECS.get(streams.video_codecid or 0),
            size=pieces[0].size,
            watermark=False,
            hdr=quality in _HDR,
            audio=True,
            cid=cid,
            container="flv" if ".flv" in address.partition("?")[0] else "mp4",
            urls=pieces[0].urls,
            expire_time=_expires(address),
        )
    )
    return True


def _picture(raw: DashFile, cid: str | None) -> Stream | None:
    urls = _urls(raw.baseUrl or raw.base_url, raw.backupUrl or raw.backup_url)
    if not urls:
        return None
    return Stream(
        quality=_quality(raw.id),
        codec=_CODECS.get(raw.codecid or 0) or raw.codecs or None,
        width=raw.width or None,
        height=raw.height or None,
        fps=_fps(raw.frameRate or raw.frame_rate),
        bitrate=raw.bandwidth or None,
        watermark=False,
        hdr=raw.id in _HDR,
        audio=False,
        cid=cid,
        container="m4s",
        urls=urls,
        expire_time=_expires(urls[0]),
    )


def _sounds(dash: Dash) -> list[DashFile]:
    flac = dash.flac.audio if dash.flac else None
    return [*(dash.audio or ()), *((dash.dolby and dash.dolby.audio) or ()), *([flac] if flac else [])]


def _sound(raw: DashFile, cid: str | None) -> AudioStream | None:
    urls = _urls(raw.baseUrl or raw.base_url, raw.backupUrl or raw.backup_url)
    if not urls:
        return None
    return AudioStream(
        quality=None if raw.id is None else _SOUNDS.get(raw.id, f"{raw.id}"),
        codec=raw.codecs or None,
        bitrate=raw.bandwidth or None,
        cid=cid,
        urls=urls,
        expire_time=_expires(urls[0]),
    )


def _segment(raw: Piece) -> Segment:
    return Segment(order=raw.order, duration_ms=raw.length, size=raw.size or None, urls=_urls(raw.url, raw.backup_url))


def _urls(first: str | None, mirrors: list[str] | None) -> list[str]:
    """Return a URL and its mirrors, in the platform's order."""
    urls: list[str] = []
    for address in (first, *(mirrors or ())):
        known = address if address and address[:8] == "https://" else url(address)
        if known and known not in urls:
            urls.append(known)
    return urls


def _quality(number: int | None) -> str | None:
    return None if number is None else _QUALITIES.get(number, f"{number}")


def _fps(value: Any) -> float | None:
    """Return frames per second from "30", "29.97" or "16000/672".

    >>> _fps("30"), _fps("16000/640"), _fps(""), _fps("0/0")
    (30.0, 25.0, None, None)
    """
    match = _FPS.fullmatch(str(value or ""))
    if not match or not float(match[1]) or match[2] == "0":
        return None
    return round(float(match[1]) / int(match[2] or 1), 3)


def _expires(address: str) -> int | None:
    """Return the expiry in a URL, in epoch seconds.

    >>> _expires("https://cdn.test/a.m4s?deadline=1793007200&gen=playurlv3"), _expires("https://cdn.test/a.m4s")
    (1793007200, None)
    """
    start = address.find("deadline=")
    match = _DEADLINE.search(address, start - 1) if start > 0 else None
    return seconds(int(match[1])) if match else None


def _earliest(video: VideoData) -> int | None:
    streams = [stream.expire_time for stream in video.streams] + [stream.expire_time for stream in video.audio_streams]
    pieces = [_expires(piece.urls[0]) for piece in video.segments or ()]
    return min((end for end in (*streams, *pieces) if end), default=None)


def _choose(video: VideoData, pictures: Sequence[Stream] = ()) -> list[str]:
    """Order the streams, pictures first if their sound comes with them, and choose what to play.

    :param pictures: those to add
    """
    files = [stream for stream in video.streams if stream.audio]
    silent = [stream for stream in (*video.streams, *pictures) if not stream.audio]
    video.streams = stream_choice.paired(silent, files, video.audio_streams)
    return stream_choice.choose(video, files[0].urls[0] if files else None)


def _preview(streams: Streams) -> bool:
    """Return whether only a preview is available."""
    return streams.is_preview == 1 or any(_PREVIEW in label for label in streams.accept_description or ())


def has_cid(record: Video | StreamSet) -> bool:
    """Return whether the part is known."""
    return ident(_cid(record)) is not None
