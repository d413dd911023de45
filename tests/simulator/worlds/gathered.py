"""What stands together in TikTok's world: likes, reposts, playlists, sounds, hashtags, and who follows whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.simulator.worlds.realm import Maker, Work

if TYPE_CHECKING:
    from tests.simulator.worlds.tiktok import TiktokWorld

MOST = 75  # works in what is long: three pages and more
MIXES = 100  # numbers that each creator has for playlists
FEW = 3
FIRST_TAG = 4000
SOUND_STEP = 1_000_000
FOLLOWERS, FOLLOWING = 65, 25


class Mix(NamedTuple):
    """A playlist; `number` tells it apart from all others, `place` from those of its creator."""

    number: int
    place: int
    maker: Maker


class Gathered:
    """Computed from the world whose works it holds.

    :param words: those that are hashtags
    """

    def __init__(self, world: TiktokWorld, words: list[str]) -> None:
        self._world = world
        self._words = list(dict.fromkeys(words))

    def works(self, number: int, most: int = MOST) -> list[Work]:
        """The first works of a creator, by a number that stands for something else."""
        maker = self._world.creator(number % self._world.creators)
        return [self._world.listed(maker, place) for place in range(min(self._world.count(maker), most))]

    def liked(self, maker: Maker) -> list[Work] | None:
        """The works that a user likes, or None where that is hidden."""
        return self.works(0) if maker.kind == "user_likes" else None

    def reposted(self, maker: Maker) -> list[Work]:
        """The works that a user reposted: those of the next creator."""
        return [] if maker.kind == "user_empty" else self.works(maker.number + 1)

    def saved(self) -> list[Work]:
        """The works that the account saved, and those in its one public collection."""
        return self.works(1)

    def collection(self) -> str:
        """The number of this collection."""
        return self._world.numbered(0, "collection")

    def mixes(self, maker: Maker) -> list[Mix]:
        """The playlists of a creator."""
        count = MOST if maker.kind == "user_playlists" else maker.hash % 4 + 1
        return [Mix(maker.number * MIXES + place, place, maker) for place in range(count)]

    def mix_id(self, mix: Mix) -> str:
        """The number of a playlist in addresses."""
        return self._world.numbered(mix.number, "mix")

    def mix_of(self, ident: str) -> Mix | None:
        """The playlist with this number, or None."""
        number = self._world.number_of(ident, "mix")
        maker = None if number is None else self._world.maker_at(number // MIXES)
        every = self.mixes(maker) if maker else []
        place = (number or 0) % MIXES
        return every[place] if place < len(every) else None

    def items(self, mix: Mix) -> list[Work]:
        """The works in a playlist, the oldest first: of the first one of a creator many, of the others few."""
        count = min(self._world.count(mix.maker), FEW if mix.place else MOST)
        return [self._world.listed(mix.maker, place) for place in range(count)][::-1]

    def tag_id(self, name: str) -> str | None:
        """The number of a hashtag, or None where there is no such one."""
        return str(FIRST_TAG + self._words.index(name)) if name in self._words else None

    def tagged(self, ident: str) -> list[Work] | None:
        """The works that a hashtag's list holds, or None where there is no such one."""
        number = int(ident) - FIRST_TAG if ident.isascii() and ident.isdigit() else -1
        return self.works(number) if 0 <= number < len(self._words) else None

    def name_of(self, ident: str) -> str:
        """The name of a hashtag that there is."""
        return self._words[int(ident) - FIRST_TAG]

    def sound_id(self, work: Work) -> str:
        """The number of the sound that was made for a work."""
        return str(int(work.id) - SOUND_STEP)

    def sound_of(self, ident: str) -> Work | None:
        """The work that a sound was made for, or None."""
        return self._world.work_of(str(int(ident) + SOUND_STEP)) if ident.isascii() and ident.isdigit() else None

    def matching(self, keyword: str) -> list[Work]:
        """The works that a search finds."""
        return [] if keyword == "nothing" else self.works(len(keyword), 50)

    def followers(self, maker: Maker) -> list[Maker]:
        """Who follows a creator."""
        return self._strangers(maker, 0, FOLLOWERS)

    def following(self, maker: Maker) -> list[Maker]:
        """Whom a creator follows."""
        return self._strangers(maker, FOLLOWERS, FOLLOWING)

    def _strangers(self, maker: Maker, first: int, count: int) -> list[Maker]:
        return [self._world.stranger(maker.number * MIXES + first + place) for place in range(count)]
