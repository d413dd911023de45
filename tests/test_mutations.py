"""Answers that are broken at random: every fixture and every recorded answer, read by the routes of its platform.

A mutated answer may be refused. Nothing else is allowed: no other exception, no bug, no record that breaks the rules of
all records, and no answer that takes longer than a second of the processor.
"""

import os
import random
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scraper.platform import Context, Endpoint
from scraper.platform.platform import Platform
from scraper.records import RECORDS, Id, Record, meta_for
from scraper.responses.outcomes import Outcome
from scraper.responses.values import UnexpectedShapeError
from tests.bounded import bounded
from tests.cases import CASES, PLATFORMS, classify, example_context
from tests.invariants import problems
from tests.mutation import broken
from tests.recordings import RECORDINGS, there_are_recordings

QUICK = {"fixtures": 2_000, "recordings": 1_000}
FULL, SHARDS = 100_000, 20  # of each
SEED = int(os.environ.get("MUTATION_SEED", "7"))
MOST_S = 1.0
SHOWN = 5
ENVELOPES = {
    "item_struct": (b'{"statusCode": 0, "itemInfo": {"itemStruct": ', b"}}"),
    "aweme_object": (b'{"status_code": 0, "aweme_detail": ', b"}"),
}
# By the type of record: what the data dictionary calls required. It is written by hand: no code vouches for itself.
REQUIRED = {
    "video": ("video_id", "kind", "type", "url", "create_time", "author", "statistics", "flags", "can", "meta"),
    "author": ("uid", "statistics", "meta"),
    "comment": ("comment_id", "video_id", "create_time", "depth", "meta"),
    "music": ("music_id", "meta"),
    "hashtag": ("hashtag_id", "meta"),
    "mix": ("mix_id", "mix_kind", "statistics", "meta"),
    "live_room": ("room_id", "status", "meta"),
    "live_area": ("area_id", "meta"),
    "live_rank": ("room_id", "meta"),
    "product": ("product_id", "meta"),
    "danmaku": ("danmaku_id", "meta"),
    "subtitle": ("subtitle_id", "video_id", "meta"),
    "part": ("cid", "video_id", "meta"),
    "stream_set": ("cid", "video_id", "meta"),
    "id": ("input", "value", "id_kind", "meta"),
    "hot_word": ("board", "word", "meta"),
    "listing": ("listing", "query", "count", "meta"),
}


@dataclass(frozen=True)
class Answer:
    """An answer, and the routes that are given it: (endpoint, place of the route, context)."""

    name: str
    body: bytes
    platform: Platform
    readers: tuple[tuple[Endpoint, int, Context], ...]
    has_records: bool


@cache
def answers(origin: str) -> list[Answer]:
    """Return all answers of an origin; those that hold records come three times, since most can go wrong in them.

    The test is skipped, with a word, if there are no recordings.
    """
    if origin == "recordings":
        there_are_recordings()
    samples = [*(_of_fixtures() if origin == "fixtures" else _recorded())]
    return samples + 2 * [answer for answer in samples if answer.has_records]


def _of_fixtures() -> Iterator[Answer]:
    for case in CASES:
        for what, path in case.files.items():
            if what == "response" and case.endpoint.routes:
                reader = (case.endpoint, case.ask.get("route", 0), case.context)
                body = path.read_bytes()
                yield Answer(case.label, body, case.platform, (reader,), bool(_read(case.platform, body, *reader)))


def _recorded() -> Iterator[Answer]:
    for platform in PLATFORMS:
        readers = tuple(
            (replace(endpoint, routes=[replace(route, is_requested=None) for route in endpoint.routes]), place, context)
            for endpoint in platform.endpoints
            for context in [example_context(endpoint)]
            for place in range(len(endpoint.routes))
        )
        for path in sorted(RECORDINGS.glob("*/*/*")):
            if path.is_file() and path.relative_to(RECORDINGS).parts[0].startswith((platform.name, "bytedance")):
                name, body = str(path.relative_to(RECORDINGS)), _wrapped(path)
                fitting = _fitting(platform, body, readers)
                yield Answer(name, body, platform, fitting or readers, bool(fitting))


