"""Choose the best stream of a post to play, by the same rule on every platform.

A file without sound is never chosen if one with sound exists, unless the platform delivers picture and sound apart;
then `audio_url` is set as well.
"""

import re
from collections.abc import Iterable

from scraper.records.media import AudioStream, HqChoice, Stream, VideoData

NO_SOUND = "video_data.streams.audio"
NO_AUDIO_URL = "video_data.audio_url"
PICTURE_PATH = "/media-video-"
_LINES = re.compile(r"(?<!\d)\d{3,4}(?!\d)", re.ASCII)
_SOUND_RANK = {True: 0, None: 1, False: 2}


def by_quality(stream: Stream) -> tuple[float, float, float]:
    """Return a sort key that puts the best picture first: by short side, frame rate, bitrate."""
    width, height = stream.width or 0, stream.height or 0
    short = (width if width < height else height) or lines(stream.quality)
    return -short, -(stream.fps or 0), -(stream.bitrate or 0)


def lines(quality: str | None) -> int:
    """Return the short side in the name of a quality, or 0.

    >>> lines("normal_1080_0"), lines("540p"), lines("lowest"), lines(None)
    (1080, 540, 0, 0)
    """
    number = _LINES.search((quality or "")[:100])
    return int(number[0]) if number else 0


def ranked(streams: Iterable[Stream]) -> list[Stream]:
    """Return streams best first: those with sound, then those that may have it, then silent ones."""
    ordered = sorted(streams, key=by_quality)
    for stream in ordered:
        if not stream.audio:
            return sorted(ordered, key=_by_sound)
    return ordered


def _by_sound(stream: Stream) -> int:
    return _SOUND_RANK[stream.audio]


def choose(video: VideoData, played: str | None = None, music: str | None = None) -> list[str]:
    """Fill `nwm_video_url*`, `audio_url*` and `hq_choice` from the streams, in their order of preference.

    :param video: with `streams` in order; silent ones come first only if `audio_streams` accompany them
    :param played: the URL that the platform itself would play
    :param music: the URL of the post's music, used if every stream is silent
    :return: the entries for `meta.missing`: no stream has sound, or there is no sound at all
    """
    if video.audio_streams:
        video.audio_url_HQ, video.audio_url = video.audio_streams[0].urls[0], video.audio_streams[-1].urls[0]
    if not video.streams:
        video.nwm_video_url = played
        return []
    with_sound = [stream for stream in video.streams if stream.audio]
    pool = video.streams if video.audio_streams else with_sound or video.streams
    best = pool[0]
    video.nwm_video_url_HQ = best.urls[0]
    video.nwm_video_url = _playable(video, played, with_sound, best)
    video.hq_choice = _how(best, video)
    if with_sound or best.audio is None or video.audio_streams:
        return []
    video.audio_url = video.audio_url_HQ = music
    return [NO_SOUND] if music else [NO_SOUND, NO_AUDIO_URL]


def _playable(video: VideoData, played: str | None, with_sound: list[Stream], best: Stream) -> str | None:
    """Return the URL to play: the platform's own choice unless it is known to be silent."""
    if played is None:
        return None
    silent = is_silent(played, video.streams)
    if not silent:
        return played
    return with_sound[0].urls[0] if with_sound else best.urls[0] if best.audio is None else played


def is_silent(address: str, streams: Iterable[Stream]) -> bool:
    """Return whether a URL is marked as silent, or belongs to a stream that is not known to have sound."""
    for stream in streams:
        if not stream.audio and address in stream.urls:
            return True
    return PICTURE_PATH in address


def _how(best: Stream, video: VideoData) -> HqChoice:
    if best.audio:
        return "with_sound"
    if best.audio is None:
        return "sound_unknown"
    return "picture_with_separate_sound" if video.audio_streams else "picture_only"


def paired(pictures: Iterable[Stream], files: Iterable[Stream], sounds: list[AudioStream]) -> list[Stream]:
    """Order the streams of a platform with separate picture and sound: pictures come first if there is sound."""
    pictures, files = sorted(pictures, key=by_quality), list(files)
    return [*pictures, *files] if sounds else [*files, *pictures]
