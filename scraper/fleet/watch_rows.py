"""Make targets of the watch list from the links, ids and rows that a user gives. Sends no request."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import msgspec
from scrapy.settings import BaseSettings
from scrapy.spiderloader import get_spider_loader

from scraper.crawling.spider import PlatformSpider
from scraper.fleet.schedule import parse_cron
from scraper.inputs import times
from scraper.inputs.arguments import parse, writable
from scraper.inputs.ask import Ask
from scraper.inputs.endpoint_choice import plan
from scraper.inputs.hashing import hash64
from scraper.inputs.policy import CRON, EVERY, NO_POLICY, PRIORITY, TAG, TAGS, Policy, tags, tags_text
from scraper.inputs.share_text import find
from scraper.inputs.target_rows import TargetRow
from scraper.platform.atlas import Atlas
from scraper.platform.registry import sole_platforms
from scraper.platform.targets import SHORT_LINK, Target
from scraper.responses.exceptions import ArgumentError

HYBRID = "hybrid"
"""The spider of links that name no platform before they are followed."""
MOST_PRIORITY = 1_000
_NOT_HERE = ("url", "file", "due", "dry_run")
_SCHEDULE = (PRIORITY, EVERY, CRON)
_WHOLE = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_ANY_LINK = "https://site.test/"  # stands for the links, while the other arguments are checked
_KEPT = 1_000  # checked arguments, since most rows of a file have the same
_SHOWN = 300  # characters of a row that cannot be read


class WatchTarget(NamedTuple):
    """A target as it is added to the watch list.

    :ivar key: the same for the same spider, target and routers
    :ivar arguments: of a crawl of this target alone, but its url, in JSON
    :ivar every: seconds between two runs
    :ivar cron: five fields and a time zone
    """

    key: int
    spider: str
    link: str
    arguments: str
    priority: int
    every: int | None
    cron: str | None


class Refused(NamedTuple):
    """An input that cannot be watched."""

    text: str
    problem: str


class _Spider(NamedTuple):
    name: str
    atlas: Atlas
    router: str


class _Schedule(NamedTuple):
    priority: int = 0
    every: int | None = None
    cron: str | None = None


class WatchReader:
    """
    :param arguments: of a crawl, for all rows, with `every`, `cron` and `priority`; those of a row replace them
    :raises ArgumentError: if one of them is wrong
    """

    def __init__(self, settings: BaseSettings, arguments: Mapping[str, str]):
        if wrong := next((name for name in _NOT_HERE if name in arguments), ""):
            raise ArgumentError(f"{wrong} is for crawls: leave it out, and give links and files without -a")
        self._loader, self._given = get_spider_loader(settings), writable(arguments)
        self._others = sole_platforms(settings)
        self._spiders = {platform.name: name for name, platform in reversed(self._others.items())}
        self._spider = lru_cache(self._loaded)
        self._ask = lru_cache(_KEPT)(self._checked)
        self._schedule = lru_cache(_KEPT)(_schedule)
        self._any = self._spider(HYBRID)
        self._read(NO_POLICY)

    @property
    def id_names(self) -> list[str]:
        """The platforms' names of ids, which are recognised as column names."""
        return self._any.atlas.id_names

    def targets(self, row: TargetRow) -> Iterator[WatchTarget | Refused]:
        """Yield the targets of a row, and what cannot be watched of it."""
        try:
            if row.problem:
                raise ArgumentError(row.problem)
            schedule, arguments = self._read(row.policy)
        except ArgumentError as error:
            yield Refused(row.text[:_SHOWN], str(error))
            return
        atlas = self._any.atlas
        for target in find(row.text, atlas.patterns, atlas.bare_ids, atlas.link_hosts):
            try:
                yield self._target(target, schedule, arguments)
            except ArgumentError as error:
                yield Refused(target.given, str(error))

    def _read(self, policy: Policy) -> tuple[_Schedule, dict[str, str]]:
        """Return when a row is crawled, and the arguments of its crawl.

        :raises ArgumentError: names the wrong column and shows the right form
        """
        given = self._given
        if EVERY in policy or CRON in policy:
            given = {name: value for name, value in given.items() if name not in (EVERY, CRON)}
        values = {**given, **{name: value for name, value in policy.items() if not name.startswith(TAG)}}
        schedule = self._schedule(*(values.pop(name, "") for name in _SCHEDULE))
        if schedule.every or schedule.cron:
            values.setdefault("since", times.LAST)
        self._ask(HYBRID, tuple(sorted(values.items())))
        own = {name.removeprefix(TAG): value for name, value in policy.items() if name.startswith(TAG)}
        if own:
            values[TAGS] = tags_text({**(tags(values[TAGS]) if TAGS in values else {}), **own})
        return schedule, values

    def _target(self, target: Target, schedule: _Schedule, arguments: dict[str, str]) -> WatchTarget:
        """
        :raises ArgumentError: says why it cannot be crawled
        """
        known = self._spiders.get(target.platform, HYBRID)
        spider = self._any if target.kind == SHORT_LINK else self._spider(known)
        checked = {name: value for name, value in arguments.items() if name != TAGS}
        ask = self._ask(spider.name, tuple(sorted(checked.items())))
        target = target.without_page() if ask.routers else target
        routers: list[str] = []
        if target.kind != SHORT_LINK:
            chosen = plan(target, ask, spider.atlas, self._others)
            if chosen.problem:
                raise ArgumentError(chosen.problem)
            routers = chosen.routers
        key = hash64(f"{spider.name} {target.question} {' '.join(sorted(routers or ask.routers))}") >> 1
        text = msgspec.json.encode(arguments, order="sorted").decode()
        return WatchTarget(key, spider.name, target.given, text, *schedule)

    def _loaded(self, name: str) -> _Spider:
        kind = self._loader.load(name)
        assert issubclass(kind, PlatformSpider)
        return _Spider(name, kind.build_atlas(), kind.router or "")

    def _checked(self, spider: str, arguments: tuple[tuple[str, str], ...]) -> Ask:
        """
        :raises ArgumentError: names the wrong argument and shows the right form
        """
        _, atlas, router = self._spider(spider)
        return parse({"url": _ANY_LINK, **dict(arguments)}, atlas, router).ask


def _schedule(priority: str, every: str, cron: str) -> _Schedule:
    """
    :raises ArgumentError: names the wrong value and shows the right form
    """
    if every and cron:
        raise ArgumentError("give every or cron, not both")
    if priority and not (_WHOLE.fullmatch(priority) and abs(int(priority)) <= MOST_PRIORITY):
        raise ArgumentError(
            f"priority={priority}: must be a whole number from -{MOST_PRIORITY} to {MOST_PRIORITY} in a watch list"
        )
    return _Schedule(int(priority or 0), times.every(every) if every else None, str(parse_cron(cron)) if cron else None)
