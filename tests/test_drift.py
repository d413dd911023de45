"""The parts of the drift radar, each held against a world whose shares the test itself decides."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from scraper.drift.field_counts import FieldCounts
from scraper.drift.raw_keys import RawKeys
from scraper.drift.raw_sample import decoded_sample, sample_of
from scraper.drift.usual_shares import Earlier, Limits, changes
from scraper.drift.vocabulary import Vocabulary
from tests.cases import classify, every_answer, read_page
from tests.mutation import broken
from tests.parts import IS_NIGHTLY

LIMITS = Limits(20, 0.25)
SERIES = 200 if IS_NIGHTLY else 30


def plain_shares(records: list[Any]) -> Iterator[tuple[str, int, int]]:
    """Yield each field of records with the numbers of its known values and of its objects."""
    paths: dict[str, list[object]] = {}
    lists: dict[str, list[list[object]]] = {}

    def walk(value: msgspec.Struct, prefix: str) -> None:
        for name, inner in msgspec.structs.asdict(value).items():
            if name == "meta":
                continue
            path = f"{prefix}{name}"
            paths.setdefault(path, []).append(inner)
            if isinstance(inner, msgspec.Struct):
                walk(inner, f"{path}.")
            elif isinstance(inner, list):
                lists.setdefault(path, []).append(inner)
                for entry in inner[:3]:
                    if isinstance(entry, msgspec.Struct):
                        walk(entry, f"{path}[].")

    for record in records:
        walk(record, "")
    for path, values in paths.items():
        yield path, sum(value is not None and value != "unknown" for value in values), len(values)
    for path, entries in lists.items():
        yield f"{path}[]", sum(map(bool, entries)), len(entries)


@every_answer
def test_the_known_fields_are_those_of_the_plain_record(answered: Any) -> None:
    page = read_page(answered)[1]
    by_type: dict[str, list[Any]] = {}
    for record in page.records if page else []:
        record.meta.missing = []
        by_type.setdefault(record.record_type, []).append(record)
    for records in by_type.values():
        counts = FieldCounts()
        counts.add(records, 1)
        assert counts.records == len(records)
        for path, known, number in plain_shares(records):
            assert (counts.known.get(path, 0), counts.number(path)) == (known, number), path


@dataclass
class Platform:
    """A platform with users; each user's records have each field with a probability of its own.

    :ivar shares: by user, then by field
    """

    source: random.Random
    shares: dict[int, dict[str, float]] = field(default_factory=dict)

    def share(self, user: int, name: str) -> float:
        of_user = self.shares.setdefault(user, {})
        if name not in of_user:
            of_user[name] = 1.0 if name.startswith("always") else self.source.choice([0.0, 0.1, 0.5, 0.9, 1.0])
        return of_user[name]

    def crawl(self, users: list[int], records: int, lost: dict[str, float] | None = None) -> FieldCounts:
        """Return the sample of a crawl.

        :param lost: the share of values that the platform does not send any more, by field
        """
        counts = FieldCounts()
        for user in users:
            number = -(-records // len(users))
            known = {
                name: sum(
                    self.source.random() < self.share(user, name) * (1 - (lost or {}).get(name, 0.0))
                    for _ in range(number)
                )
                for name in FIELDS
            }
            counts.merge(FieldCounts(records=number, objects={"": number}, known=known, targets={user}))
        return counts


FIELDS = ["always one", "always two", *(f"sometimes {number}" for number in range(20))]


def fallen(now: FieldCounts, earlier: list[Earlier]) -> list[str]:
    return [change.path for change in changes(now, earlier, LIMITS) if change.has_fallen]


@pytest.mark.parametrize("seed", range(SERIES))
def test_a_platform_that_does_not_change_is_never_named(seed: int) -> None:
    """Whatever is crawled: the same users, others in each run, few or many, in samples of any size."""
    source = random.Random(seed)
    platform, earlier = Platform(source), list[Earlier]()
    for number in range(30):
        kind = seed % 4
        users = {
            0: [0],
            1: source.sample(range(1000), source.choice([1, 3, 12, 40])),
            2: list(range(20)),
            3: [number],
        }[kind]
        now = platform.crawl(users, source.choice([5, 20, 40, 200]))
        names = fallen(now, earlier)
        assert not names, number
        earlier = [Earlier(now, names), *earlier][:12]


@pytest.mark.parametrize("users", [[0], list(range(3)), list(range(15))], ids=["one user", "three", "fifteen"])
@pytest.mark.parametrize("lost", [1.0, 0.6])
def test_a_field_that_the_platform_loses_is_named_and_no_other(users: list[int], lost: float) -> None:
    platform = Platform(random.Random(1))
    earlier = [Earlier(platform.crawl(users, 40)) for _ in range(3)]
    for _ in range(5):
        now = platform.crawl(users, 40, {"always one": lost})
        assert fallen(now, earlier) == ["always one"]
        earlier = [Earlier(now, ["always one"]), *earlier]


def test_a_field_is_not_judged_by_few_runs_or_few_records() -> None:
    platform = Platform(random.Random(2))
    gone = {"always one": 1.0}
    assert not fallen(platform.crawl([0], 40, gone), [Earlier(platform.crawl([0], 40)) for _ in range(2)])
    assert not fallen(platform.crawl([0], 19, gone), [Earlier(platform.crawl([0], 40)) for _ in range(9)])
    assert not fallen(platform.crawl([0], 40, gone), [Earlier(platform.crawl([0], 19)) for _ in range(9)])


def keys_of(*answers: dict[Any, Any], is_doubtful: bool = False) -> RawKeys:
    keys = RawKeys()
    for answer in answers:
        keys.add(answer, is_doubtful=is_doubtful)
    return keys


def test_keys_have_paths_and_types() -> None:
    keys = keys_of({"a": {"b": [{"c": 1}, {"c": "x", "d": None}]}, "12345": {"e": True}, "98765": {"e": False}})
    assert {path: sorted(key.types) for path, key in keys.paths()} == {
        "a": ["object"], "a.b": ["array"], "a.b[]": ["object"], "a.b[].c": ["number", "string"], "a.b[].d": [],
        "*": ["object"], "*.e": ["boolean"],
    }  # fmt: skip


def test_an_answer_of_millions_of_keys_takes_little_memory() -> None:
    keys = RawKeys()
    for number in range(300):
        keys.add({f"k{chr(97 + number % 26)}{number}": {f"n{inner}": {"x": inner} for inner in range(300)}})
    assert len(list(keys.paths())) <= 4001


DEEP: Any = {}
for _ in range(5000):
    DEEP = {"deeper": [DEEP]}


def test_a_deep_answer_is_read_to_some_depth() -> None:
    assert len(list(keys_of(DEEP).paths())) < 30
    assert decoded_sample(b'{"rows": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "rows", 3) is None


def learn(vocabulary: Vocabulary, *runs: RawKeys) -> list[Any]:
    first = vocabulary.runs
    return [vocabulary.learn(keys, f"run {first + number}") for number, keys in enumerate(runs)]


def test_what_is_new_is_named_once_and_only_after_three_runs() -> None:
    vocabulary = Vocabulary()
    usual = {"type": 1, "inner": {"a": 1.5, "b": [], "c": ""}}
    renewed = {"type": 2, "inner": {"a": "1.5", "b": [1], "c": "x"}, "new": {"below": [1]}}
    quiet = learn(vocabulary, keys_of({**usual, "early": 1}), *[keys_of(*[usual] * 10) for _ in range(4)])
    assert not any(news.keys or news.types or news.values for news in quiet)
    (news, again) = learn(vocabulary, keys_of(renewed, is_doubtful=True), keys_of(renewed))
    assert sorted(entry["path"] for entry in news.keys) == ["inner.b[]", "new"], "what is in a new object is not"
    (flip,) = news.types
    assert (flip["path"], flip["types"], flip["usual"], flip["sure"]) == ("inner.a", ["string"], ["number"], True)
    (value,) = news.values
    assert (value["path"], value["value"], value["usual"], value["understood"]) == ("type", "2", ["1"], False)
    assert not (again.keys or again.types or again.values)


def test_a_key_with_many_values_is_no_code() -> None:
    vocabulary = Vocabulary()
    runs = [keys_of(*({"type": number + 20 * run} for number in range(20))) for run in range(6)]
    assert not any(news.values for news in learn(vocabulary, *runs))


def test_a_resumed_run_counts_once() -> None:
    vocabulary = Vocabulary()
    for _ in range(3):
        vocabulary.learn(keys_of({"a": 1}), "the same")
    assert vocabulary.runs == 1
    assert not vocabulary.learn(keys_of({"b": 1}), "another").keys


def test_only_some_rows_of_a_body_are_decoded() -> None:
    rows = [{"number": number, "text": "x" * 300} for number in range(40)]
    body = json.dumps({"code": 0, "data": {"list": rows}, "extra": {"x" * 300: 1}, "text": "y" * 300}).encode()
    sample = decoded_sample(body, "data.list", 3)
    assert sample is not None and sample.path == "data.list[]"
    assert [row["number"] for row in sample.rows] == [0, 14, 28]
    types = {path: sorted(key.types) for path, key in keys_of(sample.answer).paths() if "." not in path}
    assert types == {"code": ["number"], "data": ["object"], "extra": ["object"], "text": ["string"]}
    assert decoded_sample(body[:-1], "data.list", 3) is None
    single = decoded_sample(b'{"data": {"a": 1}}', "data", 3)
    assert single is not None and (single.path, list(single.rows)) == ("data", [{"a": 1}])
    missing = decoded_sample(b'{"data": null}', "data", 3)
    assert missing is not None and not missing.rows


@every_answer
def test_no_answer_stops_the_radar(answered: Any) -> None:
    """Whole answers and damaged ones: what cannot be read is left out, and the rest can be stored."""
    route = answered.endpoint.routes[answered.ask.get("route", 0)]
    body, source = answered.files["response"].read_bytes(), random.Random(answered.label)
    vocabulary = Vocabulary()
    for damaged in (body, *(broken(body, source) for _ in range(5))):
        answer = classify(answered.platform, damaged, route.signed, answered.ask, route.decode).data
        sample = sample_of(answer, route, 3) if route.shape is None else decoded_sample(damaged, route.shape.rows, 3)
        if sample is not None:
            keys = keys_of(sample.answer)
            for row in sample.rows:
                keys.add(row, sample.path)
            vocabulary.learn(keys, "run")
    assert msgspec.json.decode(msgspec.json.encode(vocabulary), type=Vocabulary) == vocabulary


def test_odd_keys_and_values_can_be_stored() -> None:
    odd = {"type": 10**5000, "status": "x" * 10_000, "\ud800": 1, 7: 2, "": 3, "a b": 4, "[]": [5], "kind": {"x": 1}}
    vocabulary = Vocabulary()
    vocabulary.learn(keys_of(odd), "run")
    assert set(vocabulary.keys) == {"type", "status", "*", "[]", "[][]", "kind", "kind.x"}
    assert msgspec.json.encode(vocabulary)
