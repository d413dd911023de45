"""Finding the raw records in an answer, and what it is called that one could not be read."""

from collections.abc import Callable
from typing import Any

from scraper.responses.values import MissingError, UnexpectedShapeError, dig


def reason(error: UnexpectedShapeError) -> str:
    """Say what of an answer could not be read."""
    return f"{error} is missing" if isinstance(error, MissingError) else str(error)


_NAMES = {type(None): "null", str: "a text", list: "a list", bool: "a flag", int: "a number", float: "a number"}


def fault(path: str, raw: Any, error: UnexpectedShapeError) -> str:
    """Say what of a raw record could not be read.

    :param path: where it is

    >>> fault("data[2]", None, UnexpectedShapeError("no object")), fault("data[3]", {}, MissingError("id"))
    ('data[2] is null, not an object', 'data[3].id is missing')
    """
    if type(raw) in _NAMES:
        return f"{path} is {_NAMES[type(raw)]}, not an object"
    if isinstance(error, MissingError):
        return f"{path}.{reason(error)}"
    return f"{path} has an unknown shape ({reason(error)})"


def at(path: str) -> Callable[[Any], list[Any]]:
    """Find the raw records at a dotted path.

    :raises MissingError: where the path is not there, or leads to no list and no object
    """

    def find(data: Any) -> list[Any]:
        found = dig(data, path)
        if isinstance(found, list):
            return found
        if isinstance(found, dict):
            return [found]
        raise MissingError(path)

    return find


NOTHING: list[Any] = []
"""What a list is that is null."""


def listed(path: str) -> Callable[[Any], list[Any]]:
    """Find the raw records of a list at a dotted path. Null is NOTHING: an empty list, or one that was withheld.

    :raises MissingError: where the path is not there, or leads to no list
    """
    parent, _, name = path.rpartition(".")

    def find(data: Any) -> list[Any]:
        holder = dig(data, parent) if parent else data
        if not isinstance(holder, dict) or not isinstance(holder.get(name, ""), list | None):
            raise MissingError(path)
        return NOTHING if holder[name] is None else holder[name]

    return find
