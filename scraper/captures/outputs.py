"""What `scrapy renormalize` wrote of the captures of a folder, for `scrapy forget`."""

from collections.abc import Iterable
from pathlib import Path

from scraper.captures.capture import FOLDER

_NAME = "renormalized.txt"


def note_outputs(output_dir: Path, names: Iterable[str]) -> None:
    """Note feeds and databases, each once.

    :param names: absolute paths, and URLs without a password
    :raises OSError: if that cannot be written
    """
    known = noted_outputs(output_dir)
    with (output_dir / FOLDER / _NAME).open("a", encoding="utf-8") as file:
        file.writelines(f"{name}\n" for name in dict.fromkeys(names) if name not in known)


def noted_outputs(output_dir: Path) -> list[str]:
    """Return the feeds and databases that were noted."""
    path = output_dir / FOLDER / _NAME
    return path.read_text("utf-8").splitlines() if path.exists() else []
