"""Find the raw records in an answer, and describe those that cannot be parsed."""

from collections.abc import Callable
from typing import Any

from scraper.responses.shapes import Shape
from scraper.responses.values import MissingError, UnexpectedShapeError, dig, integer, json_type


def reason(error: UnexpectedShapeError) -> str:
    """Describe an error in the shape of an answer."""
    return f"{error} is missing" if isinstance(error, MissingError) else str(error)


def fault(path: str, row: Any, error: UnexpectedShapeError) -> str:
    """Describe why a raw record could not be parsed: the path, and the type of the value that does not fit.

    :param path: its path in the answer

    >>> fault("data[2]", None, UnexpectedShapeError("no object")), fault("data[3]", {}, MissingError("id"))
    ('data[2] is null, not an object', 'data[3].id is missing')
    >>> fault("data[4]", {"time": {"day": [1]}}, MissingError("time.day"))
    'data[4].time.day is a list, which cannot be read'
    """
    if not isinstance(row, dict | Shape):
        return f"{path} is {json_type(row)}, not an object"
    if not isinstance(error, MissingError):
        return f"{path} has an unknown shape ({error})"
    value = dig(row, str(error))
    if isinstance(value, str) and (number := integer(value)) is not None:
        value = number  # as a declared shape reads it
    is_there = value not in (None, "", 0, "0")
    return f"{path}.{error} is {json_type(value)}, which cannot be read" if is_there else f"{path}.{reason(error)}"


def at(path: str) -> Callable[[Any], list[Any]]:
    """Return a function that finds the raw records at a dotted path.

    The function raises MissingError if the path is missing, or is neither a list nor an object.
    """

    def find(data: Any) -> list[Any]:
        value = dig(data, path)
        if isinstance(value, list):
            return value
        if isinstance(value, dict | Shape):
            return [value]
        raise MissingError(path)

    return find


NOTHING: list[Any] = []
"""Stands for a list that is null."""


def listed(path: str) -> Callable[[Any], list[Any]]:
    """Return a function that finds the list at a dotted path; NOTHING if it is null: empty, or withheld.

    The function raises MissingError if the path is missing or not a list.
    """
    parent, _, name = path.rpartition(".")

    def find(data: Any) -> list[Any]:
        holder = dig(data, parent) if parent else data
        if not isinstance(holder, dict) or not isinstance(holder.get(name, ""), list | None):
            raise MissingError(path)
        return NOTHING if holder[name] is None else holder[name]

    return find
