"""Containers of media files: what is in them, and that no file that was cut off is taken for whole."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import numpy
import pytest

from scraper.media import containers
from scraper.media.containers import ContainerError, MediaFile, Track, check, inspect
from scraper.media.remuxing import Tags, join, remux
from scraper.responses.exceptions import ArgumentError
from tests.cases import ROOT
from tests.media_samples import FASTSTART, FRAGMENTED, decoded, made, packet_ends, repeated

TAGS = Tags("Title 样\x00", "Author", "https://site.test/1", 1793000000)
Sample = Callable[..., Path]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("samples")


@pytest.fixture(scope="module")
def sample(folder: Path) -> Sample:
    """Make a file, each only once."""
    files: dict[str, Path] = {}

    def get(name: str, *args: object, **kwargs: object) -> Path:
        if name not in files:
            files[name] = made(folder / name, *args, **kwargs)
        return files[name]

    return get


def is_faststart(path: Path) -> bool:
    content = path.read_bytes()
    return content.index(b"moov") < content.index(b"mdat")


@pytest.mark.parametrize("picture", ["libx264", "libx265", "libsvtav1"])
@pytest.mark.parametrize("sound", ["aac", "libopus", "flac", "libmp3lame"])
def test_picture_and_sound_become_one_file(sample: Sample, tmp_path: Path, picture: str, sound: str) -> None:
    video = sample(f"{picture}.m4s", picture, options=FRAGMENTED)
    audio = sample(f"{sound}.m4s", "", sound, options=FRAGMENTED)
    media = remux(video, audio, tmp_path / "out.part", TAGS, 3000)
    assert media.container == "mp4" and is_faststart(tmp_path / "out.part")
    assert [track.kind for track in media.tracks] == ["video", "audio"]
    assert media.tracks[0].codec == {"libx264": "h264", "libx265": "h265", "libsvtav1": "av1"}[picture]
    assert media.tracks[1].codec == {"libopus": "opus", "libmp3lame": "mp3"}.get(sound, sound)
    for path, kind in ((video, "video"), (audio, "audio")):
        before, after = decoded(path, kind), decoded(tmp_path / "out.part", kind)
        assert len(after) >= len(before) - 1  # a lead-in of the sound is cut
        assert numpy.array_equal(after[-1], before[-1])
    assert numpy.array_equal(decoded(tmp_path / "out.part", "video")[0], decoded(video, "video")[0])


def test_codecs_that_mp4_may_not_contain_become_matroska(sample: Sample, tmp_path: Path) -> None:
    video = sample("vp8.webm", "libvpx", form="webm")
    media = remux(video, sample("aac.m4s", "", "aac", options=FRAGMENTED), tmp_path / "out", TAGS, 3000)
    assert (media.container, [track.codec for track in media.tracks]) == ("mkv", ["vp8", "aac"])
    assert len(decoded(tmp_path / "out", "video")) == 75
    with av.open(str(tmp_path / "out")) as file:
        assert {name.lower(): value for name, value in file.metadata.items()}["title"] == "Title 样"


def test_the_file_says_what_its_post_was(sample: Sample, tmp_path: Path) -> None:
    remux(sample("both.mp4", "libx264", "aac"), None, tmp_path / "out", TAGS)
    with av.open(str(tmp_path / "out")) as file:
        assert (file.metadata["title"], file.metadata["artist"]) == ("Title 样", "Author")
        assert file.metadata["comment"] == "https://site.test/1"
        assert file.metadata["date"].startswith("2026-10-26")


def test_without_tags_it_says_nothing(sample: Sample, tmp_path: Path) -> None:
    remux(sample("both.mp4", "libx264", "aac"), None, tmp_path / "out", Tags())
    with av.open(str(tmp_path / "out")) as file:
        assert not {"title", "artist", "comment", "date"} & set(file.metadata)


def test_apple_players_know_the_tag_of_h265(sample: Sample, tmp_path: Path) -> None:
    remux(sample("libx265.m4s", "libx265", options=FRAGMENTED), None, tmp_path / "out", TAGS, kinds=["video"])
    assert b"hvc1" in (tmp_path / "out").read_bytes()


def test_what_is_in_a_file(sample: Sample) -> None:
    media = inspect(sample("both.mp4", "libx264", "aac"))
    video, audio = media.tracks
    assert (media.container, video.codec, video.width, video.height) == ("mp4", "h264", 64, 48)
    assert (audio.codec, audio.channels) == ("aac", 2)
    assert abs(video.duration_ms - 3000) <= 40 and abs(audio.duration_ms - 3000) <= 40


@pytest.mark.parametrize(
    ("form", "sound", "container"),
    [("mp3", "libmp3lame", "mp3"), ("flac", "flac", "flac"), ("webm", "libopus", "mkv"), ("ipod", "aac", "mp4")],
)
def test_sounds_alone(sample: Sample, form: str, sound: str, container: str) -> None:
    media = inspect(sample(f"sound.{form}", "", sound, form=form))
    assert (media.container, len(media.tracks)) == (container, 1)
    assert abs(media.duration_ms - 3000) <= 60
    with pytest.raises(ContainerError, match="has no video, but the post has"):
        check(media, "x", 3000, ["video", "audio"])


FORMS = {
    "index first": ("mp4", FASTSTART),
    "index last": ("mp4", {}),
    "fragments": ("mp4", FRAGMENTED),
    "flv": ("flv", {}),
    "matroska": ("matroska", {}),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6])
@pytest.mark.parametrize("shift", [0, 7, -1], ids=["border", "mid packet", "one byte less"])
def test_a_file_that_was_cut_off_is_an_error(
    sample: Sample, tmp_path: Path, form: str, share: float, shift: int
) -> None:
    name, options = FORMS[form]
    whole = sample(f"whole.{form}", "libx264", "aac", seconds=4, form=name, options=options)
    ends = packet_ends(whole)
    (cut := tmp_path / "cut.mp4").write_bytes(whole.read_bytes()[: ends[int(len(ends) * share)] + shift])
    with pytest.raises(ContainerError, match=r"cut\.mp4 is (cut off|no media file|damaged)"):
        inspect(cut)
    with pytest.raises(ContainerError):
        remux(cut, None, tmp_path / "out", TAGS, 4000)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("form", ["index first", "index last", "fragments", "flv"])
def test_the_last_byte_is_missed(sample: Sample, tmp_path: Path, form: str) -> None:
    """Nothing else than the length of the file says so: its duration is right within a second."""
    name, options = FORMS[form]
    whole = sample(f"whole.{form}", "libx264", "aac", seconds=4, form=name, options=options)
    (cut := tmp_path / "cut").write_bytes(whole.read_bytes()[: packet_ends(whole)[-1] - 1])
    with pytest.raises(ContainerError, match="cut off"):
        inspect(cut)


def test_the_error_names_both_durations(sample: Sample, tmp_path: Path) -> None:
    whole = sample("whole.fragments", "libx264", "aac", seconds=4, options=FRAGMENTED)
    (cut := tmp_path / "cut").write_bytes(whole.read_bytes()[: packet_ends(whole)[100]])
    with pytest.raises(ContainerError, match=r"cut is cut off: its \w+ ends after [12]\.\d s instead of [34]\.\d s"):
        inspect(cut)


def test_a_sound_that_was_cut_off_is_an_error(sample: Sample, tmp_path: Path) -> None:
    """Even if the picture is whole, and the sound's file ends at the border of a fragment."""
    video = sample("libx264.m4s", "libx264", options=FRAGMENTED)
    audio = sample("aac.m4s", "", "aac", options=FRAGMENTED)
    content = audio.read_bytes()
    (cut := tmp_path / "cut.m4s").write_bytes(content[: content.index(b"moof", len(content) // 2) - 4])
    with pytest.raises(ContainerError, match=r"cut\.m4s is cut off: its audio ends after 1\.\d s instead of 3\.0 s"):
        remux(video, cut, tmp_path / "out", TAGS, 3000)
    assert not (tmp_path / "out").exists()


def test_an_end_of_zeros_is_an_error(sample: Sample, tmp_path: Path) -> None:
    """What a file has whose space was reserved, but whose end never came."""
    content = sample("whole.index first", "libx264", "aac", seconds=4, options=FASTSTART).read_bytes()
    (tmp_path / "zeros").write_bytes(content[:-5000] + bytes(5000))
    with pytest.raises(ContainerError, match="is empty"):
        inspect(tmp_path / "zeros")


@pytest.mark.parametrize(
    "content",
    [b"", b"<html><body>403</body></html>", b'{"code": -404}', b"\xff\xd8\xff\xe0 not a picture", bytes(1000)],
    ids=["nothing", "html", "json", "jpeg", "zeros"],
)
def test_what_is_no_media_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "page.mp4").write_bytes(content)
    with pytest.raises(ContainerError, match=r"page\.mp4 is no media file that can be read"):
        inspect(tmp_path / "page.mp4")


@pytest.mark.parametrize("script", ["#EXTM3U\n#EXTINF:3,\n{}\n#EXT-X-ENDLIST\n", "ffconcat version 1.0\nfile '{}'\n"])
def test_a_playlist_opens_no_other_file(sample: Sample, tmp_path: Path, script: str) -> None:
    whole = sample("both.mp4", "libx264", "aac")
    for name in ("video.mp4", "video.m3u8", "video.ffconcat"):
        (tmp_path / name).write_text(script.format(whole))
        with pytest.raises(ContainerError, match="no media file"):
            inspect(tmp_path / name)


def test_names_are_no_protocols_or_patterns(sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = Path("data:a%03d.mp4")
    name.write_bytes(sample("both.mp4", "libx264", "aac").read_bytes())
    assert remux(name, None, Path("file:b%d"), TAGS).duration_ms > 2900
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data:a%03d.mp4", "file:b%d"]


@pytest.mark.parametrize(("real", "is_right"), [(9000, True), (11000, True), (8999, False), (11001, False)])
def test_a_second_more_or_less_is_right(real: int, is_right: bool) -> None:
    media = MediaFile("mp4", (Track("video", "h264", real), Track("audio", "aac", real - 500)))
    if is_right:
        check(media, "x", 10_000, ["video", "audio"])
    else:
        with pytest.raises(ContainerError, match=rf"{real / 1000:.1f} s.*10\.0 s"):
            check(media, "x", 10_000, ["video", "audio"])


def test_a_missing_track_is_an_error(sample: Sample, tmp_path: Path) -> None:
    silent = sample("libx264.m4s", "libx264", options=FRAGMENTED)
    with pytest.raises(ContainerError, match="has no audio, but the post has"):
        remux(silent, None, tmp_path / "out", TAGS, 3000)
    assert remux(silent, None, tmp_path / "out", TAGS, 3000, ["video"]).track("audio") is None
    with pytest.raises(ContainerError, match=r"libx264\.m4s has no audio"):
        remux(silent, silent, tmp_path / "out", TAGS, 3000)


def test_segments_are_joined(sample: Sample, tmp_path: Path) -> None:
    segments = [sample(f"segment{number}.flv", "libx264", "aac", 2, "flv") for number in range(3)]
    media = join(segments, tmp_path / "out", TAGS, 6000)
    assert media.container == "mp4" and is_faststart(tmp_path / "out")
    frames = decoded(tmp_path / "out", "video")
    assert len(frames) == 150
    assert numpy.array_equal(frames[0], frames[100])
    assert numpy.array_equal(frames[-1], decoded(segments[0], "video")[-1])
    assert abs(len(decoded(tmp_path / "out", "audio")) - 6 * 48_000 / 1024) <= 4


OTHERWISE = {
    "libx264": {"x264-params": "cabac=0:ref=1:8x8dct=0:bframes=0"},
    "libx265": {"x265-params": "ctu=16:bframes=0:log-level=none"},
}


@pytest.mark.parametrize("picture", OTHERWISE)
def test_segments_that_were_encoded_differently_can_be_played(sample: Sample, tmp_path: Path, picture: str) -> None:
    one = sample(f"one.{picture}", picture, "aac", 2)
    other = sample(f"other.{picture}", picture, "aac", 2, encoding=OTHERWISE[picture])
    join([one, other, one], tmp_path / "out", TAGS, 6000)
    frames = decoded(tmp_path / "out", "video")
    assert len(frames) == 150
    for place, path in ((0, one), (50, other), (100, one)):
        before = decoded(path, "video")
        assert all(numpy.array_equal(frames[place + number], before[number]) for number in (0, 25, 49))


def test_segments_of_different_videos_are_not_joined(sample: Sample, tmp_path: Path) -> None:
    one, other = sample("one.libx264", "libx264", "aac", 2), sample("one.libx265", "libx265", "aac", 2)
    with pytest.raises(ContainerError, match=r"cannot be joined to one\.libx264: it has other tracks"):
        join([one, other], tmp_path / "out", TAGS)
    with pytest.raises(ContainerError, match="other tracks"):
        join([one, sample("libx264.m4s", "libx264", options=FRAGMENTED)], tmp_path / "out", TAGS)


def test_a_segment_that_was_cut_off_is_an_error(sample: Sample, tmp_path: Path) -> None:
    segments = [sample(f"segment{number}.flv", "libx264", "aac", 2, "flv") for number in range(2)]
    (cut := tmp_path / "cut.flv").write_bytes(segments[1].read_bytes()[: packet_ends(segments[1])[60]])
    with pytest.raises(ContainerError, match=r"cut\.flv is cut off: its \w+ ends after 0\.\d s instead of 2\.\d s"):
        join([segments[0], cut], tmp_path / "out", TAGS)
    assert not (tmp_path / "out").exists()


def test_a_missing_segment_is_an_error(sample: Sample, tmp_path: Path) -> None:
    segments = [sample(f"segment{number}.flv", "libx264", "aac", 2, "flv") for number in range(2)]
    with pytest.raises(ContainerError, match=r"ends after 4\.\d s instead of 6\.0 s"):
        join(segments, tmp_path / "out", TAGS, 6000)


REMUX = """
import re, sys
from pathlib import Path
from scraper.media.remuxing import Tags, remux
def peak():  # getrusage would include the parent process
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
small, large, out = map(Path, sys.argv[1:])
remux(small, None, out, Tags(), kinds=["video"])
before = peak()
remux(large, None, out, Tags(), kinds=["video"])
print(peak() - before)
"""


def test_memory_is_constant(tmp_path: Path) -> None:
    small, large, out = (tmp_path / name for name in ("small.mp4", "large.mp4", "out"))
    repeated(small, 64, 5)
    repeated(large, 1024, 110)
    command = [sys.executable, "-c", REMUX, small, large, out]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert large.stat().st_size > 235_000_000 and abs(large.stat().st_size - out.stat().st_size) < 100_000
    assert int(done.stdout) < 64 * 1024  # KiB


FULL = """
import resource, signal, sys
from pathlib import Path
from scraper.media.remuxing import Tags, remux
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
out = Path(sys.argv[1]).with_name("out")
try:
    remux(Path(sys.argv[1]), None, out, Tags())
except OSError as error:
    print("OSError", out.exists())
"""


def test_a_full_disk_is_an_error_of_the_system(sample: Sample, tmp_path: Path) -> None:
    (tmp_path / "video.mp4").write_bytes(sample("both.mp4", "libx264", "aac").read_bytes())
    command = [sys.executable, "-c", FULL, tmp_path / "video.mp4"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["OSError", "False"]


def test_pyav_is_imported_on_demand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code = "import sys, scraper.media.remuxing; print('av' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / "x").touch()
    with pytest.raises(ArgumentError, match="pip install av"):
        containers.inspect(tmp_path / "x")
