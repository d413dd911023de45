"""One request to make. Plain values and names only, so that Scrapy can write it to disk and a crawl can be paused."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from scraper.inputs.ask import Ask
from scraper.inputs.duplicates import ListId
from scraper.platform.targets import Target
from scraper.responses.outcomes import Outcome

_ANEW = {"tries": 0, "renewed": False, "probed": False, "moved": "", "moves": 0}


class Tried(NamedTuple):
    """What a route said before a further one was tried.

    :param route: its place among those of the endpoint
    :param outcome: its number
    :param identity: the hash of who asked, "" where nobody was asked
    :param advice: what the user can do about it, if that is not what the outcome advises
    """

    route: int
    outcome: int
    message: str
    identity: str
    advice: str = ""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """
    :param router: the endpoint's router path
    :param cursor: where this page starts, as the platform said it; "" for the first
    :param page: 1 for the first page
    :param position: how many records of the listing came before this page
    :param route: which of the endpoint's routes is tried
    :param moved: where the platform moved it to, "" where it is asked for at its own place
    :param moves: how often it did
    :param tried: what the routes before it said of this page
    :param step: 0 for the endpoint's own answer, n for its n-th extra request
    :param held: the record that the extra requests complete
    :param poorer: the record of a route that lacks a part, while further routes are asked for it
    :param tries: how often this was sent before
    :param renewed: whether the signing keys were already renewed for it
    :param doubted: whether every route was refused, so that the session itself was probed
    :param depth: how many records led here one after the other, 0 where the user did
    :param declared: how many records that one says are here, None where it does not say
    :param handed: to how many further identities this page was handed on
    :param ask: what is wanted, and by whom
    :param input: the number of the input in its ask, which tells apart two walks of the same list
    """

    router: str
    target: Target
    cursor: str = ""
    page: int = 1
    position: int = 0
    route: int = 0
    moved: str = ""
    moves: int = 0
    tried: tuple[Tried, ...] = ()
    step: int = 0
    held: Any = None
    poorer: Any = None
    tries: int = 0
    renewed: bool = False
    probed: bool = False
    depth: int = 0
    declared: int | None = None
    handed: int = 0
    ask: Ask = Ask()
    input: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """What names the listing, or the single thing, that this is a part of."""
        return self.router, self.target.key

    @property
    def followed(self) -> bool:
        """Whether a record led here, and not the user."""
        return self.depth > 0

    @property
    def listing(self) -> str:
        """The same for all pages of a list, so that they share an identity."""
        return f"{self.router} {self.target.key}"

    @property
    def walk(self) -> ListId:
        """What names one walk of a list."""
        return ListId(self.ask.id, self.input, self.router, self.target.key)

    def after(self, cursor: str, seen: int) -> "Job":
        """Return the job of the next page.

        :param seen: how many records the listing has given so far
        """
        again = {"cursor": cursor, "page": self.page + 1, "position": seen, "tried": (), "handed": 0, **_ANEW}
        return msgspec.structs.replace(self, **again)

    def with_cursor(self, cursor: str) -> "Job":
        """Return the same job as one that starts at a cursor."""
        return msgspec.structs.replace(self, cursor=cursor) if cursor != self.cursor else self

    def from_route(self, route: int) -> "Job":
        """Return the same job by the first route that fits its target."""
        return msgspec.structs.replace(self, route=route) if route else self

    def by_route(self, route: int, tried: Tried) -> "Job":
        """Return the job of a further route, after this one failed."""
        return msgspec.structs.replace(self, route=route, tried=(*self.tried, tried), **_ANEW)

    def to_complete(self, poorer: Any, route: int, tried: Tried) -> "Job":
        """Return the job of a further route, which may complete a record."""
        return msgspec.structs.replace(self.by_route(route, tried), poorer=poorer)

    def without_poorer(self) -> "Job":
        """Return the job by the route whose record was to be completed, since no further one could."""
        route = next((each.route for each in reversed(self.tried) if each.outcome == Outcome.OK), self.route)
        return msgspec.structs.replace(self, poorer=None, route=route)

    def for_next_identity(self) -> "Job":
        """Return the same job for another identity."""
        return msgspec.structs.replace(self, handed=self.handed + 1, **_ANEW)

    def restart_routes(self) -> "Job":
        """Return the same job with all routes before it again that were tried for this page."""
        return msgspec.structs.replace(self, route=self.tried[0].route, tried=())

    def awaiting_probe(self, tried: Tried) -> "Job":
        """Return the same job, with what its last route said, while the session is probed."""
        return msgspec.structs.replace(self, tried=(*self.tried, tried), probed=True)

    def redirected_to(self, url: str) -> "Job":
        """Return the same job where the platform moved it to."""
        return msgspec.structs.replace(self, moved=url, moves=self.moves + 1)

    def with_hints(self, hints: Mapping[str, str]) -> "Job":
        """Return the same job with more hints in its target."""
        return msgspec.structs.replace(self, target=self.target.with_hints(hints))

    def led_to(self, router: str, target: Target, declared: int | None) -> "Job":
        """Return the first job of what a record of this one leads to.

        :param declared: how many the record says are there
        """
        return Job(
            router=router, target=target, ask=self.ask, input=self.input, depth=self.depth + 1, declared=declared
        )

    def extra(self, step: int, held: Any, place: int = 0) -> "Job":
        """Return the job of an extra request for a record.

        :param place: of the record in its page, from 0
        """
        again = {"step": step, "held": held, "position": self.position + place, **_ANEW}
        return msgspec.structs.replace(self, **again)

    def again(self, renewed: bool = False) -> "Job":
        """Return the job of another try."""
        return msgspec.structs.replace(self, tries=self.tries + 1, renewed=self.renewed or renewed)
