"""The qualities and codecs that streams come in."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.simulator.world import Video


class Quality(NamedTuple):
    """One rung of the ladder; `bits` is bits per second of its AVC stream."""

    qn: int
    width: int
    height: int
    format: str
    name: str
    short: str
    extra: str
    rate: str
    bits: int


LADDER = (
    Quality(120, 3840, 2160, "hdflv2", "超清 4K", "4K", "", "30.000", 9_000_000),
    Quality(116, 1920, 1080, "flv_p60", "高清 1080P60", "1080P", "60帧", "60.000", 5_200_000),
    Quality(112, 1920, 1080, "hdflv2", "高清 1080P+", "1080P", "高码率", "30.000", 3_100_000),
    Quality(80, 1920, 1080, "flv", "高清 1080P", "1080P", "", "30.000", 1_900_000),
    Quality(64, 1280, 720, "flv720", "高清 720P", "720P", "", "30.000", 950_000),
    Quality(32, 852, 480, "flv480", "清晰 480P", "480P", "", "30.000", 420_000),
    Quality(16, 640, 360, "mp4", "流畅 360P", "360P", "", "30.000", 230_000),
)
CODECS = {7: ("avc1.640032", 100), 12: ("hev1.1.6.L150.90", 62), 13: ("av01.0.08M.08.0.110.01.01.01.0", 50)}
SOUND = {30280: 190_000, 30232: 130_000, 30216: 66_000}
DOLBY, HIRES = 30250, 30251
PREVIEW_MS = 10_000


def offered(video: Video, fourk: bool) -> list[Quality]:
    """What the work exists in, best first."""
    wanted = {80, 64, 32, 16}
    if video.hash % 3 == 0:
        wanted.add(112)
    if video.hash % 5 == 0:
        wanted.add(116)
    if fourk and video.hash % 7 == 0:
        wanted.add(120)
    return [quality for quality in LADDER if quality.qn in wanted]


def described(qualities: list[Quality], preview: bool) -> dict[str, Any]:
    """The parts of an answer that name the qualities."""
    names = [quality.name for quality in qualities]
    if preview:
        names[0] += " 试看"
    return {
        "accept_format": ",".join(quality.format for quality in qualities),
        "accept_description": names,
        "accept_quality": [quality.qn for quality in qualities],
        "support_formats": [
            {
                "quality": quality.qn,
                "format": quality.format,
                "new_description": " ".join(reversed(quality.name.split())),
                "display_desc": quality.short,
                "superscript": quality.extra,
                "codecs": [codec for codec, _ in CODECS.values()],
                "can_watch_qn_reason": 0,
                "limit_watch_reason": 0,
            }
            for quality in qualities
        ],
    }
