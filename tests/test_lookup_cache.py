"""What was learned of a thing is not asked for again."""

from typing import Any

from scraper.crawling import lookup_cache
from scraper.crawling.lookup_cache import LookupCache
from scraper.jobs.job import Job
from scraper.platform import Context, Endpoint, Route
from scraper.platform.targets import SHORT_LINK, Target

LEARNS = Route(url=lambda context: f"https://site.test/{context.target.id}", lookup=lambda data: {"number": data["id"]})
ROW = Endpoint(
    router="/a", kind="user", record="author", params=[], summary="", routes=[LEARNS, Route(url="https://site.test/l")]
)


class Asking:
    """Knows what a job would ask for."""

    def context(self, job: Job) -> Context:
        return Context(job.target)


def job(ident: str, route: int = 0, kind: str = "user", **more: Any) -> Job:
    return Job(router="/a", target=Target(kind, ident, ident), route=route, **more)


def test_what_one_job_taught_is_known_to_all_that_would_ask_the_same() -> None:
    known = LookupCache({"/a": ROW}, Asking())  # type: ignore[arg-type]
    assert known.known(job("one")) is None
    known.note(job("one"), {"number": "1"})
    assert known.known(job("one", input=7, cursor="20", page=3)) == {"number": "1"}
    assert known.known(job("two")) is None


def test_a_route_that_gives_records_teaches_nothing() -> None:
    known = LookupCache({"/a": ROW}, Asking())  # type: ignore[arg-type]
    known.note(job("one"), {"number": "1"})
    others = [job("one", route=1), job("one", step=1), job("one", kind=SHORT_LINK)]
    assert [known.known(other) for other in others] == [None] * 3


def test_a_later_start_of_the_run_knows_what_an_earlier_one_learned(monkeypatch: Any) -> None:
    monkeypatch.setattr(lookup_cache, "_MOST", 2)
    earlier, later = (LookupCache({"/a": ROW}, Asking()) for _ in range(2))  # type: ignore[arg-type]
    kept: dict[str, Any] = {}
    for name in ("one", "two", "three"):
        earlier.note(job(name), {"number": name})
        kept |= earlier.take_changes()
    assert not earlier.take_changes()
    later.restore({source: hints for source, hints in kept.items() if hints is not None})
    assert [later.known(job(name)) for name in ("one", "two", "three")] == [
        None,
        {"number": "two"},
        {"number": "three"},
    ]
    assert len(kept) == 3, "what is forgotten is removed from the ledger"


def test_the_oldest_are_forgotten(monkeypatch: Any) -> None:
    monkeypatch.setattr(lookup_cache, "_MOST", 2)
    known = LookupCache({"/a": ROW}, Asking())  # type: ignore[arg-type]
    for name in ("one", "two", "three"):
        known.note(job(name), {"number": name})
    assert [known.known(job(name)) is None for name in ("one", "two", "three")] == [True, False, False]
