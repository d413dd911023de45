"""Subtitles as files: plain text, SubRip (srt) and WebVTT (vtt). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from scraper.platform.captions import words
from scraper.records import Cue

FORMATS = ("txt", "srt", "vtt")
_SHOWN_MS = 3000  # a cue whose end is unknown, unless the next one comes earlier
_WEBVTT_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class _Line(NamedTuple):
    start_ms: int
    end_ms: int
    text: str


def subtitle_file(cues: Sequence[Cue], form: str) -> str:
    """Return the file of some cues.

    :param form: one of `FORMATS`. In `srt` and `vtt`, a cue without a start comes when the one before ends
    """
    if form == "txt":
        return f"{words(cues) or ''}\n"
    return _srt(_timed(cues)) if form == "srt" else _vtt(_timed(cues))


def _srt(lines: Iterable[_Line]) -> str:
    """Return SubRip, which has no way to write `-->` in a text."""
    return "".join(_blocks(lines, ",", lambda text: text.replace("-->", "→"), numbered=True))


def _vtt(lines: Iterable[_Line]) -> str:
    return "".join(["WEBVTT\n\n", *_blocks(lines, ".", lambda text: text.translate(_WEBVTT_ESCAPES))])


def _blocks(lines: Iterable[_Line], point: str, escape: Callable[[str], str], numbered: bool = False) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        text = "\n".join(part for part in line.text.splitlines() if part.strip())  # an empty line would end the cue
        times = f"{_time(line.start_ms, point)} --> {_time(line.end_ms, point)}"
        yield "\n".join([*([str(number)] if numbered else []), times, escape(text), "\n"])


def _timed(cues: Iterable[Cue]) -> list[_Line]:
    """Return the cues that have a text, in order, each with a start and an end."""
    lines, last = [], 0
    for cue in cues:
        if not (cue.text or "").strip():
            continue
        start = last if cue.start_ms is None else cue.start_ms
        last = start + _SHOWN_MS if cue.end_ms is None or cue.end_ms < start else cue.end_ms
        lines.append((_Line(start, last, cue.text or ""), cue.end_ms is None))
    lines.sort(key=lambda entry: entry[0].start_ms)
    cut = [
        line._replace(end_ms=min(line.end_ms, following.start_ms)) if is_open else line
        for (line, is_open), (following, _) in pairwise(lines)
    ]
    return [*cut, *(line for line, _ in lines[-1:])]


def _time(ms: int, point: str) -> str:
    """Return a time as both formats write it.

    >>> _time(3_723_004, ",")
    '01:02:03,004'
    """
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}{point}{ms % 1000:03}"
