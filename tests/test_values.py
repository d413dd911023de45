"""Reading what cannot be trusted: any value in, the asked type or None out."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.responses import values
from scraper.responses.values import MissingError
from tests.mutation import ODD

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
ANY: Any = JSON | ODD
_LARGEST = 2**63 - 1


@given(ANY)
def test_a_whole_number_fits_a_database(value: Any) -> None:
    for function in (values.integer, values.count, values.rank, values.seconds, values.duration_ms):
        result = function(value)
        assert result is None or (type(result) is int and abs(result) <= _LARGEST)
        assert function is values.integer or result is None or result >= 0
    assert values.rank(value) != 0 and values.seconds(value) != 0 and values.duration_ms(value) != 0


@given(ANY)
def test_a_text_is_never_empty(value: Any) -> None:
    for function in (values.text, values.title, values.ident, values.url):
        result = function(value)
        assert result is None or (isinstance(result, str) and result)
    assert values.url(value) is None or values.url(value).startswith("https://")
    assert values.flag(value) in (True, False, None) and isinstance(values.is_rounded(value), bool)


@given(ANY, st.text("ab.0123", max_size=8))
def test_any_path_leads_to_a_value_or_the_default(value: Any, path: str) -> None:
    result = values.dig(value, path, default=7)
    assert result is not None
    assert values.dig({"a": [value]}, "a.0", default=7) == (7 if value is None else value) or value != value


@given(ANY)
def test_an_object_or_a_list_of_objects(value: Any) -> None:
    assert isinstance(values.obj(value), dict) and all(isinstance(item, dict) for item in values.objs(value))


@given(st.integers(0, _LARGEST))
def test_a_count_may_come_as_a_text(number: int) -> None:
    assert values.count(number) == number and values.integer(str(number)) == number
    if number < 2**53:
        assert values.count(str(number)) == values.count(f"{number:,}") == number


@pytest.mark.parametrize(
    "value, count, rounded",
    [
        ("1.2万", 12_000, True), ("10w+", 100_000, True), ("3亿", 300_000_000, True), ("1.5k", 1_500, True),
        ("2M", 2_000_000, True), ("12", 12, False), ("1,234", 1_234, False), (7.0, 7, False), (7.5, None, False),
        ("--", None, False), ("", None, False), ("-1", None, False), (",", None, False), ("万", None, False),
        (-1614092016, None, False), (True, None, False),
    ],
)  # fmt: skip
def test_counts(value: Any, count: int | None, rounded: bool) -> None:
    assert (values.count(value), values.is_rounded(value)) == (count, rounded)


def test_what_is_needed_is_named() -> None:
    assert values.need(0, "a.b") == 0
    with pytest.raises(MissingError, match=r"a\.b"):
        values.need(None, "a.b")


@given(st.integers(0, _LARGEST) | st.none())
def test_a_known_number_can_be_written(number: int | None) -> None:
    assert msgspec.json.decode(msgspec.json.encode(values.count(number))) == number
