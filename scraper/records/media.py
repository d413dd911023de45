"""Media URLs: video and audio streams, covers and images."""

from typing import Any, Literal

from scraper.records.base import Piece

HqChoice = Literal["with_sound", "picture_with_separate_sound", "sound_unknown", "picture_only"]
"""How `nwm_video_url_HQ` was chosen: the best stream with sound; the best picture, with its sound in `audio_url_HQ`;
the best stream, because no stream states whether it has sound; the best stream, because all are silent."""


class Cover(Piece, kw_only=True):
    cover: str | None = None
    origin_cover: str | None = None
    dynamic_cover: str | None = None


class Stream(Piece, kw_only=True):
    """One quality of a video.

    :param audio: true with sound, false without, null if unknown
    :param urls: all mirrors, best first; a video split by the platform is in `segments` instead
    """

    quality: str | None = None
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    bitrate: int | None = None
    size: int | None = None
    watermark: bool | None = None
    hdr: bool | None = None
    audio: bool | None = None
    cid: str | None = None
    container: str | None = None
    urls: list[str] = []
    expire_time: int | None = None


class AudioStream(Piece, kw_only=True):
    """One quality of a video's sound."""

    quality: str | None = None
    codec: str | None = None
    bitrate: int | None = None
    cid: str | None = None
    urls: list[str] = []
    expire_time: int | None = None


class Segment(Piece, kw_only=True):
    """One segment of a stream that the platform split; play them in order."""

    order: int | None = None
    duration_ms: int | None = None
    size: int | None = None
    urls: list[str] = []


class VideoData(Piece, kw_only=True):
    """The media URLs of a video, as of `meta.fetched_at`. Null for an image post.

    :param audio_url: the sound of a video with separate picture and sound. If every stream is silent and the platform
        has no sound of the video itself, the post's music; `meta.missing` then says so
    """

    nwm_video_url: str | None = None
    nwm_video_url_HQ: str | None = None
    wm_video_url: str | None = None
    wm_video_url_HQ: str | None = None
    audio_url: str | None = None
    audio_url_HQ: str | None = None
    cid: str | None = None
    expire_time: int | None = None
    headers: dict[str, Any] | None = None
    hq_choice: HqChoice | None = None
    streams: list[Stream] = []
    audio_streams: list[AudioStream] = []
    segments: list[Segment] = []
    qualities_offered: list[str] = []
    preview: bool | None = None


class LivePhoto(Piece, kw_only=True):
    image: str | None = None
    clip: str | None = None


class ImageData(Piece, kw_only=True):
    """The images of an image post, in order. Null for a video."""

    no_watermark_image_list: list[str] = []
    watermark_image_list: list[str] = []
    live_photos: list[LivePhoto] = []

    def lacking(self, posted: Any) -> list[str]:
        """Return the entries for `meta.missing`: one if some of the posted images could not be read.

        :param posted: the images, as the platform lists them
        """
        whole = isinstance(posted, list) and len(self.no_watermark_image_list) >= len(posted)
        return [] if whole else ["image_data.no_watermark_image_list"]
