"""Files of subtitles and danmaku, as other programs read them: FFmpeg's libraries, webvtt-py, and our own readers."""

import re
import unicodedata
from itertools import combinations
from pathlib import Path
from random import Random

import av
import pytest

from scraper.media.danmaku_files import danmaku_ass, danmaku_xml
from scraper.media.subtitle_files import FORMATS, subtitle_file
from scraper.platform.captions import file_cues
from scraper.records import Cue, Danmaku, meta_for
from spiders.bilibili import danmaku as reader

CUES = [
    Cue(start_ms=220, end_ms=2000, text="Salt & <pepper>"),
    Cue(start_ms=2000, end_ms=3500, text="two\n\nlines --> one"),
    Cue(start_ms=3_723_004, text="late 样例"),
]


def told_by(cues: list[Cue]) -> list[tuple[int | None, int | None, str | None]]:
    return [(cue.start_ms, cue.end_ms, cue.text) for cue in cues]


def test_plain_text() -> None:
    assert subtitle_file(CUES, "txt") == "Salt & <pepper>\ntwo\n\nlines --> one\nlate 样例\n"
    assert subtitle_file([], "txt") == "\n"


def test_webvtt_is_read_as_it_was() -> None:
    read = told_by(file_cues(subtitle_file(CUES, "vtt").encode()))
    assert read == [
        (220, 2000, "Salt & <pepper>"),
        (2000, 3500, "two\nlines --> one"),
        (3_723_004, 3_726_004, "late 样例"),
    ]


def test_subrip() -> None:
    assert subtitle_file(CUES[:2], "srt") == (
        "1\n00:00:00,220 --> 00:00:02,000\nSalt & <pepper>\n\n2\n00:00:02,000 --> 00:00:03,500\ntwo\nlines → one\n\n"
    )


@pytest.mark.parametrize("form", ["srt", "vtt"])
def test_ffmpeg_reads_them(tmp_path: Path, form: str) -> None:
    (tmp_path / f"cues.{form}").write_text(subtitle_file(CUES, form), "utf-8")
    with av.open(str(tmp_path / f"cues.{form}")) as file:
        packets = [packet for packet in file.demux() if packet.size]
    times = [round(packet.pts * packet.time_base * 1000) for packet in packets]
    assert times == [220, 2000, 3_723_004] and [bytes(packet) for packet in packets][2].decode() == "late 样例"


@pytest.mark.parametrize("form", FORMATS)
def test_a_subtitle_without_cues(form: str) -> None:
    assert subtitle_file([], form).strip() in ("", "WEBVTT")


def test_times_that_are_not_known() -> None:
    cues = [Cue(text="a"), Cue(text="b", start_ms=1000), Cue(text="c", start_ms=1500, end_ms=9), Cue(text="d"), Cue()]
    read = told_by(file_cues(subtitle_file(cues, "srt").encode()))
    assert read == [(0, 1000, "a"), (1000, 1500, "b"), (1500, 4500, "c"), (4500, 7500, "d")]


def made(number: int, at_ms: int | None, text: str | None = "a", **fields: object) -> Danmaku:
    return Danmaku(danmaku_id=str(number), at_ms=at_ms, text=text, meta=meta_for(Danmaku, "p", str(number)), **fields)


def test_xml_is_read_as_it_was() -> None:
    flown = [
        made(2, 61_500, 'x < y & "z"\x08', mode=5, font_size=18, color=0xFF0000, create_time=17, pool=1, weight=3),
        made(1, 0, "样", sender_hash="abc"),
        made(3, None, None),
    ]
    read = reader.read("".join(danmaku_xml(flown, "25")).encode())
    assert read["most"] == 3
    first, second, third = read["elems"]
    assert (first["idStr"], first["content"], first["midHash"], first["progress"]) == ("1", "样", "abc", 0)
    assert (second["idStr"], second["progress"], second["content"]) == ("3", 0, "")
    expected = {"mode": "5", "fontsize": "18", "color": "16711680", "ctime": "17", "pool": "1", "weight": "3"}
    assert {name: third[name] for name in expected} == expected
    assert (third["progress"], third["content"]) == (61_500, 'x < y & "z"')


