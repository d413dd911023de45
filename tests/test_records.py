"""The definition of the records: what is generated from it, and what it must be able to hold."""

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest
from sqlalchemy.dialects import postgresql, sqlite

from pipelines.schema import Schema
from scraper.output.encoding import to_lines
from scraper.output.envelope import Envelope, Failure
from scraper.records import RECORDS, Record, meta_for
from scraper.records.definition import leaves, members
from scraper.records.describing import P1, P2, P3
from tests.schemas import violations

SCHEMAS = [Schema(sqlite.dialect()), Schema(postgresql.dialect())]  # type: ignore[no-untyped-call]
ALL = pytest.mark.parametrize("record", RECORDS.values(), ids=lambda record: record.record_type)


def filled(kind: Any, whole: bool) -> Any:
    """Return a value of a type.

    :param whole: whether optional fields are given as well
    """
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return inner[-1]
    if origin is list:
        return [filled(inner[0], whole)] if whole else []
    if origin is dict or kind is dict:
        return {"name": "text"} if whole else {}
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        fields = [field for field in members(kind) if whole or field.is_required]
        return kind(**{field.name: filled(field.kind, whole) for field in fields})
    return {str: "text", int: 7, float: 1.5, bool: True}.get(kind, "any")


@ALL
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "bare"])
def test_a_record_is_what_its_schema_says(record: type[Record], whole: bool) -> None:
    value = filled(record, whole)
    line = msgspec.json.encode(value)
    assert violations(msgspec.json.decode(line), msgspec.json.schema(record)) == []
    assert msgspec.json.decode(line, type=record) == value


@ALL
def test_a_schema_refuses_what_is_wrong(record: type[Record]) -> None:
    value, schema = msgspec.to_builtins(filled(record, True)), msgspec.json.schema(record)
    assert violations({**value, record.id_field: 7}, schema)
    assert violations({name: member for name, member in value.items() if name != record.id_field}, schema)


@ALL
def test_a_record_names_itself(record: type[Record]) -> None:
    assert RECORDS[record.record_type] is record
    fields = record.__struct_fields__
    assert record.id_field in fields and fields[-1] == "meta"
    assert meta_for(record, "a", "1").key == f"a:{record.record_type}:1"


@ALL
def test_the_columns_of_a_table_do_not_clash(record: type[Record]) -> None:
    names = [name.lower() for name in SCHEMAS[0].records[record.record_type].names]
    assert sorted(set(names)) == sorted(names)
    paths = [path.replace(".", "_") for path, _ in leaves(record)]
    assert sorted(set(paths)) == sorted(paths)
    assert names.count("key") == 1 and {"meta_partial", "meta_missing", "meta_approximate"} <= set(names)


def flat(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield all values that are no objects and not null, with their paths."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from flat(f"{path}_{name}", part)
    elif value is not None:
        yield path, value


@ALL
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "bare"])
def test_a_record_is_a_row(record: type[Record], whole: bool) -> None:
    value = filled(record, whole)
    for schema in SCHEMAS:
        table = schema.records[record.record_type]
        row = table.row(value)
        assert len(row) == len(table.names) == len(table.table.columns)
        assert all(isinstance(cell, str | int | float | None) for cell in row)
        stored = dict(zip(table.names, row, strict=True))
        rest = msgspec.json.decode(stored.pop("data"))
        stored |= {"meta_key": stored.pop("key"), **rest}
        for name in ("meta_tags", "meta_missing", "meta_approximate"):
            stored[name] = stored[name] and msgspec.json.decode(stored[name])
        assert dict(flat("", stored)) == dict(flat("", msgspec.to_builtins(value)))


@ALL
def test_an_envelope_has_three_keys(record: type[Record]) -> None:
    line = to_lines([Envelope(200, "/api/a/web/b", filled(record, True))])
    assert list(msgspec.json.decode(line)) == ["code", "router", "data"]


def test_a_failure_keeps_the_three_keys() -> None:
    (line,) = to_lines([Envelope(404, "/api/a/web/b", filled(Failure, True))]).splitlines()
    decoded = msgspec.json.decode(line)
    assert list(decoded) == ["code", "router", "data"] and list(decoded["data"]) == ["error", "meta"]
    assert list(decoded["data"]["error"]) == ["name", "message", "remedy", "retryable", "retry_after", "input"]


def test_a_field_of_a_person_has_a_privacy_class() -> None:
    classes = {
        (record.record_type, path): member.privacy for record in RECORDS.values() for path, member in leaves(record)
    }
    for place in ("video/author.uid", "author/nickname", "comment/author.avatar_url", "danmaku/sender_hash"):
        assert classes[tuple(place.split("/"))] == "P1", place
    for place in ("comment/ip_location", "author/birthday", "video/place.name"):
        assert classes[tuple(place.split("/"))] == "P2", place
    for place in ("video/desc", "video/text", "comment/text", "video/video_data.streams[].urls"):
        assert classes[tuple(place.split("/"))] == "P3", place
    persons = {"uid", "sec_uid", "unique_id", "nickname", "signature", "avatar_url"}
    unclassed = {path for (_, path), name in classes.items() if path.rpartition(".")[2] in persons and name != "P1"}
    assert unclassed == set()


def test_every_field_is_described() -> None:
    for record in (*RECORDS.values(), Failure):
        for path, member in leaves(record):
            where = f"{record.__name__}.{path}"
            assert member.description.endswith(".") and len(member.description) <= 120, where
            assert bool(member.unit) == (member.kind in (int, float)), f"{where}: a number has a unit"
            assert member.privacy in ("", P1, P2, P3), where
