"""Read TikTok's streams and images, and when their URLs expire. Pure."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from scraper.platform import Context
from scraper.platform.sound import SoundMarks, has_sound, is_sound_only
from scraper.records import AudioStream, LivePhoto, Stream, VideoData, stream_choice
from scraper.responses.shapes import as_shape
from scraper.responses.values import count, integer, obj, seconds, text, url
from spiders.tiktok.ids import HOME

WEB_COOKIES = ("tt_chain_token", "ttwid", "msToken")

_DEAD = re.compile(r"https://(?:www|m)\.tiktok\.com/aweme/v1/play(?:wm)?/")
_NEEDS_DEVICE = re.compile(r"https://[^/]+/aweme/v1/play(?:wm)?/")
_EXPIRES = re.compile(r"[?&](?:expire|x-expires|VExpiration)=(\d{1,19})(?![^&#])", re.A)
_IN_PATH = re.compile(r"//[^/]+/[0-9a-f]{32}/([0-9a-f]{8})/")
_LINES = re.compile(r"_(\d{3,4})p?(?=_|$)", re.A)
_DUMMY = 720  # the app's width and height of unmeasured media
_FORMATS = (r"\.jpe?g", r"\.png", r"\.image", r"\.webp", r"\.heic")


class Raw(NamedTuple):
    """One quality, from web or app.

    :param address: {url_list, url_key, width, height, data_size}, in the app's names
    :param entry: TikTok's whole entry, which may tell whether it has sound
    :param video: the data of the whole video, which may tell the same for qualities that do not
    """

    address: dict[str, Any]
    gear: Any = None
    codec: Any = None
    bitrate: Any = None
    fps: Any = None
    hdr: bool | None = None
    entry: Mapping[str, Any] = MappingProxyType({})
    video: Mapping[str, Any] = MappingProxyType({})


def addresses(values: Any) -> list[str]:
    """Return the playable URLs in TikTok's order; those that need a device come last."""
    listed = values if isinstance(values, list) else [values]
    known = list(dict.fromkeys(address for entry in listed if (address := url(entry)) and not _DEAD.match(address)))
    return sorted(known, key=lambda address: _NEEDS_DEVICE.match(address) is not None)


def image(values: Any) -> str | None:
    """Return an image's URL, preferably jpeg.

    >>> image(["https://cdn.test/a.heic?x=1", "https://cdn.test/a.webp?x=1", "https://cdn.test/a.jpeg?x=1"])
    'https://cdn.test/a.jpeg?x=1'
    """
    known = [address for value in (values if isinstance(values, list) else [values]) if (address := url(value))]
    return min(known, key=_format, default=None)


def _format(address: str) -> int:
    path = address.partition("?")[0]
    return next((place for place, pattern in enumerate(_FORMATS) if re.search(pattern + "$", path)), 2)


def expires(address: str) -> int | None:
    """Return the expiry in a URL, in epoch seconds.

    >>> expires("https://cdn.test/video/tos/?a=1988&expire=1790262358&l=1"), expires("https://cdn.test/video/")
    (1790262358, None)
    >>> expires("https://cdn.test/d184a8a43bf9528810b34b16c11b489f/61c97cfc/video/tos/useast2a/")
    1640594684
    """
    if match := _EXPIRES.search(address):
        return seconds(match[1])
    match = _IN_PATH.search(address)
    return seconds(int(match[1], 16)) if match else None


def stream(raw: Raw) -> Stream | None:
    """Return one quality, or None if it cannot be played."""
    urls, key = addresses(raw.address.get("url_list")), text(raw.address.get("url_key")) or ""
    codec = _codec(raw.codec, key)
    if not urls or codec == "bytevc2" or is_sound_only(urls):
        return None
    lines = _lines(raw.gear, key)
    width, height = count(raw.address.get("width")) or None, count(raw.address.get("height")) or None
    if width == height == _DUMMY and lines != _DUMMY:
        width = height = None
    return Stream(
        quality=f"{lines}p" if lines else text(raw.gear),
        codec=codec,
        width=width,
        height=height,
        fps=float(fps) if (fps := count(raw.fps)) else None,
        bitrate=count(raw.bitrate) or None,
        size=count(raw.address.get("data_size")) or None,
        watermark=False,
        hdr=raw.hdr,
        audio=has_sound(as_shape(SoundMarks, dict(raw.entry)), urls, as_shape(SoundMarks, dict(raw.video))),
        container="mp4",
        urls=urls,
        expire_time=expires(urls[0]),
    )


