"""What stands together in Douyin's world: mixes, sounds, hashtags, likes, and who follows whom."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from tests.simulator.worlds.realm import EPOCH, Maker, Work

if TYPE_CHECKING:
    from tests.simulator.worlds.douyin import DouyinWorld

MIXES = 100  # numbers that each creator has for mixes
LONGEST, SHORT = 50, 3
FIRST_HASHTAG, HASHTAGS = 1_600_000_000_000_000, 1000
SOUND_STEP = 1_000_000
FOLLOWERS, HIDDEN_FOLLOWERS, FOLLOWING = 45, 2, 55


class Mix(NamedTuple):
    """A mix; `number` tells it apart from all others, `place` from those of its creator."""

    number: int
    place: int
    maker: Maker


class Shelves:
    """Computed from the world whose works they hold."""

    def __init__(self, world: DouyinWorld) -> None:
        self._world = world

    def mixes(self, maker: Maker) -> int:
        """How many mixes a creator has."""
        return 45 if maker.kind == "user_mixes" else 1 + maker.hash % 4

    def mix(self, maker: Maker, place: int) -> Mix:
        """One of them."""
        return Mix(maker.number * MIXES + place, place, maker)

    def mix_of(self, ident: str) -> Mix | None:
        """The mix with this id, or None."""
        number = self._world.mix_number(ident)
        maker = None if number is None else self._world.maker_at(number // MIXES)
        mix = maker and self.mix(maker, (number or 0) % MIXES)
        return mix if mix and mix.place < self.mixes(mix.maker) else None

    def items(self, of: Mix) -> list[Work]:
        """The works in a mix, in its order: of the first mix of a creator many, of the others few."""
        count = min(self._world.count(of.maker), LONGEST if of.place == 0 else SHORT)
        return [self._world.listed(of.maker, place) for place in range(count)][::-1]

    def sound_of(self, ident: str) -> Work | None:
        """The work that a sound was made for, or None."""
        return self._world.work_of(str(int(ident) + SOUND_STEP)) if ident.isascii() and ident.isdigit() else None

    def hashtag_maker(self, ident: str) -> Maker | None:
        """The creator whose works have a hashtag, or None."""
        number = int(ident) - FIRST_HASHTAG if ident.isascii() and ident.isdigit() else -1
        return self._world.creator(number % self._world.creators) if 0 <= number < HASHTAGS else None

    def liked(self, maker: Maker) -> Maker | None:
        """The creator whose works a user likes, or None where that is hidden."""
        return self._world.creator(0) if maker.kind == "user_likes" else None

    def pinned(self, maker: Maker) -> Work | None:
        """The work that a creator pinned; half of them pin one, one of the oldest."""
        world, count = self._world, self._world.count(maker)
        pins = not maker.kind and maker.number % 2 and count > 5
        return world.listed(maker, min(count - 1, 45)) if pins else None

    def after(self, maker: Maker, moment_ms: int) -> int:
        """The place of the first work that is older than a moment; 0 is now."""
        if not moment_ms:
            return 0
        count = self._world.count(maker)
        return bisect_left(
            range(count), True, key=lambda place: self._world.listed(maker, place).created * 1000 < moment_ms
        )

    def stranger(self, maker: Maker, place: int) -> Maker:
        """Somebody who follows a creator, or whom a creator follows."""
        return self._world.stranger(maker.number * MIXES + place)

    def followed_at(self, place: int) -> int:
        """When they did, in seconds."""
        return EPOCH - place * 1000 - 1
