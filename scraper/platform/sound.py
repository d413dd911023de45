"""Whether a quality of a video has sound, by the same rule on every platform."""

import re
from collections.abc import Iterable
from typing import Any

from scraper.records.stream_choice import PICTURE_PATH
from scraper.responses.shapes import Shape

_SOUND_PATH = "/media-audio-"
_SOUND_ENDS = (".mp3", ".m4a", ".aac")
_SOUND_TYPE = "mime_type=audio_"
_SOUND_TYPES = re.compile(r"[?&]mime_type=audio_")
_PICTURE_CODECS = ("avc1.", "avc3.", "hvc1.", "hev1.", "av01.", "vp09.")
_SOUND_CODECS = ("mp4a", "opus", "ac-3", "ec-3", "flac", "alac")
_CODECS = 5  # of the fields; the others are bitrates and flags


class SoundMarks(Shape):
    """The fields of a video, or of one of its qualities, that tell whether it has sound, by all names in use."""

    format: Any = None
    Format: Any = None
    video_format: Any = None
    bit_rate_audio: Any = None
    bitRateAudio: Any = None
    audio_bitrate: Any = None
    audio_bit_rate: Any = None
    audioBitrate: Any = None
    AudioBitrate: Any = None
    has_audio: Any = None
    hasAudio: Any = None
    HasAudio: Any = None
    codecs: Any = None
    Codecs: Any = None
    codec_type: Any = None
    codecType: Any = None
    CodecType: Any = None


def is_sound_only(urls: Iterable[str]) -> bool:
    """Return whether URLs lead to sound without a picture.

    >>> is_sound_only(["https://cdn.test/media-audio-und-mp4a/1"]), is_sound_only(["https://cdn.test/a.mp3?x=1"])
    (True, True)
    """
    for url in urls:
        if _SOUND_PATH in url or url.partition("?")[0][-4:] in _SOUND_ENDS:
            return True
        if _SOUND_TYPE in url and _SOUND_TYPES.search(url):
            return True
    return False


def has_sound(marks: SoundMarks, address: str = "", video: SoundMarks | None = None) -> bool | None:
    """Return whether a quality has sound by the platform's own data; None for contradictions and unknown formats.

    A plain mp4 has sound on all platforms unless its data says otherwise.

    :param marks: one entry of the platform's list of qualities
    :param address: its first URL; the paths of its mirrors are alike
    :param video: the data of the whole video if it `is_flagged`; its flag holds for a quality that says nothing

    >>> has_sound(SoundMarks(Format="mp4")), has_sound(SoundMarks(format="dash"))
    (True, False)
    >>> has_sound(SoundMarks(), "https://cdn.test/media-video-hvc1/"), has_sound(SoundMarks(audio_bitrate=0))
    (False, False)
    >>> has_sound(SoundMarks(format="ts")), has_sound(SoundMarks(format="dash", has_audio=True))
    (None, None)
    >>> silent = SoundMarks(has_audio=False)
    >>> has_sound(SoundMarks(), video=silent), has_sound(SoundMarks(has_audio=True), video=silent)
    (False, True)
    """
    web, whole = marks.CodecType, marks.codecType  # "h265_hvc1", or "hvc1.1.6.L120,mp4a.40.2"
    if (
        video is None
        and (marks.format is None or marks.format == "mp4")
        and (marks.Format is None or marks.Format == "mp4")
        and (web is None or (type(web) is str and "." not in web))
        and (whole is None or (type(whole) is str and "." not in whole))
        and marks.video_format is None
        and marks.codecs is None
        and marks.Codecs is None
        and marks.codec_type is None
        and marks.bit_rate_audio is None
        and marks.bitRateAudio is None
        and marks.audio_bitrate is None
        and marks.audio_bit_rate is None
        and marks.audioBitrate is None
        and marks.AudioBitrate is None
        and marks.has_audio is None
        and marks.hasAudio is None
        and marks.HasAudio is None
        and PICTURE_PATH not in address
    ):
        return True  # nothing but an mp4 is known of it, as of nearly all
    return _by_marks(marks, address, video)


def is_flagged(video: SoundMarks) -> bool:
    """Return whether a whole video has a flag for sound, so that `has_sound` needs it."""
    return not (video.has_audio is None and video.hasAudio is None and video.HasAudio is None)


def _by_marks(marks: SoundMarks, address: str, video: SoundMarks | None) -> bool | None:
    known = {False} if PICTURE_PATH in address else set()
    known |= _by_format(marks)
    known |= _by_fields(marks)
    if not known and video is not None:
        known = _by_numbers(_flags(video))
    if len(known) > 1:
        return None
    if known:
        return known.pop()
    return True if _named(marks).lower() in ("mp4", "flv") else None


def _named(marks: SoundMarks) -> str:
    """Return the name of the format."""
    name = marks.format or marks.Format or marks.video_format
    return name if isinstance(name, str) else "mp4"


def _flags(marks: SoundMarks) -> tuple[Any, ...]:
    return marks.has_audio, marks.hasAudio, marks.HasAudio


def _fields(marks: SoundMarks) -> tuple[Any, ...]:
    """Return the fields other than the format: codecs, then bitrates and flags."""
    codecs = (marks.codecs, marks.Codecs, marks.codec_type, marks.codecType, marks.CodecType)
    bitrates = (marks.bit_rate_audio, marks.bitRateAudio, marks.audio_bitrate, marks.audio_bit_rate)
    return (*codecs, *bitrates, marks.audioBitrate, marks.AudioBitrate, *_flags(marks))


def _by_format(marks: SoundMarks) -> set[bool]:
    names = (marks.format, marks.Format, marks.video_format)
    return {False} if any(isinstance(name, str) and name.lower() == "dash" for name in names if name) else set()


def _by_fields(marks: SoundMarks) -> set[bool]:
    """Return what the fields other than the format say."""
    fields = _fields(marks)
    lower = [name.lower() for name in fields if isinstance(name, str)]
    pictures = [name for name in lower if any(codec in name for codec in _PICTURE_CODECS)]
    return _by_numbers(fields[_CODECS:]) | {any(codec in name for codec in _SOUND_CODECS) for name in pictures}


def _by_numbers(values: Iterable[Any]) -> set[bool]:
    """Return what bitrates and flags say."""
    known = set()
    for value in values:
        if isinstance(value, bool | int | float):
            known.add(value > 0)
        elif isinstance(value, str) and value.isascii() and value.isdigit():
            known.add(value.strip("0") != "")
    return known
