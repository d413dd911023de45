"""What the drift radar found in one run."""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import msgspec

from scraper.responses.wording import counted

_MOST_WARNINGS = 10


class Group(NamedTuple):
    """Records that are compared with one another.

    :ivar records: their type, and their kind if they have one, such as `video image`
    """

    router: str
    surface: str
    logged_in: bool
    records: str


class DriftReport(msgspec.Struct, kw_only=True):
    """The entries are plain values, each with its `router`, `logged_in` and `path`.

    :ivar beyond_threshold: whether a field fell by DRIFT_EXIT or more
    :ivar fallen: fields of records that were known less often than usual
    :ivar types: keys of answers whose values had another JSON type than before
    :ivar values: codes in answers that no earlier run saw
    :ivar new_keys: keys of answers that no earlier run saw
    :ivar odd_fields: keys whose values could not be converted to the declared type, so that records lack them
    """

    beyond_threshold: bool = False
    fallen: list[dict[str, Any]] = []
    types: list[dict[str, Any]] = []
    values: list[dict[str, Any]] = []
    new_keys: list[dict[str, Any]] = []
    odd_fields: list[dict[str, Any]] = []

    def add_earlier(self, start: "DriftReport") -> None:
        """Add what an earlier start of the same run saw for the first time."""
        for name in ("types", "values", "new_keys"):
            own = getattr(self, name)
            known = {_identity(entry) for entry in own}
            own[:0] = [entry for entry in getattr(start, name) if _identity(entry) not in known]
        odd = {_identity(entry): entry for entry in self.odd_fields}
        for entry in start.odd_fields:
            if (same := odd.get(_identity(entry))) is not None:
                same["number"] += entry["number"]
            else:
                self.odd_fields.append(entry)

    def has_fallen(self, group: Group) -> set[str]:
        """Return the fields that fell in some records."""
        return {
            entry["path"]
            for entry in self.fallen
            if (entry["router"], entry["surface"], entry["logged_in"], entry["records"]) == group
        }

    def odd_paths(self) -> set[tuple[str, str]]:
        """Return the router and path of each odd field."""
        return {(entry["router"], entry["path"]) for entry in self.odd_fields}

    def changes(self) -> Iterator[tuple[dict[str, Any], str]]:
        """Yield each change of the platform that is sure, with a sentence about it."""
        yield from ((entry, _of_fallen(entry)) for entry in self.fallen)
        yield from ((entry, _of_type(entry)) for entry in self.types if entry["sure"])
        yield from ((entry, _of_value(entry)) for entry in self.values if entry["sure"] and not entry["understood"])

    def warnings(self, known_odd: Collection[tuple[str, str]], run_id: str) -> Iterator[str]:
        """Yield a sentence for each thing that is worth a warning, not too many.

        :param known_odd: routers and paths of odd fields that earlier runs had, too
        """
        sentences = [sentence for _, sentence in self.changes()]
        odd = [entry for entry in self.odd_fields if (entry["router"], entry["path"]) not in known_odd]
        sentences += [_of_odd(entry) for entry in odd]
        yield from sentences[:_MOST_WARNINGS]
        if further := len(sentences[_MOST_WARNINGS:]):
            yield f"{counted(further, 'further change')}: scrapy drift {run_id}"

    def remarks(self) -> Iterator[str]:
        """Yield a sentence for each thing that is no reason to worry, not too many."""
        yield from [_of_value(entry) for entry in self.values if entry["understood"]][:_MOST_WARNINGS]
        for router in dict.fromkeys(entry["router"] for entry in self.new_keys):
            paths = [entry["path"] for entry in self.new_keys if entry["router"] == router]
            yield f"{router}: {counted(len(paths), 'new key')} in the answers, such as {paths[0]}"


def _identity(entry: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(entry.get(name) for name in ("router", "source", "logged_in", "path", "value"))


def percent(share: float) -> str:
    """Return a share as a text.

    >>> percent(1), percent(0.004), percent(0)
    ('100 %', '0.4 %', '0 %')
    """
    return f"{100 * share:.{1 if 0 < share < 0.01 else 0}f} %"


def _of_fallen(entry: dict[str, Any]) -> str:
    return (
        f"{entry['router']}: {entry['path']} is known in {percent(entry['share'])} of {entry['number']} "
        f"({entry['records']}); usually in {percent(entry['usual'])}"
    )


def _of_type(entry: dict[str, Any]) -> str:
    names = " and ".join(entry["types"])
    return f"{entry['router']}: {entry['path']} in the answers is {names} now; it was {' or '.join(entry['usual'])}"


def _of_value(entry: dict[str, Any]) -> str:
    return f"{entry['router']}: {entry['path']} in the answers has a new value, {entry['value']}"


def _of_odd(entry: dict[str, Any]) -> str:
    number = counted(entry["number"], "value")
    return f"{entry['router']}: {number} of {entry['path']} could not be read, and are null in the records"
