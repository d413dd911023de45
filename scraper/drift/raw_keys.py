"""Collect the keys of JSON answers, with the types of their values, and the values of those that are codes."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

_MOST_KEYS = 4000  # of one answer's kind, to bound memory
_MOST_SIBLINGS = 150  # an object with more keys is a map
MOST_VALUES = 16  # of a code; with more, it is none
_DEPTH = 12
_ENTRIES = 3  # of each list
_ANY = "*"
_NAME = re.compile(r"[A-Za-z_$][\w$.:-]{0,39}")
_NUMBERED = re.compile(r"\d{4}|[0-9a-f]{12}")
_CODE = re.compile(r"(?:^|_)(?:type|kind|status)$|(?<=[a-z])(?:Type|Kind|Status)$")
_OF_CODES = (int, str, bool)
_LONGEST, _LARGEST_CODE = 24, 1_000_000  # characters of a code, or its value
_TYPES: dict[type, str] = {
    dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number",
}  # fmt: skip


class SeenKey(NamedTuple):
    """What was seen of one key.

    :ivar number: how often it was there
    :ivar types: JSON types of its values, how often each was there; null and empty values have none
    :ivar values: the values of a code as texts; None if it is no code
    :ivar doubtful: those that came with something that the program could not read
    """

    number: int
    types: dict[str, int]
    values: set[str] | None
    doubtful: set[str]


class RawKeys:
    """The keys of the answers of one kind. Keys that look like ids stand together as `*`."""

    def __init__(self) -> None:
        self._root, self._number = _Key(""), 0

    def add(self, value: Any, path: str = "", *, depth: int = _DEPTH, is_doubtful: bool = False) -> None:
        """Note the keys of an object.

        :param path: where it stands in the answer
        :param depth: how many levels of it are read
        :param is_doubtful: whether something in the answer could not be read
        """
        key = self._root
        for name in path.split(".") if path else ():
            for part in (name.removesuffix("[]"), "[]") if name.endswith("[]") else (name,):
                child = key.children.get(part) or self._child(key, part)
                if child is None:
                    return
                key = child
        self._add(key, value, depth, is_doubtful)

    def paths(self) -> Iterator[tuple[str, SeenKey]]:
        """Yield each key with its path, such as `items[].counts.likes`."""
        keys = [("", self._root)]
        while keys:
            path, key = keys.pop()
            if path and key.number:
                yield path, key.seen()
            for name, child in key.children.items():
                below = f"{path}[]" if name == "[]" else f"{path}.{name}" if path else name
                keys.append((below, child))

    def _add(self, start: "_Key", value: Any, levels: int, is_doubtful: bool) -> None:
        """Note all keys below one. It is a loop, since it runs for thousands of values."""
        left = [(start, value, levels)]
        while left:
            key, value, levels = left.pop()
            key.number += 1
            if value is None or value == "" or value == []:
                continue
            kind = type(value)
            name = _TYPES.get(kind, "other")
            types = key.types
            types[name] = types[name] + 1 if name in types else 1
            if key.values is not None and kind in _OF_CODES:
                key.values.add(value)
                if is_doubtful:
                    key.doubtful.add(value)
            if kind is dict and levels:
                children = key.children
                for inner_name, inner in value.items():
                    child = children[inner_name] if inner_name in children else self._child(key, inner_name)
                    if child is not None:
                        left.append((child, inner, levels - 1))
            elif kind is list and levels:
                child = key.children["[]"] if "[]" in key.children else self._child(key, "[]")
                for entry in value[:: -(-len(value) // _ENTRIES)] if child is not None else ():
                    left.append((child, entry, levels - 1))  # type: ignore[arg-type]  # it is a key

    def _child(self, key: "_Key", name: str) -> "_Key | None":
        """Return the key below another one, None if there are too many."""
        if name != "[]" and (len(key.children) >= _MOST_SIBLINGS or _is_dynamic(name)):
            name = _ANY
        if name not in key.children:
            if self._number >= _MOST_KEYS:
                return None
            self._number += 1
            key.children[name] = _Key(name)
        return key.children[name]


class _Key:
    __slots__ = ("children", "doubtful", "number", "types", "values")

    def __init__(self, name: str):
        self.children: dict[str, _Key] = {}
        self.number = 0
        self.types: dict[str, int] = {}
        self.values: set[object] | None = set() if _CODE.search(name) else None
        self.doubtful: set[object] = set()

    def seen(self) -> SeenKey:
        """Return what was seen of the key. One with many values, or long ones, is no code."""
        is_code = self.values is not None and len(self.values) <= MOST_VALUES and all(map(_is_short, self.values))
        if not is_code:
            return SeenKey(self.number, self.types, None, set())
        return SeenKey(self.number, self.types, set(map(str, self.values or ())), set(map(str, self.doubtful)))


def _is_short(value: object) -> bool:
    return len(value) <= _LONGEST if isinstance(value, str) else isinstance(value, int) and abs(value) < _LARGEST_CODE


def _is_dynamic(name: object) -> bool:
    """Return whether a key is an id, or another value, rather than a name."""
    return not isinstance(name, str) or not _NAME.fullmatch(name) or bool(_NUMBERED.search(name))


def spread(values: Sequence[Any], most: int) -> Sequence[Any]:
    """Return some of many values, evenly spread.

    >>> spread([0, 1, 2, 3, 4, 5], 3), spread([0, 1], 3)
    ([0, 2, 4], [0, 1])
    """
    return values[:: -(-len(values) // most)] if len(values) > most else values
