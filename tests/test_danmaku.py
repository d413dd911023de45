"""Bilibili's danmaku out of the bytes that hold them: a body costs no more than what is broken in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.bilibili import danmaku, protobuf
from tests.simulator import protobuf as simulated

NUMBERS = st.integers(-(2**63), 2**63 - 1).filter(bool)
VALUES = st.one_of(NUMBERS, st.binary(max_size=40))
FIELDS = st.lists(st.tuples(st.integers(1, 2**20), VALUES), max_size=12)
TEXTS = st.lists(
    st.fixed_dictionaries(
        {"idStr": st.from_regex(r"[1-9][0-9]{0,17}", fullmatch=True), "progress": st.integers(0, 2**31 - 1),
         "content": st.text(max_size=20)}
    ),
    max_size=8,
)  # fmt: skip


def body_of(texts: list[dict[str, object]], more: list[tuple[int, int | bytes]]) -> bytes:
    """A segment with these texts, each with fields that nobody knows."""
    unknown = [(number + 1000, value) for number, value in more]
    elems = [
        (1, simulated.message([*unknown, (2, text["progress"]), (7, text["content"]), (12, text["idStr"])]))
        for text in texts
    ]
    return simulated.message([*unknown, *elems, *unknown])


@given(FIELDS)
def test_a_message_is_read_as_it_was_written(given_: list[tuple[int, int | bytes]]) -> None:
    assert list(protobuf.fields(simulated.message(given_))) == given_


@given(TEXTS, FIELDS)
def test_fields_that_nobody_knows_are_passed_over(
    texts: list[dict[str, object]], more: list[tuple[int, int | bytes]]
) -> None:
    data = danmaku.read(body_of(texts, more)) if body_of(texts, more)[:1] != b"<" else {"elems": texts}
    assert [{name: elem.get(name, "") for name in ("idStr", "progress", "content")} for elem in data["elems"]] == texts


@given(TEXTS.filter(bool), st.data())
def test_what_is_cut_short_is_refused_or_holds_its_beginning(
    texts: list[dict[str, object]], data: st.DataObject
) -> None:
    whole = body_of(texts, [])
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    try:
        elems = danmaku.read(cut)["elems"]
    except ValueError:
        return
    assert elems == danmaku.read(whole)["elems"][: len(elems)] and len(elems) < len(texts)


@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    try:
        data = danmaku.read(body)
    except ValueError:
        return
    assert isinstance(data["elems"], list)


@pytest.mark.parametrize(
    "body",
    ["0a", "0a05", "0a0568", "08", "ff" * 12, "0b", "00", "09aa", "0daa"],
)
def test_no_message(body: str) -> None:
    with pytest.raises(ValueError):
        list(protobuf.fields(bytes.fromhex(body)))


def test_kinds_of_numbers() -> None:
    body = bytes.fromhex("09" + "01" * 8 + "15" + "02" * 4 + "18ffffffffffffffffff01")
    assert list(protobuf.fields(body)) == [(1, b"\x01" * 8), (2, b"\x02" * 4), (3, -1)]


@pytest.mark.parametrize("body", ["<i>", "<html></html>", "<i><d></i>", '<!DOCTYPE i [<!ENTITY a "b">]><i>&a;</i>'])
def test_no_xml_of_danmaku(body: str) -> None:
    with pytest.raises(ValueError):
        danmaku.read(body.encode())


@given(st.text(max_size=20))
def test_an_xml_of_any_text(text: str) -> None:
    shown = "".join(character for character in text if character.isprintable() and character not in "<>&")
    data = danmaku.read(f'<i><maxlimit>5</maxlimit><d p="1.5,1,25,7,9,0,ab,3,1">{shown}\x08</d></i>'.encode())
    [element] = data["elems"]
    assert (element["content"], element["progress"], element["idStr"], data["most"]) == (shown, 1500, "3", 5)
