"""File names of media: safe on every file system, unique, and never outside the folder.

The oracle below is written from the rules of NTFS, HFS+, APFS, exFAT and ext4, not from the code.
"""

import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.media.names import DEFAULT_TEMPLATE, NameTemplate, NameValues, cut, folded
from scraper.responses.exceptions import ArgumentError

WINDOWS_DEVICES = (
    "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "COM0", "COM1", "COM9", "COM¹", "LPT1", "LPT9", "LPT³",
)  # fmt: skip
PIECES = st.sampled_from((
    "..", "/", "\\", "a", "é", "e\u0301", "样", "👩\u200d👧", "🇩🇪", "\u202e", "\u2066", "\x00", ".", ":", "~", "\ud83d",
    "\u200b", "\ufeff", "\ue000", "\U000e0041", "|", "?", "*", "CON", "nul", "{id}", " ", "\n", "\u2028", "\x7f",
))  # fmt: skip
TEXTS = st.one_of(st.text(max_size=400), st.lists(PIECES, max_size=200).map("".join), st.sampled_from(WINDOWS_DEVICES))
VALUES = st.builds(
    NameValues,
    platform=st.sampled_from(["one", "two"]),
    id=TEXTS,
    role=st.sampled_from(["video", "image", "cover", "music"]),
    ext=st.sampled_from(["mp4", "JPG", "", "a/b", "../x", "m4a"]),
    rank=st.none() | st.integers(1, 2000),
    author=st.none() | TEXTS,
    title=st.none() | TEXTS,
    create_time=st.none() | st.integers(-(10**15), 10**15),
)
TEMPLATES = st.sampled_from(
    [
        DEFAULT_TEMPLATE,
        "{id}.{ext}",
        "{author}/{title}/{id}.{ext}",
        "by {author}/{id}.{ext}",
        "{title} ({author}) {id}.{ext}",
        "{id}{title}.{ext}",
    ]
)


def wrong_on_some_system(part: str) -> str:
    """Say what a file system would refuse or change about one part of a path."""
    stem = part.split(".")[0].rstrip(" ").upper()
    if stem in WINDOWS_DEVICES or (stem[:3] in ("COM", "LPT") and stem[3:] in tuple("0123456789¹²³")):
        return "a device of Windows"
    if not part or part in (".", "..") or part[-1] in " ." or part[0] == " ":
        return "empty, a parent, or with an end that Windows removes"
    if set(part) & set('<>:"/\\|?*') or any(ord(char) < 32 or ord(char) == 127 for char in part):
        return "a forbidden character"
    if any(unicodedata.category(char) in ("Cc", "Cs", "Cn") for char in part):
        return "a control, half a pair, or a character that APFS does not know"
    if any(
        unicodedata.bidirectional(char) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        for char in part
    ):
        return "a character that reverses the text"
    if len(part.encode()) + len(".part") > 255:
        return "too long"
    return ""


@settings(max_examples=200, deadline=None)
@given(TEMPLATES, VALUES)
def test_every_system_takes_every_name_as_it_is(template: str, values: NameValues) -> None:
    for path in NameTemplate(template).candidates(values):
        assert [wrong_on_some_system(part) for part in path.parts] == [""] * len(path.parts), path
        assert len(path.parts) == template.count("/") + 1
        windows = PureWindowsPath(str(path))
        assert not path.is_absolute() and not windows.is_absolute() and not windows.drive


@settings(max_examples=50, deadline=None)
@given(TEMPLATES, VALUES)
def test_files_are_made_inside_the_folder(
    tmp_path_factory: pytest.TempPathFactory, template: str, values: NameValues
) -> None:
    folder = tmp_path_factory.mktemp("media")
    for path in NameTemplate(template).candidates(values):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
        assert file.resolve().is_relative_to(folder.resolve())
        assert file.name in {entry.name for entry in file.parent.iterdir()}


@settings(max_examples=100, deadline=None)
@given(TEMPLATES, VALUES, VALUES)
def test_two_files_never_share_a_path(template: str, one: NameValues, other: NameValues) -> None:
    """With the second form for the one that came later, as `candidates` says."""
    if (one.platform, one.id, one.role, one.rank) == (other.platform, other.id, other.role, other.rank):
        return
    names = NameTemplate("{platform}/" + template)
    first = folded(next(names.candidates(one)))
    later = [folded(path) for path in names.candidates(other)]
    assert next(path for path in later if path != first)


@pytest.mark.parametrize(
    "idents", [("BV1aa411C7xX", "BV1AA411c7Xx"), ("é", "e\u0301"), ("a" * 300 + "1", "a" * 300 + "2")]
)
def test_ids_that_a_system_takes_for_one_get_two_paths(idents: tuple[str, str]) -> None:
    names = NameTemplate("{id}.{ext}")
    one, other = ([*names.candidates(NameValues("p", ident, "video", "mp4"))] for ident in idents)
    assert folded(one[0]) != folded(other[1]) != folded(one[1])


