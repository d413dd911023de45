"""Charts as SVG shapes without text, which scale to any width. The page writes the words around them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from scraper.report.facts import spread_days

_MOST_DAYS, _MOST_MONTHS = 62, 60


class Shape(NamedTuple):
    """A rectangle or a line of a chart, in hundredths of its width and height.

    :ivar series: the index of its series, which chooses the colour
    :ivar points: of a line; empty for a rectangle
    """

    series: int
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0
    points: str = ""


class Chart(NamedTuple):
    """
    :ivar highest: the value at the upper edge
    :ivar labels: below, of all columns or of some of them, evenly spread
    :ivar rows: the numbers: a label, then a value for each series
    :ivar step: the time that a column stands for: day, month or year
    """

    series: Sequence[str]
    shapes: Sequence[Shape]
    highest: int
    labels: Sequence[str]
    rows: Sequence[tuple[str, ...]]
    step: str = ""


def columns(labels: Sequence[str], series: Mapping[str, Sequence[int]], step: str = "") -> Chart:
    """Return a chart of columns, those of all series on top of each other."""
    heights = [sum(values) for values in zip(*series.values(), strict=True)]
    highest, width = rounded_up(max(heights, default=0)), 100 / max(1, len(labels))
    shapes = []
    for place in range(len(labels)):
        base = 100.0
        for number, values in enumerate(series.values()):
            height = 100 * values[place] / highest
            base -= height
            if height:
                shapes.append(Shape(number, place * width + width * 0.1, base, width * 0.8, height))
    rows = [(label, *map(grouped, values)) for label, *values in zip(labels, *series.values(), strict=True)]
    return Chart(list(series), shapes, highest, _some(labels), rows, step)


def lines(labels: Sequence[str], series: Mapping[str, Sequence[int]]) -> Chart:
    """Return a chart of lines, each on its own scale from zero, so that views do not hide likes."""
    shapes = []
    for number, values in enumerate(series.values()):
        highest = max(1, *values)
        step = 100 / max(1, len(values) - 1)
        points = " ".join(f"{place * step:.2f},{100 - 96 * value / highest:.2f}" for place, value in enumerate(values))
        shapes.append(Shape(number, points=points))
    rows = [(label, *map(grouped, values)) for label, *values in zip(labels, *series.values(), strict=True)]
    return Chart(list(series), shapes, 0, _some(labels), rows)


def over_time(days: Mapping[str, Mapping[int, int]]) -> Chart | None:
    """Return how many things there were in each day, month or year; None if there are none.

    :param days: numbers by day number, for each series
    """
    known = [day for numbers in days.values() for day in numbers]
    if not known:
        return None
    span = spread_days(known)
    step, cut = ("day", 10) if span <= _MOST_DAYS else ("month", 7) if span <= _MOST_MONTHS * 31 else ("year", 4)
    first, last = date.fromordinal(min(known)), date.fromordinal(max(known))
    labels = list(dict.fromkeys(date.fromordinal(day).isoformat()[:cut] for day in _steps(first, last)))
    series = {}
    for name, numbers in days.items():
        values = dict.fromkeys(labels, 0)
        for day, number in numbers.items():
            values[date.fromordinal(day).isoformat()[:cut]] += number
        series[name] = list(values.values())
    return columns(labels, series, step)


def _steps(first: date, last: date) -> range:
    return range(first.toordinal(), last.toordinal() + 1)


def rounded_up(number: int) -> int:
    """Return the next round number.

    >>> [rounded_up(number) for number in (0, 7, 12, 41, 230, 999)]
    [1, 8, 20, 50, 300, 1000]
    """
    if number < 10:
        return max(1, number + number % 2)
    unit = int("1" + "0" * (len(str(number)) - 1))
    return -(-number // unit) * unit


def grouped(number: int | None) -> str:
    """Return a number with separators, "unknown" for None.

    >>> grouped(1234567), grouped(None)
    ('1,234,567', 'unknown')
    """
    return "unknown" if number is None else f"{number:,}"


def _some(labels: Sequence[str]) -> list[str]:
    """Return up to five labels, the first and the last among them."""
    if len(labels) <= 5:
        return list(labels)
    step = (len(labels) - 1) / 4
    return [labels[round(place * step)] for place in range(5)]
