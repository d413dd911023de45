"""Remove a person from the lists of media files: manifests (`media.jsonl`) and archives (MEDIA_ARCHIVE)."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from scraper.forgetting.person import Person
from scraper.ledger.run import Run
from scraper.media.archive import read_archive, remove_entries
from scraper.media.manifest import NAME, Line, read_manifest, rewrite_manifest


class MediaLists:
    """Those of all runs that are known.

    :param stores: the names of the stores that runs have used
    :param output_dirs: their OUTPUT_DIRs, which have the manifests of remote stores
    """

    def __init__(self, runs: Sequence[Run], stores: Iterable[str], output_dirs: Iterable[Path]):
        local = {Path(store) for store in stores if "://" not in store}
        self._manifests = {folder / NAME for folder in local}
        for folder in output_dirs:
            self._manifests |= {folder / "media" / NAME, *folder.glob(f"media/s3/**/{NAME}")}
        archives = ((run.folder, run.settings.get("MEDIA_ARCHIVE")) for run in runs)
        self._archives = {Path(folder, archive) for folder, archive in archives if archive}

    def find(self, person: Person) -> Iterator[tuple[Path, int]]:
        """Yield each list that names a person or its posts, and the number of those lines.

        :raises OSError: if one cannot be read
        """
        for path in sorted(self._manifests):
            if number := sum(_is_line_of(person, line) for line in read_manifest(path)):
                yield path, number
        for path in sorted(self._archives):
            if number := sum(map(partial(_is_entry_of, person), read_archive(path))):
                yield path, number

    def remove(self, person: Person) -> None:
        """Remove these lines.

        :raises OSError: if a list cannot be written
        """
        for path, _ in [*self.find(person)]:
            if path in self._manifests:
                rewrite_manifest(path, lambda line: not _is_line_of(person, line))
            else:
                remove_entries(path, partial(_is_entry_of, person))


def _is_line_of(person: Person, line: Line) -> bool:
    return line.post in person.keys or line.key in person.keys or person.names(f"{line.post} {line.path}")


def _is_entry_of(person: Person, entry: str) -> bool:
    platform, _, post = entry.partition(" ")
    return f"{platform}:video:{post.partition(':')[0]}" in person.keys