def test_ids_that_are_cleaned_or_cut_stay_apart() -> None:
    idents = ["a/b", "a_b", "a:b", "", ".", "x" * 100 + "1", "x" * 100 + "2"]
    paths = [next(NameTemplate("{id}.{ext}").candidates(NameValues("p", ident, "video", "mp4"))) for ident in idents]
    assert len(set(paths)) == len(idents)


def test_cases_and_compositions_are_one_path() -> None:
    assert folded(PurePosixPath("STRASSE/Ä\u200d.mp4")) == folded(PurePosixPath("straße/A\u0308.MP4"))


def test_files_of_one_post_differ() -> None:
    names = NameTemplate(DEFAULT_TEMPLATE)
    files = [
        ("video", None, "mp4"),
        ("cover", None, "jpg"),
        ("image", 1, "jpg"),
        ("image", 2, "jpg"),
        ("video", 2, "mp4"),
    ]
    values = [NameValues("p", "7", role, ext, rank, "A", "T", 1793000000) for role, rank, ext in files]
    paths = [str(next(names.candidates(of_file))) for of_file in values]
    assert paths == [
        f"p/A/2026-10-26_7_T{end}" for end in (".mp4", "_cover.jpg", "_image_01.jpg", "_image_02.jpg", "_02.mp4")
    ]


def test_the_template_may_place_role_and_rank() -> None:
    names = NameTemplate("{role}/{rank}/{id}.{ext}")
    assert str(next(names.candidates(NameValues("p", "7", "image", "jpg", 12)))) == "image/12/7.jpg"


@pytest.mark.parametrize(
    ("values", "path"),
    [
        (NameValues("p", "7", "video", "mp4"), "p/unknown/7.mp4"),
        (NameValues("p", "7", "video", "mp4", title="only"), "p/unknown/7_only.mp4"),
        (NameValues("p", "7", "video", "mp4", author="NUL", title="../../etc/passwd"), "p/NUL_/7__.._etc_passwd.mp4"),
        (NameValues("p", "7", "video", "exe/../", author="..", title="\n \u202egp4.exe"), "p/unknown/7_gp4.exe.bin"),
    ],
)
def test_missing_and_hostile_values(values: NameValues, path: str) -> None:
    assert str(next(NameTemplate(DEFAULT_TEMPLATE).candidates(values))) == path


GRAPHEMES = ["a", "样", "é", "👩\u200d👩\u200d👧\u200d👦", "🇩🇪", "👍🏽", "क्षि", "각", "n\u0303\u0301", "❤\ufe0f"]


@given(st.lists(st.sampled_from(GRAPHEMES), min_size=1, max_size=60), st.integers(0, 200))
def test_a_cut_splits_no_character(graphemes: list[str], size: int) -> None:
    kept = cut("".join(graphemes), size)
    assert len(kept.encode()) <= size or not kept
    whole, used = "", 0
    for grapheme in graphemes:
        used += len(grapheme.encode())
        whole += grapheme if used <= size else ""
    assert kept == whole or not whole


def test_the_id_survives_a_long_title() -> None:
    name = next(
        NameTemplate("{title}_{id}.{ext}").candidates(NameValues("p", "7300", "image", "jpg", 3, title="样" * 500))
    )
    assert name.name.startswith("样样") and name.name.endswith("样_7300_image_03.jpg")
    assert 230 < len(name.name.encode()) <= 240


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{platform}/{titel}_{id}.{ext}", r"unknown placeholder \{titel\}; did you mean \{title\}\?"),
        ("{platform}/{title}.{ext}", r"needs \{id\}"),
        ("{id}/{title}.{ext}", r"needs \{id\}"),
        ("{platform}/{id}", r"must end in \.\{ext\}"),
        ("{ext}/{id}.{ext}", r"only at its end"),
        ("{id!r}.{ext}", "without a format"),
        ("{id:>9}.{ext}", "without a format"),
        ("{id}{id}.{ext}", "once"),
        ("{id.__class__}.{ext}", "unknown placeholder"),
        ("{}{id}.{ext}", "unknown placeholder"),
        ("{id.{ext}", "MEDIA_NAME: expected"),
        *(
            (f"{part}{{id}}.{{ext}}", "no valid name")
            for part in ("../", "/", "a//", "./", "a:/", "C:\\", "nul/", "a /", "a./", "\x00/", "x" * 300)
        ),
    ],
)
def test_a_wrong_template_is_refused_at_the_start(template: str, reason: str) -> None:
    with pytest.raises(ArgumentError, match=reason) as refused:
        NameTemplate(template)
    assert "MEDIA_NAME" in str(refused.value)


def test_braces_can_be_literal(tmp_path: Path) -> None:
    assert str(next(NameTemplate("{{x}}/{id}.{ext}").candidates(NameValues("p", "7", "video", "mp4")))) == "{x}/7.mp4"
