"""Media URLs: video and audio streams, covers and images."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from scraper.records.base import Piece
from scraper.records.describing import P3, about

HqChoice = Literal["with_sound", "picture_with_separate_sound", "sound_unknown", "picture_only"]
"""How `nwm_video_url_HQ` was chosen: the best stream with sound; the best picture, with its sound in `audio_url_HQ`;
the best stream, because no stream states whether it has sound; the best stream, because all are silent."""


class Cover(Piece, kw_only=True):
    """The covers of a post."""

    cover: Annotated[str | None, about("Cover as shown in lists.", P3)] = None
    origin_cover: Annotated[str | None, about("Cover in its original size.", P3)] = None
    dynamic_cover: Annotated[str | None, about("Cover that moves.", P3)] = None


class Stream(Piece, kw_only=True):
    """One quality of a video. A video split by the platform is in `segments` instead."""

    quality: Annotated[str | None, about("The platform's name of the quality, or its lines.")] = None
    codec: Annotated[str | None, about("Video codec: `h264`, `h265`, `av1`.")] = None
    width: Annotated[int | None, about("Width of the picture.")] = None
    height: Annotated[int | None, about("Height of the picture.")] = None
    fps: Annotated[float | None, about("Frame rate.", unit="frames per second")] = None
    bitrate: Annotated[int | None, about("Bit rate.", unit="bits per second")] = None
    size: Annotated[int | None, about("Size of the file.", unit="bytes")] = None
    watermark: Annotated[bool | None, about("Whether the picture has the platform's watermark.")] = None
    hdr: Annotated[bool | None, about("Whether it has a high dynamic range.")] = None
    audio: Annotated[bool | None, about("Whether it has sound.")] = None
    cid: Annotated[str | None, about("Id of the part.")] = None
    container: Annotated[str | None, about("Container of the file, such as `mp4`.")] = None
    urls: Annotated[list[str], about("All mirrors of the file, best first.", P3)] = []
    expire_time: Annotated[int | None, about("When the address stops working.", null="the address does not say")] = None


class AudioStream(Piece, kw_only=True):
    """One quality of a video's sound."""

    quality: Annotated[str | None, about("The platform's name of the quality.")] = None
    codec: Annotated[str | None, about("Audio codec.")] = None
    bitrate: Annotated[int | None, about("Bit rate.", unit="bits per second")] = None
    cid: Annotated[str | None, about("Id of the part.")] = None
    urls: Annotated[list[str], about("All mirrors of the file, best first.", P3)] = []
    expire_time: Annotated[int | None, about("When the address stops working.", null="the address does not say")] = None


class Segment(Piece, kw_only=True):
    """One segment of a stream that the platform split; play them in order."""

    order: Annotated[int | None, about("Place of the segment, from 1.", unit="position")] = None
    duration_ms: Annotated[int | None, about("Length of the segment.")] = None
    size: Annotated[int | None, about("Size of the file.", unit="bytes")] = None
    urls: Annotated[list[str], about("All mirrors of the file, best first.", P3)] = []


class VideoData(Piece, kw_only=True):
    """The media URLs of a video, as of `meta.fetched_at`."""

    nwm_video_url: Annotated[str | None, about("The file to play, with sound and without watermark.", P3)] = None
    nwm_video_url_HQ: Annotated[
        str | None, about("The best quality without watermark; `hq_choice` says whether it has sound.", P3)
    ] = None
    wm_video_url: Annotated[str | None, about("The file with watermark.", P3, null="the platform has none")] = None
    wm_video_url_HQ: Annotated[
        str | None, about("The best quality with watermark.", P3, null="the platform has none")
    ] = None
    audio_url: Annotated[
        str | None,
        about(
            "The smallest separate sound, or the post's music if every stream is silent; `meta.missing` then says so.",
            P3,
            null="the sound is in the file",
        ),
    ] = None
    audio_url_HQ: Annotated[str | None, about("The best separate sound.", P3, null="the sound is in the file")] = None
    cid: Annotated[str | None, about("Id of the part that the streams belong to.", null="posts have one part")] = None
    expire_time: Annotated[int | None, about("When the first address stops working.", null="they do not say")] = None
    headers: Annotated[dict[str, str] | None, about("Headers that the CDN needs.")] = None
    cookie_names: Annotated[list[str], about("Names of the cookies that the CDN needs as well.")] = []
    hq_choice: Annotated[HqChoice | None, about("How `nwm_video_url_HQ` was chosen.", null="no streams")] = None
    streams: Annotated[list[Stream], about("Every quality, best first.")] = []
    audio_streams: Annotated[list[AudioStream], about("Separate sounds, best first.")] = []
    segments: Annotated[list[Segment], about("The pieces of a video that the platform split.")] = []
    qualities_offered: Annotated[list[str], about("Qualities that the platform names, served or not.")] = []
    preview: Annotated[bool | None, about("Whether only the beginning is served.")] = None


class LivePhoto(Piece, kw_only=True):
    """A picture that moves."""

    image: Annotated[str | None, about("The still picture.", P3)] = None
    clip: Annotated[str | None, about("The short video.", P3)] = None


class ImageData(Piece, kw_only=True):
    """The images of an image post, in order."""

    no_watermark_image_list: Annotated[list[str], about("The images without watermark.", P3)] = []
    watermark_image_list: Annotated[list[str], about("The images with watermark.", P3)] = []
    live_photos: Annotated[list[LivePhoto], about("Those that move, in the order of the post.")] = []

    def lacking(self, posted: Any) -> list[str]:
        """Return the entries for `meta.missing`: one if some of the posted images could not be read.

        :param posted: the images, as the platform lists them
        """
        whole = isinstance(posted, list) and len(self.no_watermark_image_list) >= len(posted)
        return [] if whole else ["image_data.no_watermark_image_list"]
