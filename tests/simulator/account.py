"""The one account that can be logged in."""

from __future__ import annotations

from tests.simulator.randomness import hex_of, mix, words


class Account:
    """Its cookies and what the platform tells about it."""

    def __init__(self, seed: int, vip: bool) -> None:
        secret = hex_of(seed, "session")
        self.mid = 500_000_000 + mix(seed, 7) % 100_000_000
        self.name = words(mix(seed, 8), 2)
        self.vip = vip
        self.csrf = hex_of(seed, "csrf")
        self.sessdata = f"{secret[:8]}%2C1893456000%2C{secret[8:13]}*{secret[13:15]}CjB{secret}"

    @property
    def cookie(self) -> str:
        """A whole Cookie header."""
        check = hex_of(self.mid)[:16]
        return (
            f"SESSDATA={self.sessdata}; bili_jct={self.csrf}; DedeUserID={self.mid}; "
            f"DedeUserID__ckMd5={check}; sid={check[:8]}"
        )
