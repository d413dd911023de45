"""Parameters of endpoints."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from scraper.platform.targets import NO_FILTER

WORDS = r"[^\x00-\x1f\x7f]{1,100}"
"""The pattern of a search term."""


@dataclass(frozen=True, kw_only=True)
class Param:
    """A parameter of an endpoint, under its public name.

    :param kind: the kind of target it identifies; "" for an option, which is read by `Context.option`
    :param narrows: the key of `Target.extra` that it sets, such as `p` or `cid`
    :param sets: further values of the target it identifies
    :param cursor: whether it sets the start of the list; `make` turns the value into a cursor
    :param aliases: older names that are accepted too
    """

    name: str
    regex: str
    example: str
    kind: str = ""
    narrows: str = ""
    cursor: bool = False
    optional: bool = False
    make: Callable[[str], str | None] = str
    sets: Mapping[str, str] = field(default_factory=dict)
    aliases: Sequence[str] = ()

    def read(self, value: str) -> str | None:
        """Return the value in canonical form, or None if it is malformed."""
        value = value.strip()
        return self.make(value) if re.fullmatch(self.regex, value) else None


def filter_param(name: str, regex: str, example: str) -> Param:
    """Return the parameter of a filter; a value that selects everything is read as ""."""
    return Param(
        name=name,
        regex=f"{regex}|{NO_FILTER}",
        example=example,
        make=lambda value: "" if re.fullmatch(NO_FILTER, value) else value,
    )
