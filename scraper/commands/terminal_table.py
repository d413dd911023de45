"""Plain tables for a terminal."""

import unicodedata
from collections.abc import Sequence

from scraper.output.visible_text import visible


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows in columns as wide as what stands in them; the last column is as long as it likes.

    >>> print(table(["a", "bb"], [["1", "2"], ["333", ""]]))
    a    bb
    ---  --
    1    2
    333
    """
    lines = [list(head), *([visible(cell) for cell in row] for row in rows)]
    widths = [max(_width(line[place]) for line in lines) for place in range(len(head))]
    lines.insert(1, ["-" * width for width in widths[:-1]] + ["-" * _width(head[-1])])
    return "\n".join("  ".join(_padded(*each) for each in zip(line, widths, strict=True)).rstrip() for line in lines)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
