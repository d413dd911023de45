"""Mixed inputs for whole crawls: a third of each platform, links of every form, a tenth of them bad.

They depend on nothing but the world and a seed. Short links beyond the world's own are entered in its tables.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.simulator import World
from tests.simulator.randomness import code_of, mix

BAD_EVERY = 10
OK, BAD_INPUT, LOGIN, NOT_FOUND, PRIVATE, GEO = 200, 400, 401, 404, 451, 452


class Mixed(NamedTuple):
    """One line of a file of targets, and what is to come of it.

    `given` is the link or id in it, `code` the envelope's, `id` the canonical id of the work ("" where there is none).
    """

    line: str
    given: str
    platform: str
    code: int
    id: str
    what: str


def mixed(world: World, count: int = 300, seed: int = 1) -> list[Mixed]:
    """`count` inputs, each of another work; the world must have at least a third as many."""
    if world.creators * world.videos < count / 3:
        raise ValueError("the world is too small for so many inputs")
    makers = (_Bilibili(world), _Douyin(world), _Tiktok(world))
    entries = []
    for place in range(count):
        maker, number = makers[place % len(makers)], place // len(makers)
        bad = (number + place % len(makers)) % BAD_EVERY == BAD_EVERY - 1
        entries.append(maker.bad(number // BAD_EVERY) if bad else maker.good(number))
    return sorted(entries, key=lambda entry: mix(seed, int(code_of(entry.line).encode().hex(), 16)))


def write(inputs: Iterable[Mixed], path: Path) -> Path:
    """Write them as a file of targets."""
    path.write_text("".join(f"{entry.line}\n" for entry in inputs), encoding="utf-8")
    return path


class _Maker(ABC):
    """The inputs of one platform."""

    platform = ""
    forms: Sequence[str] = ()
    hidden: Sequence[tuple[str, int]] = ()
    codes: Sequence[tuple[str, int]] = ()

    def __init__(self, world: World) -> None:
        self.world = world

    def good(self, number: int) -> Mixed:
        """An input that gives a record."""
        form = self.forms[number % len(self.forms)]
        creator, place = number % self.world.creators, number // self.world.creators
        ident, link = self.link(form, creator, place)
        return Mixed(self.around(number, link), link, self.platform, OK, ident, form)

    def bad(self, number: int) -> Mixed:
        """An input that gives none."""
        every = [*self._hidden(), *self._short(), *self._hopeless()]
        # In steps, so that the kinds take turns; 11 divides none of the lengths.
        link, ident, code, what = every[number * 11 % len(every)]
        return Mixed(link, link, self.platform, code, ident, what)

    @abstractmethod
    def link(self, form: str, creator: int, place: int) -> tuple[str, str]:
        """The id of a work and a link to it."""

    @abstractmethod
    def special(self, name: str) -> str:
        """The id of a special work."""

    @abstractmethod
    def page(self, ident: str) -> str:
        """The plain link to a work."""

    @abstractmethod
    def short(self, code: str) -> str:
        """A short link."""

    def around(self, number: int, link: str) -> str:
        """The link as people paste it, every third in a text."""
        return f"{number % 10}.{number % 90 + 10} 复制打开看看【一个作品】 {link} ，快来" if number % 3 == 2 else link

    def _entered(self, links: dict[str, str], target: str) -> str:
        code = code_of(self.platform, target)
        links[code] = target
        return self.short(code)

    def _hidden(self) -> list[tuple[str, str, int, str]]:
        return [(self.page(self.special(name)), self.special(name), code, name) for name, code in self.hidden]

    def _short(self) -> list[tuple[str, str, int, str]]:
        return [(self.short(self.special(name)), "", code, name) for name, code in self.codes]

    def _hopeless(self) -> list[tuple[str, str, int, str]]:
        elsewhere = f"https://example.org/{self.platform}/video/1"
        words = f"no link for {self.platform} in this one"
        return [(elsewhere, "", BAD_INPUT, "foreign host"), (words, "", BAD_INPUT, "no link")]


class _Bilibili(_Maker):
    platform = "bilibili"
    forms = ("page", "bare", "short", "av", "mobile", "tracked", "short_name", "bare_av", "player")
    hidden = (("deleted", NOT_FOUND), ("invisible", NOT_FOUND), ("under_review", PRIVATE), ("owner_only", PRIVATE))
    codes = (("b23_dead", NOT_FOUND), ("b23_foreign", BAD_INPUT), ("b23_home", BAD_INPUT), ("b23_loop", BAD_INPUT))

    def link(self, form: str, creator: int, place: int) -> tuple[str, str]:
        video = self.world.video(creator, place)
        name, page = video.bvid, self.page(video.bvid)
        links: dict[str, Callable[[], str]] = {
            "page": lambda: page,
            "bare": lambda: name,
            "short": lambda: self._entered(self.world.short_links, f"{page}?share_source=copy_web&unique_k=1"),
            "av": lambda: f"https://www.bilibili.com/video/av{video.aid}/",
            "mobile": lambda: f"https://m.bilibili.com/video/{name}",
            "tracked": lambda: f"{page}/?spm_id_from=333.1007&vd_source=abc",
            "short_name": lambda: f"https://b23.tv/{name}",
            "bare_av": lambda: f"av{video.aid}",
            "player": lambda: f"https://player.bilibili.com/player.html?bvid={name}",
        }
        return name, links[form]()

    def special(self, name: str) -> str:
        return str(self.world.special[name])

    def page(self, ident: str) -> str:
        return f"https://www.bilibili.com/video/{ident}"

    def short(self, code: str) -> str:
        return f"https://b23.tv/{code}"

    def around(self, number: int, link: str) -> str:
        # An id counts as one only where nothing else stands beside it.
        return super().around(number, link) if link.startswith("https:") else link


class _Douyin(_Maker):
    platform = "douyin"
    forms = ("page", "short", "share", "modal", "note", "old_short", "player", "discover", "mobile")
    hidden = (
        ("status_deleted", NOT_FOUND),
        ("status_self_see", PRIVATE),
        ("copyright_foreign", GEO),
        ("core_dep", NOT_FOUND),
        ("code_8", LOGIN),
        ("only_friend_see", PRIVATE),
        ("author_level_ban", NOT_FOUND),
        ("unknown_id", NOT_FOUND),
    )
    codes = (("dy_dead", BAD_INPUT), ("dy_foreign", BAD_INPUT), ("dy_loop", BAD_INPUT), ("dy_deleted", NOT_FOUND))

    def link(self, form: str, creator: int, place: int) -> tuple[str, str]:
        world = self.world.douyin
        ident = world.video(creator, place).id
        target = f"https://www.iesdouyin.com/share/video/{ident}/?region=CN&from_ssr=1&from=web_code_link"
        links: dict[str, Callable[[], str]] = {
            "page": lambda: self.page(ident),
            "short": lambda: self._entered(world.short_links, target),
            "share": lambda: target,
            "modal": lambda: f"https://www.douyin.com/user/{world.creator(creator).sec_uid}?modal_id={ident}",
            "note": lambda: f"https://www.douyin.com/note/{ident}",
            "old_short": lambda: self._entered(world.short_links, target).replace("v.douyin.com", "v.iesdouyin.com"),
            "player": lambda: f"https://open.douyin.com/player/video?vid={ident}&autoplay=0",
            "discover": lambda: f"https://www.douyin.com/discover?modal_id={ident}",
            "mobile": lambda: f"https://m.douyin.com/share/video/{ident}",
        }
        return ident, links[form]()

    def special(self, name: str) -> str:
        return self.world.douyin.special[name]

    def page(self, ident: str) -> str:
        return f"https://www.douyin.com/video/{ident}"

    def short(self, code: str) -> str:
        return f"https://v.douyin.com/{code}/"


class _Tiktok(_Maker):
    platform = "tiktok"
    forms = ("page", "short", "nameless", "photo", "other_short", "old", "third_short", "embed", "share")
    hidden = (
        ("status_deleted", NOT_FOUND),
        ("private_10216", PRIVATE),
        ("status_self_see", PRIVATE),
        ("item_missing", NOT_FOUND),
        ("status_reviewing", PRIVATE),
        ("unknown_id", NOT_FOUND),
    )
    codes = (("tt_dead", BAD_INPUT), ("tt_foreign", BAD_INPUT), ("tt_loop", BAD_INPUT), ("tt_deleted", NOT_FOUND))

    def link(self, form: str, creator: int, place: int) -> tuple[str, str]:
        world = self.world.tiktok
        work = world.video(creator, place)
        ident, page = work.id, world.url(work)
        tracked = f"{page}?_t=8abc&_r=1"
        links: dict[str, Callable[[], str]] = {
            "page": lambda: page,
            "short": lambda: self._entered(world.short_links, tracked),
            "nameless": lambda: self.page(ident),
            "photo": lambda: world.url(work, photo=True),
            "other_short": lambda: self._entered(world.short_links, tracked).replace("vm.", "vt."),
            "old": lambda: f"https://m.tiktok.com/v/{ident}.html",
            "third_short": lambda: self._entered(world.short_links, tracked).replace(
                "vm.tiktok.com", "www.tiktok.com/t"
            ),
            "embed": lambda: f"https://www.tiktok.com/embed/v2/{ident}",
            "share": lambda: f"https://www.tiktokv.com/share/video/{ident}/",
        }
        return ident, links[form]()

    def special(self, name: str) -> str:
        return self.world.tiktok.special[name]

    def page(self, ident: str) -> str:
        return f"https://www.tiktok.com/@_/video/{ident}"

    def short(self, code: str) -> str:
        return f"https://vm.tiktok.com/{code}/"

    def _hopeless(self) -> list[tuple[str, str, int, str]]:
        ident = self.special("unknown_id")
        return [*super()._hopeless(), (ident, "", BAD_INPUT, "an id that two platforms have")]
