"""Read Douyin's streams and images, and when their URLs expire. Pure."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from scraper.platform import Context
from scraper.records import AudioStream, Cover, ImageData, LivePhoto, Stream, VideoData, stream_choice
from scraper.responses.values import count, flag, obj, objs, text, url

REFERER = "https://www.douyin.com/"
_REDIRECTOR = "https://aweme.snssdk.com/aweme/v1/{}/?video_id={}&ratio={}&line=0"
_PLAYED = ("play_addr", "play_addr_h264", "play_addr_265", "play_addr_bytevc1", "play_addr_lowbr")
_H265 = {"play_addr_265", "play_addr_bytevc1"}
_BYTEVC2 = 2
_LIVE_CLIP = 5  # the clip_type of a live photo
_LIFETIME_S = 3600  # of every recorded play URL, after its log id
_BEIJING = timedelta(hours=8)
_DUMMY = 720  # width and height if the platform does not know them
_PREFERRED = (".jpeg", ".jpg", ".png", "", ".webp", ".heic", ".avif")
_IN_PATH = re.compile(r"/[0-9a-f]{32}/([0-9a-f]{8})/")
_SIGNED_UNTIL = re.compile(r"[?&]x-expires=(\d{9,11})(?!\d)")
_ASKED_AT = re.compile(r"[?&]dy_q=(\d{9,11})(?!\d)")
_RATIO = re.compile(r"ratio=\w+")
_LOG_ID = re.compile(r"[?&]l=(20\d{12})")


def video_data(video: dict[str, Any], context: Context, music: str | None = None) -> tuple[VideoData | None, list[str]]:
    """Return the streams, and the names for `meta.missing`; None if nothing can be played.

    :param music: the URL of the post's music
    """
    streams = stream_choice.ranked(_streams(video))
    uri = _uri(video)
    if not streams and not uri:
        return None, ["video_data"]
    marked = best(obj(video.get("download_addr")).get("url_list"), prefer=())
    data = VideoData(
        wm_video_url=_REDIRECTOR.format("playwm", uri, "720p") if uri else None,
        wm_video_url_HQ=marked or (_REDIRECTOR.format("playwm", uri, "1080p") if uri else None),
        expire_time=min((stream.expire_time for stream in streams if stream.expire_time), default=None),
        headers={"Referer": REFERER, "User-Agent": context.user_agent, "cookies": []},
        streams=streams,
        audio_streams=sorted(_sounds(video), key=lambda sound: -(sound.bitrate or 0)),
    )
    return data, stream_choice.choose(data, _REDIRECTOR.format("play", uri, "1080p") if uri else None, music)


def _sounds(video: dict[str, Any]) -> Iterator[AudioStream]:
    """Yield the separate audio streams of a video: {audio_meta: {url_list, bitrate}}."""
    for raw in objs(video.get("bit_rate_audio")):
        meta = obj(raw.get("audio_meta"))
        listed = meta.get("url_list")
        urls = _urls(listed if isinstance(listed, list) else list(obj(listed).values()))
        if urls:
            bitrate = count(meta.get("bitrate")) or None
            codec = text(meta.get("codec_type"))
            yield AudioStream(
                bitrate=bitrate, codec=codec, urls=list(dict.fromkeys(urls)), expire_time=expires(urls[0])
            )


def is_playable(video: dict[str, Any]) -> bool:
    """Return whether there is a video to play; notes have only sound here."""
    return bool(_uri(video)) or any(True for _ in _streams(video))


def image_data(images: list[dict[str, Any]]) -> ImageData:
    """Return the pictures of a note in order, live photos with their clip."""
    data = ImageData()
    for raw in images:
        picture = obj(raw.get("display_image"))
        plain = best(raw.get("url_list")) or best(picture.get("url_list"))
        marked = best(raw.get("download_url_list")) or best(obj(raw.get("owner_watermark_image")).get("url_list"))
        clip = clip_of(raw)
        data.no_watermark_image_list += [plain] if plain else []
        data.watermark_image_list += [marked] if marked else []
        data.live_photos += [LivePhoto(image=plain, clip=clip)] if clip else []
    return data


def is_moving(image: dict[str, Any]) -> bool:
    """Return whether a picture is marked as moving, with or without its clip."""
    return count(image.get("clip_type")) == _LIVE_CLIP or count(image.get("live_photo_type")) == 1


def clip_of(image: dict[str, Any]) -> str | None:
    """Return the clip of a live photo."""
    streams = stream_choice.ranked(_streams(obj(image.get("video"))))
    return streams[0].urls[0] if streams else None


def cover_data(video: dict[str, Any]) -> Cover:
    moving = best(obj(video.get("dynamic_cover")).get("url_list"))
    return Cover(
        cover=best(obj(video.get("cover")).get("url_list")),
        origin_cover=best(obj(video.get("origin_cover")).get("url_list")),
        dynamic_cover=moving or best(obj(video.get("animated_cover")).get("url_list")),
    )


def best(addresses: Any, prefer: tuple[str, ...] = _PREFERRED) -> str | None:
    """Return the first URL in the most widely supported format.

    >>> best(["http://p3.test/a~q75.webp?x=1", "https://p3.test/a~q75.jpeg?x=1"]), best([]), best(None)
    ('https://p3.test/a~q75.jpeg?x=1', None, None)
    """
    urls = _urls(addresses)
    return min(urls, key=lambda address: _format(address, prefer)) if urls else None


def _format(address: str, prefer: tuple[str, ...]) -> int:
    path = address.partition("?")[0].lower()
    return next((place for place, end in enumerate(prefer) if end and path.endswith(end)), 3 if prefer else 0)


def expires(address: str) -> int | None:
    """Return the expiry of a URL in epoch seconds: stated in it, or derived from the time of the request.

    >>> expires("https://v3.test/0123456789abcdef0123456789abcdef/64ba6dea/video/?l=20230721183704ABC")
    1689939434
    >>> expires("https://v3.test/a/?x-expires=1794700000"), expires("https://v3.test/a/?dy_q=1689935825")
    (1794700000, 1689939425)
    >>> expires("https://v3.test/a/?l=20230721183704097ABC"), expires("https://v3.test/a/")
    (1689939424, None)
    """
    if match := _IN_PATH.search(address):
        return int(match[1], 16)
    if match := _SIGNED_UNTIL.search(address):
        return int(match[1])
    if match := _ASKED_AT.search(address):
        return int(match[1]) + _LIFETIME_S
    if match := _LOG_ID.search(address):
        try:
            asked = datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC) - _BEIJING
        except ValueError:
            return None
        return int(asked.timestamp()) + _LIFETIME_S
    return None


def _streams(video: dict[str, Any]) -> Iterator[Stream]:
    """Yield every playable quality once: the listed ones, then separate addresses."""
    seen: set[str] = set()
    rates = [(raw, obj(raw.get("play_addr"))) for raw in objs(video.get("bit_rate"))]
    alone = [(_alone(name, video), obj(video.get(name))) for name in _PLAYED]
    for raw, played in [*rates, *alone]:
        stream = _stream(raw, played, video)
        if stream is None or _same(played, stream) & seen:
            continue
        seen |= _same(played, stream)
        if not _is_bytevc2(raw, played):
            yield stream


def _alone(name: str, video: dict[str, Any]) -> dict[str, Any]:
    """Return the known properties of an address outside the list of qualities."""
    codec = int(name in _H265)
    if name == "play_addr":
        codec = _BYTEVC2 if _flagged_bytevc2(video) else int(flag(video.get("is_h265")) or False)
    marks = {key: video.get(key) for key in ("format", "has_audio")}
    return {**marks, "gear_name": name if name == "play_addr_lowbr" else None, "is_h265": codec}


def _is_bytevc2(raw: dict[str, Any], played: dict[str, Any]) -> bool:
    """Return whether a stream is H.266, which few programs can play."""
    named = f"{text(raw.get('gear_name'))} {text(played.get('url_key'))}".lower()
    return "bytevc2" in named or "h266" in named or _flagged_bytevc2(raw)


def _flagged_bytevc2(raw: dict[str, Any]) -> bool:
    return _BYTEVC2 in (count(raw.get("is_h265")), count(raw.get("is_bytevc1")))


def _same(played: dict[str, Any], stream: Stream) -> set[str]:
    """Return the keys that identify the file of an address."""
    sized = f"{played.get('uri')} {stream.size}" if text(played.get("uri")) and stream.size else None
    return {key for key in (text(played.get("file_hash")), sized, stream.urls[0]) if key}


def _stream(raw: dict[str, Any], played: dict[str, Any], video: dict[str, Any]) -> Stream | None:
    urls = [_unmarked(address) for address in _urls(played.get("url_list")) if not _is_sound(address)]
    if not urls:
        return None
    width, height = _size(played, video)
    h265 = (count(raw.get("is_h265")) or 0) > 0 or (count(raw.get("is_bytevc1")) or 0) > 0
    return Stream(
        quality=text(raw.get("gear_name"))
        or (f"{min(width, height)}p" if width and height else text(video.get("ratio"))),
        codec="h265" if h265 else "h264",
        width=width,
        height=height,
        fps=float(count(raw.get("FPS")) or 0) or None,
        bitrate=count(raw.get("bit_rate")) or None,
        size=count(played.get("data_size")) or None,
        watermark=any(mark in urls[0] for mark in ("watermark=1", "dy-water")),
        hdr=bool(raw["HDR_type"]) if isinstance(raw.get("HDR_type"), str) else None,
        audio=stream_choice.has_sound(raw, urls, video),
        container=text(raw.get("format")) or text(raw.get("video_format")) or "mp4",
        urls=list(dict.fromkeys(urls)),
        expire_time=expires(urls[0]),
    )


def _unmarked(address: str) -> str:
    """Return the redirector without watermark at 1080p; share pages name it with watermark and low quality."""
    return _RATIO.sub("ratio=1080p", address.replace("/playwm/", "/play/")) if "/playwm/" in address else address


def _size(played: dict[str, Any], video: dict[str, Any]) -> tuple[int | None, int | None]:
    """Return width and height; 720×720 is a dummy unless the video is square."""
    width, height = count(played.get("width")) or None, count(played.get("height")) or None
    if width == height == _DUMMY and video.get("width") != video.get("height"):
        return None, None
    return width, height


def _uri(video: dict[str, Any]) -> str | None:
    """Return the id of the file; if it is a URL, it is a sound."""
    uri = text(obj(video.get("play_addr")).get("uri"))
    return quote(uri, safe="") if uri and "/" not in uri and any(_urls(video["play_addr"].get("url_list"))) else None


def _is_sound(address: str) -> bool:
    path = address.partition("?")[0]
    host = urlsplit(address).hostname if "[" not in address else ""
    return stream_choice.is_sound_only([address]) or (host or "").endswith("douyinstatic.com") or "ies-music" in path


def _urls(addresses: Any) -> list[str]:
    entries = addresses if isinstance(addresses, list) else []
    return [address for entry in entries if (address := url(entry))]
