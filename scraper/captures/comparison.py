"""Compare envelopes with those of a feed: which fields changed, and which envelopes are in one of both only."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import msgspec

from scraper.inputs.hashing import hash64
from scraper.ledger.compression import COMPRESSIONS, decompressed
from scraper.output.dialect import DialectWriter
from scraper.output.encoding import to_lines
from scraper.output.envelope import Envelope
from scraper.output.record_changes import RecordChanges
from scraper.records import Media

_MOST_SHOWN = 200  # characters of a value


class _Meta(msgspec.Struct):
    record_type: str | None = None
    key: str | None = None
    target: str | None = None
    raw_ref: str | None = None


class _Error(msgspec.Struct):
    name: str
    message: str
    input: str


class _Data(msgspec.Struct):
    meta: _Meta = msgspec.field(default_factory=_Meta)
    error: _Error | None = None


class _Line(msgspec.Struct):
    code: int
    router: str
    data: _Data


class ChangedField(msgspec.Struct):
    """A field that changed.

    :ivar number: in how many records
    :ivar before: its value in the first of them, None for null
    :ivar key: that record's key
    """

    record_type: str
    path: str
    number: int
    key: str | None
    before: Any
    after: Any


_decode_line = msgspec.json.Decoder(_Line).decode


class Comparison:
    """
    :param feed: a feed of JSON lines, which may be compressed
    :param changes: what the settings change in the records that are written, None for nothing
    :param dialect: what posts are written in, None for our names
    :ivar same: number of envelopes that did not change
    :ivar changed: number of those that did
    :ivar fields: the fields that changed
    :ivar gone: number of envelopes of the feed that do not come any more, by record type or name of the failure
    :ivar new: number of those that are not in the feed, likewise
    :ivar unreadable: number of lines of the feed that are no envelopes
    :ivar media: number of records of files in the feed, which are in no answer and not compared
    :ivar examples: the key, or the input, of the first of each
    """

    def __init__(self, feed: Path, changes: RecordChanges | None, dialect: DialectWriter | None):
        self.feed, self._changes, self._dialect = feed, changes, dialect
        self.same = self.changed = self.unreadable = self.media = 0
        self.fields: dict[tuple[str, str], ChangedField] = {}
        self.gone, self.new = Counter[str](), Counter[str]()
        self.examples: dict[str, str] = {}
        self._file = _opened(feed)
        self._places: dict[int, int | list[int]] = {}  # a list where an input was given twice
        place = 0
        for line in self._file:
            try:
                read = _decode_line(line)
            except ValueError:
                self.unreadable += 1
            else:
                if _kind(read) == Media.record_type:
                    self.media += 1
                    place += len(line)
                    continue
                identity = _identity(read)
                known = self._places.get(identity)
                self._places[identity] = place if known is None else [*_listed(known), place]
            place += len(line)

    def add(self, envelopes: Sequence[Envelope]) -> None:
        """Compare envelopes with those of the feed."""
        written: Sequence[Any] = self._changes.of(envelopes, msgspec.UNSET) if self._changes else envelopes
        if self._dialect:
            written = [self._dialect.converted(envelope) for envelope in written]
        for line in to_lines(written).splitlines(keepends=True):
            after = _decode_line(line)
            identity = _identity(after)
            places = self._places.pop(identity, None)
            if places is None:
                self._note(self.new, "new", after)
                continue
            if isinstance(places, list) and len(places) > 1:
                self._places[identity] = places[1:]
            self._file.seek(_listed(places)[0])
            if (before := self._file.readline()) == line:
                self.same += 1
            else:
                self._compare(msgspec.json.decode(before), msgspec.json.decode(line))

    def end(self) -> None:
        """Note which envelopes of the feed did not come."""
        for place in chain.from_iterable(map(_listed, self._places.values())):
            self._file.seek(place)
            self._note(self.gone, "gone", _decode_line(self._file.readline()))

    def close(self) -> None:
        """Close the feed."""
        self._file.close()

    def _note(self, counts: Counter[str], name: str, line: _Line) -> None:
        kind = _kind(line)
        counts[kind] += 1
        self.examples.setdefault(f"{name} {kind}", line.data.meta.key or line.data.meta.target or "")

    def _compare(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        differences = {path: (old, new) for path, old, new in _differences(before["data"], after["data"], "")}
        self.changed += bool(differences)
        self.same += not differences  # the feed may be formatted in another way
        meta = after["data"].get("meta", {})
        kind = meta.get("record_type") or "failure"
        for path, (old, new) in differences.items():
            if (field := self.fields.get((kind, path))) is None:
                field = self.fields[kind, path] = ChangedField(kind, path, 0, meta.get("key"), _short(old), _short(new))
            field.number += 1


def _opened(feed: Path) -> IO[bytes]:
    """Return a feed, decompressed into a temporary file if it is compressed.

    :raises OSError: if it cannot be read
    :raises DamagedError: if its compression is damaged
    """
    format_ = feed.suffix.removeprefix(".")
    if format_ not in COMPRESSIONS:
        return feed.open("rb")
    plain = TemporaryFile()  # noqa: SIM115  it is closed at the end of the comparison
    with feed.open("rb") as file:
        for piece in decompressed(file, format_):
            plain.write(piece.data)
    plain.seek(0)
    return plain


def _listed(places: int | list[int]) -> list[int]:
    return places if isinstance(places, list) else [places]


def _identity(line: _Line) -> int:
    """Return what identifies an envelope among those of its run."""
    meta, error = line.data.meta, line.data.error
    parts = [line.router, meta.target, meta.key, meta.raw_ref]
    if error:
        parts += [error.name, error.message, error.input]
    return hash64("\n".join(part or "" for part in parts))


def _kind(line: _Line) -> str:
    return line.data.error.name if line.data.error else line.data.meta.record_type or ""


def _differences(before: Any, after: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield the paths of the values that differ, and both values; `[]` stands for each entry of a list."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in {**before, **after}:
            yield from _differences(before.get(name), after.get(name), f"{path}.{name}" if path else name)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for old, new in zip(before, after, strict=True):
            yield from _differences(old, new, f"{path}[]")
    elif before != after or type(before) is not type(after):
        yield path, before, after


def _short(value: Any) -> Any:
    """Return a value to show."""
    text = msgspec.json.encode(value).decode()
    return value if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
