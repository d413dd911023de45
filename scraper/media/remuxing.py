"""Put the picture and the sound of a video into one file, and join the segments of a video. Nothing is encoded again.

Files are MP4 with the index at the beginning if MP4 may contain the codecs, else Matroska. Each result is read back
and checked. Functions block; call them in a thread. Memory is constant, whatever the size.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any

from scraper.media.containers import (
    ContainerError,
    MediaFile,
    OpenFile,
    av,
    check,
    ffmpeg_errors,
    inspect,
    opened,
)

_IN_MP4 = {"h264", "hevc", "av1", "vp9", "aac", "mp3", "opus", "flac", "ac3", "eac3", "alac"}
_MP4_OPTIONS = {"movflags": "faststart"}
_FILTERS = {"h264": "h264_mp4toannexb", "hevc": "hevc_mp4toannexb"}  # they put headers into packets
_MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class Tags:
    """What a finished file says about its post."""

    title: str | None = None
    author: str | None = None
    url: str | None = None
    create_time: int | None = None  # epoch seconds

    def metadata(self) -> dict[str, str]:
        """Return the metadata under FFmpeg's names; every container has them."""
        date = datetime.fromtimestamp(self.create_time, UTC).isoformat() if self.create_time else None
        values = {"title": self.title, "artist": self.author, "comment": self.url, "date": date, "creation_time": date}
        return {name: cleaned for name, value in values.items() if (cleaned := _clean(value))}


def remux(
    video: Path,
    audio: Path | None,
    out: Path,
    tags: Tags,
    duration_ms: int | None = None,
    kinds: Sequence[str] = ("video", "audio"),
) -> MediaFile:
    """Write a video, with the sound of another file, as one file.

    :param audio: the file with the sound; None keeps all tracks of the video's file
    :param out: the file to write, whatever its ending; the container is in the result
    :param duration_ms: the length in the record of the post, or None if it does not say
    :param kinds: the tracks that the post has: `video`, `audio`
    :raises ContainerError: if an input or the result is damaged, cut off or lacks a track; `out` is then removed
    :raises OSError: if a file cannot be read or written; `out` is then removed
    """
    with _removed_on_failure(out), ExitStack() as stack:
        files = [stack.enter_context(opened(path)) for path in (video, audio) if path]
        if audio:
            files[0].keep("video")
            files[1].keep("audio")
        with _Writer(out, [reading.stream for file in files for reading in file.readings.values()], tags) as writer:
            firsts = accumulate((len(file.readings) for file in files), initial=0)
            for track, packet in heapq.merge(*map(_numbered, files, firsts), key=_time):
                writer.write(track, packet)
        for file in files:
            file.finish(duration_ms if audio else None)
        return _checked(out, video.name, duration_ms, kinds)


def join(
    segments: Sequence[Path],
    out: Path,
    tags: Tags,
    duration_ms: int | None = None,
    kinds: Sequence[str] = ("video", "audio"),
) -> MediaFile:
    """Write the segments of a video as one file, in their order. Parameters are those of `remux`.

    :raises ContainerError: if the segments have different tracks, or as in `remux`
    :raises OSError: as in `remux`
    """
    filters = _filters(segments)
    with _removed_on_failure(out), ExitStack() as stack:
        first = stack.enter_context(opened(segments[0]))
        streams = [reading.stream for reading in first.readings.values()]
        with _Writer(out, streams, tags) as writer:
            offset = Fraction(0)
            for path in segments:
                offset = _append(path, writer, filters, offset)
        return _checked(out, segments[0].name, duration_ms, kinds)


class _Writer:
    """The file that is written. Leaving it writes the index."""

    def __init__(self, out: Path, templates: Sequence[Any], tags: Tags) -> None:
        """
        :param templates: a stream of an input for each track of the output
        """
        names = {_codec(stream) for stream in templates}
        self._is_mp4 = names <= _IN_MP4
        self._message = f"{out.name} cannot be written"
        with ffmpeg_errors(self._message):
            name, options = ("mp4", _MP4_OPTIONS) if self._is_mp4 else ("matroska", {})
            self._container = av().open(str(out.absolute()), "w", format=name, options=options)
            self._container.metadata.update(tags.metadata())
            self.streams = [self._stream(template) for template in templates]
        self._last = [Fraction(-1)] * len(templates)

    def _stream(self, template: Any) -> Any:
        stream = self._container.add_stream_from_template(template, opaque=True)
        if self._is_mp4 and _codec(template) == "hevc":
            stream.codec_context.codec_tag = "hvc1"  # Apple's players take no other
        return stream

    def write(self, track: int, packet: Any) -> None:
        """Write a packet. Where segments overlap by a fraction of a packet, it is moved: times must increase."""
        if packet.dts is not None:
            if packet.dts * packet.time_base <= self._last[track]:
                packet.dts = self._last[track] // packet.time_base + 1
                packet.pts = max(packet.pts, packet.dts)
            self._last[track] = packet.dts * packet.time_base
        packet.stream = self.streams[track]
        with ffmpeg_errors(self._message):
            self._container.mux_one(packet)

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        with ffmpeg_errors(self._message):
            self._container.close()


