"""Count how many records of a sample have a known value in each field."""

from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec

from scraper.records import SCHEMA_VERSION, Record

UNKNOWN = "unknown"  # the value of a kind that the program could not place
_ENTRIES = 3  # of each list
_TARGETS = 64


class FieldCounts(msgspec.Struct):
    """The counts of one sample.

    A path is such as `statistics.play_count`. `hashtags[]` has the lists with an entry, `hashtags[].name` the entries
    with a name.

    :ivar records: number of records
    :ivar objects: number of objects by path: "" for the record itself
    :ivar known: number of values that are not null, by path
    :ivar missing: number of null values that the record itself declares as missing, by path
    :ivar targets: hashes of the targets that the records came from: the least ones
    :ivar schema_version: the schema of the records, which names their fields
    """

    records: int = 0
    objects: dict[str, int] = {}
    known: dict[str, int] = {}
    missing: dict[str, int] = {}
    targets: set[int] = set()
    schema_version: int = SCHEMA_VERSION

    def add(self, records: Sequence[Record], target: int) -> None:
        """Count records.

        :param target: the hash of their target
        """
        self.records += len(records)
        self._count(records)
        for record in records:
            for name in record.meta.missing:
                if _value(record, name) is None:
                    self.missing[name] = self.missing.get(name, 0) + 1
        self._add_targets({target})

    def add_kinds(self, number: int, known: int, target: int) -> None:
        """Count records whose kind is known, out of a number of them."""
        self.records += number
        self.objects[""] = self.objects.get("", 0) + number
        self.known["kind"] = self.known.get("kind", 0) + known
        self._add_targets({target})

    def merge(self, other: "FieldCounts") -> None:
        """Add the counts of another sample."""
        self.records += other.records
        for name in ("objects", "known", "missing"):
            own = getattr(self, name)
            for path, number in getattr(other, name).items():
                own[path] = own.get(path, 0) + number
        self._add_targets(other.targets)

    def number(self, path: str) -> int:
        """Return in how many objects a field could be known."""
        if path.endswith("[]"):
            return self.known.get(path.removesuffix("[]"), 0)
        return self.objects.get(path.rpartition(".")[0], 0) - self.missing.get(path, 0)

    def share(self, path: str) -> float:
        """Return the share of objects in which a field is known."""
        return min(1.0, self.known.get(path, 0) / (self.number(path) or 1))

    def _add_targets(self, targets: set[int]) -> None:
        self.targets |= targets
        if len(self.targets) > _TARGETS:
            self.targets = set(sorted(self.targets)[:_TARGETS])

    def _count(self, records: Sequence[Record]) -> None:
        """Count the known values of records. It is a loop, since a record has a hundred fields."""
        known, objects = self.known, self.objects
        left: list[tuple[msgspec.Struct, str]] = [(record, "") for record in records]
        while left:
            piece, prefix = left.pop()
            objects[prefix] = objects[prefix] + 1 if prefix in objects else 1
            values, paths = _fields(type(piece), prefix)
            for path, value in zip(paths, values(piece), strict=True):
                if value is None or value == UNKNOWN:
                    continue
                known[path] = known[path] + 1 if path in known else 1
                if isinstance(value, msgspec.Struct):
                    left.append((value, path))
                elif type(value) is list and value:
                    entries = f"{path}[]"
                    known[entries] = known[entries] + 1 if entries in known else 1
                    if isinstance(value[0], msgspec.Struct):
                        for entry in value[:_ENTRIES]:
                            left.append((entry, entries))


@cache
def _fields(kind: type[msgspec.Struct], prefix: str) -> tuple[Callable[[Any], tuple[Any, ...]], list[str]]:
    """Return what reads all fields of an object but `meta`, and their paths."""
    names = [name for name in kind.__struct_fields__ if name != "meta"]
    read = attrgetter(*names)
    paths = [f"{prefix}.{name}" if prefix else name for name in names]
    return (read if len(names) > 1 else lambda piece: (read(piece),)), paths


def _value(record: Record, path: str) -> object:
    """Return the value at a path, None if something on the way is null."""
    value: object = record
    for name in path.split("."):
        value = getattr(value, name, None)
    return value
