"""The fixtures: what they are, and how they are read.

`tests/fixtures/<router without /api/>/` holds the cases of an endpoint. A case is what shares the first part of a name:

- `<case>.response.json` (or .html, .txt, .bin): an answer of the endpoint. Without it, the record is the one that the
  endpoint seeds.
- `<case>.<extra>.response.json`: the answer of one of its extra requests, added to the first record.
- `<case>.ask.json`: how it was asked, where that differs from the endpoint's own examples: `id`, `extra`, `hints`,
  `cursor`, `sort`, `options`, `status`, `headers`, `login_cookie`, `logged_in`, `route` (0 for the first).
- `<case>.expected.json`: what it is read as, written by `pytest --regen` for a person to review. Null fields are left
  out.

All values in them are invented.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.project import get_project_settings

from scraper.platform import Context, Endpoint, Page, reason
from scraper.platform.platform import Platform
from scraper.platform.targets import Target
from scraper.records import Record
from scraper.responses import Answer, Verdict
from scraper.responses.outcomes import Outcome
from scraper.responses.shapes import AnswerShape
from scraper.responses.values import UnexpectedShapeError
from tests.every import every

ROOT = Path(__file__).parents[1]
FIXTURES = Path(__file__).parent / "fixtures"
AGENT = "Agent/1.0"
_META = ("record_type", "platform", "key", "partial", "approximate", "missing")

_LOADER = SpiderLoader.from_settings(get_project_settings())
SPIDERS = [_LOADER.load(name) for name in _LOADER.list()]
PLATFORMS: list[Platform] = list(
    {platform.name: platform for spider in SPIDERS for platform in spider.platforms}.values()
)


def example_target(endpoint: Endpoint, chosen: dict[str, Any] | None = None, all_params: bool = False) -> Target:
    """Return the target that the examples of an endpoint's own parameters name.

    :param all_params: whether the optional ones are given too
    """
    chosen = chosen or {}
    given = [param for param in endpoint.params if param.kind and (all_params or not param.optional)]
    values = {param.narrows: param.read(param.example) or "" for param in given}
    fixed = {name: value for param in given for name, value in param.sets.items()}
    extra = fixed | {name: value for name, value in values.items() if name} | chosen.get("extra", {})
    ident, platform = chosen.get("id", values.get("") or endpoint.singleton), endpoint.router.split("/")[2]
    target = Target(endpoint.kind, ident, "as given", tuple(sorted(extra.items())), platform)
    return target.with_hints(chosen["hints"]) if "hints" in chosen else target


def example_context(endpoint: Endpoint, ask: dict[str, Any] | None = None, all_params: bool = False) -> Context:
    """Return the context of a first page, or of what a case asks."""
    ask = ask or {}
    more = {name: ask[name] for name in ("sort", "count", "logged_in", "options", "cursor") if name in ask}
    return Context(example_target(endpoint, ask, all_params), user_agent=AGENT, **more)


@dataclass(frozen=True)
class Case:
    """One case of an endpoint."""

    platform: Platform
    endpoint: Endpoint
    name: str
    files: dict[str, Path] = field(compare=False)

    @property
    def label(self) -> str:
        return f"{self.endpoint.name}/{self.name}"

    @property
    def ask(self) -> dict[str, Any]:
        return json.loads(self.files["ask"].read_text("utf-8")) if "ask" in self.files else {}

    @property
    def context(self) -> Context:
        return example_context(self.endpoint, self.ask, all_params="response" not in self.files)

    @property
    def expected(self) -> Path:
        return folder_of(self.endpoint) / f"{self.name}.expected.json"

    def extras(self) -> list[str]:
        """Return the names of the extra requests that it has answers for, in the order in which they are made."""
        return [extra.name for extra in self.endpoint.extras if f"{extra.name}.response" in self.files]


def folder_of(endpoint: Endpoint) -> Path:
    return FIXTURES / endpoint.router.removeprefix("/api/")


def cases_of(platform: Platform, endpoint: Endpoint) -> list[Case]:
    """Return the cases of an endpoint."""
    paths: dict[str, dict[str, Path]] = {}
    for path in sorted(folder_of(endpoint).glob("*.*")):
        name, _, what = path.stem.partition(".")
        paths.setdefault(name, {})[what] = path
    return [Case(platform, endpoint, name, files) for name, files in paths.items()]


ENDPOINTS = [(platform, endpoint) for platform in PLATFORMS for endpoint in platform.endpoints]
CASES = [case for platform, endpoint in ENDPOINTS for case in cases_of(platform, endpoint)]
ANSWERED = [case for case in CASES if "response" in case.files]
PATTERNS = [(platform, pattern) for platform in PLATFORMS for pattern in platform.patterns]

ROUTER = attrgetter("router")
every_endpoint = every(ENDPOINTS, ROUTER)
every_pattern = every(PATTERNS, attrgetter("example"))
every_answer = every(ANSWERED, attrgetter("label"))


def classify(
    platform: Platform,
    body: bytes,
    signed: bool = False,
    ask: dict[str, Any] | None = None,
    decode: Callable[[bytes], Any] | None = None,
    shape: type[AnswerShape] | None = None,
    from_cdn: bool = False,
) -> Verdict:
    """Return the verdict on a body."""
    ask = ask or {}
    login = ask.get("login_cookie", False)
    return platform.verdicts.classify(
        Answer(ask.get("status", 200), ask.get("headers", {}), body, signed, login, decode, shape, from_cdn)
    )


def read_page(case: Case) -> tuple[Verdict, Page | None]:
    """Read a case's answer as the machine does."""
    place = case.ask.get("route", 0)
    route = case.endpoint.routes[place]
    verdict = classify(
        case.platform, case.files["response"].read_bytes(), route.signed, case.ask, route.decode, route.shape
    )
    if verdict.outcome is not Outcome.OK:
        return verdict, None
    try:
        return verdict, case.endpoint.read(verdict.data, case.context, case.ask.get("cursor", ""), place)
    except UnexpectedShapeError as error:
        return verdict._replace(outcome=Outcome.UPSTREAM_CHANGED, message=reason(error)), None


