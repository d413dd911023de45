"""Ways in which an answer may turn out to be other than it ever was."""

import copy
from typing import Any

from hypothesis import strategies as st

ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 1, 2**31, 2**53 + 1, 2**62, 2**63, 2**64, -(2**63), 10**30]),
    st.sampled_from(
        [0.0, -0.5, 1.5, 1e18, 1e300, "", " ", "0", "-1", "--", ",", "1.2万", "10w+", "９", "00:00", "1:x"]
    ),
    st.sampled_from(
        [
            "99999999999999999:00:00",
            "<em></em>",
            "&#0;",
            "//",
            "http://",
            "https://[",
            "https://a.test",
            "null",
            "a\u0000b",
        ]
    ),
    st.sampled_from(["9" * 19, "9" * 400, "1/0", "av0", "BV1L9Uoa9EUx", "\ud800", "二"]),
    st.sampled_from([[], {}, [None], [[]], [[{}]], [{}], {"": None}, [1, "a", None], {"data": {}}, [{"id": {}}]]),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value in an answer."""
    found = [path] if path else []
    if isinstance(value, dict):
        for name, each in value.items():
            found += places(each, (*path, name))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            found += places(each, (*path, number))
    return found


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return a copy with another value at a path; where the path is gone by now, the copy is as before."""
    value = copy.deepcopy(value)
    holder = _holder(value, path)
    if holder is not None:
        holder[path[-1]] = new
    return value


def drop(value: Any, path: tuple[Any, ...]) -> Any:
    """Return a copy without what is at a path."""
    value = copy.deepcopy(value)
    holder = _holder(value, path)
    if holder is not None:
        holder.pop(path[-1])
    return value


def _holder(value: Any, path: tuple[Any, ...]) -> Any:
    """Return the object or list that holds the value at a path, or None where there is no such value."""
    for step in path:
        holder = value
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return holder if isinstance(holder, dict | list) else None


@st.composite
def mutated(draw: st.DrawFn, answer: Any, under: tuple[Any, ...] = ()) -> Any:
    """Return an answer with one to three values replaced or dropped.

    :param under: only what lies below this path is touched
    """
    paths = [path for path in places(answer) if path[: len(under)] == under and len(path) > len(under)]
    for path in draw(st.lists(st.sampled_from(paths), min_size=1, max_size=3)):
        answer = drop(answer, path) if draw(st.integers(0, 3)) == 0 else put(answer, path, draw(ODD))
    return answer
