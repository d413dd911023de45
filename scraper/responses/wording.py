"""Wording shared by messages: counts, lists of names, and suggestions for misspelt names."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

_SIMILAR = 0.6
_PERIODS = (("s", 1, 120), ("min", 60, 7_200), ("h", 3_600, 172_800), ("d", 86_400, float("inf")))


def counted(number: int, singular: str, plural: str = "") -> str:
    """Return a number with its noun.

    >>> counted(1, "identity", "identities"), counted(0, "record"), counted(2, "identity", "identities")
    ('1 identity', '0 records', '2 identities')
    """
    return f"{number} {singular if number == 1 else plural or f'{singular}s'}"


def enumerated(names: Sequence[str], conjunction: str = "and") -> str:
    """Return names as a list in a sentence.

    >>> enumerated(["a"]), enumerated(["a", "b"], "or"), enumerated(["a", "b", "c"])
    ('a', 'a or b', 'a, b and c')
    """
    *others, last = names
    return f"{', '.join(others)} {conjunction} {last}" if others else last


def period(seconds: float) -> str:
    """Return a period in its largest fitting unit.

    >>> period(45), period(5400), period(200_000)
    ('45 s', '90 min', '2.3 d')
    """
    unit, length = next((unit, length) for unit, length, most in _PERIODS if seconds < most)
    return f"{round(max(0.0, seconds) / length, 1 if length > 1 else 0):g} {unit}"


def unknown(noun: str, name: str, known: Iterable[str], plural: str = "") -> str:
    """Return a message for an unknown name: the closest known name, or else all of them.

    >>> unknown("spider", "hybird", ["hybrid", "toy"])
    'unknown spider hybird; did you mean hybrid?'
    >>> unknown("spider", "x", ["hybrid", "toy"])
    'unknown spider x; spiders are hybrid, toy'
    """
    names = list(known)
    close = get_close_matches(name, names, 1, _SIMILAR)
    hint = f"did you mean {close[0]}?" if close else f"{plural or f'{noun}s'} are {', '.join(names)}"
    return f"unknown {noun} {name}; {hint}"
