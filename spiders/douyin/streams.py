"""Read Douyin's streams and images, and when their URLs expire. Pure."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from scraper.platform import Context
from scraper.platform.sound import has_sound, is_flagged, is_sound_only
from scraper.records import AudioStream, Cover, ImageData, LivePhoto, Stream, VideoData, stream_choice
from scraper.responses.values import count, flag, obj, objs, text, url
from spiders.douyin.shapes import Address, Image, Media, Quality

REFERER = "https://www.douyin.com/"
_REDIRECTOR = "https://aweme.snssdk.com/aweme/v1"
_PLAYED = ("play_addr", "play_addr_h264", "play_addr_265", "play_addr_bytevc1", "play_addr_lowbr")
_H265 = {"play_addr_265", "play_addr_bytevc1"}
_BYTEVC2 = 2
_LIVE_CLIP = 5  # the clip_type of a live photo
_LIFETIME_S = 3600  # of every recorded play URL, after its log id
_BEIJING = timedelta(hours=8)
_NO_DATE = "//00000000/"  # which is in no URL
_DUMMY = 720  # width and height if the platform does not know them
_PREFERRED = (".jpeg", ".jpg", ".png", "", ".webp", ".heic", ".avif")
_RANKS = {ending: rank for rank, ending in enumerate(_PREFERRED) if ending}
_UNKNOWN_FORMAT = _PREFERRED.index("")
_IN_PATH = re.compile(r"/[0-9a-f]{32}/([0-9a-f]{8})/")
_SIGNED_UNTIL = re.compile(r"[?&]x-expires=(\d{9,11})(?!\d)")
_ASKED_AT = re.compile(r"[?&]dy_q=(\d{9,11})(?!\d)")
_RATIO = re.compile(r"ratio=\w+")
_LOG_ID = re.compile(r"[?&]l=(20\d{12})")


def video_data(
    video: Media, streams: list[Stream], context: Context, music: str | None = None
) -> tuple[VideoData | None, list[str]]:
    """Return the media of a post, and the names for `meta.missing`; None if nothing can be played.

    :param streams: the streams of the video, best first; see `streams_of`
    :param music: the URL of the post's music
    """
    uri = _uri(video)
    if not streams and not uri:
        return None, ["video_data"]
    marked = first(video.download_addr, prefer=())
    played, marked_720, marked_1080 = _redirectors(uri) if uri else (None, None, None)
    data = VideoData(
        wm_video_url=marked_720,
        wm_video_url_HQ=marked or marked_1080,
        expire_time=min([stream.expire_time for stream in streams if stream.expire_time], default=None),
        headers=context.media_headers(REFERER),
        streams=streams,
        audio_streams=sorted(_sounds(video), key=_by_bitrate) if video.bit_rate_audio else [],
    )
    return data, stream_choice.choose(data, played, music)


def _redirectors(uri: str) -> tuple[str, str, str]:
    """Return the URLs that redirect to a file by its id: without watermark, with it at 720p, and at 1080p."""
    return (
        f"{_REDIRECTOR}/play/?video_id={uri}&ratio=1080p&line=0",
        f"{_REDIRECTOR}/playwm/?video_id={uri}&ratio=720p&line=0",
        f"{_REDIRECTOR}/playwm/?video_id={uri}&ratio=1080p&line=0",
    )


def _by_bitrate(sound: AudioStream) -> int:
    return -(sound.bitrate or 0)


def _sounds(video: Media) -> Iterator[AudioStream]:
    """Yield the separate audio streams of a video: {audio_meta: {url_list, bitrate}}."""
    for raw in objs(video.bit_rate_audio):
        meta = obj(raw.get("audio_meta"))
        listed = meta.get("url_list")
        urls = _urls(listed if isinstance(listed, list) else list(obj(listed).values()))
        if urls:
            bitrate = count(meta.get("bitrate")) or None
            codec = text(meta.get("codec_type"))
            yield AudioStream(
                bitrate=bitrate, codec=codec, urls=list(dict.fromkeys(urls)), expire_time=expires(urls[0])
            )


def is_playable(video: Media, streams: list[Stream]) -> bool:
    """Return whether there is a video to play; notes have only sound here."""
    return bool(streams) or _uri(video) is not None


def image_data(images: list[Image]) -> ImageData:
    """Return the pictures of a note in order, live photos with their clip."""
    data = ImageData()
    for raw in images:
        plain = best(raw.url_list) or first(raw.display_image)
        marked = best(raw.download_url_list) or first(raw.owner_watermark_image)
        clip = clip_of(raw)
        data.no_watermark_image_list += [plain] if plain else []
        data.watermark_image_list += [marked] if marked else []
        data.live_photos += [LivePhoto(image=plain, clip=clip)] if clip else []
    return data


def is_moving(image: Image) -> bool:
    """Return whether a picture is marked as one that moves, with its clip or without."""
    return image.clip_type == _LIVE_CLIP or image.live_photo_type == 1


def clip_of(image: Image) -> str | None:
    """Return the clip of a live photo."""
    streams = streams_of(image.video) if image.video else []
    return streams[0].urls[0] if streams else None


def cover_data(video: Media) -> Cover:
    return Cover(
        cover=best(video.cover and video.cover.url_list),
        origin_cover=best(video.origin_cover and video.origin_cover.url_list),
        dynamic_cover=best(video.dynamic_cover and video.dynamic_cover.url_list) or first(video.animated_cover),
    )


def first(address: Address | None, prefer: tuple[str, ...] = _PREFERRED) -> str | None:
    """Return the first URL of a file in the most widely supported format."""
    return best(address.url_list, prefer) if address else None


def best(addresses: Any, prefer: tuple[str, ...] = _PREFERRED) -> str | None:
    """Return the first URL in the most widely supported format.

    >>> best(["http://p3.test/a~q75.webp?x=1", "https://p3.test/a~q75.jpeg?x=1"]), best([]), best(None)
    ('https://p3.test/a~q75.jpeg?x=1', None, None)
    """
    if not addresses or type(addresses) is not list:
        return None
    if not prefer:
        return next(filter(None, map(url, addresses)), None)
    for address in addresses:  # most pictures are jpeg
        if type(address) is str and (".jpeg?" in address or address[-5:] == ".jpeg") and (known := url(address)):
            return known
    chosen, lowest = None, len(_PREFERRED)
    for address in addresses:
        if (known := url(address)) and (rank := _rank(known)) < lowest:
            chosen, lowest = known, rank
    return chosen


def _rank(address: str) -> int:
    """Return the place of a picture's format in `_PREFERRED`."""
    end = address.find("?")
    path = address[:end] if end > 0 else address
    return _RANKS.get(path[path.rfind(".") :].lower(), _UNKNOWN_FORMAT)


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


