"""Films and sounds by PyAV: one encoded frame a second and a tone, repeated as packets for as long as the file lasts.

To have the size that a platform states, frames carry filler units, which decoders skip.
"""

from __future__ import annotations

import mmap
import os
from array import array
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import pi, sin
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.codec.context import Flags
from av.container import OutputContainer
from av.video.stream import VideoStream

from tests.simulator import media_boxes
from tests.simulator.media_files import MediaFile
from tests.simulator.randomness import hex_of

WIDTH, HEIGHT = 64, 112
MS = Fraction(1, 1000)
FRAME_MS, LARGEST_FRAME = 1000, 2**20
LARGE = 2**26
FORMATS = {"m4s": "mp4", "m4a": "ipod"}
OPTIONS = {
    "mp4": {"movflags": "+faststart"},
    "m4a": {"movflags": "+faststart"},
    "m4s": {"movflags": "+dash+delay_moov+global_sidx", "frag_duration": "5000000"},
}
ENCODERS = {"h264": "libx264", "hevc": "libx265", "av1": "libsvtav1", "vp9": "libvpx-vp9"}
SETTINGS = {
    "h264": {"preset": "ultrafast", "tune": "zerolatency"},
    "hevc": {"preset": "ultrafast", "x265-params": "log-level=none:pools=none:frame-threads=1"},
    "av1": {"preset": "11", "svtav1-params": "lp=1"},
    "vp9": {"deadline": "realtime", "cpu-used": "8"},
    "mp3": {"reservoir": "0"},  # so that each packet stands for itself
    "opus": {"frame_duration": "60"},
}
SOUNDS = {  # codec -> encoder, samples a second, their format, bits a second
    "aac": ("aac", 8000, "fltp", 8000),
    "mp3": ("libmp3lame", 8000, "fltp", 8000),
    "opus": ("libopus", 48_000, "flt", 8000),
    "flac": ("flac", 8000, "s16", 0),
    "eac3": ("eac3", 48_000, "fltp", 32_000),
}
FILLER = {"h264": b"\x00\x00\x00\x01\x0c", "hevc": b"\x00\x00\x00\x01\x4c\x01"}
FILLER_END = b"\x80"
STEADY = slice(4, 20)  # packets of the tone after the encoder has started
SURPLUS, SURPLUS_A_FRAME = 600, 16  # bytes that the tables of a file may grow by, if its frames do


def made(file: MediaFile, folder: str) -> bytes | memoryview:
    """The file; a folder for what is temporary. A large file stays on the disk, without a name.

    :raises ValueError: if the stated size is too small
    """
    place = Path(folder) / f"file.{file.kind}"
    _write(file, place, 0)
    missing = file.size - place.stat().st_size
    if not file.size or not missing:
        return _read(place)
    filler = (missing - SURPLUS) // _frames(file) - SURPLUS_A_FRAME
    if filler > len(FILLER.get(file.picture, b"")) + len(FILLER_END):
        _write(file, place, filler)
    media_boxes.pad(place, file.kind, file.size)
    return _read(place)


def shade(name: str) -> tuple[int, int, int]:
    """The colour of a film, as Y, U and V."""
    luma, blue, red = bytes.fromhex(hex_of(name, "shade"))[:3]
    return 40 + luma % 160, 60 + blue % 130, 60 + red % 130


def _read(place: Path) -> bytes | memoryview:
    if place.stat().st_size <= LARGE:
        return place.read_bytes()
    with place.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _write(file: MediaFile, place: Path, filler: int) -> None:
    form = FORMATS.get(file.kind, file.kind)
    with av.open(str(place), "w", format=form, options={"fflags": "+bitexact", **OPTIONS.get(file.kind, {})}) as out:
        out.metadata["comment"] = file.name
        picture = _film(out, file) if file.picture else None
        sound = _sound(out, file.sound) if file.sound else None
        frame = _frame(picture, file) if picture else b""
        if filler:
            start = FILLER[file.picture]
            frame += start + b"\xff" * (filler - len(start) - len(FILLER_END)) + FILLER_END
        tone = list(_tone(sound)) if sound else []
        film = _pictures(picture, frame, file) if picture else iter(())
        waves = _waves(sound, tone, file) if sound else iter(())
        for packet in _in_order(film, waves):
            out.mux(packet)


