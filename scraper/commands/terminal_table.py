"""Plain-text tables for a terminal."""

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from scraper.output.visible_text import visible

_GAP = 2


def table(head: Sequence[str], rows: Sequence[Sequence[str]], max_width: int | None = None) -> str:
    """Return rows as aligned columns.

    :param max_width: wrap cells at spaces to fit this width; words are never broken. None for no limit

    >>> print(table(["a", "bb"], [["1", "2"], ["333", ""]]))
    a    bb
    ---  --
    1    2
    333
    >>> print(table(["name", "takes"], [["one", "uid pn count"]], max_width=14))
    name  takes
    ----  --------
    one   uid pn
          count
    """
    cells = [list(head), *([visible(cell) for cell in row] for row in rows)]
    widths = _widths(cells, max_width)
    lines = [line for row in cells for line in _wrapped(row, widths)]
    rule = ["-" * width for width in widths]
    if max_width is None:
        rule[-1] = "-" * _width(head[-1])
    return "\n".join(_joined(line, widths) for line in (lines[0], rule, *lines[1:]))


def _widths(rows: Sequence[Sequence[str]], max_width: int | None) -> list[int]:
    """Return the widths of the columns; the widest ones shrink until the table fits, or no cell can be wrapped."""
    columns = list(zip(*rows, strict=True))
    widths = [max(map(_width, column)) for column in columns]
    longest_words = [max(_width(word) for cell in column for word in cell.split() or [""]) for column in columns]
    least = [max(word, _width(column[0])) for word, column in zip(longest_words, columns, strict=True)]
    while max_width is not None and sum(widths) + _GAP * (len(widths) - 1) > max_width:
        shrinkable = [index for index, width in enumerate(widths) if width > least[index]]
        if not shrinkable:
            break
        widths[max(shrinkable, key=lambda index: widths[index] - least[index])] -= 1
    return widths


def _wrapped(row: Sequence[str], widths: Sequence[int]) -> Iterator[Sequence[str]]:
    """Yield the lines of a row whose cells are wrapped to the widths of their columns."""
    yield from zip_longest(*map(_lines, row, widths), fillvalue="")


def _lines(cell: str, width: int) -> list[str]:
    if _width(cell) <= width:
        return [cell]
    lines = [""]
    for word in cell.split():
        extended = f"{lines[-1]} {word}".lstrip()
        if _width(extended) <= width:
            lines[-1] = extended
        else:
            lines.append(word)
    return [line for line in lines if line]


def _joined(cells: Sequence[str], widths: Sequence[int]) -> str:
    return (
        (" " * _GAP)
        .join(cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True))
        .rstrip()
    )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
