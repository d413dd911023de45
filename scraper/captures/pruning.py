"""Remove the captures of old runs: their indexes, and the answers that no other run of the folder got."""

import logging
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from scraper.captures.capture import FOLDER, SUFFIX, index_path
from scraper.captures.raw_answers import using

logger = logging.getLogger(__name__)
_REF = re.compile(rb'"ref":"(raw/[0-9a-f]{2}/[0-9a-f]{64}\.zst)"')


def remove_captures(reports: Iterable[Path]) -> None:
    """Remove the captures of runs. A failure is logged: it costs no record.

    :param reports: the paths of run.json of these runs
    """
    by_folder: dict[Path, list[Path]] = {}
    for report in reports:
        output_dir = report.parents[1]
        index = index_path(output_dir, report.name.removesuffix(".run.json"))
        if index.exists():
            by_folder.setdefault(output_dir, []).append(index)
    for output_dir, indexes in by_folder.items():
        try:
            with using(output_dir):
                _remove(output_dir, indexes)
        except OSError as error:
            logger.warning("The captures of old runs remain in %s: %s", output_dir / FOLDER, error.strerror)


def _remove(output_dir: Path, indexes: list[Path]) -> None:
    refs = {ref for index in indexes for ref in _refs(index)}
    for other in (output_dir / FOLDER).glob(f"*{SUFFIX}"):
        if other not in indexes:
            refs.difference_update(_refs(other))
    for ref in refs:
        (output_dir / ref).unlink(missing_ok=True)
    for index in indexes:
        index.unlink()


def _refs(index: Path) -> Iterator[str]:
    """Yield the answers that an index names, also in a line that cannot be read as a whole."""
    with index.open("rb") as lines:
        for line in lines:
            for match in _REF.finditer(line):
                yield match[1].decode()
