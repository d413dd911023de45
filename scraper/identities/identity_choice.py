"""Choose the identity of a list: new lists take turns, and a list keeps the identity of its first page."""

from collections import OrderedDict
from collections.abc import Sequence

from scraper.identities.identity import Identity

_MOST_REMEMBERED = 50_000  # lists; a forgotten one gets the next identity


class IdentityChoice:
    """Remembers the identity of each list."""

    def __init__(self) -> None:
        self._turns = 0
        self._chosen: OrderedDict[str, str] = OrderedDict()

    def preview(self, list_id: str, well: Sequence[Identity]) -> Identity:
        """Return what `choose` would return, without taking a turn.

        :param well: the identities that may be used, at least one
        """
        name = self._chosen.get(list_id)
        kept = next((identity for identity in well if identity.credentials.name == name), None)
        ready = [identity for identity in well if identity.is_ready] or well
        return kept or ready[self._turns % len(ready)]

    def choose(self, list_id: str, well: Sequence[Identity]) -> Identity:
        """Return the identity of a list. A new list gets the next identity, preferably one that need not wait."""
        chosen = self.preview(list_id, well)
        if len(well) > 1 and self._chosen.get(list_id) != chosen.credentials.name:
            self._turns += 1
        self._chosen[list_id] = chosen.credentials.name
        self._chosen.move_to_end(list_id)
        if len(self._chosen) > _MOST_REMEMBERED:
            self._chosen.popitem(last=False)
        return chosen

    def forget(self, list_id: str) -> None:
        """Let any identity request a list."""
        self._chosen.pop(list_id, None)
