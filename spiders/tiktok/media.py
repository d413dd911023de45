"""Where TikTok's pictures and sound are: streams, images, and when their addresses end. Wire contract, section 8."""

import re
from typing import Any, NamedTuple

from scraper.platform import Context
from scraper.records import Stream, VideoData
from scraper.responses.values import count, integer, obj, seconds, text, url
from spiders.tiktok.ids import HOME

WEB_COOKIES = ("tt_chain_token", "ttwid", "msToken")

_DEAD = re.compile(r"https://(?:www|m)\.tiktok\.com/aweme/v1/play(?:wm)?/")
_NEEDS_DEVICE = re.compile(r"https://[^/]+/aweme/v1/play(?:wm)?/")
_EXPIRES = re.compile(r"[?&](?:expire|x-expires|VExpiration)=(\d{1,19})(?![^&#])", re.A)
_IN_PATH = re.compile(r"//[^/]+/[0-9a-f]{32}/([0-9a-f]{8})/")
_LINES = re.compile(r"_(\d{3,4})p?(?=_|$)", re.A)
_DUMMY = 720  # what the app gives as width and height of what it did not measure
_SILENT = "/media-video-hvc1/"
_FORMATS = (r"\.jpe?g", r"\.png", r"\.image", r"\.webp", r"\.heic")


class Raw(NamedTuple):
    """One quality, as web and app name its parts.

    :param address: {url_list, url_key, width, height, data_size}, in the app's names
    """

    address: dict[str, Any]
    gear: Any = None
    codec: Any = None
    bitrate: Any = None
    fps: Any = None
    hdr: bool | None = None


def addresses(values: Any) -> list[str]:
    """Return the addresses that can be asked for, in TikTok's order; those that want a device come last."""
    listed = values if isinstance(values, list) else [values]
    known = list(dict.fromkeys(found for each in listed if (found := url(each)) and not _DEAD.match(found)))
    return sorted(known, key=lambda each: _NEEDS_DEVICE.match(each) is not None)


def image(values: Any) -> str | None:
    """Return an image's address, as jpeg where there is one.

    >>> image(["https://cdn.test/a.heic?x=1", "https://cdn.test/a.webp?x=1", "https://cdn.test/a.jpeg?x=1"])
    'https://cdn.test/a.jpeg?x=1'
    """
    known = [found for each in (values if isinstance(values, list) else [values]) if (found := url(each))]
    return min(known, key=_format, default=None)


def _format(address: str) -> int:
    path = address.partition("?")[0]
    return next((place for place, each in enumerate(_FORMATS) if re.search(each + "$", path)), 2)


def expires(address: str) -> int | None:
    """Return when an address ends, which it says itself.

    >>> expires("https://cdn.test/video/tos/?a=1988&expire=1790262358&l=1"), expires("https://cdn.test/video/")
    (1790262358, None)
    >>> expires("https://cdn.test/d184a8a43bf9528810b34b16c11b489f/61c97cfc/video/tos/useast2a/")
    1640594684
    """
    if found := _EXPIRES.search(address):
        return seconds(found[1])
    found = _IN_PATH.search(address)
    return seconds(int(found[1], 16)) if found else None


def stream(raw: Raw) -> Stream | None:
    """Return one quality, or None where nothing plays it."""
    urls, key = addresses(raw.address.get("url_list")), text(raw.address.get("url_key")) or ""
    codec = _codec(raw.codec, key)
    if not urls or codec == "bytevc2":
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
        audio=None if any(_SILENT in each for each in urls) else True,
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
    """Return the lines of a quality: its gear or its key names them, "adapt_lowest_1080_1", "…_h264_540p_965245"."""
    for name in (text(gear) or "", *re.findall(r"_\d{3,4}p(?=_|$)", key)):
        if found := _LINES.search(name):
            return int(found[1])
    return None


def _best_first(each: Stream) -> tuple[float, float, float]:
    named = re.fullmatch(r"(\d+)p", each.quality or "", re.A)
    short = min(each.width or 0, each.height or 0) or (int(named[1]) if named else 0)
    return -short, -(each.fps or 0), -(each.bitrate or 0)


def video_data(
    raws: list[Raw], play: Any, download: Any, cookies: tuple[str, ...], context: Context
) -> VideoData | None:
    """Return where a video is, or None where it is nowhere.

    :param play: the addresses without watermark, of the quality that TikTok would play
    :param download: the addresses with it
    :param cookies: names of those that the CDN wants to see again
    """
    streams = sorted((found for raw in raws if (found := stream(raw))), key=_best_first)
    plain, marked = addresses(play), addresses(download)
    if not streams and not plain and not marked:
        return None
    used = [*(each.urls[0] for each in streams), *plain[:1], *marked[:1]]
    return VideoData(
        nwm_video_url=plain[0] if plain else None,
        nwm_video_url_HQ=streams[0].urls[0] if streams else None,
        wm_video_url=marked[0] if marked else None,
        wm_video_url_HQ=marked[0] if marked else None,
        expire_time=min((end for each in used if (end := expires(each))), default=None),
        headers={"Referer": HOME, "User-Agent": context.user_agent, "cookies": list(cookies)},
        streams=streams,
        qualities_offered=list(dict.fromkeys(each.quality for each in streams if each.quality)),
    )


def list_of(raw: Any) -> Any:
    """Return the addresses of an object of the app, or of the web's `UrlList`."""
    return obj(raw).get("url_list") or obj(raw).get("UrlList") or obj(raw).get("urlList")


def is_h265(raw: dict[str, Any]) -> str | None:
    """Return the codec that the app's flags tell."""
    if integer(raw.get("is_bytevc1")) == 2:
        return "bytevc2"
    flags = [integer(raw.get(name)) for name in ("is_bytevc1", "is_h265")]
    return "h265" if 1 in flags else "h264" if 0 in flags else None
