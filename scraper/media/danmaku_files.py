"""Danmaku as files: the XML that players of danmaku read, and ASS, which most video players show. Pure.

In ASS, texts that move get lanes in which none runs into another. A text for which no lane is free is left out, and
counted: a player can show no more at that moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from wcwidth import wcswidth

from scraper.records import Danmaku

_BOTTOM, _TOP, _REVERSE = 4, 5, 6  # modes; 1 to 3 move to the left, above 6 are programs
_WHITE, _SIZE = 0xFFFFFF, 25
_SCREEN_HEIGHT = 540  # of the player for which font sizes are given
_MOVES_MS, _STANDS_MS = 12_000, 4000
_LINE = 1.1  # height of a line, in font sizes
_DARK = 0x60  # texts whose colors are all below this get a white border
_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ASS_ESCAPES = str.maketrans({"{": "｛", "}": "｝", "\\": "＼", "\n": r"\N", "\r": ""})
_HEAD = """[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
WrapStyle: 2
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Danmaku,sans-serif,{size},&H33FFFFFF,&H33FFFFFF,&H33000000,&H33000000,0,0,0,0,100,100,0,0,1,1,0,7,0,0,0,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


class AssFile(NamedTuple):
    """
    :ivar left_out: texts for which no lane was free, or that are programs and not texts
    """

    text: str
    left_out: int


def danmaku_xml(danmaku: Sequence[Danmaku], part: str = "") -> Iterator[str]:
    """Yield the lines of an XML file, in the order of the video.

    :param part: the id of the part
    """
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f"<i><chatid>{escape(part)}</chatid><maxlimit>{len(danmaku)}</maxlimit>\n"
    for one in _in_order(danmaku):
        values = [
            f"{(one.at_ms or 0) / 1000:.3f}",
            one.mode or 1,
            one.font_size or _SIZE,
            _color(one),
            one.create_time or 0,
            one.pool or 0,
            one.sender_hash or "",
            one.danmaku_id,
            one.weight or 0,
        ]
        place = quoteattr(_allowed(",".join(map(str, values))))
        yield f"<d p={place}>{escape(_allowed(one.text or ''))}</d>\n"
    yield "</i>\n"


def danmaku_ass(danmaku: Iterable[Danmaku], width: int = 1920, height: int = 1080) -> AssFile:
    """Return an ASS file for a video of a size in pixels."""
    lines, left_out = [], 0
    moving, top, bottom = _Lanes(height), _Lanes(height), _Lanes(height)
    for one in _in_order(danmaku):
        shown = _Shown.of(one, width, height)
        lanes = {_TOP: top, _BOTTOM: bottom}.get(shown.mode, moving)
        y = lanes.place(shown) if shown.mode <= _REVERSE and shown.text else None
        if y is None:
            left_out += 1
        else:
            lines.append(_event(shown, y, width, height))
    return AssFile(_HEAD.format(width=width, height=height, size=_pixels(_SIZE, height)) + "".join(lines), left_out)


@dataclass(frozen=True)
class _Shown:
    """A text on the screen. Sizes are in pixels, times in milliseconds."""

    text: str
    mode: int
    color: int
    size: int
    box: tuple[int, int]
    start: int
    screen: int  # its width

    @classmethod
    def of(cls, one: Danmaku, width: int, height: int) -> _Shown:
        """Return how a danmaku is shown on a screen."""
        text = (one.text or "").strip()
        size, rows = _pixels(one.font_size or _SIZE, height), text.split("\n")
        columns = max(max(wcswidth(row), len(row) if wcswidth(row) < 0 else 0) for row in rows)
        box = -(-columns * size // 2), round(len(rows) * size * _LINE)
        return cls(text, one.mode or 1, _color(one), size, box, one.at_ms or 0, width)

    @property
    def moves_left(self) -> bool:
        return self.mode not in (_BOTTOM, _TOP, _REVERSE)

    @property
    def end(self) -> int:
        return self.start + (_STANDS_MS if self.mode in (_BOTTOM, _TOP) else _MOVES_MS)

    @property
    def entered(self) -> float:
        """Return when all of it is on the screen."""
        return self.start + _MOVES_MS * self.box[0] / (self.screen + self.box[0])

    @property
    def reaches(self) -> float:
        """Return when its beginning is at the other side."""
        return self.start + _MOVES_MS * self.screen / (self.screen + self.box[0])

    def may_follow(self, before: _Shown) -> bool:
        """Return whether it never touches a text that came earlier in the same lane."""
        if self.start >= before.end:
            return True
        is_behind = self.moves_left and before.moves_left
        return is_behind and self.start >= before.entered and self.reaches >= before.end


class _Lanes:
    """The rows of pixels of a screen, with the last text in each."""

    _STEP = 4  # pixels in a row

    def __init__(self, height: int) -> None:
        self._last: list[_Shown | None] = [None] * (height // self._STEP)

    def place(self, shown: _Shown) -> int | None:
        """Return how far from its side of the screen a text is, None if there is no room for it."""
        needed, free = -(-shown.box[1] // self._STEP), 0
        for row, before in enumerate(self._last):
            free = free + 1 if before is None or shown.may_follow(before) else 0
            if free == needed:
                first = row - needed + 1
                self._last[first : row + 1] = [shown] * needed
                return first * self._STEP
        return None


def _event(shown: _Shown, y: int, width: int, height: int) -> str:
    if shown.mode == _TOP:
        place = rf"\an8\pos({width // 2},{y})"
    elif shown.mode == _BOTTOM:
        place = rf"\an2\pos({width // 2},{height - y})"
    else:
        ends = (-shown.box[0], width) if shown.mode == _REVERSE else (width, -shown.box[0])
        place = rf"\move({ends[0]},{y},{ends[1]},{y})"
    look = "" if shown.size == _pixels(_SIZE, height) else rf"\fs{shown.size}"
    if shown.color != _WHITE:
        look += rf"\c&H{_bgr(shown.color)}&"
    if all(part < _DARK for part in shown.color.to_bytes(3, "big")):
        look += r"\3c&HFFFFFF&"
    text = shown.text.translate(_ASS_ESCAPES)
    return f"Dialogue: 0,{_time(shown.start)},{_time(shown.end)},Danmaku,,0,0,0,,{{{place}{look}}}{text}\n"


def _in_order(danmaku: Iterable[Danmaku]) -> list[Danmaku]:
    return sorted(danmaku, key=lambda one: one.at_ms or 0)


def _color(one: Danmaku) -> int:
    return _WHITE if one.color is None else one.color & _WHITE


def _bgr(color: int) -> str:
    """
    >>> _bgr(0xFF8000)
    '0080FF'
    """
    return color.to_bytes(3, "big")[::-1].hex().upper()


def _pixels(size: int, height: int) -> int:
    return max(1, round(size * height / _SCREEN_HEIGHT))


def _allowed(text: str) -> str:
    return _NOT_IN_XML.sub("", text)


def _time(ms: int) -> str:
    """
    >>> _time(3_723_045)
    '1:02:03.04'
    """
    return f"{ms // 3_600_000}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000 // 10:02}"