def add_extra(case: Case, name: str, record: Record, body: bytes) -> str:
    """Add the answer of an extra request to a record, and say what came of it."""
    extra = next(extra for extra in case.endpoint.extras if extra.name == name)
    verdict = classify(case.platform, body, extra.signed, case.ask, extra.decode, extra.shape, extra.from_cdn)
    if verdict.outcome is not Outcome.OK:
        return f"{verdict.outcome.name}: {verdict.message}"
    try:
        extra.add(record, verdict.data, case.context)
    except UnexpectedShapeError as error:
        return f"UPSTREAM_CHANGED: {reason(error)}"
    return "OK"


def seeded(case: Case) -> Record:
    """Return the first record of a case, before its extra requests."""
    if "response" not in case.files:
        record = case.endpoint.seed(case.context)
        assert record, f"{case.label} has no response, and its endpoint seeds nothing"
        return record
    _, page = read_page(case)
    assert page and page.records, f"{case.label} has no record that could be completed"
    return page.records[0]


def reading(case: Case) -> dict[str, Any]:
    """Return what a case is read as, in plain values."""
    result: dict[str, Any] = {}
    if "response" in case.files:
        verdict, page = read_page(case)
        result = {"outcome": verdict.outcome.name} | ({"message": verdict.message} if verdict.message else {})
        if page is None:
            return result
        next_page = {name: value for name, value in page.next_page._asdict().items() if value not in (None, "", False)}
        if "stop" in next_page:
            next_page["stop"] = next_page["stop"].name
        if page.bugs:
            raise page.bugs[0].error
        result |= {"next_page": next_page, "total": page.total, "faults": page.faults}
        result |= {"hints": dict(page.hints)} if page.hints else {}
        result |= (
            {"refused": [[refusal.outcome.name, refusal.message] for refusal in page.refused]} if page.refused else {}
        )
        records = page.records
    else:
        records = [seeded(case)]
    for name in case.extras():
        came = add_extra(case, name, records[0], case.files[f"{name}.response"].read_bytes())
        result.setdefault("extras", {})[name] = came
    return result | {"records": [plain(record) for record in records]}


def plain(record: Record) -> dict[str, Any]:
    """Return a record without what is not known, and without what the machine stamps."""
    fields = without_nulls(msgspec.to_builtins(record))
    fields["meta"] = {name: fields["meta"][name] for name in _META if fields["meta"].get(name)}
    return fields


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value
