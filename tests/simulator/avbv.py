"""Bilibili's two names for a work: the number (av) and the letters (BV)."""

from __future__ import annotations

import re

ALPHABET = "FcwAPNKTMug3GV5Lj7EJnHpWsx4tb8haYeviqBz6rkCy12mUSDQX9RdoZf"
DIGIT = {letter: value for value, letter in enumerate(ALPHABET)}
SECRET = 23442827791579
LIMIT = 2**51
FORM = re.compile(r"[bB][vV]1[1-9A-HJ-NP-Za-km-z]{9}")


def to_bvid(aid: int) -> str:
    """The letters of a number."""
    rest = (LIMIT | aid) ^ SECRET
    letters = []
    for _ in range(9):
        rest, digit = divmod(rest, 58)
        letters.append(ALPHABET[digit])
    # Written from the last digit on; the two exchanges are 3-9 and 4-7 of the whole name.
    z, y, x, w, v, u, t, s, r = letters
    return f"BV1{x}{v}{t}{u}{s}{w}{r}{y}{z}"


def to_aid(bvid: str) -> int | None:
    """The number of the letters, or None if no number is written like that."""
    if not FORM.fullmatch(bvid):
        return None
    c = list(bvid)
    c[3], c[9] = c[9], c[3]
    c[4], c[7] = c[7], c[4]
    number = 0
    for letter in c[3:]:
        number = number * 58 + DIGIT[letter]
    aid = (number & (LIMIT - 1)) ^ SECRET
    return aid if to_bvid(aid)[3:] == bvid[3:] else None
