"""The present as records and signatures have it: of this machine's clock, or of a better one.

A worker of a fleet follows the clock of the fleet's database, so that a wrong clock of one machine changes no record.
"""

import time
from datetime import UTC, datetime

_ahead_s = 0.0


def set_ahead(seconds: float) -> None:
    """Note how far this machine's clock is ahead of the right time."""
    global _ahead_s
    _ahead_s = seconds


def is_corrected() -> bool:
    """Return whether the present is not of this machine's clock."""
    return bool(_ahead_s)


def present() -> float:
    """Return the present, in epoch seconds."""
    return time.time() - _ahead_s


def present_text() -> str:
    """Return the present as RFC 3339, in seconds.

    >>> len(present_text()), present_text()[-1]
    (20, 'Z')
    """
    return f"{datetime.fromtimestamp(present(), UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
