"""The unit of work: one request. Has plain values only, so that Scrapy can write it to disk and pause a crawl."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from scraper.inputs.ask import Ask
from scraper.inputs.duplicates import ListId
from scraper.platform.targets import Target
from scraper.responses.outcomes import Outcome

_ANEW = {"tries": 0, "renewed": False, "probed": False, "moved": "", "moves": 0}


class Tried(NamedTuple):
    """The failure of a route, kept while another route is tried.

    :param route: the index of the route in its endpoint
    :param outcome: the outcome's code
    :param identity: the hash of the identity, "" if no request was sent
    :param advice: what the user can do, if it differs from the outcome's advice
    """

    route: int
    outcome: int
    message: str
    identity: str
    advice: str = ""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One page of an endpoint, or one extra request for a record.

    :param router: the endpoint's router path
    :param cursor: the platform's cursor of this page; "" for the first
    :param page: 1 for the first page
    :param position: number of records of the list before this page
    :param route: the index of the route in use
    :param moved: the URL that the platform redirected to, "" if none
    :param moves: number of redirects
    :param tried: the failures of earlier routes
    :param step: 0 for the endpoint's own answer, n for its n-th extra request
    :param held: the record that the extra requests complete
    :param source: the number of the request whose answer gave that record; 0 if none did
    :param poorer: an incomplete record, kept while another route is tried to complete it
    :param tries: number of earlier attempts
    :param renewed: whether the signing keys were already renewed for it
    :param doubted: whether all routes were refused and the session was probed
    :param depth: number of `with=` steps from the user's input; 0 for the input itself
    :param declared: the number of records declared by the record that led here, None if unknown
    :param title: of the record that led here
    :param handed: number of further identities this page was passed to
    :param ask: the caller's request
    :param input: the number of the input in its ask, which distinguishes two walks of the same list
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
    source: int = 0
    tries: int = 0
    renewed: bool = False
    probed: bool = False
    depth: int = 0
    declared: int | None = None
    title: str = ""
    handed: int = 0
    ask: Ask = Ask()
    input: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """Router and target: identifies the list or record that this job is part of."""
        return self.router, self.target.key

    @property
    def followed(self) -> bool:
        """Whether a record led here, and not the user's input."""
        return self.depth > 0

    @property
    def listing(self) -> str:
        """Identifies the list, so that its pages share an identity."""
        return f"{self.router} {self.target.key}"

    @property
    def walk(self) -> ListId:
        """Identifies one walk through a list."""
        return ListId(self.ask.id, self.input, self.router, self.target.key, self.ask.policy)

    def after(self, cursor: str, collected: int) -> "Job":
        """Return the job of the next page.

        :param collected: number of records of the list so far
        """
        again = {"cursor": cursor, "page": self.page + 1, "position": collected, "tried": (), "handed": 0, **_ANEW}
        return msgspec.structs.replace(self, **again)

    def with_cursor(self, cursor: str) -> "Job":
        """Return the job with another first cursor."""
        return msgspec.structs.replace(self, cursor=cursor) if cursor != self.cursor else self

    def from_first_page(self) -> "Job":
        """Return the job for the first page of its list."""
        return msgspec.structs.replace(self, page=1, cursor="") if self.page > 1 else self

    def from_route(self, route: int) -> "Job":
        """Return the job with the first route that is available for its target."""
        return msgspec.structs.replace(self, route=route) if route else self

    def by_route(self, route: int, tried: Tried) -> "Job":
        """Return the job for another route, after this one failed."""
        return msgspec.structs.replace(self, route=route, tried=(*self.tried, tried), **_ANEW)

    def of_empty_list(self) -> "Job":
        """Return the job whose list was empty, with the hints that a route found in order to explain it."""
        return msgspec.structs.replace(self, route=self.tried[-1].route, tried=self.tried[:-1])

    def to_complete(self, poorer: Any, route: int, tried: Tried) -> "Job":
        """Return the job for another route, which may complete a record."""
        return msgspec.structs.replace(self.by_route(route, tried), poorer=poorer)

    def without_poorer(self) -> "Job":
        """Return the job for the route of the incomplete record, after no other route could complete it."""
        route = next((attempt.route for attempt in reversed(self.tried) if attempt.outcome == Outcome.OK), self.route)
        return msgspec.structs.replace(self, poorer=None, route=route)

    def for_next_identity(self) -> "Job":
        """Return the job for another identity."""
        return msgspec.structs.replace(self, handed=self.handed + 1, **_ANEW)

    def restart_routes(self) -> "Job":
        """Return the job with all its routes untried."""
        return msgspec.structs.replace(self, route=self.tried[0].route, tried=())

    def awaiting_probe(self, tried: Tried) -> "Job":
        """Return the job with the failure of its last route, while the session is probed."""
        return msgspec.structs.replace(self, tried=(*self.tried, tried), probed=True)

    def redirected_to(self, url: str) -> "Job":
        """Return the job for the URL that the platform redirected to."""
        return msgspec.structs.replace(self, moved=url, moves=self.moves + 1)

    def with_hints(self, hints: Mapping[str, str]) -> "Job":
        """Return the job with more hints in its target."""
        return msgspec.structs.replace(self, target=self.target.with_hints(hints))

    def led_to(self, router: str, target: Target, declared: int | None, title: str = "") -> "Job":
        """Return the first job of a target that is followed from a record of this job.

        :param declared: the number of records that the record declares
        :param title: of the record
        """
        return Job(
            router=router,
            target=target,
            ask=self.ask,
            input=self.input,
            depth=self.depth + 1,
            declared=declared,
            title=title,
        )

    def extra(self, step: int, held: Any, place: int = 0) -> "Job":
        """Return the job of an extra request for a record.

        :param place: the index of the record in its page
        """
        again = {"step": step, "held": held, "position": self.position + place, **_ANEW}
        return msgspec.structs.replace(self, **again)

    def restarted(self) -> "Job":
        """Return the job as if nothing of it was tried."""
        first = {"route": self.tried[0].route, "tried": ()} if self.tried and self.poorer is None else {}
        return msgspec.structs.replace(self, handed=0, **first, **_ANEW)

    def of_next_run(self, cursor: str, *, is_page: bool) -> "Job":
        """Return the job that requests in another run what failed in this one.

        :param cursor: where its list continues
        :param is_page: whether only this page failed, while its list continued
        """
        ask = msgspec.structs.replace(self.ask, max_pages=1) if is_page else self.ask
        page = self.page if self.step else 1
        return msgspec.structs.replace(self.restarted(), cursor=cursor, page=page, ask=ask, source=0)

    def again(self, renewed: bool = False) -> "Job":
        """Return the job for another attempt."""
        return msgspec.structs.replace(self, tries=self.tries + 1, renewed=self.renewed or renewed)
