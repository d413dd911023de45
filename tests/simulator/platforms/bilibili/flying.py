"""What flies over a video: by segments of six minutes, and as one XML of a part. A login sees all of it."""

from __future__ import annotations

import zlib
from typing import NamedTuple
from xml.sax.saxutils import escape

from tests.simulator import protobuf
from tests.simulator.messages import Answer, Request, whole
from tests.simulator.platforms.bilibili import envelope
from tests.simulator.platforms.bilibili.gate import Gate
from tests.simulator.platforms.bilibili.listing import danmaku
from tests.simulator.randomness import mix, words
from tests.simulator.world import Video, World

SEGMENT_MS, MOST = 360_000, 300
FIRST_ID = 1_500_000_000_000_000_000
PER_PART = 10_000
GUESTS_SEE_EVERY = 3
WHITE, FONT = 16_777_215, 25
FORBIDDEN = "\x0b"
BINARY, XML = "application/octet-stream", "text/xml"


class Text(NamedTuple):
    """One text over a video."""

    number: int
    at_ms: int
    content: str
    sender: str
    created: int


def texts(world: World, video: Video, part: int) -> list[Text]:
    """All that flies over a part, in the order of its time. Nothing flies over its second fifth."""
    count = danmaku(video) // video.parts
    length = max(1, video.duration * 1000)
    made = []
    for place in range(count):
        at_ms = place * length // max(1, count)
        bits = mix(world.seed, video.cids[part] * PER_PART + place)
        if length // 5 <= at_ms < 2 * length // 5:
            at_ms += length // 5
        sender = f"{zlib.crc32(str(600_000_000 + bits % 1000).encode()):x}"
        number = FIRST_ID + (video.number * 64 + part) * PER_PART + place
        made.append(Text(number, at_ms, words(bits, 1 + bits % 3), sender, video.created + place))
    return sorted(made, key=lambda text: (text.at_ms, text.number))


def segment(world: World, gate: Gate, request: Request) -> Answer:
    """One segment as protobuf; beyond the end of a part it is empty, as where nothing flies."""
    part, number = _part(world, request), whole(request.query.get("segment_index"))
    if part is None or not number or request.query.get("type") != "1":
        return envelope.refusal(-400)
    every = texts(world, *part)
    shown = every if gate.logged_in(request) else every[::GUESTS_SEE_EVERY]
    start = (number - 1) * SEGMENT_MS
    elems = [(1, _message(text)) for text in shown if start <= text.at_ms < start + SEGMENT_MS]
    return Answer(protobuf.message(elems), kind=BINARY)


def xml(world: World, request: Request) -> Answer:
    """The XML of a part: the last texts, packed without a header; one of them holds what XML forbids."""
    part = _part(world, request)
    if part is None:
        return envelope.refusal(-404)
    shown = texts(world, *part)[-MOST:]
    lines = [
        f'<d p="{_properties(text)}">{escape(text.content)}{FORBIDDEN * (text.number % 7 == 0)}</d>' for text in shown
    ]
    head = f"<chatid>{request.query.get('oid')}</chatid><mission>0</mission><maxlimit>{MOST}</maxlimit><state>0</state>"
    body = f'<?xml version="1.0" encoding="UTF-8"?><i>{head}{"".join(lines)}</i>'
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = packer.compress(body.encode()) + packer.flush()
    return Answer(packed, kind=XML, headers=[("Content-Encoding", "deflate")])


def _part(world: World, request: Request) -> tuple[Video, int] | None:
    cid = whole(request.query.get("oid"))
    video = None if cid is None else world.video_by_cid(cid)
    return None if video is None or cid is None else (video, video.cids.index(cid))


def _message(text: Text) -> bytes:
    return protobuf.message(
        [
            (1, text.number), (2, text.at_ms), (3, 1), (4, FONT), (5, WHITE), (6, text.sender), (7, text.content),
            (8, text.created), (9, 5), (12, str(text.number)), (99, "new"),
        ]
    )  # fmt: skip


def _properties(text: Text) -> str:
    return f"{text.at_ms / 1000:.5f},1,{FONT},{WHITE},{text.created},0,{text.sender},{text.number},5"
