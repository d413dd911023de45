"""The files behind the addresses of streams, which name the part, the codec and the quality."""

from __future__ import annotations

import re

from tests.simulator import media_files
from tests.simulator.media_files import MediaFile
from tests.simulator.platforms.bilibili.qualities import DOLBY, HIRES, LADDER, PREVIEW_MS, SOUND
from tests.simulator.world import Video, World

SEGMENTS = 4
PICTURE = 10_000  # and a thousand for each codec, and the quality
PATH = re.compile(r"/upgcxcode/\d\d/\d\d/(\d+)/\1-(\d+)-(\d+)\.(m4s|mp4|flv)")
CODECS = {7: "h264", 12: "hevc", 13: "av1"}
SOUNDS = {**dict.fromkeys(SOUND, "aac"), DOLBY: "eac3", HIRES: "flac"}


def length(video: Video) -> int:
    """The length of a part in milliseconds; of a work that must be paid for, of what everybody sees."""
    return PREVIEW_MS if video.kind == "charging" else max(1, video.duration) * 1000 + video.hash % 900


def path_of(cid: int, order: int, number: int, ending: str) -> str:
    """The path of a file."""
    return f"/upgcxcode/{cid % 100:02d}/{cid // 100 % 100:02d}/{cid}/{cid}-{order}-{number}.{ending}"


def file_at(world: World, path: str) -> MediaFile | None:
    """The file at a path."""
    match = PATH.fullmatch(path)
    video = world.video_by_cid(int(match[1])) if match else None
    if match is None or video is None:
        return None
    number = int(match[3])
    if match[4] != "m4s":
        rate = next((quality.bits for quality in LADDER if quality.qn == number), 0)
        return single(video, path, rate, match[4]) if rate else None
    if number in SOUNDS:
        return MediaFile(path, "m4s", length(video), sound=SOUNDS[number])
    codec = CODECS.get((number - PICTURE) // 1000)
    return MediaFile(path, "m4s", length(video), codec) if codec else None


def single(video: Video, path: str, rate: int, ending: str) -> MediaFile:
    """A file with picture and sound: the whole part, or one of its segments if it is FLV."""
    sound = "" if video.kind == "silent" else "aac"
    duration = length(video) // (SEGMENTS if ending == "flv" else 1)
    return media_files.video(path, duration, rate, sound=sound)._replace(kind=ending)