EVENT = re.compile(r"Dialogue: 0,(\d):(\d\d):(\d\d)\.(\d\d),(\d):(\d\d):(\d\d)\.(\d\d),Danmaku,,0,0,0,,\{([^}]*)\}(.*)")


def events(text: str) -> list[tuple[float, float, str, str]]:
    """Return start and end in seconds, the tags and the text of each line."""
    found_events = []
    for line in text.splitlines():
        if match := EVENT.fullmatch(line):
            h, m, s, c, h2, m2, s2, c2 = map(int, match.groups()[:8])
            found_events.append(
                (h * 3600 + m * 60 + s + c / 100, h2 * 3600 + m2 * 60 + s2 + c2 / 100, *match.groups()[8:])
            )
    return found_events


def wide(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def box(event: tuple[float, float, str, str], at: float) -> tuple[float, float, float, float]:
    """Return where a text is at a time: left, top, right and bottom, at the default size of 50 pixels."""
    start, end, tags, text = event
    width, height = wide(text) * 25, 50
    if move := re.match(r"\\move\((-?\d+),(\d+),(-?\d+),\d+\)", tags):
        x1, y, x2 = map(int, move.groups())
        left = x1 + (x2 - x1) * (at - start) / (end - start)
        return left, y, left + width, y + height
    number, x, y = map(int, re.match(r"\\an(\d)\\pos\((\d+),(\d+)\)", tags).groups())
    top = y if number == 8 else y - height
    return x - width / 2, top, x + width / 2, top + height


def touch(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    is_near = one[0] < other[2] - 1 and other[0] < one[2] - 1
    return is_near and one[1] < other[3] and other[1] < one[3]


LENGTHS = ["a", "样例", "long " * 12, "长" * 30]


@pytest.mark.parametrize("seed", range(4))
def test_no_text_runs_into_another(seed: int) -> None:
    """Those at the top or bottom are a layer of their own, as in players."""
    dice = Random(seed)
    flown = [
        made(number, dice.randrange(20_000), dice.choice(LENGTHS), mode=dice.choice([1, 1, 1, 4, 5, 6]))
        for number in range(250)
    ]
    ass = danmaku_ass(flown)
    shown = events(ass.text)
    assert len(shown) + ass.left_out == len(flown) and len(shown) > 60
    for one, other in combinations(shown, 2):
        begin, end = max(one[0], other[0]), min(one[1], other[1])
        if one[2][:4] == other[2][:4] and begin < end:
            for step in range(9):
                at = begin + (end - begin - 0.02) * step / 8 + 0.01
                assert not touch(box(one, at), box(other, at)), (one, other, at)


def test_texts_stay_on_the_screen() -> None:
    ass = danmaku_ass([made(number, 0, mode=mode) for number in range(30) for mode in (1, 4, 5)])
    for event in events(ass.text):
        _, top, _, bottom = box(event, event[0])
        assert top >= 0 and bottom <= 1080
    assert ass.left_out == 90 - len(events(ass.text)) > 0


def test_colors_sizes_and_characters() -> None:
    flown = [
        made(1, 0, "{\\b1}\nx", color=0xFF8000, font_size=36),
        made(2, 1000, "dark", color=0x000010, mode=5),
        made(3, 2000, "[0,0,1]", mode=7),
        made(4, 3000, "  "),
    ]
    ass = danmaku_ass(flown)
    first, second = events(ass.text)
    assert first[3] == "｛＼b1｝\\Nx" and r"\fs72\c&H0080FF&" in first[2]
    assert second[2].endswith(r"\c&H100000&\3c&HFFFFFF&") and second[:2] == (1.0, 5.0)
    assert ass.left_out == 2


def test_ffmpeg_reads_ass(tmp_path: Path) -> None:
    (tmp_path / "flown.ass").write_text(danmaku_ass([made(1, 0), made(2, 61_500, "a, b")]).text, "utf-8")
    with av.open(str(tmp_path / "flown.ass")) as file:
        packets = [packet for packet in file.demux() if packet.size]
    assert [round(packet.pts * packet.time_base * 1000) for packet in packets] == [0, 61_500]
    assert bytes(packets[1]).decode().endswith("}a, b")
