"""One cheap request for each route, as a crawl of the real engine, and what its answer says of the route's health."""

from collections.abc import AsyncIterator, Collection, Iterator
from typing import Any, ClassVar, NamedTuple

from scrapy.http import Response
from twisted.python.failure import Failure

from scraper.crawling.door import Output
from scraper.crawling.spider import PlatformSpider
from scraper.inputs.arguments import Arguments, parse
from scraper.inputs.parameters import example
from scraper.jobs.dispatch import dispatch_of, job_of, request_of, sent_of
from scraper.jobs.job import Job
from scraper.network.answer import answer_of
from scraper.output.emitter import masked
from scraper.platform import Endpoint, reason
from scraper.platform.service import Service
from scraper.platform.session import Session
from scraper.platform.targets import UNKNOWN, Target, match
from scraper.responses import Verdict
from scraper.responses.outcomes import Outcome, Remedy
from scraper.responses.values import UnexpectedShapeError

OK, NOTE, WRONG = "ok", "note", "WRONG"
_ANSWERS = (Outcome.NOT_FOUND, Outcome.PRIVATE)
_LACKS = (Outcome.LOGIN_REQUIRED, Outcome.SIGNATURE_REJECTED)
_STOPPING = (Remedy.PAUSE_IDENTITY, Remedy.WAIT)


class Finding(NamedTuple):
    """A row of the table.

    :param state: OK, NOTE or WRONG
    :param remedy: what the user can do, "" where nothing is to be done
    """

    check: str
    state: str
    says: str
    remedy: str = ""


