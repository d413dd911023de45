"""Read the files of subtitles: WebVTT, SubRip and JSON into cues. Pure."""

import html
from collections.abc import Iterable
from io import StringIO
from itertools import pairwise
from typing import Any

import msgspec

from scraper.records import Cue
from scraper.responses.values import MissingError, count, obj, objs, text

_GAP_MS = 200  # between cues that roll up
_LEAST, _SHARE = 2, 3  # captions roll if at least 2 cues, and a third, show lines again


def file_cues(body: bytes) -> list[Cue]:
    """Return the cues of a file in WebVTT or SubRip.

    :raises ValueError: if it is in neither format
    """
    from webvtt import WebVTT, errors  # few crawls need it

    content = body.decode("utf-8-sig", "replace").replace("\0", "\ufffd").lstrip()
    kind = "vtt" if content.startswith("WEBVTT") else "srt"
    try:
        captions = WebVTT.from_buffer(StringIO(content), format=kind)
    except (errors.MalformedFileError, errors.MalformedCaptionError) as error:
        raise ValueError(f"it is neither WebVTT nor SubRip: {error}") from error
    return merged(
        Cue(
            start_ms=caption.start_time.in_milliseconds(),
            end_ms=caption.end_time.in_milliseconds(),
            text=text(html.unescape(caption.text)),
        )
        for caption in captions.captions
    )


def json_cues(data: Any) -> list[Cue]:
    """Return the cues of {utterances: [{text, start_time, end_time}]}, whose times are in milliseconds.

    :raises MissingError: if there are none
    """
    utterances = obj(data).get("utterances")
    if not isinstance(utterances, list):
        raise MissingError("utterances")
    return merged(
        Cue(start_ms=count(line.get("start_time")), end_ms=count(line.get("end_time")), text=text(line.get("text")))
        for line in objs(utterances)
    )


def merged(cues: Iterable[Cue]) -> list[Cue]:
    """Return cues without empty ones. In rolling captions, each line comes once, with all of its time.

    Rolling captions show a line again while it grows, or while the next line is written below it. A line that comes
    twice in a file that does not roll was spoken twice, and stays.

    >>> shown = ["Hello", "Hello world", "Hello world\\nagain", "again\\nBye"]
    >>> cues = merged(Cue(text=text, start_ms=place, end_ms=place + 1) for place, text in enumerate(shown))
    >>> [(cue.text, cue.start_ms, cue.end_ms) for cue in cues]
    [('Hello world', 0, 3), ('again', 2, 4), ('Bye', 3, 4)]
    """
    shown = [cue for cue in cues if cue.text]
    shared = [_shared(before, cue) for before, cue in pairwise(shown)]
    rolling = sum(map(bool, shared))
    if rolling < _LEAST or rolling * _SHARE < len(shared):
        return shown
    kept = [msgspec.structs.replace(cue) for cue in shown[:1]]
    for count_of_lines, cue in zip(shared, shown[1:], strict=True):
        lines = (cue.text or "").split("\n")
        if count_of_lines:
            *above, last = (kept[-1].text or "").split("\n")
            kept[-1].text = "\n".join([*above, lines[count_of_lines - 1] or last])
            kept[-1].end_ms = cue.end_ms
        if rest := "\n".join(lines[count_of_lines:]):
            kept.append(msgspec.structs.replace(cue, text=rest))
    return kept


def _shared(before: Cue, cue: Cue) -> int:
    """Return how many lines of a cue the cue before shows already; the last of them may have grown."""
    if None in (before.end_ms, cue.start_ms) or (cue.start_ms or 0) > (before.end_ms or 0) + _GAP_MS:
        return 0
    earlier, lines = (before.text or "").split("\n"), (cue.text or "").split("\n")
    for number in range(min(len(earlier), len(lines)), 0, -1):
        *above, last = earlier[-number:]
        if lines[: number - 1] == above and f"{lines[number - 1]} ".startswith(f"{last} "):
            return number
    return 0


def words(cues: Iterable[Cue]) -> str | None:
    """Return the text of cues, a line for each; None if there is none."""
    return "\n".join(cue.text for cue in cues if cue.text) or None
