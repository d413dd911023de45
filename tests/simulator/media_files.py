"""Real media files, made when they are first asked for: small, the same in every run, and different for every name.

A file is described by `MediaFile`. For files whose address shows nothing of the work, `token` writes the description
into the address, and `named` reads it there.
"""

from __future__ import annotations

import io
from functools import lru_cache
from hashlib import sha256
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.simulator.randomness import hex_of

PROFILES = (
    ("mp4", "h264", "aac"),
    ("mp4", "hevc", "aac"),
    ("mp4", "h264", ""),
    ("mp4", "hevc", ""),
    ("mp4", "av1", "aac"),
    ("m4a", "", "aac"),
    ("mp3", "", "mp3"),
    ("webm", "vp9", "opus"),
)
PICTURES = {"jpeg": "JPEG", "jpg": "JPEG", "webp": "WEBP", "avif": "AVIF", "heic": "HEIF"}
TYPES = {
    "mp4": "video/mp4",
    "m4s": "video/mp4",
    "flv": "video/x-flv",
    "webm": "video/webm",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "jpg": "image/jpeg",
    **{kind: f"image/{kind}" for kind in ("jpeg", "webp", "avif", "heic")},
}
TOKEN = 15  # digits that describe the file, before those of its name
LEAST = 20_000


class MediaFile(NamedTuple):
    """What a file is.

    :param name: what makes its bytes its own
    :param kind: its container, or the format of a picture
    :param picture: h264, hevc, av1, vp9, or nothing
    :param sound: aac, mp3, opus, flac, eac3, or nothing
    :param size: in bytes; 0 if no answer of the platform states it
    """

    name: str
    kind: str
    duration_ms: int = 0
    picture: str = ""
    sound: str = ""
    size: int = 0

    @property
    def type(self) -> str:
        """Its media type."""
        return "audio/mp4" if self.kind == "m4s" and not self.picture else TYPES[self.kind]


def video(name: str, duration_ms: int, rate: int, picture: str = "h264", sound: str = "aac") -> MediaFile:
    """A whole video whose size the platform states.

    :param rate: bits per second that the platform states; the file is smaller, but more of them is still larger
    """
    size = LEAST + duration_ms * (2_000_000 + rate) // 1_000_000
    return MediaFile(name, "mp4", duration_ms, picture, sound, size)


def token(file: MediaFile, digits: int = 32) -> str:
    """Hexadecimal digits that describe a file of one of the profiles."""
    profile = PROFILES.index((file.kind, file.picture, file.sound))
    return f"{profile:x}{file.duration_ms:06x}{file.size:08x}{hex_of(file.name)}"[:digits]


def named(digits: str) -> MediaFile | None:
    """The file that a token describes; None for another text."""
    try:
        profile, duration_ms, size = int(digits[:1], 16), int(digits[1:7], 16), int(digits[7:TOKEN], 16)
    except ValueError:
        return None
    if profile >= len(PROFILES) or len(digits) <= TOKEN:
        return None
    kind, picture, sound = PROFILES[profile]
    return MediaFile(digits, kind, duration_ms, picture, sound, size)


@lru_cache(64)
def content(file: MediaFile) -> bytes | memoryview:
    """The bytes of a file; a large one is in no memory."""
    if file.kind in PICTURES:
        return _still(file)
    from tests.simulator import media_tracks  # loads FFmpeg's libraries, which most tests do without

    with TemporaryDirectory() as folder:
        return media_tracks.made(file, folder)


@lru_cache(1024)
def digest(file: MediaFile) -> str:
    """The SHA-256 of a file."""
    return sha256(content(file)).hexdigest()


def _still(file: MediaFile) -> bytes:
    """A picture of 48 coloured squares."""
    from PIL import Image

    if file.kind == "heic":
        import pillow_heif

        pillow_heif.register_heif_opener()
    digits = hex_of(file.name) + hex_of(file.name, "more")
    squares = Image.frombytes("RGB", (8, 6), bytes.fromhex(digits * 5)[:144])
    body = io.BytesIO()
    squares.resize((96, 72), Image.Resampling.NEAREST).save(body, PICTURES[file.kind], quality=60)
    return body.getvalue()
