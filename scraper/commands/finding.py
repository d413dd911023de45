"""What `scrapy doctor` finds, row by row."""

from typing import NamedTuple

OK, NOTE, WRONG = "ok", "note", "WRONG"


class Finding(NamedTuple):
    """A row of the table.

    :param state: OK, NOTE or WRONG
    :param remedy: what the user can do, "" where nothing is to be done
    """

    check: str
    state: str
    says: str
    remedy: str = ""