def streams_of(video: Media) -> list[Stream]:
    """Return every playable quality once, best first: the listed ones, and separate addresses."""
    files = _Files(video)
    for quality in video.bit_rate or ():
        if quality.play_addr:
            files.add(quality, quality.play_addr)
    for name, played in zip(_PLAYED, _alone_addresses(video), strict=True):
        if played and not files.has(played):  # nearly all are in the list as well
            files.add(_alone(name, video), played)
    return stream_choice.ranked(files.streams)


def _alone_addresses(video: Media) -> tuple[Address | None, ...]:
    """Return the addresses outside the list of qualities, in the order of `_PLAYED`."""
    return video.play_addr, video.play_addr_h264, video.play_addr_265, video.play_addr_bytevc1, video.play_addr_lowbr


def _alone(name: str, video: Media) -> Quality:
    """Return the known properties of an address outside the list of qualities."""
    codec = int(name in _H265)
    if name == "play_addr":
        marks = count(video.is_h265), count(video.is_bytevc1)
        codec = _BYTEVC2 if _BYTEVC2 in marks else int(flag(video.is_h265) or False)
    gear = name if name == "play_addr_lowbr" else None
    return Quality(format=video.format, has_audio=video.has_audio, gear_name=gear, is_h265=codec)


class _Files:
    """The streams of a video. Each file is read once.

    :ivar streams: in the platform's order
    """

    def __init__(self, video: Media) -> None:
        self.streams: list[Stream] = []
        self._video, self._flagged = video, video if is_flagged(video) else None
        self._known: set[Any] = set()  # what identifies a file: its hash, its id and size, its first URL
        self._dated = _NO_DATE
        self._expiry: int | None = None

    def has(self, played: Address) -> bool:
        """Return whether a file is known by its hash, or by its id and size."""
        return played.file_hash in self._known or (played.uri, played.data_size) in self._known

    def add(self, quality: Quality, played: Address) -> None:
        """Add a quality unless its file is known, or few programs can play it."""
        urls = _playable(played.url_list)
        if not urls:
            return
        main, uri, size = urls[0], played.uri, played.data_size
        names = played.file_hash, (uri, size) if uri and size else None, main
        if not self._known.isdisjoint(names):
            return
        self._known.update(names)
        self._known.discard(None)
        if _is_bytevc2(quality, played):
            return
        if self._dated not in main:
            self._take_expiry(main)
        self.streams.append(self._stream(quality, played, urls))

    def _stream(self, quality: Quality, played: Address, urls: list[str]) -> Stream:
        video, main = self._video, urls[0]
        width, height = played.width or None, played.height or None
        if width == height == _DUMMY and video.width != video.height:  # unless the video is square
            width = height = None
        name = quality.gear_name
        if not name:
            name = f"{width if width < height else height}p" if width and height else video.ratio or None
        container = quality.format or quality.video_format or "mp4"
        return Stream(
            quality=name,
            codec="h265" if quality.is_h265 or quality.is_bytevc1 else "h264",
            width=width,
            height=height,
            fps=float(quality.FPS) if quality.FPS else None,
            bitrate=quality.bit_rate or None,
            size=played.data_size or None,
            watermark="water" in main and ("watermark=1" in main or "dy-water" in main),
            hdr=None if quality.HDR_type is None else quality.HDR_type != "",
            audio=has_sound(quality, main, self._flagged),
            container=container if type(container) is str else _container(quality),
            urls=urls,
            expire_time=self._expiry,
        )

    def _take_expiry(self, address: str) -> None:
        """Keep the expiry of a URL, and the part of its path that names it; the URLs of a video mostly share both."""
        self._expiry = expires(address)
        self._dated = f"/{self._expiry:08x}/" if self._expiry else _NO_DATE


