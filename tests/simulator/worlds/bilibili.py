"""What stands together in Bilibili's world: folders, seasons, boards, rooms, and who follows whom. All is computed."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from tests.simulator.randomness import mix, words

if TYPE_CHECKING:
    from tests.simulator.world import Creator, Video, World

FIRST_FOLDER, FOLDERS, PRIVATE_FOLDER = 5_000_000_000, 100, 2
FIRST_SEASON, FIRST_SERIES = 4_000_000, 4_100_000
GONE_EVERY = 11
POPULAR, RANKED = 50, 100
SEASON, MEDIA, FIRST_EPISODE, EPISODES = 1001, 3001, 2001, 24
DRM_PLACE = 4  # of an episode whose streams are encrypted
GEO_SEASON, VIP_SEASON = 1002, 1003
NOTHING, EVERYTHING = "nothing", "everything"
MOST_FOUND, FOUND = 1000, 45
FOLLOWERS, MANY_FOLLOWERS, FOLLOWED = 120, 5000, 110
FIRST_PERSON, PEOPLE = 700_000_000, 1_000_000
FIRST_ROOM, FIRST_SHORT, STREAMING = 21_000_000, 1000, 75
AREAS, SUB_AREAS = 3, 4
DYNAMICS = 30
ON_AIR, OFF_AIR, ROUND = 1, 0, 2


class Folder(NamedTuple):
    """A folder of a creator: the first holds much, the second little, the third is private."""

    number: int
    place: int
    owner: Creator

    @property
    def private(self) -> bool:
        """Whether only its owner sees it."""
        return self.place == PRIVATE_FOLDER


class Person(NamedTuple):
    """Somebody who follows or is followed."""

    mid: int
    name: str
    hash: int


class Room(NamedTuple):
    """A live room; `status` is the platform's number."""

    number: int
    short: int
    owner: Person
    status: int
    area: int
    hash: int


class Library:
    """Computed from the world whose works it holds."""

    def __init__(self, world: World) -> None:
        self._world = world

    def folders(self, creator: Creator) -> list[Folder]:
        """The folders of a creator."""
        first = FIRST_FOLDER + creator.number * FOLDERS
        return [Folder(first + place, place, creator) for place in range(PRIVATE_FOLDER + 1)]

    def folder_of(self, number: int) -> Folder | None:
        """The folder with this number, or None."""
        index, place = divmod(number - FIRST_FOLDER, FOLDERS)
        if not 0 <= index < self._world.creators or place > PRIVATE_FOLDER:
            return None
        return self.folders(self._world.creator(index))[place]

    def saved(self, folder: Folder) -> list[Video]:
        """The videos in a folder: those of the next creator."""
        other = self._world.creator((folder.owner.number + 1) % self._world.creators)
        most = self._world.count(other) if folder.place == 0 else 3
        return [self._world.listed(other, place) for place in range(min(most, self._world.count(other)))]

    def season_owner(self, number: int, first: int = FIRST_SEASON) -> Creator | None:
        """Whose season (or series) has this number."""
        index = number - first
        return self._world.creator(index) if 0 <= index < self._world.creators else None

    def collected(self, creator: Creator) -> list[Video]:
        """What a creator's season and series hold, newest first."""
        return [self._world.listed(creator, place) for place in range(self._world.count(creator))]

    def popular(self, most: int = POPULAR) -> list[Video]:
        """What is popular: the creators take turns."""
        world = self._world
        every = (world.video(index, place) for place in range(world.videos) for index in range(world.creators))
        return list(islice(every, most))

    def matching(self, keyword: str) -> tuple[int, list[Video]]:
        """How many videos a word finds, and those that are shown."""
        if keyword == NOTHING:
            return 0, []
        shown = self.popular(MOST_FOUND if keyword == EVERYTHING else FOUND)
        return (MOST_FOUND if keyword == EVERYTHING else len(shown)), shown

    def episodes(self) -> list[Video]:
        """The episodes of the broadcast season."""
        return self.popular(EPISODES)

    def person(self, number: int) -> Person:
        """Somebody."""
        bits = mix(self._world.seed, -7_000_000 - number)
        return Person(FIRST_PERSON + number, words(bits, 2) + str(bits % 1000), bits)

    def followers(self, creator: Creator) -> int:
        """How many follow a creator: of every second one, more than are shown."""
        return MANY_FOLLOWERS if creator.number % 2 else FOLLOWERS

    def follower(self, creator: Creator, place: int) -> Person:
        """Who follows a creator, last first."""
        return self.person(creator.number * PEOPLE // 100 + place)

    def room(self, index: int) -> Room:
        """A room; their states take turns."""
        bits = mix(self._world.seed, -9_000_000 - index)
        status = (ON_AIR, ROUND, OFF_AIR)[index % 3]
        area = bits % (AREAS * SUB_AREAS)
        return Room(FIRST_ROOM + index, FIRST_SHORT + index, self.person(index + PEOPLE // 2), status, area, bits)

    def room_of(self, number: int) -> Room | None:
        """The room with this number, long or short."""
        index = number - (FIRST_ROOM if number >= FIRST_ROOM else FIRST_SHORT)
        return self.room(index) if 0 <= index < 3 * STREAMING else None

    def on_air(self) -> list[Room]:
        """The rooms that are live."""
        return [self.room(3 * index) for index in range(STREAMING)]
