"""Compare the share of known values in a run with the usual one, of the runs before it.

A share depends on what was crawled as well as on the platform: one user's posts all have music, another's have none.
So a run is compared with those that crawled the same targets, or like it many targets. If there are too few of them,
only fields are judged that were known nearly everywhere, for many different targets.
"""

from collections.abc import Collection, Iterator, Sequence
from math import sqrt
from statistics import median
from typing import NamedTuple

import msgspec

from scraper.drift.field_counts import FieldCounts

RUNS = 12
"""So many runs are compared at most."""
LEAST_RUNS = 3
_MANY_TARGETS = 10
_OTHER_TARGETS = 8
_NEARLY_ALWAYS = 0.95
_DEVIATIONS = 4.0


class Limits(NamedTuple):
    """
    :param records: least number of objects in which a field could be known, in each run
    :param fall: how much a share must fall below that of all compared runs, as a share of 1
    """

    records: int
    fall: float


class Earlier(NamedTuple):
    """The sample of an earlier run.

    :ivar fallen: the fields that had fallen in it, which do not count as usual
    """

    counts: FieldCounts
    fallen: Collection[str] = ()


class Change(msgspec.Struct):
    """A field whose share was compared.

    :ivar usual: the median of the compared runs
    :ivar least: the least of them
    :ivar number: of objects in which the field could be known
    :ivar runs: the number of compared runs
    :ivar has_fallen: whether it fell by more than chance and other targets explain
    """

    path: str
    share: float
    usual: float
    least: float
    number: int
    runs: int
    has_fallen: bool


class _Compared(NamedTuple):
    shares: list[float]
    trials: int


def changes(now: FieldCounts, earlier: Sequence[Earlier], limits: Limits) -> Iterator[Change]:
    """Yield each field of a sample that can be compared."""
    paths = dict.fromkeys(path for counts in (now, *(run.counts for run in earlier)) for path in counts.known)
    alike = [_are_alike(now, run.counts) for run in earlier]
    for path in paths:
        number = now.number(path)
        compared = _compared(path, now, earlier, alike, limits) if number >= limits.records else None
        if compared is not None:
            share, least = now.share(path), min(compared.shares)
            has_fallen = least - share >= max(limits.fall, _DEVIATIONS * _deviation(least, compared.trials))
            yield Change(path, share, median(compared.shares), least, number, len(compared.shares), has_fallen)


def _compared(
    path: str, now: FieldCounts, earlier: Sequence[Earlier], alike: Sequence[bool], limits: Limits
) -> _Compared | None:
    """Return the shares to compare a field with, None if they do not say what is usual."""
    usable = [
        (run.counts, is_alike)
        for run, is_alike in zip(earlier, alike, strict=True)
        if path not in run.fallen and run.counts.number(path) >= limits.records
    ]
    own = [counts for counts, is_alike in usable if is_alike]
    if len(own) >= LEAST_RUNS:
        shares = [counts.share(path) for counts in own]
        same = all(_are_the_same(now, counts) for counts in own)
        return _Compared(shares, now.number(path) if same else min(now.number(path), len(now.targets)))
    shares = [counts.share(path) for counts, _ in usable]
    targets = set().union(*(counts.targets for counts, _ in usable))
    if len(shares) < LEAST_RUNS or len(targets) < _OTHER_TARGETS or min(shares) < _NEARLY_ALWAYS:
        return None
    return _Compared(shares, now.number(path))


def _are_alike(now: FieldCounts, before: FieldCounts) -> bool:
    has_many = min(len(now.targets), len(before.targets)) >= _MANY_TARGETS
    return has_many or _are_the_same(now, before)


def _are_the_same(now: FieldCounts, before: FieldCounts) -> bool:
    """Return whether most targets of a sample were in the earlier one, too."""
    return 2 * len(now.targets & before.targets) > len(now.targets)


def _deviation(share: float, trials: int) -> float:
    """Return the standard deviation of a share, at least that of one value in all."""
    bounded = min(max(share, 1 / trials), 1 - 1 / trials) if trials > 1 else 0.5
    return sqrt(bounded * (1 - bounded) / trials)
