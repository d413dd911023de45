"""Look into media files and check that they are whole. Reads with PyAV, in constant memory.

FFmpeg's libraries read a file that was cut off without any error, so the ends of its tracks are compared with what the
file, or the record of the post, says. Functions block; call them in a thread.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, Literal

from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import enumerated

TOLERANCE_MS = 1000
_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,flv,mpegts,mp3,aac,flac,ogg,wav"
# No playlist or script is read as a video: FFmpeg would open the files and URLs in it.
_OPTIONS = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}
_NAMES = {"mov": "mp4", "matroska": "mkv"}
_DECLARING = ("matroska", "flv")  # their headers have one length for all tracks
_CODECS = {"hevc": "h265"}


class ContainerError(Exception):
    """A media file is damaged, cut off, or not what the record says. The text names the file."""


@dataclass(frozen=True)
class Track:
    """A video or audio track. `duration_ms` is measured; `declared_ms` is what the file's header says, or None."""

    kind: Literal["video", "audio"]
    codec: str  # as in records: h264, h265, av1, aac, opus, flac …
    duration_ms: int
    declared_ms: int | None = None
    width: int | None = None
    height: int | None = None
    channels: int | None = None


@dataclass(frozen=True)
class MediaFile:
    """What a media file contains."""

    container: str  # mp4, mkv, flv, mp3 …; webm is mkv
    tracks: tuple[Track, ...]

    @property
    def duration_ms(self) -> int:
        """Return the length of the longest track."""
        return self.longest.duration_ms

    @property
    def longest(self) -> Track:
        """Return the longest track."""
        return max(self.tracks, key=lambda track: track.duration_ms)

    def track(self, kind: str) -> Track | None:
        """Return the first track of a kind, or None."""
        return next((track for track in self.tracks if track.kind == kind), None)


@dataclass
class Reading:
    """What was read of one track so far. Times are in seconds."""

    stream: Any
    start: Fraction | None = None
    end: Fraction = Fraction(0)
    last_is_empty: bool = True  # no packet, or one of zeros: what a file has that was reserved but not written

    @property
    def duration(self) -> Fraction:
        """Return the time from the first picture or sound to the end; a lead-in before 0 is not played."""
        return max(Fraction(0), self.end - max(Fraction(0), self.start or Fraction(0)))

    def add(self, packet: Any) -> None:
        """Take a packet."""
        time = packet.dts if packet.pts is None else packet.pts
        if time is not None:
            begin = time * packet.time_base
            self.start = begin if self.start is None else min(self.start, begin)
            self.end = max(self.end, begin + (packet.duration or 0) * packet.time_base)
        self.last_is_empty = not any(memoryview(packet))

    def track(self) -> Track:
        """Return the track as it was read."""
        stream, context = self.stream, self.stream.codec_context
        name = context.codec.canonical_name if context else "unknown"
        declared = round(stream.duration * stream.time_base * 1000) if stream.duration and stream.time_base else None
        measured, codec = round(self.duration * 1000), _CODECS.get(name, name)
        if stream.type == "audio":
            return Track("audio", codec, measured, declared, channels=context.channels if context else None)
        size = (context.width, context.height) if context else (None, None)
        return Track("video", codec, measured, declared, *size)


@dataclass
class OpenFile:
    """An open media file: its format and the readings of its video and audio tracks, by the number of the stream."""

    path: Path
    container: Any
    readings: dict[int, Reading]
    missing: int  # bytes that an MP4 file is shorter than its boxes, at least
    is_broken: bool = False  # a packet is incomplete

    def keep(self, kind: str) -> None:
        """Read only the first track of a kind.

        :raises ContainerError: if there is none
        """
        kept = [(index, reading) for index, reading in self.readings.items() if reading.stream.type == kind]
        if not kept:
            raise ContainerError(f"{self.path.name} has no {kind}")
        self.readings = dict(kept[:1])

    def packets(self) -> Iterator[Any]:
        """Yield the packets of all tracks in the order of the file, up to the first that is incomplete.

        :raises ContainerError: if the file cannot be read further
        """
        with ffmpeg_errors(f"{self.path.name} is damaged"):
            for packet in self.container.demux([reading.stream for reading in self.readings.values()]):
                if packet.size == 0:
                    continue  # the end of a stream
                if packet.is_corrupt:
                    self.is_broken = True
                    return
                self.readings[packet.stream_index].add(packet)
                yield packet

    def finish(self, duration_ms: int | None = None) -> MediaFile:
        """Return what was read, after `packets`.

        :param duration_ms: the length of tracks for which the file's header says none; None if it is not known either
        :raises ContainerError: if the file is cut off, a track has no packet, or its end was never written
        """
        name = self.container.format.name.split(",")[0]
        media = MediaFile(_NAMES.get(name, name), tuple(reading.track() for reading in self.readings.values()))
        declared = (self.container.duration or 0) // 1000 if name in _DECLARING else 0
        if declared and media.duration_ms < declared - TOLERANCE_MS:
            raise cut_off(self.path.name, media.longest, declared)
        for reading, track in zip(self.readings.values(), media.tracks, strict=True):
            expected = duration_ms if track.declared_ms is None else track.declared_ms
            ends_early = expected is not None and track.duration_ms < expected - TOLERANCE_MS
            if ends_early or self.is_broken or self.missing:
                raise cut_off(self.path.name, track, expected or declared, self.missing)
            if reading.last_is_empty:
                raise ContainerError(f"{self.path.name} is damaged: the end of its {track.kind} is empty")
        return media


