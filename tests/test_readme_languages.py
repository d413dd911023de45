"""The Chinese README keeps up with the English one: same headings, commands, rows and links."""

import re

import pytest

from tests.cases import ROOT

ENGLISH, CHINESE = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def headings(text: str) -> list[tuple[int, str]]:
    return [(len(marks), words) for marks, words in re.findall(r"^(#+) (.+)$", BLOCK.sub("", text), re.MULTILINE)]


def code(text: str) -> list[tuple[str, str]]:
    """Return the blocks without their comments, which are translated."""
    return [(language, re.sub(r" +# .*", "", block)) for language, block in BLOCK.findall(text)]


def links(text: str) -> list[str]:
    others = re.findall(r"\]\(([^)#]+(?:#[^)]+)?)\)", text)
    return [link for link in others if not link.startswith("README")]


def first_cells(text: str) -> list[str]:
    """Return what is in backticks in the first cell of each row of a table."""
    return ["".join(re.findall(r"`[^`]+`", row)) for row in re.findall(r"^\|([^|]*)\|", text, re.MULTILINE)]


def test_the_headings_have_the_same_levels() -> None:
    assert [level for level, _ in headings(CHINESE)] == [level for level, _ in headings(ENGLISH)]


def test_the_commands_are_the_same() -> None:
    assert code(CHINESE) == code(ENGLISH) and len(code(ENGLISH)) > 8


def test_the_tables_have_the_same_rows() -> None:
    assert [name for name in first_cells(CHINESE) if name] == [name for name in first_cells(ENGLISH) if name]
    assert len(first_cells(CHINESE)) == len(first_cells(ENGLISH))


def test_the_links_are_the_same() -> None:
    assert links(CHINESE) == links(ENGLISH)


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_a_link_within_the_page_leads_to_a_heading(text: str) -> None:
    anchors = {re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-") for _, words in headings(text)}
    named = set(re.findall(r"\]\(#([^)]+)\)", text))
    assert named and named <= anchors


def test_both_give_the_same_words_of_code() -> None:
    """A setting, file or command that one page names is in the other one."""
    words = [set(re.findall(r"`([^`]+)`", BLOCK.sub("", text))) for text in (ENGLISH, CHINESE)]
    assert words[0] ^ words[1] == set()