def _container(quality: Quality) -> str:
    """Return the container of a quality that has another type than text for one."""
    return text(quality.format) or text(quality.video_format) or "mp4"


def _is_bytevc2(quality: Quality, played: Address) -> bool:
    """Return whether a stream is H.266, which few programs can play."""
    named = f"{quality.gear_name} {played.url_key}".lower()
    return "bytevc2" in named or "h266" in named or _BYTEVC2 in (quality.is_h265, quality.is_bytevc1)


def _playable(addresses: list[str] | None) -> list[str]:
    """Return the URLs of a video, none of a sound. All are mirrors of one file, so the first tells for all.

    A share page's redirector is changed to the one without watermark and at 1080p.
    """
    urls: list[str] = []
    for address in addresses or ():
        known = address if address[:8] == "https://" else url(address)
        if known and known not in urls:
            urls.append(known)
    main = urls[0] if urls else ""
    if not main or "&mime_type=video_" in main or "/aweme/v1/play/?" in main:  # no closer look is needed
        return urls
    if "douyinstatic.com/" in main or "ies-music" in main or is_sound_only((main,)):
        return []
    return [*dict.fromkeys(map(_without_watermark, urls))] if "/playwm/" in main else urls


def _without_watermark(address: str) -> str:
    return _RATIO.sub("ratio=1080p", address.replace("/playwm/", "/play/"))


def _uri(video: Media) -> str | None:
    """Return the id of the file; if it is a URL, it is a sound."""
    played = video.play_addr
    uri = played.uri if played else None
    if not played or not uri or "/" in uri or not any(map(url, played.url_list or ())):
        return None
    return uri if uri.isalnum() and uri.isascii() else quote(uri, safe="")


def _urls(addresses: Any) -> list[str]:
    return [*filter(None, map(url, addresses))] if isinstance(addresses, list) else []
