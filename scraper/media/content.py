"""What a file is, by its first bytes. Its name and its Content-Type are what a server claims."""

from typing import Literal, NamedTuple

HEAD_SIZE = 32  # bytes that are needed
Family = Literal["video", "audio", "image", "text"]


class Content(NamedTuple):
    """
    :ivar ext: the usual ending of a file's name
    """

    family: Family
    ext: str
    mime: str


_STARTS = {
    b"\xff\xd8\xff": Content("image", "jpg", "image/jpeg"),
    b"\x89PNG\r\n\x1a\n": Content("image", "png", "image/png"),
    b"GIF87a": Content("image", "gif", "image/gif"),
    b"GIF89a": Content("image", "gif", "image/gif"),
    b"\x1aE\xdf\xa3": Content("video", "webm", "video/webm"),
    b"FLV\x01": Content("video", "flv", "video/x-flv"),
    b"ID3": Content("audio", "mp3", "audio/mpeg"),
    b"fLaC": Content("audio", "flac", "audio/flac"),
    b"OggS": Content("audio", "ogg", "audio/ogg"),
}
_MP4, _M4A = Content("video", "mp4", "video/mp4"), Content("audio", "m4a", "audio/mp4")
_BOXES = (b"ftyp", b"styp", b"moov", b"sidx", b"moof", b"mdat", b"free", b"skip", b"wide", b"emsg")
_BRANDS = {
    b"avif": Content("image", "avif", "image/avif"),
    b"avis": Content("image", "avif", "image/avif"),
    b"heic": Content("image", "heic", "image/heic"),
    b"heix": Content("image", "heic", "image/heic"),
    b"hevc": Content("image", "heic", "image/heic"),
    b"mif1": Content("image", "heic", "image/heif"),
    b"msf1": Content("image", "heic", "image/heif"),
    b"M4A ": _M4A,
    b"M4B ": _M4A,
}
_RIFF = {b"WEBP": Content("image", "webp", "image/webp"), b"WAVE": Content("audio", "wav", "audio/wav")}
_MPEG_SYNC, _ADTS, _LAYER = 0xFFE0, 0xFFF0, 0x0006


def content_of(head: bytes) -> Content | None:
    """Return what a file is; None if it is no media file, such as HTML.

    >>> content_of(b"\\xff\\xd8\\xff\\xe0\\x00\\x10JFIF").mime, content_of(b"<!DOCTYPE html>"), content_of(b"")
    ('image/jpeg', None, None)
    """
    for start, content in _STARTS.items():
        if head.startswith(start):
            return content
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] in _BOXES:
        return _BRANDS.get(head[8:12], _MP4) if head[4:8] == b"ftyp" else _MP4
    return _mpeg_audio(int.from_bytes(head[:2])) if len(head) > 1 else None


def _mpeg_audio(sync: int) -> Content | None:
    if sync & 0xFFF6 == _ADTS:
        return Content("audio", "aac", "audio/aac")
    return Content("audio", "mp3", "audio/mpeg") if sync & _MPEG_SYNC == _MPEG_SYNC and sync & _LAYER else None


def as_sound(content: Content) -> Content:
    """Return the content of a file that holds only sound, whose container may be one of videos."""
    return _M4A if content == _MP4 else content