def av() -> Any:
    """Return PyAV.

    :raises ArgumentError: if it is missing
    """
    try:
        return importlib.import_module("av")
    except ImportError:
        raise ArgumentError("a library is missing: pip install av") from None


@contextmanager
def ffmpeg_errors(message: str) -> Iterator[None]:
    """Raise errors of FFmpeg as a `ContainerError` with a message; errors of the system, such as a full disk, pass."""
    try:
        yield
    except av().FFmpegError as error:
        if isinstance(error, OSError):
            raise
        raise ContainerError(f"{message}: {error.strerror or error}") from error


@contextmanager
def opened(path: Path) -> Iterator[OpenFile]:
    """Open a media file.

    :raises ContainerError: if it is no media file, is cut off, or has neither video nor audio
    """
    missing = missing_bytes(path)
    state = f"cut off: at least {missing} bytes are missing" if missing else "no media file that can be read"
    with ffmpeg_errors(f"{path.name} is {state}"):
        container = av().open(str(path.absolute()), options=_OPTIONS)
    with container:
        streams = [*container.streams.video, *container.streams.audio]
        pictures = av().stream.Disposition.attached_pic
        readings = {stream.index: Reading(stream) for stream in streams if not stream.disposition & pictures}
        if not readings:
            raise ContainerError(f"{path.name} has neither video nor audio")
        yield OpenFile(path, container, readings, missing)


def inspect(path: Path) -> MediaFile:
    """Return what a file contains, with the durations of its packets. Reads the whole file.

    :raises ContainerError: if it cannot be read, or is damaged or cut off
    """
    with opened(path) as file:
        for _ in file.packets():
            pass
        return file.finish()


def check(media: MediaFile, name: str, duration_ms: int | None, kinds: Sequence[str]) -> None:
    """Compare a file with the record of its post.

    :param duration_ms: the length in the record, or None if the record does not say
    :param kinds: the tracks that the post has: `video`, `audio`
    :raises ContainerError: if the length differs by more than a second, or a track is missing
    """
    if missing := [kind for kind in kinds if not media.track(kind)]:
        raise ContainerError(f"{name} has no {enumerated(missing, 'or')}, but the post has")
    if duration_ms is None or abs(media.duration_ms - duration_ms) <= TOLERANCE_MS:
        return
    if media.duration_ms < duration_ms:
        raise cut_off(name, media.longest, duration_ms)
    raise ContainerError(f"{name} lasts {_seconds(media.duration_ms)}, but the post {_seconds(duration_ms)}")


def cut_off(name: str, track: Track, expected_ms: int | None, missing: int = 0) -> ContainerError:
    """Return the error for a file that ends too early.

    :param missing: bytes that are known to be missing
    """
    instead = f" instead of {_seconds(expected_ms)}" if expected_ms else ""
    bytes_missing = f"; at least {missing} bytes are missing" if missing else ""
    return ContainerError(
        f"{name} is cut off: its {track.kind} ends after {_seconds(track.duration_ms)}{instead}{bytes_missing}"
    )


def _seconds(ms: int) -> str:
    return f"{ms / 1000:.1f} s"


def missing_bytes(path: Path) -> int:
    """Return by how many bytes the last box of an MP4 file is longer than the file; 0 for other formats."""
    size = path.stat().st_size
    with path.open("rb") as file:
        return max((0, *(start + length - size for start, length in _boxes(file, size))))


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[int, int]]:
    """Yield position and length of the outer boxes of an MP4 file; none if it is of another format."""
    position = 0
    while position + 8 <= size:
        file.seek(position)
        head = file.read(16)
        length, kind = int.from_bytes(head[:4], "big"), head[4:8]
        if (position == 0 and kind not in (b"ftyp", b"styp")) or length == 0:
            return  # another format; or a box up to the end of the file
        length = int.from_bytes(head[8:16], "big") if length == 1 else length
        if length < 8:
            return
        yield position, length
        position += length
