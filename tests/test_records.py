"""The definition of the records: what is generated from it, and what it must be able to hold."""

from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
import pytest

from pipelines.upserts import tables
from scraper.output.encoding import to_lines
from scraper.output.envelope import Envelope, Failure
from scraper.records import PRIVACY, RECORDS, Record, meta_for
from tests.schemas import violations

ALL = pytest.mark.parametrize("record", RECORDS.values(), ids=lambda record: record.record_type)


def filled(kind: Any, whole: bool) -> Any:
    """Return a value of a type.

    :param whole: whether optional fields are given as well
    """
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return filled(next(option for option in inner if option is not NoneType), whole)
    if origin is Literal:
        return inner[-1]
    if origin is list:
        return [filled(inner[0], whole)] if whole else []
    if origin is dict or kind is dict:
        return {"name": "text"} if whole else {}
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        fields = [field for field in msgspec.structs.fields(kind) if whole or field.required]
        return kind(**{field.name: filled(field.type, whole) for field in fields})
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
    names = [column.name.lower() for column in tables()[record.record_type].columns]
    assert sorted(set(names)) == sorted(names)
    assert names.count("key") == 1 and {"meta_partial", "meta_missing", "meta_approximate"} <= set(names)


@ALL
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "bare"])
def test_a_record_is_a_row(record: type[Record], whole: bool) -> None:
    table = tables()[record.record_type]
    row = table.row(filled(record, whole))
    assert len(row) == len(table.columns)
    assert all(isinstance(value, str | int | float | None) for value in row)


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
    names = {field.name for record in RECORDS.values() for field in msgspec.structs.fields(record)}
    assert set(PRIVACY) <= names
    assert {"uid", "nickname", "avatar_url", "signature", "birthday", "ip_location", "text", "desc"} <= set(PRIVACY)