def _numbered(file: OpenFile, first: int = 0) -> Iterator[tuple[int, Any]]:
    """Yield the packets of a file, each with the number of its track in the output."""
    tracks = {index: first + track for track, index in enumerate(file.readings)}
    for packet in file.packets():
        yield tracks[packet.stream_index], packet


def _time(numbered: tuple[int, Any]) -> Fraction:
    packet = numbered[1]
    return Fraction(0) if packet.dts is None else packet.dts * packet.time_base


def _append(path: Path, writer: _Writer, filters: Sequence[str], offset: Fraction) -> Fraction:
    """Write a segment that begins at an offset in seconds, and return where it ends."""
    with opened(path) as file:
        shift = offset - max(Fraction(0), Fraction(file.container.start_time or 0, _MICROSECONDS))
        readings = [*file.readings.values()]
        contexts = [
            _Filter(name, reading.stream, writer.streams[track] if offset == 0 else None)
            for track, (name, reading) in enumerate(zip(filters, readings, strict=True))
        ]
        for track, packet in _numbered(file):
            if packet.is_discard and offset > 0 and readings[track].stream.type == "audio":
                continue  # the lead-in of the encoder, which would lie over the end of the segment before
            for filtered in contexts[track].filter(packet):
                _move(filtered, shift)
                writer.write(track, filtered)
        file.finish()
        return shift + max(reading.end for reading in readings)


class _Filter:
    """A bitstream filter for the packets of one track; with an empty name, none."""

    def __init__(self, name: str, stream: Any, out_stream: Any) -> None:
        """
        :param out_stream: the output's track, if its header is still to be written
        """
        make = av().bitstream.BitStreamFilterContext
        self._context = make(name, stream, out_stream) if name else None

    def filter(self, packet: Any) -> Sequence[Any]:
        """Return the filtered packets."""
        return self._context.filter(packet) if self._context else [packet]


def _move(packet: Any, shift: Fraction) -> None:
    units = round(shift / packet.time_base)
    packet.pts = None if packet.pts is None else packet.pts + units
    packet.dts = None if packet.dts is None else packet.dts + units


def _filters(segments: Sequence[Path]) -> list[str]:
    """Return the bitstream filter that each track needs, or "" for those that need none.

    A file has one header for a track. If those of the segments differ, the packets must carry them.

    :raises ContainerError: if the segments have different tracks, or codecs that cannot be joined
    """
    headers: dict[int, set[bytes]] = {}
    tracks: list[list[tuple[Any, ...]]] = []
    for path in segments:
        with opened(path) as file:
            streams = [reading.stream for reading in file.readings.values()]
            tracks.append([_kind(stream) for stream in streams])
            for track, stream in enumerate(streams):
                headers.setdefault(track, set()).add(bytes(stream.codec_context.extradata or b""))
        if tracks[-1] != tracks[0]:
            raise ContainerError(f"{path.name} cannot be joined to {segments[0].name}: it has other tracks")
    return [_filter(codec, headers[track], segments[0].name) for track, (codec, *_) in enumerate(tracks[0])]


def _filter(codec: str, headers: set[bytes], name: str) -> str:
    """
    :raises ContainerError: if headers differ, and packets of the codec cannot carry them
    """
    if len(headers) == 1:
        return ""
    if codec not in _FILTERS:
        raise ContainerError(f"{name} and the segments after it have {codec} tracks that were encoded differently")
    return _FILTERS[codec]


def _kind(stream: Any) -> tuple[Any, ...]:
    """Return what segments of one video have in common."""
    context = stream.codec_context
    if stream.type == "audio":
        return _codec(stream), context.sample_rate, context.channels
    return _codec(stream), context.width, context.height


def _codec(stream: Any) -> str:
    """
    :raises ContainerError: if the codec is unknown
    """
    if stream.codec_context is None:
        raise ContainerError(f"{Path(stream.container.name).name} has a {stream.type} track of an unknown codec")
    return str(stream.codec_context.codec.canonical_name)


def _checked(out: Path, name: str, duration_ms: int | None, kinds: Sequence[str]) -> MediaFile:
    """
    :raises ContainerError: if the result is not what the record says
    """
    media = inspect(out)
    check(media, name, duration_ms, kinds)
    return media


@contextmanager
def _removed_on_failure(out: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        out.unlink(missing_ok=True)
        raise


def _clean(value: str | None) -> str:
    """Return a text that a container may hold."""
    return (value or "").encode("utf-8", "ignore").decode().replace("\0", "").strip()
