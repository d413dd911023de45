"""A creator whose posts come, go, hide, change and are pinned between runs and during them, and the runs over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.crawling import Crawl, Running, crawl
from tests.simulator import Video, World
from tests.simulator.signing import OPEN
from tests.simulator.world import Creator
from tests.simulator.worlds.douyin import DouyinWorld
from tests.simulator.worlds.realm import Maker, Work
from tests.simulator.worlds.shelves import Shelves

PAGE = 5
LISTS = {"bilibili": "/x/space/wbi/arc/search", "douyin": "/aweme/v1/web/aweme/post/"}
NO_BROWSER = {"PLAYWRIGHT_LAUNCH_OPTIONS": '{"executable_path": "/nowhere/chromium"}'}


class Timeline:
    """The posts of one creator: which there are, which are shown, which one is pinned. It says what a list shows."""

    def __init__(self, made: list[Any]) -> None:
        self.made = made  # oldest first
        self.hidden: set[int] = set()
        self.swapped: set[int] = set()  # with the next newer one
        self.pinned: int | None = None
        self.titles: dict[int, str] = {}

    def shown(self) -> list[int]:
        """The places of the posts that are shown, newest first, but for those that are swapped."""
        places = [*range(len(self.made))]
        for place in sorted(self.swapped):
            places[place : place + 2] = places[place : place + 2][::-1]
        return [place for place in reversed(places) if place not in self.hidden]

    def post(self, place: int) -> Any:
        post = self.made[place]
        return post._replace(title=self.titles[place]) if place in self.titles else post

    def visible(self) -> frozenset[int]:
        return frozenset(self.shown())


class Bilibili(World):
    """A world in which the list of the first creator is a timeline."""

    timeline: Timeline | None = None

    def count(self, creator: Creator) -> int:
        return len(self.timeline.shown()) if self.timeline and creator.number == 0 else super().count(creator)

    def listed(self, creator: Creator, place: int) -> Video:
        if self.timeline and creator.number == 0:
            return self.timeline.post(self.timeline.shown()[place])
        return super().listed(creator, place)

    def video_by_aid(self, aid: int) -> Video | None:
        made = self.timeline.made if self.timeline else ()
        return next((post for post in made if post.aid == aid), None) or super().video_by_aid(aid)


class Douyin(DouyinWorld):
    """The same for Douyin."""

    timeline: Timeline | None = None

    def count(self, maker: Maker) -> int:
        return len(self.timeline.shown()) if self.timeline and maker.number == 0 else super().count(maker)

    def listed(self, maker: Maker, place: int) -> Work:
        if self.timeline and maker.number == 0:
            return self.timeline.post(self.timeline.shown()[place])
        return super().listed(maker, place)


class PinningShelves(Shelves):
    """Pins what the timeline says."""

    def pinned(self, maker: Maker) -> Work | None:
        timeline = self._world.timeline  # type: ignore[attr-defined]
        if maker.number or timeline.pinned is None or timeline.pinned in timeline.hidden:
            return None
        return timeline.post(timeline.pinned)


class Site:
    """A platform with one creator, and the runs over that creator's posts."""

    def __init__(self, name: str, folder: Path, posts: int, comments: int = 45) -> None:
        self.name, self.folder = name, folder
        self.world = Bilibili(seed=7, creators=2, videos=200, signing=OPEN, comments=comments)
        library: Any = self.world
        if name == "douyin":
            realm = Douyin(self.world.seed, 2, 200, True, OPEN["douyin"])
            realm.shelves = PinningShelves(realm)
            library = self.world.douyin = realm
        self._ready = [library.video(0, place) for place in range(200)][::-1]
        self.timeline = library.timeline = Timeline(self._ready[:posts])
        creator = library.creator(0)
        self.link = creator.sec_uid if name == "douyin" else f"https://space.bilibili.com/{creator.mid}"
        self._number = 0

    def add(self) -> None:
        """Publish the next post."""
        self.timeline.made.append(self._ready[len(self.timeline.made)])

    def ident(self, place: int) -> str:
        post = self.timeline.made[place]
        return str(post.id if self.name == "douyin" else post.bvid)

    def time(self, place: int) -> int:
        return int(self.timeline.made[place].created)

    def run(self, *words: str, meanwhile: Callable[[Running], None] | None = None, **more: Any) -> Crawl:
        """Run a crawl of the creator, with a feed of its own."""
        self._number += 1
        given = (f"url={self.link}", f"count={PAGE}", *words)
        return self.command("crawl", self.name, words=given, feed=f"{self._number}.jsonl", meanwhile=meanwhile, **more)

    def command(
        self, *command: str, words: Sequence[str] = (), env: Mapping[str, str] | None = None, **more: Any
    ) -> Crawl:
        """Run a command on the same files."""
        ways: dict[str, Any] = {"configs": {"douyin_web": ""}, "env": {**NO_BROWSER, **(env or {})}, **more}
        return crawl(*words, world=self.world, command=command, folder=self.folder, **ways)

    def pages(self, done: Crawl) -> int:
        return len(done.asked(LISTS[self.name]))


def of_type(done: Crawl, kind: str) -> list[dict[str, Any]]:
    return [record for record in done.records if record["meta"]["record_type"] == kind]


def ids(done: Crawl) -> list[str]:
    return [record["video_id"] for record in of_type(done, "video")]


def events(done: Crawl) -> list[tuple[str, str]]:
    return [(event["event_kind"], event["item_key"].rpartition(":")[2]) for event in of_type(done, "event")]
