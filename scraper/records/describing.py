"""Describe the fields of records in their annotations.

The record modules keep annotations as texts, so that a description costs nothing until `scraper.records.definition`
reads it.
"""

import msgspec

P1, P2, P3 = "P1", "P2", "P3"
"""Privacy classes: P1 identifies a person, P2 describes one, P3 is text or media that may do either."""


def about(description: str, privacy: str = "", *, unit: str = "", null: str = "") -> msgspec.Meta:
    """Return the description of a field.

    :param privacy: its class; "" means the one of its object, or none
    :param unit: the unit of a number, unless its name states it
    :param null: what null means, if not "not known"
    """
    return msgspec.Meta(description=description, extra={"privacy": privacy, "unit": unit, "null": null})