def _frame_ms(file: MediaFile) -> int:
    """How long a frame is shown: in a large file, so short that none is large."""
    return max(1, min(FRAME_MS, file.duration_ms * LARGEST_FRAME // file.size if file.size else FRAME_MS))


def _frames(file: MediaFile) -> int:
    return -(-file.duration_ms // _frame_ms(file))


def _film(out: OutputContainer, file: MediaFile) -> VideoStream:
    stream = out.add_stream(ENCODERS[file.picture], rate=1, options=SETTINGS[file.picture])
    assert isinstance(stream, VideoStream)
    stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    stream.codec_context.time_base = stream.time_base = MS
    stream.codec_context.flags |= Flags.global_header
    return stream


def _sound(out: OutputContainer, codec: str) -> AudioStream:
    encoder, rate, form, bits = SOUNDS[codec]
    stream = out.add_stream(encoder, rate=rate, options=SETTINGS.get(codec, {}))
    assert isinstance(stream, AudioStream)
    stream.codec_context.layout, stream.codec_context.format = "mono", form
    stream.codec_context.time_base = Fraction(1, rate)
    stream.codec_context.flags |= Flags.global_header
    if bits:
        stream.bit_rate = bits
    return stream


def _frame(stream: VideoStream, file: MediaFile) -> bytes:
    """The film's one frame, encoded."""
    os.environ["SVT_LOG"] = "1"  # the AV1 encoder writes its settings to stderr otherwise
    frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    for plane, value in zip(frame.planes, shade(file.name), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    frame.pts, frame.time_base = 0, MS
    packets = [*stream.encode(frame), *stream.encode(None)]
    return bytes(packets[0])


def _tone(stream: AudioStream) -> Iterator[bytes]:
    """Packets of a tone, which can be repeated."""
    context = stream.codec_context
    context.open()
    samples, rate = context.frame_size or 4096, context.sample_rate
    encoded: list[av.Packet] = []
    for place in range(STEADY.stop + 4):
        wave = [sin(2 * pi * 400 * (place * samples + sample) / rate) / 4 for sample in range(samples)]
        whole = array("h", [int(value * 32_767) for value in wave])
        frame = av.AudioFrame(context.format.name, "mono", samples)
        frame.planes[0].update((whole if context.format.name.startswith("s16") else array("f", wave)).tobytes())
        frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), place * samples
        encoded += stream.encode(frame)
    encoded += stream.encode(None)
    return (bytes(packet) for packet in encoded[STEADY])


def _pictures(stream: VideoStream, frame: bytes, file: MediaFile) -> Iterator[av.Packet]:
    count = _frames(file)
    starts = [place * file.duration_ms // count for place in range(count + 1)]
    for start, end in pairwise(starts):
        yield _packet(stream, frame, start, end - start, MS)


def _waves(stream: AudioStream, tone: list[bytes], file: MediaFile) -> Iterator[av.Packet]:
    rate = stream.codec_context.sample_rate
    samples = stream.codec_context.frame_size or 4096
    count = max(1, round(file.duration_ms * rate / 1000 / samples))
    for place in range(count):
        yield _packet(stream, tone[place % len(tone)], place * samples, samples, Fraction(1, rate))


def _packet(stream: VideoStream | AudioStream, data: bytes, start: int, duration: int, base: Fraction) -> av.Packet:
    packet = av.Packet(data)
    packet.stream, packet.time_base = stream, base
    packet.pts = packet.dts = start
    packet.duration, packet.is_keyframe = duration, True
    return packet


def _in_order(film: Iterator[av.Packet], waves: Iterator[av.Packet]) -> Iterator[av.Packet]:
    """The packets of both tracks by their time."""
    picture, wave = next(film, None), next(waves, None)
    while picture is not None or wave is not None:
        if wave is None or (picture is not None and _start(picture) <= _start(wave)):
            assert picture is not None
            yield picture
            picture = next(film, None)
        else:
            yield wave
            wave = next(waves, None)


def _start(packet: av.Packet) -> Fraction:
    assert packet.pts is not None and packet.time_base is not None
    return packet.pts * packet.time_base
