"""One cheap request for each route, as a crawl of the real engine, and what its answer says of the route's health."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from typing import Any, ClassVar, NamedTuple

from scrapy.http import Response
from twisted.python.failure import Failure

from scraper.commands.endpoint_report import SERVED, EndpointState, is_by_design, is_unasked, state_of
from scraper.commands.finding import NOTE, OK, WRONG, Finding
from scraper.crawling.callback_guard import Output
from scraper.crawling.spider import PlatformSpider
from scraper.inputs.arguments import Arguments, parse
from scraper.inputs.parameters import example, full_example
from scraper.jobs.dispatch import dispatch_of, job_of, request_of, sent_of
from scraper.jobs.job import Job
from scraper.network.answer import answer_of
from scraper.output.emitter import masked
from scraper.platform import Endpoint, reason
from scraper.platform.service import Service
from scraper.platform.session import Session
from scraper.platform.targets import UNKNOWN, Target, match
from scraper.responses import Verdict
from scraper.responses.exceptions import Refused
from scraper.responses.outcomes import Outcome, Remedy
from scraper.responses.values import UnexpectedShapeError

NO_LIMIT = 1_000_000
_LACKS = (Outcome.LOGIN_REQUIRED, Outcome.SIGNATURE_REJECTED)
_STOPPING = (Remedy.PAUSE_IDENTITY, Remedy.WAIT)
_SILENT = 2  # requests without any answer, after which a service is asked no more


class Way(NamedTuple):
    """A route of an endpoint with its example.

    :param key: equal for routes that ask the same path the same way
    """

    job: Job
    key: tuple[str, str]


class RouteCheck(PlatformSpider):
    """Asks each distinct host and path once, for the endpoints' own examples. Nothing is tried again.

    :ivar verdicts: what came of each job, in the order of the answers
    """

    name = "doctor"
    platforms: ClassVar[Any] = ()
    recorded = False

    def __init__(
        self,
        name: str | None = None,
        services: Collection[str] = (),
        most: int = NO_LIMIT,
        report: Callable[[int, int], None] = lambda done, total: None,
        **given: str,
    ):
        super().__init__(name, **given)
        self.services, self._most, self._report = services, most, report
        self.verdicts: list[tuple[Job, Verdict]] = []
        self._silent: dict[str, list[Verdict]] = {}
        self._answering: set[str] = set()

    def read_arguments(self) -> Arguments:
        """Return nothing: what is asked for are the examples of the endpoints."""
        return Arguments()

    def jobs(self) -> Iterator[Job]:
        """Yield a job for each route that is not asked already."""
        asked, counts = set(), Counter[str]()
        for way in sorted(self.ways(), key=lambda way: not self.endpoints[way.job.router].default):
            service = self.service_of(way.job).name
            if way.key not in asked and service in self.services and counts[service] < self._most:
                if self._most < NO_LIMIT and way.key[1]:
                    continue  # a browser takes longer to start than a quick check may last
                asked.add(way.key)
                counts[service] += 1
                yield way.job

    def ways(self) -> Iterator[Way]:
        """Yield each route of each endpoint that its example can be asked by."""
        for endpoint in self.endpoints.values():
            if (target := self._example(endpoint)) is None:
                continue
            for place, route in enumerate(endpoint.routes):
                if route.is_available(target):
                    job = Job(router=endpoint.router, target=target, route=place)
                    yield Way(job, (self.requests.page(job).url.partition("?")[0], route.transport))

    def _example(self, endpoint: Endpoint) -> Target | None:
        """Return what an endpoint's own parameters give as an example, or else a link of the kind that it takes.

        An example is narrowed if only a lookup route is available for it as it is.
        """
        given = [each for each in (example(endpoint), full_example(endpoint)) if each or endpoint.singleton]
        targets = [parse({"router": endpoint.router, **each}, self.atlas).named[0] for each in given]
        for target in targets:
            if any(route.is_available(target) and not route.lookup for route in endpoint.routes):
                return target
        if targets:
            return targets[0]
        patterns = self.atlas.platform(Target(UNKNOWN, "", ""), endpoint.router).patterns
        return next((match(each.example, patterns) for each in patterns if each.kind == endpoint.kind), None)

    async def start(self) -> AsyncIterator[Any]:
        jobs = list(self.jobs())
        self._total = len(jobs)
        self._report(0, self._total)
        for job in jobs:
            yield self.requests.page(job)

    def _note(self, job: Job, verdict: Verdict) -> None:
        self.verdicts.append((job, verdict))
        self._report(len(self.verdicts), self._total)

    def read_page(self, response: Response, job: Job) -> Output:
        request, route = request_of(response), self.endpoints[job.router].routes[job.route]
        self._answering.add(self.service_of(job).name)
        dispatch, sent = dispatch_of(request), sent_of(request)
        answer = answer_of(response, dispatch.signed, sent.login_cookie, route.decode)
        verdict = self.atlas.platform(job.target, job.router).verdicts.classify(answer)
        if verdict.outcome is Outcome.OK:
            verdict = self._read(job, verdict, sent)
        if verdict.outcome.remedy in _STOPPING:
            self.pool_of(job).stop(self.pool_of(job).get(dispatch.identity), verdict)
        self._note(job, verdict)
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
        job, verdict = job_of(request_of(failure)), self.verdict_on(failure)
        self._note(job, verdict)
        if verdict.outcome in (Outcome.PROXY, Outcome.UPSTREAM) and not failure.check(Refused):
            self._note_silence(self.service_of(job), verdict)
        yield from self.leaving(failure, iter(()))

    def _note_silence(self, service: Service, verdict: Verdict) -> None:
        """Note that no answer came, and ask a service no more that answers nothing."""
        self._silent.setdefault(service.name, []).append(verdict)
        if service.name not in self._answering and len(self._silent[service.name]) >= _SILENT:
            pool = self.pools[service.name]
            for identity in pool.identities:
                pool.stop(identity, verdict)

    def silence(self) -> dict[str, Verdict]:
        """Return the services none of whose requests was answered, each with why."""
        return {name: verdicts[0] for name, verdicts in self._silent.items() if name not in self._answering}

    def endpoint_states(self) -> list[EndpointState]:
        """Return of each endpoint of the services whether it can be served now; one that answers nothing has none."""
        verdicts, found = self._verdicts(), []
        answering = set(self.services) - set(self.silence())
        for endpoint in self.endpoints.values():
            ways = [way for way in self.ways() if way.job.router == endpoint.router]
            services = {self.service_of(way.job).name for way in ways}
            if (services and services <= answering) or (not endpoint.routes and answering):
                own = {way.job.route: verdicts[way.key] for way in ways if way.key in verdicts}
                has_login = any(self._has_login(way.job) for way in ways)
                found.append(state_of(endpoint, own, has_login))
        return found

    def _verdicts(self) -> dict[tuple[str, str], Verdict]:
        """Return the verdict on each way that was asked."""
        keys = {_place(way.job): way.key for way in self.ways()}
        return {keys[_place(job)]: verdict for job, verdict in self.verdicts}

    def _has_login(self, job: Job) -> bool:
        return any(identity.login_cookie for identity in self.pool_of(job).identities)

    def findings(self) -> Iterator[Finding]:
        """Yield what was found: the sessions first, then each route; one line for each service that answers nothing."""
        silence = self.silence()
        if silence and set(silence) == set(self.services):
            verdict = next(iter(silence.values()))
            yield _silent("network", verdict, self.atlas.services[next(iter(silence))].label)
            return
        for name, verdict in silence.items():
            yield _silent(name, verdict, self.atlas.services[name].label)
        for name in self.services:
            if name not in silence:
                yield from self._sessions(self.atlas.services[name])
        yield from self._routes(silence)

    def _routes(self, silence: Collection[str]) -> Iterator[Finding]:
        served = {state.router for state in self.endpoint_states() if state.served == SERVED}
        for job, verdict in self.verdicts:
            endpoint, service = self.endpoints[job.router], self.service_of(job)
            if service.name in silence:
                continue
            check = f"{endpoint.router} by {endpoint.routes[job.route].name}"
            expected = is_by_design(verdict, endpoint, self._has_login(job))
            yield judged(check, verdict, service.label, expected, job.router in served)

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


def _place(job: Job) -> tuple[str, int]:
    return job.router, job.route


def _silent(check: str, verdict: Verdict, label: str) -> Finding:
    outcome = verdict.outcome
    says = f"nothing answers: {outcome.name}: {masked(verdict.message)}"
    advice = outcome.advice(label) if outcome is Outcome.PROXY else "check the network, the proxy and SSL_CERT_FILE"
    return Finding(check, WRONG, says, advice)


def judged(check: str, verdict: Verdict, label: str, expected: bool, covered: bool = False) -> Finding:
    """Return what an answer says of its route.

    :param expected: whether a lack of a login or a signature is by design
    :param covered: whether another route serves the endpoint
    """
    outcome, said = verdict.outcome, masked(verdict.message)
    if outcome is Outcome.OK:
        return Finding(check, OK, said)
    if outcome in (Outcome.NOT_FOUND, Outcome.PRIVATE):
        return Finding(check, OK, f"answers; the example no longer exists ({outcome.name})")
    if outcome is Outcome.BAD_INPUT:
        return Finding(check, NOTE, f"answers, but rejects the example: {said}")
    noted = (expected and outcome in _LACKS) or covered or is_unasked(verdict)
    advice = verdict.advice or outcome.advice(label)
    return Finding(check, NOTE if noted else WRONG, f"{outcome.name}: {said}", advice)