def _wrapped(path: Path) -> bytes:
    """Return a recorded answer; one that was kept without its envelope gets it back."""
    before, after = ENVELOPES.get(path.parent.name, (b"", b""))
    return before + path.read_bytes() + after


def _fitting(platform: Platform, body: bytes, readers: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the readers that find records in an answer as it is."""
    return tuple(reader for reader in readers if _read(platform, body, *reader))


def _read(platform: Platform, body: bytes, endpoint: Endpoint, place: int, context: Context) -> list[Record]:
    """Return the records of an answer, none if it is refused."""
    route = endpoint.routes[place]
    verdict = classify(platform, body, route.signed, None, route.decode, route.shape)
    if verdict.outcome is not Outcome.OK:
        return []
    try:
        page = endpoint.read(verdict.data, context, route=place)
    except UnexpectedShapeError:
        return []
    if page.bugs:
        raise page.bugs[0].error
    return page.records


def assert_sound(record: Record) -> None:
    """Assert that a record can be written, holds what it must, and is what its definition says."""
    line = msgspec.json.encode(record)
    assert msgspec.json.decode(line, type=type(record)) == record
    plain = msgspec.to_builtins(record)
    empty = [name for name in REQUIRED[record.record_type] if plain.get(name) is None]
    assert not empty, f"{record.record_type} without {empty}"
    assert plain["meta"]["key"].rpartition(":")[2], "a key that names nothing"
    assert problems(plain) == []


def run(origin: str, number: int) -> str | None:
    """Mutate one answer and read it; return what went wrong."""
    source = random.Random(f"{SEED}/{number}")
    answer = answers(origin)[number % len(answers(origin))]
    endpoint, place, context = source.choice(answer.readers)
    body = broken(answer.body, source)
    try:
        with bounded(MOST_S):
            for record in _read(answer.platform, body, endpoint, place, context):
                assert_sound(record)
                for extra in endpoint.extras:
                    extra.query(record, context)
    except Exception as error:  # noqa: BLE001  the oracle: whatever escapes is a finding
        where = traceback.extract_tb(error.__traceback__)[-1]
        raised = f"{type(error).__name__} {str(error)[:150]!r} in {Path(where.filename).name}:{where.lineno}"
        return f"{raised}, {answer.name} by {endpoint.router}[{place}]"
    return None


def assert_none(origin: str, numbers: range) -> None:
    wrong = {number: problem for number in numbers if (problem := run(origin, number))}
    shown = [f"mutation {number}: {problem}" for number, problem in list(wrong.items())[:SHOWN]]
    assert not wrong, f"{len(wrong)} of {len(numbers)} {origin} (MUTATION_SEED={SEED}):\n" + "\n".join(shown)


@pytest.mark.parametrize(("origin", "number"), QUICK.items())
def test_broken_answers_give_sound_records_or_none(origin: str, number: int) -> None:
    assert_none(origin, range(number))


@pytest.mark.nightly
@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("origin", QUICK)
def test_many_broken_answers_give_sound_records_or_none(origin: str, shard: int) -> None:
    assert_none(origin, range(shard, FULL, SHARDS))


def test_a_parser_that_raises_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = next(answer for answer in answers("fixtures") if answer.has_records)
    endpoint, place, context = answer.readers[0]

    def read(*args: Any, **named: Any) -> Any:
        raise OverflowError("too large")

    monkeypatch.setattr(type(endpoint), "read", read)
    with pytest.raises(OverflowError):
        _read(answer.platform, answer.body, endpoint, place, context)
    assert any(problem and "OverflowError" in problem for problem in (run("fixtures", number) for number in range(30)))


def test_a_record_without_what_it_needs_is_found() -> None:
    record = Id(input="7", value="7", id_kind="aweme_id", meta=meta_for(Id, "tiktok", "7"))
    assert_sound(record)
    record.value = None  # type: ignore[assignment]
    with pytest.raises((AssertionError, msgspec.ValidationError)):
        assert_sound(record)


def test_what_is_required_is_said_of_every_type_of_record() -> None:
    assert set(REQUIRED) == set(RECORDS) - {"edge", "event", "media", "placement"}, "no parser makes these"
