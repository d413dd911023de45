"""The invented content: creators, works and comments, all computed on demand from a seed and an index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from tests.simulator import specials
from tests.simulator.account import Account
from tests.simulator.avbv import to_aid, to_bvid
from tests.simulator.discussion import Discussion
from tests.simulator.file_rules import FileRules
from tests.simulator.randomness import mix, words
from tests.simulator.shortlinks import short_links
from tests.simulator.signing import Signing
from tests.simulator.worlds.bilibili import Library
from tests.simulator.worlds.douyin import DouyinWorld
from tests.simulator.worlds.tiktok import TiktokWorld

EPOCH = 1_790_000_000
DECADE = 315_000_000
FIRST_AID, AID_STEP = 110_000_000_000_000, 1000
FIRST_CID, CID_STEP = 25_000_000_000, 64
FIRST_MID, LONG_MID, MID_STEP = 100_200_300, 3_546_500_000_000_000, 7919
RESERVED = 1000
ROOM = 100_000


class Creator(NamedTuple):
    """A user; `kind` names the special case or is empty."""

    number: int
    mid: int
    name: str
    kind: str
    hash: int


class Video(NamedTuple):
    """A work; `cid` is its first part's, `kind` names the special case or is empty."""

    number: int
    aid: int
    bvid: str
    cid: int
    title: str
    mid: int
    created: int
    duration: int
    hash: int
    kind: str

    @property
    def parts(self) -> int:
        """How many parts the work has."""
        return specials.PARTS.get(self.kind, 1)

    @property
    def cids(self) -> list[int]:
        """The cid of every part."""
        return [self.cid + part for part in range(self.parts)]


