"""Read TikTok's streams and images, and when their URLs expire. Pure."""

import re
from functools import lru_cache

from scraper.platform import Context
from scraper.platform.sound import SoundMarks, has_sound, is_sound_only
from scraper.records import AudioStream, LivePhoto, Stream, VideoData, stream_choice
from scraper.responses.values import seconds, url
from spiders.tiktok.ids import HOME
from spiders.tiktok.shapes import AppMedia, AppQuality, Clip, File, Mirrors, Picture

WEB_COOKIES = ("tt_chain_token", "ttwid", "msToken")

_PLAYED = "/aweme/v1/play"
_DEAD_START = "https://www.tiktok.com/aweme/v1/play/"
_DEAD = re.compile(r"https://(?:www|m)\.tiktok\.com/aweme/v1/play(?:wm)?/")
_NEEDS_DEVICE = re.compile(r"https://[^/]+/aweme/v1/play(?:wm)?/")
_EXPIRES = re.compile(r"[?&](?:expire|x-expires|VExpiration)=(\d{1,19})(?![^&#])", re.A)
_IN_PATH = re.compile(r"//[^/]+/[0-9a-f]{32}/([0-9a-f]{8})/")
_LINES = re.compile(r"_(\d{3,4})p?(?=_|$)", re.A)
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
        self._video = video
        self.streams: list[Stream] = []
        self.sounds: list[AudioStream] = []
        self._dated = ""
        self._expiry: int | None = None

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
                self.sounds.append(AudioStream(bitrate=bitrate or None, urls=urls, expire_time=self.expiry(urls[0])))
                return
        key = file.url_key or ""
        codec = _codec(codec, key)
        if codec == "bytevc2":
            return
        lines = _lines(gear, key)
        width, height = file.width or None, file.height or None
        if width == height == _DUMMY and lines != _DUMMY:
            width = height = None
        self.streams += (
            Stream(
                quality=f"{lines}p" if lines else gear or None,
                codec=codec,
                width=width,
                height=height,
                fps=float(fps) if fps else None,
                bitrate=bitrate or None,
                size=file.data_size or None,
                watermark=False,
                audio=has_sound(marks, () if plain else urls, self._video),
                container="mp4",
                urls=urls,
                expire_time=self.expiry(urls[0]),
            ),
        )

    def expiry(self, address: str) -> int | None:
        """Return the expiry in a URL; the URLs of a post mostly share it."""
        if not self._dated or self._dated not in address:
            self._expiry = expires(address)
            self._dated = f"&expire={self._expiry}&"
        return self._expiry

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
        ends = [stream.expire_time for stream in streams] + [self.expiry(urls[0]) for urls in (play, download) if urls]
        data = VideoData(
            wm_video_url=marked,
            wm_video_url_HQ=marked,
            expire_time=min([end for end in ends if end], default=None),
            headers={"Referer": HOME, "User-Agent": context.user_agent, "cookies": [*cookies]},
            streams=streams,
            audio_streams=sorted(self.sounds, key=lambda sound: -(sound.bitrate or 0)),
            qualities_offered=[*dict.fromkeys([stream.quality for stream in streams if stream.quality])],
        )
        return data, stream_choice.choose(data, play[0] if play else None, music)


def _plain_video(links: list[str] | str) -> list[str]:
    """Return the playable URLs of a file if all are plain videos; [] if one needs a closer look."""
    urls: list[str] = []
    for address in links if isinstance(links, list) else [links]:
        if address[:37] == _DEAD_START:
            continue
        path, _, query = address.partition("?")  # so that each half is searched once
        if path[:8] != "https://" or _PLAYED in path or "/media-" in path or "&mime_type=video_" not in query:
            return []
        if address not in urls:
            urls += [address]
    return urls


def addresses(links: list[str] | str | None) -> list[str]:
    """Return the playable URLs in TikTok's order; those that need a device come last."""
    listed = links if isinstance(links, list) else [links] if links else []
    usual = [address for address in listed if address[:37] != _DEAD_START]
    for address in usual:  # most URLs need no call
        if address[:8] != "https://" or _PLAYED in address:
            return _sorted_addresses(listed)
    return usual if len(usual) < 2 else [*dict.fromkeys(usual)]


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
        return seconds(tail[:10])
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


def _lines(gear: str | None, key: str) -> int | None:
    """Return the lines of a quality from its gear or key: "adapt_lowest_1080_1", "…_h264_540p_965245"."""
    lines = _lines_in(gear) if gear else None
    return lines or next(filter(None, map(_lines_in, re.findall(r"_\d{3,4}p(?=_|$)", key))), None)


@lru_cache(64)
def _lines_in(name: str) -> int | None:
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
