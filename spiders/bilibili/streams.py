"""Read streams from Bilibili's `playurl` answers. Pure."""

import re
from collections.abc import Sequence
from typing import Any

from scraper.platform import Context
from scraper.records import AudioStream, Segment, Stream, StreamSet, Video, VideoData, stream_choice
from scraper.responses.values import MissingError, count, dig, ident, integer, obj, objs, seconds, text, url

REFERER = "https://www.bilibili.com/"
_QUALITIES = {
    6: "240P", 16: "360P", 32: "480P", 64: "720P", 74: "720P60", 80: "1080P", 100: "AI repair", 112: "1080P+",
    116: "1080P60", 120: "4K", 125: "HDR", 126: "Dolby Vision", 127: "8K", 129: "HDR Vivid",
}  # fmt: skip
_SOUNDS = {30216: "64k", 30232: "132k", 30280: "192k", 30250: "Dolby Atmos", 30251: "Hi-Res", 30255: "Dolby Audio"}
_HDR = {125, 126, 129}
_CODECS = {7: "h264", 12: "h265", 13: "av1"}
_DEADLINE = re.compile(r"[?&]deadline=(\d{1,19})(?![^&#])")
_PREVIEW = "试看"


def add_dash(record: Video | StreamSet, data: Any, context: Context) -> None:
    """Fill `video_data` from DASH, or from the single file if a video has nothing else."""
    payload = obj(data.get("data")) or obj(data.get("result"))
    cid = _cid(record)
    video = VideoData(cid=cid, headers=_headers(context), preview=_preview(payload))
    offered = payload.get("accept_quality")
    video.qualities_offered = [
        _quality(quality) for quality in (offered if isinstance(offered, list) else []) if integer(quality) is not None
    ]
    dash = obj(payload.get("dash"))
    pictures = [stream for raw in objs(dash.get("video")) if (stream := _picture(raw, cid))]
    video.audio_streams = sorted(
        (sound for raw in _sounds(dash) if (sound := _sound(raw, cid))), key=lambda sound: -(sound.bitrate or 0)
    )
    if payload.get("durl"):
        _add_file(video, payload, cid)
    lacking = _choose(video, pictures)
    if lacking and dash.get("audio", ()) is not None:  # null for a video without sound; absent if unknown
        record.meta.missing += [name for name in lacking if name not in record.meta.missing]
    if not video.streams and not video.segments:
        raise MissingError("data.dash.video")
    video.expire_time = _earliest(video)
    record.video_data = video


def add_mp4(record: Video | StreamSet, data: Any, context: Context) -> None:
    """Add the single file with sound, which needs no Referer."""
    payload = obj(data.get("data")) or obj(data.get("result"))
    video = record.video_data or VideoData(cid=_cid(record), headers=_headers(context), preview=_preview(payload))
    if not _add_file(video, payload, _cid(record)):
        raise MissingError("data.durl")
    _choose(video)
    if any(stream.audio for stream in video.streams):
        lacking = (stream_choice.NO_SOUND, stream_choice.NO_AUDIO_URL)
        record.meta.missing = [name for name in record.meta.missing if name not in lacking]
    video.expire_time = _earliest(video)
    record.video_data = video
    record.meta.missing = ["video_data.streams" if name == "video_data" else name for name in record.meta.missing]


def _cid(record: Video | StreamSet) -> str | None:
    return record.alt_ids.get("cid") if isinstance(record, Video) else record.cid


def _headers(context: Context) -> dict[str, Any]:
    """Return the headers that the CDN needs."""
    return {"Referer": REFERER, "User-Agent": context.user_agent, "cookies": []}


