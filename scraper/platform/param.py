"""What an endpoint is asked by."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

WORDS = r"[^\x00-\x1f\x7f]{1,100}"
"""What a person may search for."""


@dataclass(frozen=True, kw_only=True)
class Param:
    """A parameter of an endpoint, by the name that users know.

    :param kind: the kind of target that it names, or "" where it only tunes: then `Context.option` has it
    :param narrows: the value of the target that it sets, such as `p` or `cid`
    :param sets: what else is true of a target that it names, such as by what it is found
    :param cursor: whether it says where the walk starts; the value is turned into a cursor by `make`
    :param aliases: older names of it, which are taken as well
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
        """Return the value in canonical form, or None where it is ill-formed."""
        value = value.strip()
        return self.make(value) if re.fullmatch(self.regex, value) else None
