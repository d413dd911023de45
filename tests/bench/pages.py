"""Pages of real size, made from fixtures: their items, with URLs as long as real ones and fields that nothing reads.

A page is rendered from templates that are split once, so that a server of pages is never what a client waits for.
Paths such as `data:list:0` lead into decoded JSON.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

import msgspec

from tests.cases import FIXTURES

CURSOR, MORE, LAST = "@cursor@", "@more@", "@last@"  # values of `Shape.fixed` that differ from page to page
EMBEDDED = re.compile(r"(?<=>)(?:window\._ROUTER_DATA = )?({.*?})(?=</script>)", re.DOTALL)
_ITEMS = "@items@"
_SIGNATURE = "0123456789abcdef" * 40
_UNREAD = {
    "is_shown": False,
    "kind": 0,
    "label": "",
    "extra": None,
    "log": {"from": "feed", "level": 2, "ids": []},
    "icon": {"uri": "icon", "url_list": ["https://p3-sign.test/icon.jpeg?x-expires=1794700000"], "width": 720},
}
Fill = Callable[[int], object]


class Shape(NamedTuple):
    """What the pages of an endpoint look like.

    :param page: the fixture that shows a page, below tests/fixtures
    :param item: the fixture that shows an item, and the path of the item in it
    :param fills: the pieces of text that tell an item from others, each with its value for an item's number
    :param size: bytes of an item
    :param items: path of the list of items in the page; "" if the page has one item, at the path of `item`
    :param url_length: characters of each URL of an item
    :param fixed: values in the page that differ from the fixture's, by path
    """

    page: str
    item: tuple[str, str]
    fills: Mapping[str, Fill]
    size: int
    items: str = ""
    url_length: int = 0
    fixed: Mapping[str, Any] = {}


class _Template:
    """A text in which some pieces are replaced."""

    def __init__(self, text: str, pieces: Sequence[str]):
        pattern = "|".join(map(re.escape, pieces))
        self._parts = re.split(b"(%s)" % pattern.encode(), text.encode()) if pieces else [text.encode()]

    def filled(self, values: Mapping[bytes, bytes]) -> bytes:
        """Return the text with values in place of the pieces."""
        return b"".join(values.get(part, part) for part in self._parts)


class Pages:
    """Renders the pages of a shape."""

    def __init__(self, shape: Shape):
        file, path = shape.item
        item = _enlarged(at(_fixture(file), path), shape.size, shape.url_length)
        self._fills = {piece.encode(): fill for piece, fill in shape.fills.items()}
        self._item = _Template(_text(item), list(shape.fills))
        around = [f'"{piece}"' for piece in (_ITEMS, CURSOR, MORE, LAST)]
        replaced = {**shape.fixed, shape.items or path: _ITEMS if shape.items else item}
        self._page = _Template(_page(shape.page, replaced), around if shape.items else list(shape.fills))

    def single(self, number: int) -> bytes:
        """Return the page of one item."""
        return self._page.filled(self._values(number))

    def listed(self, numbers: Sequence[int], cursor: int = 0, more: bool = False) -> bytes:
        """Return the page of a list with the items of some numbers.

        :param cursor: of the next page
        :param more: whether there is a next page
        """
        items = b"[%s]" % b",".join(self._item.filled(self._values(number)) for number in numbers)
        around = {_ITEMS: items, CURSOR: b"%d" % cursor, MORE: b"%d" % more, LAST: b"%d" % (not more)}
        return self._page.filled({f'"{piece}"'.encode(): value for piece, value in around.items()})

    def _values(self, number: int) -> dict[bytes, bytes]:
        return {piece: str(fill(number)).encode() for piece, fill in self._fills.items()}


def at(value: Any, path: str) -> Any:
    """Return what is at a path; "" is the value itself."""
    for step in path.split(":") if path else ():
        value = value[int(step) if isinstance(value, list) else step]
    return value


def embedded(body: bytes) -> bytes:
    """Return the JSON of a body: itself, or what a page embeds."""
    match = EMBEDDED.search(body.decode()) if body.startswith(b"<") else None
    return match[1].encode() if match else body


def _page(name: str, replaced: Mapping[str, Any]) -> str:
    """Return the text of a fixture with other values at some paths."""
    page = _fixture(name)
    for path, value in replaced.items():
        holder, _, key = path.rpartition(":")
        inside = at(page, holder)
        inside[int(key) if isinstance(inside, list) else key] = value
    text = (FIXTURES / name).read_text("utf-8")
    if not name.endswith(".html"):
        return _text(page)
    match = EMBEDDED.search(text)
    assert match, f"{name} embeds nothing"
    return text[: match.start(1)] + _text(page) + text[match.end(1) :]


def _fixture(name: str) -> Any:
    return json.loads(embedded((FIXTURES / name).read_bytes()))


def _enlarged(item: dict[str, Any], size: int, url_length: int) -> dict[str, Any]:
    """Return an item of so many bytes: its URLs are lengthened, the rest is filled with fields that nothing reads."""
    item, unread = _with_long_urls(item, url_length), _with_long_urls(_UNREAD, url_length)
    for number in count():
        if len(_text({**item, f"unread_{number}": unread}).encode()) > size:
            break
        item[f"unread_{number}"] = unread
    return item


def _with_long_urls(value: Any, length: int) -> Any:
    if isinstance(value, dict):
        return {name: _with_long_urls(part, length) for name, part in value.items()}
    if isinstance(value, list):
        return [_with_long_urls(part, length) for part in value]
    if not isinstance(value, str) or not value.startswith("http"):
        return value
    query = f"{'&' if '?' in value else '?'}s="
    missing = length - len(value) - len(query)
    return f"{value}{query}{_SIGNATURE[:missing]}" if missing > 0 else value


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()
