"""Test crawl of `scrapy doctor`: one cheap request per route with the real engine, and the route's health from it."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from typing import Any, ClassVar, NamedTuple

from scrapy.http import Response
from twisted.python.failure import Failure

from scraper.commands.endpoint_report import SERVED, EndpointState, is_by_design, is_not_requested, state_of
from scraper.commands.finding import NOTE, OK, WRONG, Finding
from scraper.crawling.callback_guard import Output
from scraper.crawling.spider import PlatformSpider
from scraper.inputs.arguments import Arguments, parse
from scraper.inputs.parameters import example as short_example
from scraper.inputs.parameters import full_example
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
from scraper.responses.wording import counted

NO_LIMIT = 1_000_000
_LACKS = (Outcome.LOGIN_REQUIRED, Outcome.SIGNATURE_REJECTED)
_STOPPING = (Remedy.PAUSE_IDENTITY, Remedy.WAIT)
_MAX_UNANSWERED = 2  # requests without any answer, after which a service is given up


class RouteExample(NamedTuple):
    """A route of an endpoint with an example target.

    :param key: URL path and transport; routes with equal keys need only one request
    """

    job: Job
    key: tuple[str, str]


class RouteCheck(PlatformSpider):
    """Request each distinct host and path once, with the endpoints' own examples, without retries.

    :ivar verdicts: the verdict on each job, in the order of the answers
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
        **kwargs: str,
    ):
        super().__init__(name, **kwargs)
        self.services, self._most, self._report = services, most, report
        self.verdicts: list[tuple[Job, Verdict]] = []
        self._unanswered: dict[str, list[Verdict]] = {}
        self._answering: set[str] = set()

    def read_arguments(self) -> Arguments:
        """Return no arguments: the targets are the endpoints' examples."""
        return Arguments()

    def jobs(self) -> Iterator[Job]:
        """Yield one job per distinct path of the selected services."""
        requested, counts = set(), Counter[str]()
        for example in sorted(self.examples(), key=lambda example: not self.endpoints[example.job.router].default):
            service = self.service_of(example.job).name
            if service not in self.services or self.pools[service].quiet_text(time.time()):
                continue
            if example.key not in requested and counts[service] < self._most:
                if self._most < NO_LIMIT and example.key[1]:
                    continue  # a browser takes longer to start than a quick check may last
                requested.add(example.key)
                counts[service] += 1
                yield example.job

    def examples(self) -> Iterator[RouteExample]:
        """Yield every route of every endpoint that has an example target for it."""
        for endpoint in self.endpoints.values():
            if (target := self._example(endpoint)) is None:
                continue
            for place, route in enumerate(endpoint.routes):
                if route.is_available(target):
                    job = Job(router=endpoint.router, target=target, route=place)
                    yield RouteExample(job, (self.requests.page(job).url.partition("?")[0], route.transport))

    def _example(self, endpoint: Endpoint) -> Target | None:
        """Return an example target from the endpoint's parameters, or else from a link pattern of its kind.

        The example has all parameters if only a lookup route is available with the required ones.
        """
        examples = (short_example(endpoint), full_example(endpoint))
        targets = [
            parse({"router": endpoint.router, **arguments}, self.atlas).named[0]
            for arguments in examples
            if arguments or endpoint.singleton
        ]
        for target in targets:
            if any(route.is_available(target) and not route.lookup for route in endpoint.routes):
                return target
        if targets:
            return targets[0]
        patterns = self.atlas.platform(Target(UNKNOWN, "", ""), endpoint.router).patterns
        return next((match(form.example, patterns) for form in patterns if form.kind == endpoint.kind), None)

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
        answer = answer_of(response, dispatch.signed, sent.login_cookie, route.decode, route.shape)
        verdict = self.atlas.platform(job.target, job.router).verdicts.classify(answer)
        if verdict.outcome is Outcome.OK:
            verdict = self._read(job, verdict, sent)
        if verdict.outcome.remedy in _STOPPING:
            self.pool_of(job).stop(self.pool_of(job).get(dispatch.identity), verdict)
        self._note(job, verdict)
        yield from ()

    def _read(self, job: Job, verdict: Verdict, sent: Any) -> Verdict:
        """Return the verdict on the content of an answer, which may have an unknown shape."""
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
        return Verdict(Outcome.OK, counted(len(page.records), "record"))

    def parse_failure(self, failure: Failure) -> Output:
        job, verdict = job_of(request_of(failure)), self.verdict_on(failure)
        self._note(job, verdict)
        if verdict.outcome in (Outcome.PROXY, Outcome.UPSTREAM) and not failure.check(Refused):
            self._note_unanswered(self.service_of(job), verdict)
        yield from self.leaving(failure, iter(()))

    def _note_unanswered(self, service: Service, verdict: Verdict) -> None:
        """Count a request without an answer, and stop a service that answers nothing."""
        self._unanswered.setdefault(service.name, []).append(verdict)
        if service.name not in self._answering and len(self._unanswered[service.name]) >= _MAX_UNANSWERED:
            pool = self.pools[service.name]
            for identity in pool.identities:
                pool.stop(identity, verdict)

    def unreachable(self) -> dict[str, Verdict]:
        """Return the services that answered no request, each with the reason."""
        return {name: verdicts[0] for name, verdicts in self._unanswered.items() if name not in self._answering}

    def endpoint_states(self) -> list[EndpointState]:
        """Return the state of every endpoint whose services are reachable."""
        verdicts, states = self._verdicts(), []
        answering = set(self.services) - set(self.unreachable())
        for endpoint in self.endpoints.values():
            examples = [example for example in self.examples() if example.job.router == endpoint.router]
            services = {self.service_of(example.job).name for example in examples}
            if (services and services <= answering) or (not endpoint.routes and answering):
                own = {example.job.route: verdicts[example.key] for example in examples if example.key in verdicts}
                has_login = any(self._has_login(example.job) for example in examples)
                states.append(state_of(endpoint, own, has_login))
        return states

    def _verdicts(self) -> dict[tuple[str, str], Verdict]:
        """Return the verdicts by the key of their route example."""
        keys = {_position(example.job): example.key for example in self.examples()}
        return {keys[_position(job)]: verdict for job, verdict in self.verdicts}

    def _has_login(self, job: Job) -> bool:
        return any(identity.login_cookie for identity in self.pool_of(job).identities)

    def findings(self) -> Iterator[Finding]:
        """Yield the findings: one per unreachable service, then those on sessions, then one per route."""
        unreachable = self.unreachable()
        if unreachable and set(unreachable) == set(self.services):
            verdict = next(iter(unreachable.values()))
            yield _unreachable("network", verdict, self.atlas.services[next(iter(unreachable))].label)
            return
        for name in self.services:
            if quiet := self.pools[name].quiet_text(time.time()):
                yield Finding(name, NOTE, f"not requested: nothing is sent until {quiet}")
        for name, verdict in unreachable.items():
            yield _unreachable(name, verdict, self.atlas.services[name].label)
        for name in self.services:
            if name not in unreachable:
                yield from self._sessions(self.atlas.services[name])
        yield from self._routes(unreachable)

    def _routes(self, unreachable: Collection[str]) -> Iterator[Finding]:
        served = {state.router for state in self.endpoint_states() if state.served == SERVED}
        for job, verdict in self.verdicts:
            endpoint, service = self.endpoints[job.router], self.service_of(job)
            if service.name in unreachable:
                continue
            check = f"{endpoint.router} by {endpoint.routes[job.route].name}"
            expected = is_by_design(verdict, endpoint, self._has_login(job))
            yield judged(check, verdict, service.label, expected, job.router in served)

    def _sessions(self, service: Service) -> Iterator[Finding]:
        """Yield whether the platform accepts each identity's login, and whether it gave signing keys."""
        signs = service.session.sign is not Session.sign
        jobs = [job for job, verdict in self.verdicts if self.service_of(job) is service and not verdict.final]
        signed = any(self.endpoints[job.router].routes[job.route].signed for job in jobs)
        for identity in self.pools[service.name].identities:
            if identity.login_cookie and identity.logged_in is not None:
                yield _login(identity.slot, bool(identity.logged_in), service.label)
            if signs and signed and identity.session.keys:
                yield Finding(f"{identity.slot} signing keys", OK, "obtained")
        if signs and signed and not any(identity.session.keys for identity in self.pools[service.name].identities):
            yield Finding(f"{service.name} signing keys", WRONG, "not obtained", "see the routes below")


