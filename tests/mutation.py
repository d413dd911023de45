"""Ways in which an answer may turn out to be other than it ever was."""

import copy
import json
import random
import re
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
    paths = [path] if path else []
    if isinstance(value, dict):
        for name, item in value.items():
            paths += places(item, (*path, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            paths += places(item, (*path, number))
    return paths


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


_MOST_CHANGES = 3
_RAW = "@raw@"  # stands for what `json` does not write
_DEEP = 20_000
_RAW_VALUES = (
    "9" * 400, "-" + "9" * 400, "9" * 5_000, "1e999", "-1e999", "NaN", "-0", "0.1e-400", "1e400",
    "[" * _DEEP + "]" * _DEEP, '{"a":' * _DEEP + "1" + "}" * _DEEP, "[" * 200 + "]" * 200,
)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 7, 2**31, 2**53 + 1, 2**63, -(2**63), 10**30, 0.0, -0.5, 1.5, 1e18, 1e300,
    "", " ", "0", "-1", "--", ",", "1.2万", "10w+", "９", "00:00", "1:x", "null", "{}", "[]", "{", '{"data":{"a":[]}}',
    "99999999999999999:00:00", "9" * 19, "9" * 400, "<em></em>", "&#0;", "//", "http://", "https://[", "https://a.test",
    "a\u0000b", "\ud800", "a\u2028b\u0085c", "\udfff" * 3, "av0", "BV1L9Uoa9EUx", "二", "x" * 50_000, "{" * 5_000,
    [], {}, [None], [[]], [[{}]], [{}], {"": None}, [1, "a", None], {"data": {}}, [{"id": {}}], ["a"] * 3_000,
)  # fmt: skip
_TOKEN = re.compile(rb':\s*("[^"\\]{0,200}"|-?\d{1,20}|true|false|null)')


def broken(body: bytes, source: random.Random) -> bytes:
    """Return an answer with one to three values changed; one that is no JSON, and now and then any, with odd bytes."""
    data = _decoded(body)
    if data is None or source.random() < 0.08:
        return _cut(body, source)
    raws = [_change(data, source) for _ in range(source.randint(1, _MOST_CHANGES))]
    text = json.dumps(data)
    for raw in filter(None, raws):
        text = text.replace(f'"{_RAW}"', raw, 1)
    return text.encode()


def _decoded(body: bytes) -> Any:
    try:
        decoded = json.loads(body)
    except ValueError:
        return None
    return decoded if isinstance(decoded, dict | list) and decoded else None


def _change(data: Any, source: random.Random) -> str | None:
    """Change one value in place; return the raw JSON that it stands for, if `json` cannot write it."""
    if not data:
        return None
    holder, step = _somewhere(data, source)
    kind, value = source.randrange(8), holder[step]
    if kind == 0:
        holder.pop(step)
    elif kind == 1:
        holder[step] = source.choice(([value], {"data": value}, str(value), [value] * 3))
    elif kind == 2:
        other, place = _somewhere(data, source)
        holder[step] = copy.deepcopy(other[place])
    elif kind == 3 and isinstance(value, str) and value[:1] in ("{", "["):
        holder[step] = broken(value.encode("utf-8", "replace"), source).decode("utf-8", "replace")
    elif kind == 4:
        holder[step] = _RAW
        return source.choice(_RAW_VALUES)
    else:
        holder[step] = copy.deepcopy(source.choice(_VALUES))
    return None


def _somewhere(data: Any, source: random.Random) -> tuple[Any, Any]:
    """Return a place in the answer, as a holder and a step: a way down at random reaches the small parts too."""
    holder, step = data, None
    while True:
        step = source.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        below = holder[step]
        if not isinstance(below, dict | list) or not below or source.random() < 0.1:
            return holder, step
        holder = below


def _cut(body: bytes, source: random.Random) -> bytes:
    """Return bytes with a value replaced, a piece lost, twice or odd, or with their end missing."""
    tokens = list(_TOKEN.finditer(body))
    if tokens and source.random() < 0.6:
        start, end = source.choice(tokens).span(1)
        new = source.choice((*_RAW_VALUES, json.dumps(source.choice(_VALUES)))).encode()
        return body[:start] + new + body[end:]
    start = source.randrange(len(body) + 1)
    end = min(len(body), start + source.choice((1, 8, 200)))
    piece = source.choice((b"", body[start:end] * 2, b"\x00", b"\xff\xfe", b'"', b"}", "\u2028".encode(), b"&#28;&<"))
    return body[:start] if source.random() < 0.2 else body[:start] + piece + body[end:]
