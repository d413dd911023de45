"""Read TikTok's streams and images, and when their URLs expire. Pure."""

import re
from functools import lru_cache

from scraper.platform import Context
from scraper.platform.sound import SoundMarks, has_sound, is_flagged, is_sound_only
from scraper.records import AudioStream, LivePhoto, Stream, VideoData, stream_choice
from scraper.responses.values import seconds, url
from spiders.tiktok.ids import HOME
from spiders.tiktok.shapes import AppMedia, AppQuality, Clip, File, Mirrors, Picture

WEB_COOKIES = ("tt_chain_token", "ttwid", "msToken")

_PLAYED = "/aweme/v1/play"
_LONGEST_START = 80  # characters of a URL up to that path
_DEAD_START = "https://www.tiktok.com/aweme/v1/play/"
_DEAD = re.compile(r"https://(?:www|m)\.tiktok\.com/aweme/v1/play(?:wm)?/")
_NEEDS_DEVICE = re.compile(r"https://[^/]+/aweme/v1/play(?:wm)?/")
_EXPIRES = re.compile(r"[?&](?:expire|x-expires|VExpiration)=(\d{1,19})(?![^&#])", re.A)
_IN_PATH = re.compile(r"//[^/]+/[0-9a-f]{32}/([0-9a-f]{8})/")
_LINES = re.compile(r"_(\d{3,4})p?(?=_|$)", re.A)
_NO_DATE = "&expire=&"  # which is in no URL
_DUMMY = 720  # the app's width and height of unmeasured media
_FORMATS = (r"\.jpe?g", r"\.png", r"\.image", r"\.webp", r"\.heic")
_CLIP_TYPE, _LIVE_TYPE = 5, 1  # of a picture that moves


class Files:
    """The streams and separate sounds of a post, from web or app. Each address is read once.

    :ivar streams: in the platform's order
    """

    def __init__(self, video: SoundMarks) -> None:
        """
        :param video: the data of the whole video, which may tell whether its qualities have sound
        """
        self._flagged = video if is_flagged(video) else None
        self.streams: list[Stream] = []
        self.sounds: list[AudioStream] = []
        self._dated = _NO_DATE
        self._expiry: int | None = None
        self._expiries: list[int] = []

    def add(
        self,
        file: File | None,
        marks: SoundMarks,
        gear: str | None,
        codec: str | None,
        bitrate: int | None = None,
        fps: int | None = None,
    ) -> None:
        """Add one quality, unless it cannot be played.

        :param marks: TikTok's whole entry, which may tell the same
        """
        links = file.url_list if file else None
        if not links or not file:
            return
        urls = plain = _plain_video(links)
        if not urls:
            urls = addresses(links)
            if not urls:
                return
            if is_sound_only(urls):
                self.sounds.append(AudioStream(bitrate=bitrate or None, urls=urls, expire_time=expires(urls[0])))
                return
        key = file.url_key or ""
        codec = _codec(codec, key)
        if codec == "bytevc2":
            return
        if self._dated not in urls[0]:
            self._take_expiry(urls[0])
        lines = (_lines_in(gear) if gear else None) or _lines_in_key(key)
        width, height = file.width or None, file.height or None
        if width == height == _DUMMY and lines != _DUMMY:
            width = height = None
        stream = Stream(
            quality=f"{lines}p" if lines else gear or None,
            codec=codec,
            width=width,
            height=height,
            fps=float(fps) if fps else None,
            bitrate=bitrate or None,
            size=file.data_size or None,
            watermark=False,
            audio=has_sound(marks, "" if plain else urls[0], self._flagged),
            container="mp4",
            urls=urls,
            expire_time=self._expiry,
        )
        self.streams.append(stream)

    def _take_expiry(self, address: str) -> None:
        """Keep the expiry of a URL, and the parameter that names it; the URLs of a post mostly share both."""
        self._expiry = expires(address)
        self._dated = f"&expire={self._expiry}&"
        if self._expiry:
            self._expiries.append(self._expiry)

    def video_data(
        self,
        play: list[str],
        download: list[str],
        cookies: tuple[str, ...],
        context: Context,
        music: str | None = None,
    ) -> tuple[VideoData | None, list[str]]:
        """Return the streams, or None if there are none, and the names for `meta.missing`.

        :param play: URLs without watermark, in TikTok's default quality
        :param download: URLs with watermark
        :param cookies: names of the cookies that the CDN needs
        :param music: the URL of the post's music
        """
        streams = stream_choice.ranked(self.streams)
        if not streams and not play and not download:
            return None, ["video_data"]
        marked = download[0] if download else None
        for urls in (play, download):
            if urls and self._dated not in urls[0]:
                self._take_expiry(urls[0])
        data = VideoData(
            wm_video_url=marked,
            wm_video_url_HQ=marked,
            expire_time=min(self._expiries, default=None),
            headers=context.media_headers(HOME),
            cookie_names=[*cookies],
            streams=streams,
            audio_streams=sorted(self.sounds, key=lambda sound: -(sound.bitrate or 0)),
            qualities_offered=[*dict.fromkeys([stream.quality for stream in streams if stream.quality])],
        )
        return data, stream_choice.choose(data, play[0] if play else None, music)


