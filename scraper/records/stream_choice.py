"""Which of a post's streams is the best one to play: the same rule on every platform.

A file without sound is never chosen while one with sound exists, unless the platform serves picture and sound as a
pair; then `audio_url` comes with it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from scraper.records.media import AudioStream, HqChoice, Stream, VideoData

NO_SOUND = "video_data.streams.audio"
NO_AUDIO_URL = "video_data.audio_url"
_PICTURE_PATH, _SOUND_PATH = "/media-video-", "/media-audio-"
_SOUND_ENDS = (".mp3", ".m4a", ".aac")
_SOUND_TYPES = re.compile(r"[?&]mime_type=audio_")
_FORMAT_NAMES = ("format", "Format", "video_format")
_BITRATE_NAMES = ("bit_rate_audio", "bitRateAudio", "audio_bitrate", "audio_bit_rate", "audioBitrate", "AudioBitrate")
_FLAG_NAMES = ("has_audio", "hasAudio", "HasAudio")
_CODEC_NAMES = ("codecs", "Codecs", "codec_type", "codecType", "CodecType")
_PICTURE_CODECS = ("avc1.", "avc3.", "hvc1.", "hev1.", "av01.", "vp09.")
_SOUND_CODECS = ("mp4a", "opus", "ac-3", "ec-3", "flac", "alac")
_LINES = re.compile(r"(?<!\d)\d{3,4}(?!\d)", re.ASCII)
_SOUND_RANK = {True: 0, None: 1, False: 2}


def is_sound_only(urls: Iterable[str]) -> bool:
    """Say whether addresses lead to sound without a picture.

    >>> is_sound_only(["https://cdn.test/media-audio-und-mp4a/1"]), is_sound_only(["https://cdn.test/a.mp3?x=1"])
    (True, True)
    """
    return any(
        _SOUND_PATH in url or url.partition("?")[0].endswith(_SOUND_ENDS) or _SOUND_TYPES.search(url) for url in urls
    )


def has_sound(raw: Mapping[str, Any], urls: Iterable[str] = ()) -> bool | None:
    """Say whether a quality has sound, from what the platform states about it; None if it names an unknown format.

    A plain mp4 has sound on all platforms, unless a mark says otherwise.

    :param raw: one entry of the platform's list of qualities
    :param urls: its addresses

    >>> has_sound({"Format": "mp4"}), has_sound({"format": "dash"}), has_sound({}, ["https://cdn.test/media-video-hvc1/"])
    (True, False, False)
    >>> has_sound({"audio_bitrate": 0}), has_sound({"format": "ts"}), has_sound({"format": "dash", "has_audio": True})
    (False, None, None)
    """
    marks = {*_by_urls(urls), *_by_fields(raw)}
    if len(marks) > 1:
        return None
    if marks:
        return marks.pop()
    named = next((name for key in _FORMAT_NAMES if isinstance(name := raw.get(key), str) and name), "mp4")
    return True if named.lower() in ("mp4", "flv") else None


def _by_urls(urls: Iterable[str]) -> Iterable[bool]:
    if any(_PICTURE_PATH in url for url in urls):
        yield False


def _by_fields(raw: Mapping[str, Any]) -> Iterable[bool]:
    """Yield what each mark states: whether there is sound."""
    if any(isinstance(name := raw.get(key), str) and name.lower() == "dash" for key in _FORMAT_NAMES):
        yield False
    for key in (*_BITRATE_NAMES, *_FLAG_NAMES):
        value = raw.get(key)
        if isinstance(value, bool | int | float):
            yield value > 0
        elif isinstance(value, str) and value.isascii() and value.isdigit():
            yield value.strip("0") != ""
    for key in _CODEC_NAMES:
        name = raw.get(key)
        if isinstance(name, str) and any(codec in name.lower() for codec in _PICTURE_CODECS):
            yield any(codec in name.lower() for codec in _SOUND_CODECS)


def by_quality(stream: Stream) -> tuple[float, float, float]:
    """Return the sort key that puts the best picture first: short side, frames a second, bitrate."""
    short = min(stream.width or 0, stream.height or 0) or lines(stream.quality)
    return -short, -(stream.fps or 0), -(stream.bitrate or 0)


def lines(quality: str | None) -> int:
    """Return the short side that the name of a quality holds, 0 if none.

    >>> lines("normal_1080_0"), lines("540p"), lines("lowest"), lines(None)
    (1080, 540, 0, 0)
    """
    found = _LINES.search((quality or "")[:100])
    return int(found[0]) if found else 0


def ranked(streams: Iterable[Stream]) -> list[Stream]:
    """Return streams best first; those of unknown sound come after those with sound, and silent ones last."""
    return sorted(streams, key=lambda stream: (_SOUND_RANK[stream.audio], *by_quality(stream)))


def choose(found: VideoData, played: str | None = None, music: str | None = None) -> list[str]:
    """Fill `nwm_video_url*`, `audio_url*` and `hq_choice` from streams in their order of preference.

    Return what `meta.missing` has to name: sound that no stream has, and sound that is nowhere.

    :param found: with `streams` as the platform pairs them: silent ones first only if `audio_streams` go with them
    :param played: the address that the platform itself would play
    :param music: the address of the post's music, for posts whose every stream is silent
    """
    if found.audio_streams:
        found.audio_url_HQ, found.audio_url = found.audio_streams[0].urls[0], found.audio_streams[-1].urls[0]
    if not found.streams:
        found.nwm_video_url = played
        return []
    with_sound = [stream for stream in found.streams if stream.audio]
    pool = found.streams if found.audio_streams else with_sound or found.streams
    best = pool[0]
    found.nwm_video_url_HQ = best.urls[0]
    found.nwm_video_url = _playable(found, played, with_sound, best)
    found.hq_choice = _how(best, found)
    if with_sound or best.audio is None or found.audio_streams:
        return []
    found.audio_url = found.audio_url_HQ = music
    return [NO_SOUND] if music else [NO_SOUND, NO_AUDIO_URL]


def _playable(found: VideoData, played: str | None, with_sound: list[Stream], best: Stream) -> str | None:
    """Return the address to play: the platform's own unless that is known to be silent."""
    if played is None:
        return None
    silent = is_silent(played, found.streams)
    if not silent:
        return played
    return with_sound[0].urls[0] if with_sound else best.urls[0] if best.audio is None else played


def is_silent(address: str, streams: Iterable[Stream]) -> bool:
    """Say whether an address is marked as silent, or is one of a stream without known sound."""
    return _PICTURE_PATH in address or any(address in stream.urls and not stream.audio for stream in streams)


def _how(best: Stream, found: VideoData) -> HqChoice:
    if best.audio:
        return "with_sound"
    if best.audio is None:
        return "sound_unknown"
    return "picture_with_separate_sound" if found.audio_streams else "picture_only"


def paired(pictures: Iterable[Stream], files: Iterable[Stream], sounds: list[AudioStream]) -> list[Stream]:
    """Return the streams of a platform whose players combine pictures and sounds: pictures first if sounds exist."""
    pictures, files = sorted(pictures, key=by_quality), list(files)
    return [*pictures, *files] if sounds else [*files, *pictures]
