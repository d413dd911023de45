"""Douyin's ids."""

PLATFORM = "douyin"

_NOT_ZERO = r"(?=0{0,19}[1-9])"
WORK = rf"{_NOT_ZERO}\d{{15,20}}"
SEC_UID = r"(?-i:MS4wLjABAAAA[A-Za-z0-9_\-]{20,100})"
OWN = "own"  # the logged-in user
HASHTAG = rf"{_NOT_ZERO}\d{{10,20}}"
BROADCAST = rf"{_NOT_ZERO}\d{{6,20}}"
ROOM = r"(?!0{1,40}(?![A-Za-z0-9_.]))[A-Za-z0-9_.]{2,40}"
"""How a live room is named in links: its number for the web, or a name that its owner chose, of the same letters."""

ROOM_ID = {"by": "room_id"}
"""Marks a target whose id is a broadcast number, not the room's web number."""


def made_at(work: str) -> int | None:
    """Return the approximate creation time of an id in epoch seconds, or None.

    >>> made_at("7412345678901234567"), made_at("6870318933805432204"), made_at("123456789012345")
    (1725821215, 1599620779, None)
    """
    moment = int(work) >> 32 if work.isascii() and work.isdigit() and len(work) <= 20 else 0
    return moment if moment > _FIRST else None


_FIRST = 1_400_000_000  # Douyin is younger
