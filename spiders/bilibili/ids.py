"""Conversion between `av` numbers and `BV` codes, the two ids of a video."""

import re

PLATFORM = "bilibili"

_ALPHABET = "FcwAPNKTMug3GV5Lj7EJnHpWsx4tb8haYeviqBz6rkCy12mUSDQX9RdoZf"
_XOR, _TOP, _MASK = 23442827791579, 1 << 51, (1 << 51) - 1
_DIGITS = 9

BV = r"(?:[bB][vV])(?-i:1[1-9A-HJ-NP-Za-km-z]{9})"
NUMBER = r"(?=0{0,19}[1-9])\d{1,16}"
AV = rf"[aA][vV]{NUMBER}"
_BV, _AV = re.compile(BV, re.ASCII), re.compile(AV, re.ASCII)


def aid_of(bvid: str) -> int:
    """Return the av number of a BV code.

    >>> aid_of("BV1L9Uoa9EUx"), aid_of("BV17x411w7KC")
    (111298867365120, 170001)
    """
    number = 0
    for letter in _swapped(bvid)[3:]:
        number = number * len(_ALPHABET) + _ALPHABET.index(letter)
    return (number & _MASK) ^ _XOR


def bvid_of(aid: int) -> str:
    """Return the BV code of an av number.

    >>> bvid_of(111298867365120), bvid_of(170001)
    ('BV1L9Uoa9EUx', 'BV17x411w7KC')
    """
    number, letters = (_TOP | aid) ^ _XOR, ""
    for _ in range(_DIGITS):
        number, digit = divmod(number, len(_ALPHABET))
        letters = _ALPHABET[digit] + letters
    return "".join(_swapped(f"BV1{letters}"))


def canonical(text: str) -> str | None:
    """Return the BV code for an id in any form, or None.

    >>> canonical("av170001"), canonical("bv17x411w7KC"), canonical("av0"), canonical("BV1short")
    ('BV17x411w7KC', 'BV17x411w7KC', None, None)
    """
    if _BV.fullmatch(text):
        return text if text[:2] == "BV" else "BV" + text[2:]
    if _AV.fullmatch(text):
        aid = int(text[2:])
        return bvid_of(aid) if 0 < aid < _TOP else None
    return None


def _swapped(code: str) -> list[str]:
    letters = list(code)
    letters[3], letters[9] = letters[9], letters[3]
    letters[4], letters[7] = letters[7], letters[4]
    return letters
