"""The requests of a crawl: unsigned, undressed, picklable, and the same whenever they are made."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from scrapy.http import Request

from scraper.identities.identity import Sent
from scraper.identities.pool import Pool
from scraper.jobs.job import Job
from scraper.platform import Context, Extra, Route
from scraper.platform.atlas import Atlas
from scraper.platform.endpoint import Endpoint
from scraper.platform.service import Service

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_DEEPER = 100_000
_EXTRAS_FIRST = 1_000_000  # a record that waits for its extras holds memory


class RequestSource(Protocol):
    """The spider, as the factory uses it: where callbacks, arguments and identities are."""

    atlas: Atlas
    endpoints: Mapping[str, Endpoint]

    def pool_of(self, job: Job) -> Pool: ...

    def service_of(self, job: Job) -> Service: ...

    parse_page: Callable[..., Any]
    parse_short_link: Callable[..., Any]
    parse_probe: Callable[..., Any]
    parse_probe_failure: Callable[..., Any]
    parse_failure: Callable[..., Any]


class Requests:
    """Makes the requests of one spider. How each is sent is told by its meta, which the middlewares read:

    `service` whose identity it uses, `listing` what shares an identity, `signed`, `session` whether it needs the
    session's tokens, `referer`, `headers` instead of the configured ones, `not_before` in epoch seconds, and
    `dont_merge_cookies` where no cookie goes out and none that comes is kept.
    """

    def __init__(self, spider: RequestSource):
        self._spider = spider

    def context(self, job: Job, sent: Sent | None = None) -> Context:
        """Return what queries and parsers may know.

        :param sent: how the answer was asked for; None before it is
        """
        ask, agent = job.ask, sent.user_agent if sent else None
        logged_in = sent.logged_in is True if sent else self._spider.pool_of(job).has_login(job.listing)
        options = ask.options.get(job.router, {})
        wanted = job.target, ask.sort, ask.count
        return Context(*wanted, logged_in, agent, options, job.cursor, job.tries)

    def page(self, job: Job, not_before: float = 0.0) -> Request:
        """Return the request of a job: a page of its endpoint, or one of the endpoint's extra requests.

        Deeper pages go first, and what records lead to before them, so that lists end before others begin and memory
        stays flat.
        """
        endpoint, context, body = self._spider.endpoints[job.router], self.context(job), ""
        if job.step:
            extra = endpoint.extras[job.step - 1]
            url, meta = extra.url_for(job.held, context), _how(extra, job)
        else:
            route = endpoint.routes[job.route]
            url, meta = job.moved or endpoint.url_for(context, job.cursor, job.route), _how(route, job)
            body = endpoint.body_for(context, job.cursor, job.route)
            meta |= {"session": route.session, "headers": {**(_FORM if body else {}), **route.headers}}
        priority = min(job.page, _DEEPER - 1) + job.depth * _DEEPER + (_EXTRAS_FIRST if job.step else 0)
        meta["not_before"] = not_before
        again = job.tries > 0 or job.handed > 0 or bool(job.moved)
        how = {"method": "POST", "body": body} if body else {}
        return self._request(url, self._spider.parse_page, job, meta, priority=priority, dont_filter=again, **how)

    def hop(self, job: Job, not_before: float = 0.0) -> Request:
        """Return the request of one hop of a short link, whose URL is the job's cursor. It is nobody's: no cookie."""
        headers = dict(self._spider.atlas.platform(job.target).hop_headers)
        meta = {"signed": False, "session": False, "headers": headers, "not_before": not_before}
        meta["dont_merge_cookies"] = True
        again = job.tries > 0 or job.page > 1  # a link that leads in a circle is ended by its hops, with an answer
        return self._request(job.cursor, self._spider.parse_short_link, job, meta, dont_filter=again)

    def probe(self, job: Job) -> Request:
        """Return the request that tells whether a job's session is well."""
        probe = self._spider.service_of(job).probe
        meta = {"signed": False, "session": False, "headers": dict(probe.headers)}
        made = self._request(probe.url, self._spider.parse_probe, job, meta, priority=_EXTRAS_FIRST, dont_filter=True)
        return made.replace(errback=self._spider.parse_probe_failure)

    def _request(self, url: str, callback: Any, job: Job, meta: dict[str, Any], **more: Any) -> Request:
        meta = {"transport": "", **meta}
        meta |= {"service": self._spider.service_of(job).name, "listing": job.listing}
        return Request(url, callback, errback=self._spider.parse_failure, cb_kwargs={"job": job}, meta=meta, **more)


def _how(source: Route | Extra, job: Job) -> dict[str, Any]:
    ways = {"transport": source.transport, "described": source.describes_browser} if isinstance(source, Route) else {}
    return {"signed": source.signed, **ways, "referer": source.referer(job.target) if source.referer else None}