class RouteCheck(PlatformSpider):
    """Asks each distinct host and path once, for the endpoints' own examples. Nothing is tried again.

    :ivar verdicts: what came of each job, in the order of the answers
    """

    name = "doctor"
    platforms: ClassVar[Any] = ()
    recorded = False

    def __init__(self, name: str | None = None, services: Collection[str] = (), **given: str):
        super().__init__(name, **given)
        self.services = services
        self.verdicts: list[tuple[Job, Verdict]] = []

    def read_arguments(self) -> Arguments:
        """Return nothing: what is asked for are the examples of the endpoints."""
        return Arguments()

    def jobs(self) -> Iterator[Job]:
        """Yield a job for each route that is not asked already."""
        asked = set()
        for endpoint in self.endpoints.values():
            target = self._example(endpoint)
            if target is None:
                continue
            for place in range(len(endpoint.routes)):
                if not endpoint.routes[place].is_available(target):
                    continue
                job = Job(router=endpoint.router, target=target, route=place)
                where = self.requests.page(job).url.partition("?")[0]
                if where not in asked and self.service_of(job).name in self.services:
                    asked.add(where)
                    yield job

    def _example(self, endpoint: Endpoint) -> Target | None:
        """Return what an endpoint's own parameters give as an example, or else a link of the kind that it takes."""
        given = example(endpoint)
        if given or endpoint.singleton:
            return parse({"router": endpoint.router, **given}, self.atlas).named[0]
        patterns = self.atlas.platform(Target(UNKNOWN, "", ""), endpoint.router).patterns
        return next((match(each.example, patterns) for each in patterns if each.kind == endpoint.kind), None)

    async def start(self) -> AsyncIterator[Any]:
        for job in self.jobs():
            yield self.requests.page(job)

    def read_page(self, response: Response, job: Job) -> Output:
        request, route = request_of(response), self.endpoints[job.router].routes[job.route]
        dispatch, sent = dispatch_of(request), sent_of(request)
        answer = answer_of(response, dispatch.signed, sent.login_cookie, route.decode)
        verdict = self.atlas.platform(job.target, job.router).verdicts.classify(answer)
        if verdict.outcome is Outcome.OK:
            verdict = self._read(job, verdict, sent)
        if verdict.outcome.remedy in _STOPPING:
            self.pool_of(job).stop(self.pool_of(job).get(dispatch.identity), verdict)
        self.verdicts.append((job, verdict))
        yield from ()

    def _read(self, job: Job, verdict: Verdict, sent: Any) -> Verdict:
        """Return the verdict on an answer that could be had: it may be of an unknown shape, or a wall."""
        try:
            page = self.endpoints[job.router].read(verdict.data, self.requests.context(job, sent), "", job.route)
        except UnexpectedShapeError as error:
            return Verdict(Outcome.UPSTREAM_CHANGED, f"{reason(error)} in the answer")
        if page.faults:
            return Verdict(Outcome.UPSTREAM_CHANGED, f"a record could not be read: {page.faults[0]}")
        if page.next_page.stop:
            return Verdict(page.next_page.stop, page.next_page.message)
        if page.not_in_response:
            return Verdict(Outcome.NOT_FOUND, "the requested item is not in the answer")
        return Verdict(Outcome.OK, f"{len(page.records)} records")

    def parse_failure(self, failure: Failure) -> Output:
        self.verdicts.append((job_of(request_of(failure)), self.verdict_on(failure)))
        yield from self.leaving(failure, iter(()))

    def findings(self) -> Iterator[Finding]:
        """Yield what was found: the sessions first, then each route."""
        for name in self.services:
            yield from self._sessions(self.atlas.services[name])
        served = {job.router for job, verdict in self.verdicts if verdict.outcome in (Outcome.OK, *_ANSWERS)}
        for job, verdict in self.verdicts:
            endpoint = self.endpoints[job.router]
            check = f"{endpoint.router} by {endpoint.routes[job.route].name}"
            expected = endpoint.login == "needed" or job.router in served
            yield judged(check, verdict, self.service_of(job).label, expected)
        answered = [job for job, _ in self.verdicts]
        for job in self.jobs():
            if job not in answered:
                yield Finding(job.router, WRONG, "stopped before its request", "run it again")

    def _sessions(self, service: Service) -> Iterator[Finding]:
        """Yield what the platform says of each identity that asked."""
        signs = service.session.sign is not Session.sign
        asked = [job for job, verdict in self.verdicts if self.service_of(job) is service and not verdict.final]
        signed = any(self.endpoints[job.router].routes[job.route].signed for job in asked)
        for identity in self.pools[service.name].identities:
            if identity.login_cookie and identity.logged_in is not None:
                yield _login(identity.slot, bool(identity.logged_in), service.label)
            if signs and signed and identity.session.keys:
                yield Finding(f"{identity.slot} signing keys", OK, "obtained")
        if signs and signed and not any(each.session.keys for each in self.pools[service.name].identities):
            yield Finding(f"{service.name} signing keys", WRONG, "none were given", "see the routes below")


def _login(slot: str, accepted: bool, label: str) -> Finding:
    if accepted:
        return Finding(f"{slot} login", OK, "the platform accepts it")
    again = f"scrapy update_cookie --service {label} --cookie -, or scrapy login {label}"
    renew = f"log in again with the browser, then {again}"
    return Finding(f"{slot} login", WRONG, "the platform does not accept the cookie", renew)


def judged(check: str, verdict: Verdict, label: str, expected: bool) -> Finding:
    """Return what an answer says of its route.

    :param expected: whether a lack of a login or a signature is no fault: another route serves, or the endpoint says so
    """
    outcome, said = verdict.outcome, masked(verdict.message)
    if outcome is Outcome.OK:
        return Finding(check, OK, said)
    if outcome in _ANSWERS:
        return Finding(check, OK, f"answers; the example no longer exists ({outcome.name})")
    if outcome is Outcome.BAD_INPUT:
        return Finding(check, NOTE, f"answers, but rejects the example: {said}")
    noted = (expected and outcome in _LACKS) or said.startswith("not requested")
    return Finding(check, NOTE if noted else WRONG, f"{outcome.name}: {said}", outcome.advice(label))
