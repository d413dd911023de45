"""Which fields are written: the settings FIELDS and DROP, by paths such as `author.uid` and `statistics.*`."""

from collections.abc import Collection
from fnmatch import fnmatchcase
from typing import NamedTuple

from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import unknown

STAY = ("meta.key", "meta.record_type", "meta.platform", "meta.schema_version", "meta.run_id")
"""Always written: whoever joins records, fills tables or resumes a run needs them."""


class Selection(NamedTuple):
    """
    :ivar fields: patterns of the paths that are written; () for all
    :ivar dropped: patterns of those that are not
    """

    fields: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    def omits(self, path: str) -> bool:
        """Return whether a field is left out.

        >>> chosen = Selection(("author", "statistics.*"), ("*.avatar_url",))
        >>> [chosen.omits(path) for path in ("author.uid", "author.avatar_url", "statistics.digg_count", "title")]
        [False, True, False, True]
        """
        if path in STAY:
            return False
        return (bool(self.fields) and not _names(self.fields, path)) or _names(self.dropped, path)

    def check(self, known: Collection[str]) -> None:
        """Check the names.

        :param known: the paths of all fields, and of the objects that hold them
        :raises ArgumentError: if one is unknown, or names a field that is always written
        """
        for setting, patterns in (("FIELDS", self.fields), ("DROP", self.dropped)):
            for pattern in patterns:
                if not any(fnmatchcase(path, pattern) for path in known):
                    raise ArgumentError(f"{setting}={pattern}: {_hint(pattern, known)}")
        for pattern in self.dropped:
            if pattern in STAY:
                raise ArgumentError(f"DROP={pattern}: {', '.join(STAY)} are always written; leave it out")


def patterns(text: str) -> tuple[str, ...]:
    """Read a setting: names with commas. `parts[].title` and `parts.title` are the same.

    >>> patterns("video_id, parts[].title,")
    ('video_id', 'parts.title')
    """
    return tuple(filter(None, (name.strip().replace("[]", "") for name in (text or "").split(","))))


def _names(patterns: Collection[str], path: str) -> bool:
    """Return whether a pattern matches a path, or an object that holds it."""
    parts = path.split(".")
    paths = [".".join(parts[:number]) for number in range(1, len(parts) + 1)]
    return any(fnmatchcase(one, pattern) for one in paths for pattern in patterns)


def _hint(pattern: str, known: Collection[str]) -> str:
    text = unknown("field", pattern, known)
    return text if "did you mean" in text else f"unknown field {pattern}; docs/records.md lists all fields"