def _plain_video(links: list[str] | str) -> list[str]:
    """Return the playable URLs of a file if it is a plain video; [] if they need a closer look.

    All are mirrors of one file, so the first tells for all.
    """
    urls: list[str] = []
    for address in links if isinstance(links, list) else [links]:
        if _PLAYED in address[:_LONGEST_START]:
            if address[:37] != _DEAD_START:
                return []
        elif address[:8] != "https://":
            return []
        elif address not in urls:
            urls.append(address)
    path, _, query = urls[0].partition("?") if urls else ("", "", "")
    return urls if "&mime_type=video_" in query and "/media-" not in path else []


def addresses(links: list[str] | str | None) -> list[str]:
    """Return the playable URLs in TikTok's order; those that need a device come last."""
    if not links:
        return []
    return _plain_video(links) or _sorted_addresses(links if isinstance(links, list) else [links])


def _sorted_addresses(listed: list[str]) -> list[str]:
    known = dict.fromkeys(address for link in listed if (address := url(link)) and not _DEAD.match(address))
    return sorted(known, key=lambda address: _NEEDS_DEVICE.match(address) is not None)


def image(links: list[str] | str | None) -> str | None:
    """Return an image's URL, preferably jpeg.

    >>> image(["https://cdn.test/a.heic?x=1", "https://cdn.test/a.webp?x=1", "https://cdn.test/a.jpeg?x=1"])
    'https://cdn.test/a.jpeg?x=1'
    """
    listed = links if isinstance(links, list) else [links] if links else []
    known = [address for link in listed if (address := link if link[:8] == "https://" else url(link))]
    if len(known) < 2:
        return known[0] if known else None
    for address in known:  # the usual case, without a call for each URL
        if ".jpeg?" in address:
            return address
    return min(known, key=_format)


def image_of(mirrors: Mirrors | None) -> str | None:
    """Return the URL of an image, preferably jpeg."""
    return image(mirrored(mirrors)) if mirrors else None


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
    head, _, tail = address.partition("&expire=")
    if tail[10:11] == "&" and tail[:10].isdigit() and "xpir" not in head:  # most URLs need no search
        return int(tail[:10]) or None
    if match := _EXPIRES.search(address):
        return seconds(match[1])
    match = _IN_PATH.search(address)
    return seconds(int(match[1], 16)) if match else None


def _codec(named: str | None, key: str) -> str | None:
    name = f"{named} {key}".lower()
    if "bytevc2" in name or "h266" in name:
        return "bytevc2"
    if "h265" in name or "bytevc1" in name or "hevc" in name:
        return "h265"
    return "h264" if "h264" in name else named or None


def _lines_in_key(key: str) -> int | None:
    """Return the lines of a quality from its key: "…_h264_540p_965245"."""
    return next(filter(None, map(_lines_in, re.findall(r"_\d{3,4}p(?=_|$)", key))), None)


@lru_cache(64)
def _lines_in(name: str) -> int | None:
    """Return the lines of a quality from its gear: "adapt_lowest_1080_1"."""
    match = _LINES.search(name)
    return int(match[1]) if match else None


def is_h265(marks: AppQuality | AppMedia) -> str | None:
    """Return the codec in the app's flags."""
    if marks.is_bytevc1 == 2:
        return "bytevc2"
    flags = (marks.is_bytevc1, marks.is_h265)
    return "h265" if 1 in flags else "h264" if 0 in flags else None


def clip_of(picture: Picture | None) -> str | None:
    """Return the moving part of a picture, as web or app write it."""
    if picture is None:
        return None
    videos = (picture.video, picture.live_photo, picture.livePhoto, picture.live_photo_video, picture.livePhotoVideo)
    return next((clip for video in videos if (clip := _clip(video))), None)


def _clip(video: Clip | None) -> str | None:
    for place in (video, video.play_addr, video.playAddr, video.PlayAddrStruct) if video else ():
        urls = addresses(mirrored(place) if isinstance(place, Mirrors) else place)
        if urls:
            return urls[0]
    return None


def mirrored(mirrors: Mirrors) -> list[str] | str | None:
    """Return the URLs of a file by the first name that has any."""
    return mirrors.url_list or mirrors.UrlList or mirrors.urlList


def is_moving(picture: Picture | None) -> bool:
    """Return whether a picture moves: it has a clip, or a mark that says so."""
    if picture is None:
        return False
    marked = _CLIP_TYPE in (picture.clip_type, picture.clipType)
    return marked or _LIVE_TYPE in (picture.live_photo_type, picture.livePhotoType) or clip_of(picture) is not None


def live_photos(posted: list[Picture | None], pictures: list[str | None]) -> list[LivePhoto]:
    """Return the pictures that have a clip, with it.

    :param pictures: the addresses of all, in the same order
    """
    pairs = zip(posted, pictures, strict=True)
    return [LivePhoto(image=picture, clip=clip) for raw, picture in pairs if (clip := clip_of(raw))]
