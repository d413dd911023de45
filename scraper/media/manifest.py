"""`media.jsonl`: a line for each file that runs have put into MEDIA_STORE, made of the ledger at the end of a run.

Runs with other ledgers may use the same store, so that a run replaces the lines of its own files and keeps all others.
Functions block; call them in a thread.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

import msgspec

from scraper.identities.file_lock import held
from scraper.ledger.files import sync_folder
from scraper.ledger.owed_media import FileRow

NAME = "media.jsonl"


class Line(msgspec.Struct, kw_only=True):
    """A file.

    :ivar key: `meta.key` of its record
    :ivar post: `meta.key` of the record that it belongs to
    :ivar path: relative to MEDIA_STORE
    """

    key: str
    post: str
    path: str
    size: int | None = None
    sha256: str | None = None
    mime: str | None = None
    duration_ms: int | None = None
    run_id: str


_decode = msgspec.json.Decoder(Line).decode


def add_to_manifest(manifest: Path, files: Iterable[FileRow]) -> None:
    """Write the lines of files that are in the store.

    :raises OSError: if it cannot be written
    """
    lines = {file.key: _line(file) for file in files if file.path}
    if lines:
        manifest.parent.mkdir(parents=True, exist_ok=True)
        rewrite_manifest(manifest, lambda line: line.key not in lines, lines.values())


def rewrite_manifest(manifest: Path, is_kept: Callable[[Line], bool], added: Iterable[Line] = ()) -> None:
    """Write a manifest anew, while no other program does. It is replaced at once.

    :raises OSError: if it cannot be written
    """
    with held(manifest.with_name(f".{NAME}.lock")):
        new = manifest.with_name(f".{NAME}.new")
        with new.open("wb") as file:
            for line in chain(filter(is_kept, read_manifest(manifest)), added):
                file.write(msgspec.json.encode(line) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(manifest)
        sync_folder(manifest.parent)


def read_manifest(manifest: Path) -> Iterator[Line]:
    """Yield the lines of a manifest, without those that this program did not write.

    :raises OSError: if it cannot be read
    """
    if not manifest.exists():
        return
    with manifest.open("rb") as file:
        for encoded in file:
            try:
                yield _decode(encoded)
            except msgspec.DecodeError:
                continue


def _line(file: FileRow) -> Line:
    values = {name: getattr(file, name) for name in Line.__struct_fields__}
    return Line(**values)