def _add_file(video: VideoData, payload: dict[str, Any], cid: str | None) -> bool:
    """Add the single file, or its segments; return whether there was one."""
    pieces = [piece for raw in objs(payload.get("durl")) if (piece := _segment(raw)).urls]
    if not pieces:
        return False
    if len(pieces) > 1:  # a single segment is not the whole video
        video.segments = pieces
        return True
    quality, address = integer(payload.get("quality")), pieces[0].urls[0]
    video.streams.append(
        Stream(
            quality=_quality(quality) if quality is not None else None,
            codec=_CODECS.get(integer(payload.get("video_codecid")) or 0),
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


def _picture(raw: dict[str, Any], cid: str | None) -> Stream | None:
    urls, quality, codec = _urls(raw), integer(raw.get("id")), integer(raw.get("codecid"))
    if not urls:
        return None
    return Stream(
        quality=_quality(quality) if quality is not None else None,
        codec=_CODECS.get(codec or 0) or text(raw.get("codecs")),
        width=count(raw.get("width")) or None,
        height=count(raw.get("height")) or None,
        fps=_fps(raw.get("frameRate") or raw.get("frame_rate")),
        bitrate=count(raw.get("bandwidth")) or None,
        watermark=False,
        hdr=quality in _HDR,
        audio=False,
        cid=cid,
        container="m4s",
        urls=urls,
        expire_time=_expires(urls[0]),
    )


def _sounds(dash: dict[str, Any]) -> list[dict[str, Any]]:
    flac = obj(obj(dash.get("flac")).get("audio"))
    return [*objs(dash.get("audio")), *objs(obj(dash.get("dolby")).get("audio")), *([flac] if flac else [])]


def _sound(raw: dict[str, Any], cid: str | None) -> AudioStream | None:
    urls, quality = _urls(raw), integer(raw.get("id"))
    if not urls:
        return None
    name = _SOUNDS.get(quality, str(quality)) if quality is not None else None
    return AudioStream(
        quality=name,
        codec=text(raw.get("codecs")),
        bitrate=count(raw.get("bandwidth")) or None,
        cid=cid,
        urls=urls,
        expire_time=_expires(urls[0]),
    )


def _segment(raw: dict[str, Any]) -> Segment:
    mirrors = raw.get("backup_url")
    urls = _unique([raw.get("url"), *(mirrors if isinstance(mirrors, list) else [])])
    return Segment(
        order=count(raw.get("order")),
        duration_ms=count(raw.get("length")),
        size=count(raw.get("size")) or None,
        urls=urls,
    )


def _urls(raw: dict[str, Any]) -> list[str]:
    """Return the URL and its mirrors, in the platform's order."""
    mirrors = raw.get("backupUrl") or raw.get("backup_url") or []
    return _unique([raw.get("baseUrl") or raw.get("base_url"), *(mirrors if isinstance(mirrors, list) else [])])


def _unique(values: list[Any]) -> list[str]:
    return list(dict.fromkeys(address for value in values if (address := url(value))))


def _quality(value: Any) -> str:
    number = integer(value)
    return _QUALITIES.get(number, str(number)) if number is not None else "unknown"


def _fps(value: Any) -> float | None:
    """Return frames per second from "30", "29.97" or "16000/672".

    >>> _fps("30"), _fps("16000/640"), _fps(""), _fps("0/0")
    (30.0, 25.0, None, None)
    """
    match = re.fullmatch(r"(\d{1,9}(?:\.\d+)?)(?:/(\d{1,9}))?", str(value or ""), re.ASCII)
    if not match or not float(match[1]) or match[2] == "0":
        return None
    return round(float(match[1]) / int(match[2] or 1), 3)


def _expires(address: str) -> int | None:
    """Return the expiry in a URL, in epoch seconds.

    >>> _expires("https://cdn.test/a.m4s?deadline=1793007200&gen=playurlv3"), _expires("https://cdn.test/a.m4s")
    (1793007200, None)
    """
    match = _DEADLINE.search(address)
    return seconds(match[1]) if match else None


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


def _preview(payload: dict[str, Any]) -> bool:
    """Return whether only a preview is available."""
    described = dig(payload, "accept_description", [])
    described = described if isinstance(described, list) else []
    is_named = any(_PREVIEW in label for label in described if isinstance(label, str))
    return is_named or integer(payload.get("is_preview")) == 1


def has_cid(record: Video | StreamSet) -> bool:
    """Return whether the part is known."""
    return ident(_cid(record)) is not None
