"""Dialects: posts under the names of another program's output, for tools that read that.

A platform declares a dialect as a table from the dialect's names to our fields, which the documentation shows as well.
The values in such a table:

None, a number  the value itself
a text          the path of a field in the record, such as `author.uid`
Text, Made, Part, Each  see there
a table         an object, which is never null
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Shape = Mapping[str, Any]
_MOST_DIGITS = 19  # of a 64-bit number


class Text(NamedTuple):
    """A text that is empty if the record has none, and null if its field was left out.

    :ivar path: of a field at the top of the record
    """

    path: str


class Made(NamedTuple):
    """A value that is made of a field, unless that is null.

    :ivar make: gets the field's value
    """

    path: str
    make: Callable[[Any], Any]


class Part(NamedTuple):
    """An object, null if a field is null.

    :ivar shape: its paths begin at the record
    """

    path: str
    shape: Shape


class Each(NamedTuple):
    """A list of objects, one for each object in lists of the record. It is null if all of these are null.

    :ivar lists: path and shape for each list; the paths in a shape begin at its objects
    :ivar order: name of the number in the shapes that the list is sorted by; objects without it come last
    """

    lists: tuple[tuple[str, Shape], ...]
    order: str


class Dialect(NamedTuple):
    """The shapes of posts by their `type`."""

    video: Shape
    image: Shape

    def converted(self, post: Mapping[str, Any]) -> dict[str, Any]:
        """Return a post in this dialect.

        :param post: a record of the type `video` as plain values; fields may be absent
        :raises TypeError: if a field has another type than in our records
        """
        is_image = post["type"] == "image" if post.get("type") else bool(post.get("image_data"))
        return _object(self.image if is_image else self.video, post)


def image(path: str) -> Part:
    """Return the shape of an image whose address is in a field."""
    return Part(path, {"uri": None, "url_list": Made(path, _in_list), "width": None, "height": None})


def number(text: str) -> int | str:
    """Return an id as a number. What is none, such as the token that PRIVACY made of it, stays a text.

    >>> number("123"), number("h1a2b3")
    (123, 'h1a2b3')
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else text


def seconds(milliseconds: int) -> int:
    """Return a length in whole seconds.

    >>> seconds(15_999)
    15
    """
    return milliseconds // 1000


def _in_list(value: Any) -> list[Any]:
    return [value]


def _object(shape: Shape, record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value, record) for name, value in shape.items()}


def _value(value: Any, record: Mapping[str, Any]) -> Any:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, str):
        return _at(record, value)
    if isinstance(value, Text):
        ours = _at(record, value.path)
        return "" if ours is None and value.path in record else ours
    if isinstance(value, Made):
        ours = _at(record, value.path)
        return None if ours is None else value.make(ours)
    if isinstance(value, Part):
        return None if _at(record, value.path) is None else _object(value.shape, record)
    if isinstance(value, Each):
        return _list(value, record)
    return _object(value, record)


def _list(value: Each, record: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    lists = [(_at(record, path), shape) for path, shape in value.lists]
    if all(ours is None for ours, _ in lists):
        return None
    made = [_object(shape, element) for ours, shape in lists for element in ours or ()]
    return sorted(made, key=lambda entry: (entry[value.order] is None, entry[value.order] or 0))


def _at(record: Any, path: str) -> Any:
    """Return the value of a field, None if it is absent."""
    value = record
    for name in path.split("."):
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise TypeError(f"{path}: there is a {type(value).__name__} in place of an object")
        value = value.get(name)
    return value