def _login(slot: str, accepted: bool, label: str) -> Finding:
    if accepted:
        return Finding(f"{slot} login", OK, "the platform accepts it")
    store = f"scrapy update_cookie --service {label} --cookie -"
    renew = f"log in again in your browser, then run {store}; or run scrapy login {label}"
    return Finding(f"{slot} login", WRONG, "the platform does not accept the cookie", renew)


def _position(job: Job) -> tuple[str, int]:
    return job.router, job.route


def _unreachable(check: str, verdict: Verdict, label: str) -> Finding:
    outcome = verdict.outcome
    says = f"no request was answered: {outcome.name}: {masked(verdict.message)}"
    advice = outcome.advice(label) if outcome is Outcome.PROXY else "check the network, the proxy and SSL_CERT_FILE"
    return Finding(check, WRONG, says, advice)


def judged(check: str, verdict: Verdict, label: str, expected: bool, covered: bool = False) -> Finding:
    """Return the finding on one route.

    :param expected: whether it is by design that a login or a signature is missing
    :param covered: whether the endpoint works by another route
    """
    outcome, message = verdict.outcome, masked(verdict.message)
    if outcome is Outcome.OK:
        return Finding(check, OK, message)
    if outcome in (Outcome.NOT_FOUND, Outcome.PRIVATE):
        return Finding(check, OK, f"works, but the example no longer exists ({outcome.name})")
    if outcome is Outcome.BAD_INPUT:
        return Finding(check, NOTE, f"works, but rejects the example: {message}")
    is_note = (expected and outcome in _LACKS) or covered or is_not_requested(verdict)
    advice = verdict.advice or outcome.advice(label)
    return Finding(check, NOTE if is_note else WRONG, f"{outcome.name}: {message}", advice)