def _codec(named: Any, key: str) -> str | None:
    name = f"{named or ''} {key}".lower() if isinstance(named, str | None) else key.lower()
    if "bytevc2" in name or "h266" in name:
        return "bytevc2"
    if "h265" in name or "bytevc1" in name or "hevc" in name:
        return "h265"
    return "h264" if "h264" in name else text(named)


def _lines(gear: Any, key: str) -> int | None:
    """Return the lines of a quality from its gear or key: "adapt_lowest_1080_1", "…_h264_540p_965245"."""
    for name in (text(gear) or "", *re.findall(r"_\d{3,4}p(?=_|$)", key)):
        if match := _LINES.search(name):
            return int(match[1])
    return None


def sounds(raws: list[Raw]) -> list[AudioStream]:
    """Return the audio-only qualities, best first."""
    streams = [
        AudioStream(bitrate=count(raw.bitrate) or None, urls=urls, expire_time=expires(urls[0]))
        for raw in raws
        if (urls := addresses(raw.address.get("url_list"))) and is_sound_only(urls)
    ]
    return sorted(streams, key=lambda sound: -(sound.bitrate or 0))


def video_data(
    raws: list[Raw], play: Any, download: Any, cookies: tuple[str, ...], context: Context, music: str | None = None
) -> tuple[VideoData | None, list[str]]:
    """Return the streams, or None if there are none, and the names for `meta.missing`.

    :param play: URLs without watermark, in TikTok's default quality
    :param download: URLs with watermark
    :param cookies: names of the cookies that the CDN needs
    :param music: the URL of the post's music
    """
    streams = stream_choice.ranked(quality for raw in raws if (quality := stream(raw)))
    plain, marked = addresses(play), addresses(download)
    if not streams and not plain and not marked:
        return None, ["video_data"]
    used = [*(quality.urls[0] for quality in streams), *plain[:1], *marked[:1]]
    data = VideoData(
        wm_video_url=marked[0] if marked else None,
        wm_video_url_HQ=marked[0] if marked else None,
        expire_time=min((end for address in used if (end := expires(address))), default=None),
        headers={"Referer": HOME, "User-Agent": context.user_agent, "cookies": list(cookies)},
        streams=streams,
        audio_streams=sounds(raws),
        qualities_offered=list(dict.fromkeys(entry.quality for entry in streams if entry.quality)),
    )
    return data, stream_choice.choose(data, plain[0] if plain else None, music)


def list_of(raw: Any) -> Any:
    """Return the URLs of an object of the app or web."""
    return obj(raw).get("url_list") or obj(raw).get("UrlList") or obj(raw).get("urlList")


def is_h265(raw: dict[str, Any]) -> str | None:
    """Return the codec in the app's flags."""
    if integer(raw.get("is_bytevc1")) == 2:
        return "bytevc2"
    flags = [integer(raw.get(name)) for name in ("is_bytevc1", "is_h265")]
    return "h265" if 1 in flags else "h264" if 0 in flags else None


_CLIPS = ("video", "live_photo", "livePhoto", "live_photo_video", "livePhotoVideo")
_MOVING_MARKS = {"clip_type": 5, "clipType": 5, "live_photo_type": 1, "livePhotoType": 1}


def clip_of(picture: Any) -> str | None:
    """Return the moving part of a picture, as web or app write it."""
    for clip in (obj(obj(picture).get(name)) for name in _CLIPS):
        for place in (clip, clip.get("play_addr"), clip.get("playAddr"), clip.get("PlayAddrStruct")):
            clips = addresses(list_of(place) if isinstance(place, dict) else place)
            if clips:
                return clips[0]
    return None


def is_moving(picture: Any) -> bool:
    """Return whether a picture moves: it has a clip, or a mark that says so."""
    raw = obj(picture)
    marked = any(integer(raw.get(name)) == number for name, number in _MOVING_MARKS.items())
    return marked or clip_of(picture) is not None


def live_photos(posted: list[Any], pictures: list[str | None]) -> list[LivePhoto]:
    """Return the pictures that have a clip, with it.

    :param pictures: the addresses of all, in the same order
    """
    pairs = zip(posted, pictures, strict=True)
    return [LivePhoto(image=image, clip=clip) for raw, image in pairs if (clip := clip_of(raw))]
