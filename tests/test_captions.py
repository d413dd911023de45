"""Files of subtitles: WebVTT, SubRip and JSON into cues."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.platform.captions import file_cues, json_cues, merged, words
from scraper.records import Cue
from scraper.responses.values import MissingError

WEBVTT = """WEBVTT - from a player
X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0

STYLE
::cue { color: red }

NOTE not shown
nor this

1
00:00:00.220 --> 00:00:02.000 align:start position:0%
Salt &amp; <b>pepper</b>, <v Bob>Bob</v>:<00:00:01.000><c> 1 &lt; 2</c>

00:02.000 --> 00:03.500
line {one} \\N
第二行

01:00:00.000 --> 01:00:01.000


100:00:00.000 --> 100:00:01.000
late
"""
CUES = [
    (220, 2000, "Salt & pepper, Bob: 1 < 2"),
    (2000, 3500, "line {one} \\N\n第二行"),
    (360_000_000, 360_001_000, "late"),
]
SUBRIP = "1\n00:00:00,220 --> 00:00:02,000\n<i>Hello</i>\n\n2\n00:00:02,500 --> 00:00:03,000\nyou\n"


def told_by(cues: list[Cue]) -> list[tuple[int | None, int | None, str | None]]:
    return [(cue.start_ms, cue.end_ms, cue.text) for cue in cues]


def made(*lines: tuple[str, int, int]) -> list[Cue]:
    return [Cue(text=text, start_ms=start, end_ms=end) for text, start, end in lines]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_webvtt(ends: str, mark: str) -> None:
    assert told_by(file_cues(f"{mark}{WEBVTT}".replace("\n", ends).encode())) == CUES


def test_subrip() -> None:
    assert told_by(file_cues(SUBRIP.encode())) == [(220, 2000, "Hello"), (2500, 3000, "you")]


def test_a_file_without_cues() -> None:
    assert file_cues(b"WEBVTT\n") == [] and words([]) is None


@pytest.mark.parametrize("body", [b"", b"<html><body>403</body></html>", b'{"code": 1}', b"\xff\xd8\xff"])
def test_other_files_are_errors(body: bytes) -> None:
    with pytest.raises(ValueError, match="neither WebVTT nor SubRip"):
        file_cues(body)


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: f"WEBVTT\n\n{text}".encode("utf-8", "replace")))
def test_no_file_raises_anything_else(body: bytes) -> None:
    try:
        cues = file_cues(body)
    except ValueError:
        return
    assert all(cue.text for cue in cues)


def test_json() -> None:
    lines = [{"text": "a", "start_time": 0, "end_time": 900}, {"text": "", "start_time": 1}, "x", {"text": "b"}]
    assert told_by(json_cues({"utterances": lines})) == [(0, 900, "a"), (None, None, "b")]
    for data in ({}, [], None, {"utterances": {}}):
        with pytest.raises(MissingError):
            json_cues(data)


def test_rolling_captions_are_merged() -> None:
    rolling = made(
        ("so today", 0, 1000),
        ("so today we", 1000, 1500),
        ("so today we cook", 1500, 2500),
        ("so today we cook\nrice", 2500, 3000),
        ("so today we cook\nrice and beans", 3000, 4000),
        ("rice and beans\nfor two", 4000, 5000),
        ("bye", 9000, 9500),
    )
    merged_cues = merged(rolling)
    assert words(merged_cues) == "so today we cook\nrice and beans\nfor two\nbye"
    assert told_by(merged_cues)[-2:] == [(4000, 5000, "for two"), (9000, 9500, "bye")]
    assert merged_cues[0].start_ms == 0 and rolling[0].text == "so today", "the input is unchanged"


def test_lines_that_are_said_twice_stay() -> None:
    """A refrain, and a line that begins as the one before."""
    song = made(("la la la", 0, 900), ("la la la", 900, 1800), ("we sing", 1800, 2700), ("we dance", 2700, 3600))
    assert merged(song) == song
    apart = made(("no", 0, 500), ("no", 5000, 5500), ("no", 9000, 9500), ("no", 20_000, 20_500))
    assert merged(apart) == apart


@given(st.lists(st.sampled_from(["a", "b", "a b", "c\nd", "d"]), max_size=12))
def test_merging_loses_no_word(texts: list[str]) -> None:
    cues = made(*((text, 1000 * place, 1000 * place + 1000) for place, text in enumerate(texts)))
    kept = " ".join(words(merged(cues)) or "" for _ in "1").split()
    assert set(kept) == set(" ".join(texts).split())
    assert [cue.start_ms for cue in merged(cues)] == sorted(cue.start_ms or 0 for cue in merged(cues))
