"""What the worlds of Douyin and TikTok share: creators and works by index, and back from an id by arithmetic."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from typing import ClassVar, NamedTuple

from tests.simulator.file_rules import FileRules
from tests.simulator.randomness import hex_of, mix, words
from tests.simulator.signing import Signing
from tests.simulator.worlds.talk import WORD, Talk

EPOCH = 1_790_000_000
DECADE = 315_000_000
RESERVED = 1000
ROOM = 100_000
ODD = 2_654_435_761
INVERSE = pow(ODD, -1, WORD)
SEC_HEAD = "MS4wLjABAAAA"
SHORT_SEC, LONG_SEC = 32, 48


class Maker(NamedTuple):
    """A creator; `kind` names the special case or is empty."""

    number: int
    uid: str
    sec_uid: str
    handle: str
    name: str
    kind: str
    hash: int


class Work(NamedTuple):
    """A work; `kind` names the special case or is empty, `owner` is the number of its creator."""

    number: int
    id: str
    created: int
    owner: int
    title: str
    kind: str
    hash: int


class Realm:
    """The creators and works of one platform; `now` may be exchanged for a clock that stands still."""

    name = ""
    kinds: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()  # what is shown to a login alone
    makers: ClassVar[dict[str, int | None]] = {}  # name -> number of works listed (None: all visible special works)

    def __init__(
        self,
        seed: int,
        creators: int,
        videos: int,
        strict: bool = True,
        signing: Signing | None = None,
        talk: tuple[int, int] = (45, 25),
    ) -> None:
        """
        :param talk: how many comments a work has at the most, and how many replies a comment
        """
        self.seed = mix(seed, int(hex_of(self.name), 16) % WORD)
        self.creators = creators
        self.videos = videos
        self.strict = strict
        self.signing = signing or Signing()
        self.talk = Talk(*talk, frozenset({"comments_closed"}))
        self.now: Callable[[], float] = time.time
        self.files = FileRules()
        self._first_videos = videos
        self._room = max(ROOM, videos)
        self._pace = max(600, min(86_400, DECADE // max(1, videos)))
        self._names = tuple(self.makers)
        self._shown = [number for number, kind in enumerate(self.kinds) if kind not in self.hidden]
        self._secret = hex_of(self.seed, "session")
        self.special: dict[str, str] = {kind: self._odd(number).id for number, kind in enumerate(self.kinds)}
        self.special |= {name: self.ident(self.special_creator(name)) for name in self._names}
        self.short_links: dict[str, str] = {}

    def ident(self, maker: Maker) -> str:
        """The name by which pages know a creator."""
        return maker.sec_uid

    def handle(self, number: int, bits: int) -> str:
        """The name that a creator chose."""
        return f"{self.name}{bits % 90000 + 10000}_{self._scramble(number, 'handle') % WORD:x}"

    def title(self, bits: int) -> str:
        """The text of a work."""
        return words(bits, 4)

    def creator(self, index: int) -> Maker:
        """The creator number `index`; behind the ordinary ones stand the special ones."""
        if not 0 <= index < self.creators + len(self._names):
            raise IndexError(index)
        bits = mix(self.seed, -1 - index)
        kind = self._names[index - self.creators] if index >= self.creators else ""
        name = words(bits, 2) + f"{bits % 900 + 100}"
        uid = str(((1_500_000_000 + index * 3600) << 32) | self._scramble(index, "uid"))
        return Maker(index, uid, self._sec_uid(index), self.handle(index, bits), name, kind, bits)

    def special_creator(self, name: str) -> Maker:
        """The special creator of this name."""
        return self.creator(self.creators + self._names.index(name))

    def creator_of(self, sec_uid: str) -> Maker | None:
        """The creator with this sec_uid."""
        try:
            raw = base64.urlsafe_b64decode(sec_uid.removeprefix(SEC_HEAD) + "==")
        except ValueError:
            return None
        index = self._back(int.from_bytes(raw[:4], "big"), "sec")
        maker = self._maker(index)
        return maker if maker is not None and maker.sec_uid == sec_uid else None

    def creator_by_uid(self, uid: str) -> Maker | None:
        """The creator with this number."""
        if not (uid.isascii() and uid.isdigit()):
            return None
        maker = self._maker(self._back(int(uid) % WORD, "uid"))
        return maker if maker is not None and maker.uid == uid else None

    def count(self, maker: Maker) -> int:
        """How many works the creator's list has."""
        if not maker.kind:
            return self.videos
        count = self.makers[maker.kind]
        return len(self._shown) if count is None else count

    def video(self, creator: int, place: int) -> Work:
        """The work at `place` of the list of creator number `creator`, newest first."""
        return self.listed(self.creator(creator), place)

    def listed(self, maker: Maker, place: int) -> Work:
        """The work at `place` of the creator's list, newest first."""
        position = self.count(maker) - 1 - place
        if position < 0 or place < 0:
            raise IndexError(place)
        return self._odd(self._shown[position]) if maker.kind == "showcase" else self._ordinary(maker, position)

    def ids(self, creator: int) -> Iterator[str]:
        """The ids of all works of creator number `creator`, newest first."""
        maker = self.creator(creator)
        return (self.listed(maker, place).id for place in range(self.count(maker)))

    def work_of(self, ident: str) -> Work | None:
        """The work with this id, or None."""
        if not (ident.isascii() and ident.isdigit()):
            return None
        number = self._back(int(ident) % WORD, "work")
        work = self._numbered(number)
        return work if work is not None and work.id == ident else None

    def shown_to(self, login: bool, ident: str) -> Work | None:
        """The work with this id, an ordinary one where a login opens it."""
        work = self.work_of(ident)
        return work._replace(kind="") if login and work is not None and work.kind in self.opened else work

    def special_work(self, name: str) -> Work:
        """The special work of this name."""
        return self._odd(self.kinds.index(name))

    def secrets(self) -> frozenset[str]:
        """The values that only a login has."""
        return frozenset({self._secret})

    @property
    def login_cookie(self) -> str:
        """A whole Cookie header of a login."""
        guard = f"{self._secret}%7C1790000000%7C194521600%7CSat%2C+20-Nov-2032+00%3A00%3A00+GMT"
        login = "; ".join(f"{name}={self._secret}" for name in ("sessionid", "sessionid_ss", "sid_tt"))
        return f"ttwid={self.ttwid(0)}; {login}; sid_guard={guard}; LOGIN_STATUS=1"

    def ttwid(self, number: int) -> str:
        """A visitor id."""
        raw = bytes.fromhex(hex_of(self.seed, "ttwid", number) * 2)
        letters = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        return f"1%7C{letters}%7C{EPOCH + number}%7C{raw.hex()}"

    def _maker(self, index: int) -> Maker | None:
        return self.creator(index) if 0 <= index < self.creators + len(self._names) else None

    def _numbered(self, number: int) -> Work | None:
        if number < len(self.kinds):
            return self._odd(number)
        index, position = divmod(number - RESERVED, self._room)
        maker = self._maker(index) if number >= RESERVED else None
        if maker is None or maker.kind == "showcase" or position >= self.count(maker):
            return None
        return self._ordinary(maker, position)

    def created(self, maker: Maker, position: int) -> int:
        """When the work at `position`, oldest first, was made."""
        first = self.count(maker) if maker.kind else self._first_videos
        return EPOCH - (first - 1 - position) * self._pace

    def _ordinary(self, maker: Maker, position: int) -> Work:
        number = RESERVED + maker.number * self._room + position
        return self._made(number, maker.number, self.created(maker, position), "")

    def _odd(self, number: int) -> Work:
        owner = self.creators + self._names.index("showcase")
        return self._made(number, owner, EPOCH - (len(self.kinds) - number) * 86_400, self.kinds[number])

    def _made(self, number: int, owner: int, about: int, kind: str) -> Work:
        bits = mix(self.seed, number)
        created = about - bits % 600
        ident = (created << 32) | self._scramble(number, "work")
        return Work(number, str(ident), created, owner, self.title(bits), kind, bits)

    def _sec_uid(self, index: int) -> str:
        size = LONG_SEC if self.name == "tiktok" or index % 2 == 0 else SHORT_SEC
        rest = bytes.fromhex(hex_of(self.seed, "sec", index) * 2)[: size - 4]
        raw = self._scramble(index, "sec").to_bytes(4, "big") + (rest * 2)[: size - 4]
        return SEC_HEAD + base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def _scramble(self, number: int, use: str) -> int:
        return ((number * ODD) % WORD) ^ self._key(use)

    def _back(self, scrambled: int, use: str) -> int:
        return ((scrambled ^ self._key(use)) * INVERSE) % WORD

    def _key(self, use: str) -> int:
        return int(hex_of(self.seed, use)[:8], 16)


def tracked(url: str, **query: object) -> str:
    """The address with the query that sharing adds."""
    return url + "?" + "&".join(f"{key}={value}" for key, value in query.items())