class World(Discussion):
    """Everything that a simulator serves; `videos` (a creator) may be raised while it is served.

    What is here is Bilibili's, with what stands together in `library`; the other platforms have worlds of their own,
    `douyin` and `tiktok`.

    :param signing: how the pages of a platform sign, by its name
    """

    def __init__(
        self,
        seed: int = 1,
        creators: int = 3,
        videos: int = 600,
        *,
        comments: int = 45,
        replies: int = 25,
        page_latency: tuple[float, float] = (0.0, 0.0),
        rotate_keys_after: int | None = None,
        strict: bool = True,
        vip: bool = False,
        signing: Mapping[str, Signing] | None = None,
        files: FileRules | None = None,
    ) -> None:
        super().__init__(seed, comments, replies)
        if creators < 1 or videos < 1:
            raise ValueError("a world has at least one creator and one video")
        self.seed = seed
        self.creators = creators
        self.videos = videos
        self.page_latency = page_latency
        self.rotate_keys_after = rotate_keys_after
        self.strict = strict
        self.account = Account(seed, vip)
        self._room = max(ROOM, videos)
        self._first_videos = videos
        self._pace = max(600, min(86_400, DECADE // max(1, videos)))
        self._names = tuple(specials.CREATORS)
        self.special: dict[str, str | int] = self._special()
        codes, self.short_links = short_links(seed, self.video(0, 0).bvid, self._bvid("multipart"), self.creator(0).mid)
        self.special.update(codes)
        self.library = Library(self)
        own = {name: replace(rules) for name, rules in (signing or {}).items()}  # challenges are counted down in it
        self.douyin = DouyinWorld(seed, creators, videos, strict, own.get("douyin"), (comments, replies))
        self.tiktok = TiktokWorld(seed, creators, videos, strict, own.get("tiktok"), (comments, replies))
        self.files = self.douyin.files = self.tiktok.files = files or FileRules()

    @property
    def sessdata(self) -> str:
        """The SESSDATA cookie that counts as logged in."""
        return self.account.sessdata

    @property
    def login_cookie(self) -> str:
        """A whole Cookie header of a login."""
        return self.account.cookie

    def creator(self, index: int) -> Creator:
        """The creator number `index`; behind the ordinary ones stand the special ones."""
        if not 0 <= index < self.creators + len(self._names):
            raise IndexError(index)
        number = mix(self.seed, -1 - index)
        base = LONG_MID if index % 3 == 2 else FIRST_MID
        mid = base + index * MID_STEP + number % MID_STEP
        kind = self._names[index - self.creators] if index >= self.creators else ""
        return Creator(index, mid, words(number, 2) + f"{number % 900 + 100}", kind, number)

    def creator_of(self, mid: int) -> Creator | None:
        """The creator with this mid."""
        index = (mid - (LONG_MID if mid >= LONG_MID else FIRST_MID)) // MID_STEP
        if not 0 <= index < self.creators + len(self._names):
            return None
        creator = self.creator(index)
        return creator if creator.mid == mid else None

    def count(self, creator: Creator) -> int:
        """How many works the creator's list has."""
        if not creator.kind:
            return self.videos
        count = specials.CREATORS[creator.kind]
        return len(specials.VISIBLE) if count is None else count

    def video(self, creator: int, place: int) -> Video:
        """The work at `place` of the list of creator number `creator`, newest first."""
        return self.listed(self.creator(creator), place)

    def listed(self, creator: Creator, place: int) -> Video:
        """The work at `place` of the creator's list, newest first."""
        position = self.count(creator) - 1 - place
        if position < 0 or place < 0:
            raise IndexError(place)
        if creator.kind == "showcase":
            return self._special_video(len(specials.HIDDEN) + position)
        return self._ordinary(creator, position)

    def bvids(self, creator: int) -> Iterator[str]:
        """All bvids that the list of creator number `creator` shows, newest first."""
        owner = self.creator(creator)
        for place in range(self.count(owner)):
            if owner.kind != "odd_user" or place != specials.ODD_PLACE:
                yield self.listed(owner, place).bvid

    def bvids_of(self, mid: int) -> Iterator[str]:
        """The same by mid; empty for an unknown one. The broken entry of odd_user is left out."""
        creator = self.creator_of(mid)
        return self.bvids(creator.number) if creator else iter(())

    def video_by_bvid(self, bvid: str) -> Video | None:
        """The work with this name, or None."""
        aid = to_aid(bvid)
        return None if aid is None else self.video_by_aid(aid)

    def video_by_aid(self, aid: int) -> Video | None:
        """The work with this number, or None."""
        return self._checked((aid - FIRST_AID) // AID_STEP, aid)

    def video_by_cid(self, cid: int) -> Video | None:
        """The work that has a part with this cid, or None."""
        video = self._checked((cid - FIRST_CID) // CID_STEP)
        return video if video is not None and cid in video.cids else None

    def _checked(self, number: int, aid: int | None = None) -> Video | None:
        if 0 <= number < len(specials.NAMES):
            video = self._special_video(number)
        else:
            index, position = divmod(number - RESERVED, self._room)
            if not 0 <= index < self.creators + len(self._names):
                return None
            creator = self.creator(index)
            if creator.kind == "showcase" or position >= self.count(creator):
                return None
            video = self._ordinary(creator, position)
        return video if aid is None or video.aid == aid else None

    def _ordinary(self, creator: Creator, position: int) -> Video:
        number = RESERVED + creator.number * self._room + position
        first = self.count(creator) if creator.kind else self._first_videos
        created = EPOCH - (first - 1 - position) * self._pace
        return self._made(number, creator.mid, created, "")

    def _special_video(self, number: int) -> Video:
        owner = self.creator(self.creators + self._names.index("showcase"))
        return self._made(number, owner.mid, EPOCH - (len(specials.NAMES) - number) * 86_400, specials.NAMES[number])

    def _made(self, number: int, mid: int, created: int, kind: str) -> Video:
        scrambled = mix(self.seed, number)
        aid = FIRST_AID + number * AID_STEP + scrambled % AID_STEP
        title = words(scrambled, 4)
        if kind == "entities":
            title = f"{title} Q&amp;A &lt;1&gt; &quot;{title[:2]}&quot;"
        elif not scrambled & 7:
            title = f"【{title[:2]}】{title} #{scrambled % 97}"
        duration = 0 if scrambled % 53 == 1 and not kind else 20 + (scrambled >> 24) % 3600
        bvid = to_bvid(aid)
        cid = FIRST_CID + number * CID_STEP
        return Video(number, aid, bvid, cid, title, mid, created - scrambled % 600, duration, scrambled, kind)

    def _bvid(self, name: str) -> str:
        return self._special_video(specials.NAMES.index(name)).bvid

    def _special(self) -> dict[str, str | int]:
        targets: dict[str, str | int] = {name: self._bvid(name) for name in specials.NAMES}
        targets["bad_request"] = specials.BAD_BVID
        for place, name in enumerate(self._names):
            targets[name] = self.creator(self.creators + place).mid
        return targets
