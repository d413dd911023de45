"""Remove a person from captured answers: those that name it, and their lines in the indexes of runs."""

import os
from pathlib import Path
from typing import Any

import msgspec

from scraper.captures.capture import FOLDER, SUFFIX
from scraper.captures.outputs import noted_outputs
from scraper.captures.raw_answers import RawAnswers, UnreadableCaptureError
from scraper.forgetting.feed import Changes
from scraper.forgetting.person import Person


class Captures:
    """The captures in one folder.

    :param output_dir: OUTPUT_DIR
    :ivar outputs: the feeds and databases that `scrapy renormalize` wrote
    :ivar unreadable: what is wrong with each answer that cannot be searched
    """

    def __init__(self, output_dir: Path):
        self._output_dir, self.folder = output_dir, output_dir / FOLDER
        self._answers, self.outputs = RawAnswers(output_dir), noted_outputs(output_dir)
        self.unreadable: list[str] = []
        self._bodies: list[Path] = []
        self._indexes: dict[Path, Path] = {}

    def find(self, person: Person) -> Changes:
        """Find what names a person, and write the new indexes next to the old ones. Return what that changes.

        :raises OSError: if one cannot be written
        """
        refs = set()
        for path in sorted(self.folder.glob("*/*.zst")):
            ref = path.relative_to(self._output_dir).as_posix()
            try:
                body = self._answers.read(ref)
            except UnreadableCaptureError as error:
                self.unreadable.append(str(error))
                continue
            if _is_named(body, person):
                refs.add(ref)
                self._bodies.append(path)
        changed = 0
        for index in sorted(self.folder.glob(f"*{SUFFIX}")):
            changed += self._rewrite(index, person, refs)
        return Changes(len(refs), changed)

    def put_in_place(self) -> None:
        """Remove the answers, and replace the indexes."""
        for index, new in self._indexes.items():
            new.replace(index)
        for body in self._bodies:
            body.unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove the new indexes."""
        for new in self._indexes.values():
            new.unlink(missing_ok=True)

    def _rewrite(self, index: Path, person: Person, refs: set[str]) -> int:
        """Write an index without lines that name a person or a removed answer. Return how many these are."""
        lines = index.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if not person.names(line.decode("utf-8", "replace")) and _ref(line) not in refs]
        if len(kept) < len(lines):
            new = self._indexes[index] = index.with_name(f".{index.name}.forget")
            with new.open("wb") as file:
                file.writelines(kept)
                file.flush()
                os.fsync(file.fileno())
        return len(lines) - len(kept)


def _is_named(body: bytes, person: Person) -> bool:
    try:
        return person.names(body.decode())
    except UnicodeDecodeError:
        return person.is_in(body)  # it is packed


def _ref(line: bytes) -> Any:
    try:
        return msgspec.json.decode(line).get("ref")
    except (msgspec.DecodeError, AttributeError):
        return None
