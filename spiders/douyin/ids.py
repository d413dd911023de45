"""Douyin's ids."""

PLATFORM = "douyin"

WORK = r"\d{15,20}"
SEC_UID = r"MS4wLjABAAAA[A-Za-z0-9_\-]{20,100}"
OWN = "own"  # stands for whoever is logged in
HASHTAG = r"\d{10,20}"
ROOM = r"(?:\d{6,20}|(?!categor|hot_live|fusion|webcast)[A-Za-z][A-Za-z0-9_.]{2,40})"
"""How a live room is named in links: its number for the web, or a name that its owner chose."""

ROOM_ID = {"by": "room_id"}
"""Narrows the target of a link that holds the number of the stream, and not that of the room for the web."""


def made_at(work: str) -> int | None:
    """Return about when an id was made, in epoch seconds, or None where it does not say.

    >>> made_at("7412345678901234567"), made_at("6870318933805432204"), made_at("123456789012345")
    (1725821215, 1599620779, None)
    """
    moment = int(work) >> 32 if work.isascii() and work.isdigit() and len(work) <= 20 else 0
    return moment if moment > _FIRST else None


_FIRST = 1_400_000_000  # there was no Douyin before
