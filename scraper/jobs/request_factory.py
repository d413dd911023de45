"""Make the Scrapy requests of a crawl: unsigned, without headers, picklable and deterministic."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from scrapy.http import Request

from scraper.identities.identity import Sent
from scraper.identities.pool import Pool
from scraper.jobs.dispatch import KEY, Dispatch
from scraper.jobs.job import Job
from scraper.platform import Context, Extra, Route
from scraper.platform.atlas import Atlas

_ENCODED_URL = re.compile(r"https://[a-z0-9.-]+/(?:[\w/?&=.~:;@+,$!*()-]|%[\dA-F]{2})*(?<!\?)", re.A)  # safe as it is
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_DEEPER = 100_000
_EXTRAS_FIRST = 1_000_000  # a record that waits for extra requests occupies memory
_ROWS_FIRST = 10_000_000
ANSWERED_BY_US = {
    "dont_redirect": True,
    "dont_retry": True,
    "dont_merge_cookies": True,
    "dont_cache": True,
    "dont_obey_robotstxt": True,
    "handle_httpstatus_all": True,
}
"""Scrapy's meta keys that disable its middlewares for these requests: the identity has the cookies, and the callbacks
handle redirects, retries and status codes."""


class Callbacks(NamedTuple):
    """The callbacks of requests. They are methods of the spider, so that Scrapy can write them to disk by name."""

    page: Callable[..., Any]
    short_link: Callable[..., Any]
    probe: Callable[..., Any]
    failure: Callable[..., Any]
    probe_failure: Callable[..., Any]


def context_of(job: Job, sent: Sent | None, *, logged_in: bool = False) -> Context:
    """Return the context for queries and parsers.

    :param logged_in: whether the session is logged in, if the request was not sent yet
    """
    ask, agent = job.ask, sent.user_agent if sent else None
    logged_in = sent.logged_in is True if sent else logged_in
    options = ask.options.get(job.router, {})
    wanted = job.target, ask.sort, ask.count
    return Context(*wanted, logged_in, agent, options, job.cursor, job.tries)


class RequestFactory:
    """Makes the requests of one crawl, each with an identity and in that identity's download slot."""

    def __init__(self, atlas: Atlas, pools: Mapping[str, Pool], callbacks: Callbacks):
        self._atlas, self._pools, self._callbacks = atlas, pools, callbacks

    def context(self, job: Job, sent: Sent | None = None) -> Context:
        """Return the context for queries and parsers.

        :param sent: how the request was sent; None before sending
        """
        return context_of(job, sent, logged_in=sent is None and self._pool(job).has_login(job.listing))

    def page(self, job: Job, not_before: float = 0.0) -> Request:
        """Return the request for a job: a page of its endpoint, or an extra request."""
        dispatch, endpoint = self._dispatch(job, not_before=not_before), self._atlas.endpoints[job.router]
        context, body = self.context(job), ""
        if job.step:
            extra = endpoint.extras[job.step - 1]
            url, how = extra.url_for(job.held, context), _how(extra, job)
        else:
            route = endpoint.routes[job.route]
            url, how = job.moved or endpoint.url_for(context, job.cursor, job.route), _how(route, job)
            body = endpoint.body_for(context, job.cursor, job.route)
            how |= {"session": route.session, "headers": {**(_FORM if body else {}), **route.headers}}
        return self._request(
            url,
            self._callbacks.page,
            {**dispatch, **how},
            priority=_priority(job),
            dont_filter=job.tries > 0 or job.handed > 0 or bool(job.moved),
            **({"method": "POST", "body": body} if body else {}),
        )

    def hop(self, job: Job, not_before: float = 0.0) -> Request:
        """Return the request for a short link or a redirect of it. The URL is the job's cursor; no cookies are sent."""
        headers = dict(self._atlas.platform(job.target).hop_headers)
        how = {"session": False, "sends_cookies": False, "headers": headers, "purpose": "hop"}
        again = (
            job.tries > 0 or job.page > 1
        )  # a circular link is not filtered: it gets its answer after the maximum of redirects
        how |= self._dispatch(job, not_before=not_before)
        priority = job.ask.priority * _ROWS_FIRST
        return self._request(job.cursor, self._callbacks.short_link, how, dont_filter=again, priority=priority)

    def probe(self, job: Job) -> Request:
        """Return the probe request, which shows whether a job's session works."""
        probe = self._atlas.service(job.target, job.router, job.route).probe
        assert probe is not None, "a job awaits a probe only where its service has one"
        how = {"session": False, "headers": dict(probe.headers), "purpose": "probe"}
        dispatch = {**self._dispatch(job), **how}
        made = self._request(probe.url, self._callbacks.probe, dispatch, priority=_EXTRAS_FIRST, dont_filter=True)
        return made.replace(errback=self._callbacks.probe_failure)

    def _pool(self, job: Job) -> Pool:
        return self._pools[self._atlas.service(job.target, job.router, job.route).name]

    def _dispatch(self, job: Job, not_before: float = 0.0) -> dict[str, Any]:
        pool = self._pool(job)
        identity = pool.assign(job.listing)
        return {
            "job": job,
            "service": pool.service.name,
            "identity": identity.credentials.name,
            "not_before": not_before,
        }

    def _request(self, url: str, callback: Any, how: Mapping[str, Any], **more: Any) -> Request:
        dispatch = Dispatch(**how)
        slot = self._pools[dispatch.service].get(dispatch.identity).slot
        is_encoded = _ENCODED_URL.fullmatch(url) is not None
        meta = {KEY: dispatch, "download_slot": slot, "verbatim_url": is_encoded, **ANSWERED_BY_US}
        return Request(url, callback, errback=self._callbacks.failure, meta=meta, **more)


def _priority(job: Job) -> int:
    """Return the priority of a request.

    The priority of a row of the target file comes first. Then followed records have priority over deeper pages, and
    those over first pages, so that lists end before others begin and memory stays flat.
    """
    within = min(job.page, _DEEPER - 1) + job.depth * _DEEPER + (_EXTRAS_FIRST if job.step else 0)
    return job.ask.priority * _ROWS_FIRST + within


def _how(source: Route | Extra, job: Job) -> dict[str, Any]:
    how = {"signed": source.signed, "referer": source.referer(job.target) if source.referer else None}
    if isinstance(source, Route):
        how |= {"transport": source.transport, "describes_browser": source.describes_browser}
    elif source.from_cdn:
        how |= {"from_cdn": True, "sends_cookies": False, "session": False}
    return how
