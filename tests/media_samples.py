"""Real media files for the tests of `scraper/media/`: noise and a tone, encoded by PyAV."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy

FPS, RATE, SAMPLES = 25, 48_000, 1024
FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof+global_sidx", "frag_duration": "500000"}
FASTSTART = {"movflags": "faststart"}
QUIET = {"libx265": {"x265-params": "log-level=none"}, "libsvtav1": {"preset": "12", "svtav1-params": "lp=1"}}


def made(
    path: Path,
    picture: str = "",
    sound: str = "",
    seconds: int = 3,
    form: str = "mp4",
    options: dict[str, str] | None = None,
    encoding: dict[str, str] | None = None,
) -> Path:
    """Write a file with a picture of 64 × 48 and a sound, by the names of FFmpeg's encoders."""
    with av.open(str(path), "w", format=form, options=options or {}) as out:
        video: Any = out.add_stream(picture, rate=FPS, options=encoding or QUIET.get(picture, {})) if picture else None
        audio: Any = out.add_stream(sound, rate=RATE) if sound else None
        if video:
            video.width, video.height, video.pix_fmt, video.gop_size = 64, 48, "yuv420p", 10
        if audio:
            audio.layout = "stereo"
        frames = [*(pictures(seconds) if video else []), *(sounds(seconds) if audio else [])]
        for frame in sorted(frames, key=lambda frame: frame.pts * frame.time_base):
            stream = video if isinstance(frame, av.VideoFrame) else audio
            out.mux(stream.encode(frame))
        for stream in filter(None, (video, audio)):
            out.mux(stream.encode(None))
    return path


def repeated(path: Path, size: int, count: int) -> None:
    """Write a video of noise, `size` × `size`, whose only picture is repeated as packets."""
    with av.open(str(path), "w", format="mp4") as out:
        stream: Any = out.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "qp": "1"})
        stream.width, stream.height, stream.pix_fmt = size, size, "yuv420p"
        noise = numpy.random.RandomState(1).randint(0, 255, (size, size, 3), dtype=numpy.uint8)
        picture = bytes([*stream.encode(av.VideoFrame.from_ndarray(noise, format="rgb24")), *stream.encode(None)][0])
        for number in range(count):
            packet = av.Packet(picture)
            packet.pts = packet.dts = number
            packet.duration, packet.time_base = 1, Fraction(1, FPS)
            packet.is_keyframe, packet.stream = True, stream
            out.mux(packet)


def pictures(seconds: int) -> list[av.VideoFrame]:
    frames = []
    for number in range(seconds * FPS):
        noise = numpy.random.RandomState(number).randint(0, 255, (48, 64, 3), dtype=numpy.uint8)
        frame = av.VideoFrame.from_ndarray(noise, format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, FPS)
        frames.append(frame)
    return frames


def sounds(seconds: int) -> list[av.AudioFrame]:
    frames = []
    for number in range(seconds * RATE // SAMPLES):
        times = numpy.arange(number * SAMPLES, (number + 1) * SAMPLES)
        tone = (numpy.sin(times * 0.05) * 8000).astype(numpy.int16).repeat(2).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(tone, format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, number * SAMPLES, Fraction(1, RATE)
        frames.append(frame)
    return frames


def decoded(path: Path, kind: str) -> list[numpy.ndarray]:
    """Return every frame of a track."""
    with av.open(str(path)) as file:
        stream = file.streams.video[0] if kind == "video" else file.streams.audio[0]
        return [frame.to_ndarray() for frame in file.decode(stream)]


def packet_ends(path: Path) -> list[int]:
    """Return where in a file each packet ends, in order."""
    with av.open(str(path)) as file:
        return sorted(packet.pos + packet.size for packet in file.demux() if packet.size and packet.pos is not None)
