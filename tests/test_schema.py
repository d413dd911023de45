"""The definition as one schema: a name means one thing in all records, and no field is always null."""

import json
import re
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import msgspec

from docs import generate_schema
from scraper.records import RECORDS, SCHEMA_VERSION, Meta, Record
from scraper.records.definition import members
from tests.cases import CASES, PLATFORMS, ROOT

CHANGES = ROOT / "docs" / "schema" / "CHANGES.md"

STRUCTS = "an object"  # objects with the same name may have different fields, whose names follow the same rule


def structs() -> set[type[msgspec.Struct]]:
    """Return all records and the objects in them."""
    reached: set[type[msgspec.Struct]] = set()
    waiting: list[Any] = list(RECORDS.values())
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            if kind not in reached:
                reached.add(kind)
                waiting += [field.kind for field in members(kind)]
        else:
            waiting += get_args(kind)
    return reached


def form(kind: Any) -> Any:
    """Return a type in a form that can be compared."""
    if get_origin(kind) is Literal:
        return ("one of", get_args(kind))
    if get_origin(kind) in (list, dict):
        return (get_origin(kind), *map(form, get_args(kind)))
    return STRUCTS if issubclass(kind, msgspec.Struct) else kind


def test_a_name_has_one_type_in_all_records() -> None:
    types: dict[str, dict[Any, str]] = {}
    for struct in structs():
        for field in members(struct):
            types.setdefault(field.name, {}).setdefault(form(field.kind), struct.__name__)
    assert {name: forms for name, forms in types.items() if len(forms) > 1} == {}
    assert len(types) > 200


def test_times_and_durations_are_named_by_their_unit() -> None:
    for struct in structs():
        for field in members(struct):
            name, kind = field.name, form(field.kind)
            assert name.endswith(("_time", "_ms")) <= (kind is int), name
            assert not name.endswith(("_at", "_s", "_date")) or (struct, name) == (Meta, "fetched_at"), name


def known(value: Any, struct: type[msgspec.Struct]) -> Iterator[tuple[str, str]]:
    """Yield the fields that are known in an object, each with the name of its object."""
    for field in members(struct):
        if (part := value.get(field.name)) in (None, [], {}):
            continue
        yield struct.__name__, field.name
        for item in (part if field.is_list else [part]) if field.struct else ():
            yield from known(item, field.struct)


# Records that no parser makes; the crawls of other tests look at them.
MADE_HERE = {"listing", "placement", "edge", "event", "media"}
# What the engine writes, which is in no golden file.
OF_THE_ENGINE = {
    "schema_version", "fetched_at", "run_id", "router", "surface", "target", "target_kind", "tags", "page", "position",
    "cursor", "identity", "logged_in", "raw_ref",
}  # fmt: skip


def test_every_field_is_set_by_a_parser() -> None:
    """A field that is null in all fixtures is a promise that nothing keeps."""
    seen: set[tuple[str, str]] = set()
    for case in CASES:
        for record in json.loads(case.expected.read_text("utf-8")).get("records", []):
            seen.update(known(record, RECORDS[record["meta"]["record_type"]]))
    made_here = {RECORDS[name].__name__ for name in MADE_HERE}
    expected = {
        (struct.__name__, field.name)
        for struct in structs()
        for field in members(struct)
        if struct.__name__ not in made_here and not (struct is Meta and field.name in OF_THE_ENGINE)
    }
    assert expected - seen == set()


def test_the_text_of_a_post_is_its_title_or_its_description() -> None:
    posts = [
        record
        for case in CASES
        for record in json.loads(case.expected.read_text("utf-8")).get("records", [])
        if record["meta"]["record_type"] == "video"
    ]
    for post in posts:
        words = {post.get("title"), post.get("desc")} - {None}
        assert post.get("text") in words if words else post.get("text") is None, post["meta"]["key"]
    assert {post["meta"]["platform"] for post in posts if post.get("text")} == {name.name for name in PLATFORMS}


def test_every_field_that_a_platform_sets_has_a_source() -> None:
    named = {struct.__name__: {field.name for field in members(struct)} for struct in structs()}
    for platform, sources in generate_schema.sources([platform.name for platform in PLATFORMS]).items():
        assert all(set(fields) <= named[struct] for struct, fields in sources.items()), "a field that does not exist"
        for case in CASES:
            for record in json.loads(case.expected.read_text("utf-8")).get("records", []):
                for struct, field in known(record, RECORDS[record["meta"]["record_type"]]):
                    is_described = case.platform.name != platform or field in sources.get(struct, ())
                    assert is_described or struct == "Meta" or field == "meta", f"{platform}: {struct}.{field}"


def test_a_change_of_the_definition_has_a_version_and_a_line() -> None:
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| .{20,} \|$", CHANGES.read_text("utf-8"), re.MULTILINE)
    assert rows[0] == (str(SCHEMA_VERSION), generate_schema.fingerprint()), (
        "the definition changed: raise SCHEMA_VERSION in scraper/records/base.py, and add a line with the new"
        f" fingerprint {generate_schema.fingerprint()} at the top of the table in {CHANGES}. Versions that are released"
        " keep their lines"
    )
    assert len({version for version, _ in rows}) == len(rows)


def test_a_record_states_the_schema_version() -> None:
    assert all(issubclass(record, Record) for record in RECORDS.values()) and Meta().schema_version == 2
