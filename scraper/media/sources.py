"""What is in the store, by what was downloaded: the same bytes are stored once."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable

from scraper.inputs.hashing import HashSet
from scraper.ledger.owed_media import FileRow

_MOST_RECENT = 1000
Lookup = Callable[[str], Awaitable[FileRow | None]]


class StoredSources:
    """Finds the file that was made of certain bytes. Only a likely hit asks the ledger.

    :param lookup: returns the file of a source from the ledger
    """

    def __init__(self, lookup: Lookup):
        self._lookup = lookup
        self._known = HashSet()
        self._recent: OrderedDict[str, FileRow] = OrderedDict()
        self._by_key: OrderedDict[str, FileRow] = OrderedDict()

    def restore(self, sources: Iterable[str]) -> None:
        """Note the sources of earlier runs."""
        self._known.add_all([_number(source) for source in sources])

    def add(self, file: FileRow) -> None:
        """Note a file that was stored."""
        self._by_key[file.key] = file
        if len(self._by_key) > _MOST_RECENT:
            self._by_key.popitem(last=False)
        if file.source:
            self._known.add(_number(file.source))
            self._recent[file.source] = file
            if len(self._recent) > _MOST_RECENT:
                self._recent.popitem(last=False)

    def of_key(self, key: str) -> FileRow | None:
        """Return a file that this run stored lately, by the key of its record."""
        return self._by_key.get(key)

    async def find(self, source: str) -> FileRow | None:
        """Return the file of a source, None if there is none."""
        if (file := self._recent.get(source)) is not None:
            return file
        return await self._lookup(source) if _number(source) in self._known else None


def _number(source: str) -> int:
    return int(source[:16], 16)
