"""The keys that the answers of earlier runs had, and what is new in those of a run."""

from typing import Any

import msgspec

from scraper.drift.raw_keys import MOST_VALUES, RawKeys, SeenKey

LEAST_RUNS = 3
"""So many runs must have been seen before anything counts as new."""
_ENOUGH = 20  # values of a key, before another type or value is worth a warning
_MOST = 100  # new keys that are named
_LEAST_SHARE = 0.05  # of the values of a key that have another type


class KnownKey(msgspec.Struct, array_like=True):
    """What earlier runs saw of one key.

    :ivar number: how often it was there, up to 20
    :ivar values: the values of a code, None if it is no code
    """

    number: int = 0
    types: list[str] = []
    values: list[str] | None = []


class News(msgspec.Struct):
    """What a run saw for the first time. Each entry is plain values with the `path`.

    :ivar keys: keys, with the `types` of their values; the first hundred
    :ivar types: values of another JSON type, with the `usual` types
    :ivar values: new values of codes; `understood` says whether all parts of the answer could be read
    """

    keys: list[dict[str, Any]] = []
    types: list[dict[str, Any]] = []
    values: list[dict[str, Any]] = []


class Vocabulary(msgspec.Struct):
    """The known keys of the answers of one kind.

    :ivar runs: how many runs saw such an answer
    :ivar run_id: the last of them
    :ivar keys: by path
    """

    runs: int = 0
    run_id: str = ""
    keys: dict[str, KnownKey] = {}

    def learn(self, seen: RawKeys, run_id: str) -> News:
        """Add what a run saw, and return what is new in it."""
        earlier = self.runs - (self.run_id == run_id)
        news, new = News(), set()
        for path, key in seen.paths():  # an object comes before what is in it
            known = self.keys.get(path)
            if known is None:
                known = self.keys[path] = KnownKey()
                new.add(path)
                if earlier >= LEAST_RUNS and len(news.keys) < _MOST and _parent(path) not in new:
                    news.keys.append({"path": path, "types": sorted(key.types)})
            elif earlier >= LEAST_RUNS:
                self._compare(path, key, known, news)
            _add(known, key)
        if self.run_id != run_id:
            self.runs, self.run_id = self.runs + 1, run_id
        return news

    def _compare(self, path: str, key: SeenKey, known: KnownKey, news: News) -> None:
        total = sum(key.types.values())
        further = [name for name in key.types if name not in known.types]
        if further and known.types:
            number = sum(key.types[name] for name in further)
            is_sure = known.number >= _ENOUGH and number >= _LEAST_SHARE * total
            usual = sorted(known.types)
            entry = {"path": path, "types": sorted(further), "usual": usual, "number": number, "of": total}
            news.types.append(entry | {"sure": is_sure})
        if key.values and known.values:
            for value in sorted(key.values.difference(known.values)):
                is_sure = known.number >= _ENOUGH
                entry = {"path": path, "value": value, "usual": known.values[:], "sure": is_sure}
                news.values.append(entry | {"understood": value not in key.doubtful})


def _parent(path: str) -> str:
    return path.removesuffix("[]") if path.endswith("[]") else path.rpartition(".")[0]


def _add(known: KnownKey, key: SeenKey) -> None:
    known.number = min(_ENOUGH, known.number + key.number)
    known.types += [name for name in key.types if name not in known.types]
    if key.values is None or known.values is None:
        known.values = None
        return
    known.values += [value for value in key.values if value not in known.values]
    if len(known.values) > MOST_VALUES:
        known.values = None
