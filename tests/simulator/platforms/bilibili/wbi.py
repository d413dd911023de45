"""The WBI signature, as the server checks it."""

from __future__ import annotations

import hashlib
import time
from urllib.parse import quote

from tests.simulator.messages import whole
from tests.simulator.randomness import hex_of

# fmt: off
ORDER = (
    46, 47, 18, 2, 53, 8, 23, 32, 15, 50, 10, 31, 58, 3, 45, 35, 27, 43, 5, 49, 33, 9, 42, 19, 29, 28, 14, 39, 12, 38,
    41, 13,
)
# fmt: on
DROPPED = str.maketrans("", "", "!'()*")
TOLERANCE_S = 600


def mixin(img: str, sub: str) -> str:
    """The secret that both keys hide."""
    both = img + sub
    return "".join([both[place] for place in ORDER])


def seal(query: dict[str, str], secret: str) -> str:
    """The `w_rid` that belongs to a query which already has its `wts`."""
    pairs = [
        f"{quote(key, safe='')}={quote(value.translate(DROPPED), safe='')}"
        for key, value in sorted(query.items())
        if key != "w_rid"
    ]
    return hashlib.md5(("&".join(pairs) + secret).encode(), usedforsecurity=False).hexdigest()


class Keys:
    """The pair of keys in force; they change after a number of accepted signatures if asked to."""

    def __init__(self, seed: int, rotate_after: int | None) -> None:
        self._seed = seed
        self._rotate_after = rotate_after
        self._generation = 0
        self._accepted = 0
        self._renew()

    def _renew(self) -> None:
        self.img = hex_of(self._seed, "img", self._generation)
        self.sub = hex_of(self._seed, "sub", self._generation)
        self._secret = mixin(self.img, self.sub)

    def rotate(self) -> None:
        """Put new keys in force; signatures of the old ones are refused from now on."""
        self._generation += 1
        self._accepted = 0
        self._renew()

    @property
    def urls(self) -> dict[str, str]:
        """The keys as file names of two pictures."""
        return {
            f"{name}_url": f"https://i0.hdslb.com/bfs/wbi/{key}.png"
            for name, key in (("img", self.img), ("sub", self.sub))
        }

    def check(self, query: dict[str, str]) -> str:
        """`good`, `missing` or `wrong`."""
        given = query.get("w_rid", "")
        if not given or not query.get("wts"):
            return "missing"
        moment = whole(query["wts"])
        if moment is None or abs(moment - time.time()) > TOLERANCE_S:
            return "wrong"
        if seal(query, self._secret) != given:
            return "wrong"
        self._accepted += 1
        if self._rotate_after is not None and self._accepted >= self._rotate_after:
            self.rotate()
        return "good"
