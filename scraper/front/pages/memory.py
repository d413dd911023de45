"""What the pages remember for a while: the lists that were shown, for export, and the secret of forms."""

import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from scraper.output.envelope import Envelope

_KEPT_S = 1800.0
_MOST_KEPT = 16  # pages of lists


class _Kept(NamedTuple):
    envelopes: Sequence[Envelope]
    since: float


class PageMemory:
    """
    :ivar form_token: what each form that changes something must send back; pages of other sites cannot read it
    """

    def __init__(self) -> None:
        self.form_token = secrets.token_urlsafe(32)
        self._lists: OrderedDict[str, _Kept] = OrderedDict()

    def is_own_form(self, token: str) -> bool:
        """Return whether a form came from a page of this server."""
        return hmac.compare_digest(token.encode(), self.form_token.encode())

    def keep(self, envelopes: Sequence[Envelope]) -> str:
        """Remember a page of a list, and return its name."""
        name = secrets.token_urlsafe(12)
        self._lists[name] = _Kept(envelopes, time.monotonic())
        while len(self._lists) > _MOST_KEPT:
            self._lists.popitem(last=False)
        return name

    def kept(self, name: str) -> Sequence[Envelope] | None:
        """Return a page of a list, None if it is not remembered any more."""
        page = self._lists.get(name)
        return page.envelopes if page and time.monotonic() - page.since < _KEPT_S else None
