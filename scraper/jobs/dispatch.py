"""How a request is sent: the project's only key in `request.meta`, `dispatch`.

Every component of this project leaves requests without it to Scrapy.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from scraper.identities.identity import Sent
from scraper.jobs.job import Job

KEY = "dispatch"
Purpose = Literal["page", "hop", "probe", "session"]


class Dispatch(msgspec.Struct, frozen=True, kw_only=True):
    """How a request is sent, and for which job. Has plain values only, so that Scrapy can write requests to disk.

    It is immutable: middlewares replace it with `update`.

    :param service: the name of the service
    :param identity: the name of the identity that sends it
    :param job: the job it belongs to; None for requests of the session itself
    :param purpose: page of a job, redirect of a short link, probe of the session, or preparation of the session
    :param transport: the name of a transport; "" for the service's configured one
    :param signed: whether the URL is signed just before sending
    :param session: whether `Session.ready` must run first
    :param describes_browser: whether the query describes the browser of the identity
    :param headers: headers that replace, or are added to, the configured ones
    :param from_cdn: whether it goes to the platform's CDN instead of a host of the service
    :param sends_cookies: if False, no cookies are sent, and cookies in the answer are dropped
    :param not_before: epoch seconds before which it is not sent
    :param sent: how it was sent; None before sending
    :param number: its number in the ledger, 0 if there is none
    """

    service: str
    identity: str
    job: Job | None = None
    purpose: Purpose = "page"
    transport: str = ""
    signed: bool = False
    session: bool = True
    describes_browser: bool = False
    headers: Mapping[str, str] = {}
    referer: str | None = None
    from_cdn: bool = False
    sends_cookies: bool = True
    not_before: float = 0.0
    sent: Sent | None = None
    number: int = 0

    @property
    def list_id(self) -> str:
        """Identifies the list, so that one identity requests all of its pages."""
        return self.job.listing if self.job else ""

    @property
    def is_bound(self) -> bool:
        """Whether it must wait for its identity, even if another one is ready."""
        return self.purpose in ("probe", "session") or (self.job is not None and self.job.page > 1)

    @property
    def is_signed(self) -> bool:
        """Whether the request was signed, by this program or by the platform's own page in a browser."""
        return self.signed or self.transport == "browser"


def find_dispatch(request: Request) -> Dispatch | None:
    """Return the dispatch of a request, None if the request is not from this project."""
    return request.meta.get(KEY)


def dispatch_of(request: Request) -> Dispatch:
    """Return the dispatch of a request.

    :raises KeyError: if the request is not from this project
    """
    dispatch: Dispatch = request.meta[KEY]
    return dispatch


def request_of(answer: Response | Failure) -> Request:
    """Return the request of a response or a failure."""
    request = getattr(answer, "request", None)  # Scrapy sets it on a Twisted Failure, which does not declare it
    assert isinstance(request, Request), "callbacks and errbacks get what a request led to"
    return request


def sent_of(request: Request) -> Sent:
    """Return how a request was sent."""
    sent = dispatch_of(request).sent
    assert sent is not None, "an answer came, so that the request was sent"
    return sent


def job_of(request: Request) -> Job:
    """Return the job of a request."""
    job = dispatch_of(request).job
    assert job is not None, "requests of the session itself have no callback"
    return job


def update(request: Request, **changes: Any) -> Dispatch:
    """Replace the dispatch of a request by a copy with other values, and return the copy."""
    dispatch = msgspec.structs.replace(dispatch_of(request), **changes)
    request.meta[KEY] = dispatch
    return dispatch
