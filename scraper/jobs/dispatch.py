"""How a request is sent: the one thing of ours that travels in `request.meta`, under the key `dispatch`.

A request without it is not ours. Every component of this project leaves such a request to Scrapy.
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
    """Plain values only, so that Scrapy can write a request to disk. Middlewares replace it as a whole.

    :param service: the name of the service that is asked
    :param identity: the name of the identity that asks
    :param job: what is asked for; None if the session itself asks
    :param purpose: a page of a job, a hop of a short link, a probe of the session, or what the session needs first
    :param transport: the name of a transport; "" is the one that the service is configured for
    :param signed: whether the URL is signed just before it is sent
    :param session: whether it needs what the session obtains first
    :param describes_browser: whether the query describes the browser of the identity
    :param headers: instead of, or in addition to, the configured ones
    :param sends_cookies: if not, no cookie is sent and none that comes back is kept
    :param not_before: in epoch seconds, since it may be read from disk
    :param sent: how it was sent; None until then
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
    sends_cookies: bool = True
    not_before: float = 0.0
    sent: Sent | None = None

    @property
    def list_id(self) -> str:
        """The same for all pages of a list, so that one identity asks for them."""
        return self.job.listing if self.job else ""

    @property
    def is_bound(self) -> bool:
        """Whether it waits for its identity, even if another one is ready."""
        return self.purpose in ("probe", "session") or (self.job is not None and self.job.page > 1)

    @property
    def is_signed(self) -> bool:
        """Whether the answer is one to a signed request: by us, or by the platform's own page in a browser."""
        return self.signed or self.transport == "browser"


def find_dispatch(request: Request) -> Dispatch | None:
    """Return how a request is sent, None if it is not ours."""
    return request.meta.get(KEY)


def dispatch_of(request: Request) -> Dispatch:
    """Return how a request of ours is sent.

    :raises KeyError: if the request is not ours
    """
    dispatch: Dispatch = request.meta[KEY]
    return dispatch


def request_of(answer: Response | Failure) -> Request:
    """Return the request that an answer is for, or a failure."""
    request = getattr(answer, "request", None)  # Scrapy sets it on a Twisted Failure, which does not declare it
    assert isinstance(request, Request), "callbacks and errbacks get what a request led to"
    return request


def sent_of(request: Request) -> Sent:
    """Return how a request of ours was sent."""
    sent = dispatch_of(request).sent
    assert sent is not None, "an answer came, so that the request was sent"
    return sent


def job_of(request: Request) -> Job:
    """Return the job that a request of ours is for."""
    job = dispatch_of(request).job
    assert job is not None, "requests of the session itself have no callback"
    return job


def update(request: Request, **changes: Any) -> Dispatch:
    """Replace the dispatch of a request by one with other values, and return it."""
    dispatch = msgspec.structs.replace(dispatch_of(request), **changes)
    request.meta[KEY] = dispatch
    return dispatch
