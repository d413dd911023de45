"""A row in the report of `scrapy doctor`."""

from typing import NamedTuple

OK, NOTE, WRONG = "ok", "note", "WRONG"


class Finding(NamedTuple):
    """The result of one check.

    :param state: OK, NOTE or WRONG
    :param remedy: what the user can do, or ""
    """

    check: str
    state: str
    says: str
    remedy: str = ""
