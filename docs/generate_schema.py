"""Generate what describes the records: the data dictionary, JSON Schemas, an Arrow schema, and their fingerprint.

`docs/generate.py` writes these files.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from scraper.output.envelope import Error, Failure
from scraper.records import RECORDS, SCHEMA_VERSION, Meta
from scraper.records.definition import Member, leaves, members

ROOT = Path(__file__).parents[1]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
REFS = "#/$defs/{name}"
_ARROW = {str: "string", int: "int64", bool: "bool", float: "double"}
_NAMES = {str: "text", int: "integer", bool: "true/false", float: "number"}

_COLUMNS = ("field", "type", "unit", "privacy", "null", "description")

Sources = dict[str, dict[str, dict[str, str]]]
"""By platform, struct and field."""


def sources(platforms: Sequence[str]) -> Sources:
    """Return where the fields come from, as each platform's folder says."""
    return {name: tomllib.loads((ROOT / "spiders" / name / "sources.toml").read_text("utf-8")) for name in platforms}


def objects() -> dict[str, type[msgspec.Struct]]:
    """Return the objects within records, by name, in the order in which they are used."""
    reached: dict[str, type[msgspec.Struct]] = {}
    waiting: list[type[msgspec.Struct]] = list(RECORDS.values())
    while waiting:
        for member in members(waiting.pop(0)):
            if member.struct and member.struct is not Meta and member.struct.__name__ not in reached:
                reached[member.struct.__name__] = member.struct
                waiting.append(member.struct)
    return reached


def dictionary(platforms: dict[str, str]) -> str:
    """Return the tables of all fields.

    :param platforms: names and titles of the platforms
    """
    known, columns = sources([*platforms]), [*_COLUMNS, *platforms.values()]
    head = f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}"
    text = [_HEAD]
    for name, struct in {**RECORDS, **objects(), "meta": Meta, "error": Error}.items():
        heading = name if name in objects() else f"`{name}`"
        text.append(f"\n## {heading}\n\n{' '.join((struct.__doc__ or '').split())}\n\n{head}")
        text += [_row(member, [known[one].get(struct.__name__, {}) for one in platforms]) for member in members(struct)]
    return "\n".join(text) + "\n"


def _row(member: Member, paths: Sequence[dict[str, str]]) -> str:
    cells = [member.name, type_name(member.kind), member.unit, member.privacy, member.null, member.description]
    return f"| {' | '.join([*cells, *(path.get(member.name, '') for path in paths)])} |"


def type_name(kind: Any) -> str:
    """Return a type as people read it; objects are linked to their table."""
    if get_origin(kind) is Literal:
        return ", ".join(get_args(kind))
    if get_origin(kind) in (dict, list):
        return f"{'map' if get_origin(kind) is dict else 'list'} of {type_name(get_args(kind)[-1])}"
    return _NAMES.get(kind) or f"[{kind.__name__}](#{kind.__name__.lower()})"


def envelope_schema(platforms: Sequence[str]) -> str:
    """Return the JSON Schema of one line of a feed."""
    schemas, definitions = msgspec.json.schema_components([*RECORDS.values(), Failure], ref_template=REFS)
    return _written(
        {
            "title": f"One line of a feed, schema_version {SCHEMA_VERSION}",
            "type": "object",
            "required": ["code", "router", "data"],
            "additionalProperties": False,
            "properties": {"code": {"type": "integer"}, "router": {"type": "string"}, "data": {"anyOf": list(schemas)}},
            "$defs": _described(definitions, platforms),
        }
    )


def record_schema(name: str, platforms: Sequence[str]) -> str:
    """Return the JSON Schema of a type of record."""
    record = RECORDS[name]
    (_,), definitions = msgspec.json.schema_components([record], ref_template=REFS)
    own = _described(definitions, platforms).pop(record.__name__)  # no record is within another
    title = f"{name}, schema_version {SCHEMA_VERSION}"
    return _written({**own, "title": title, "$defs": definitions})


def _described(definitions: dict[str, Any], platforms: Sequence[str]) -> dict[str, Any]:
    """Add units, privacy classes, null rules and sources to the definitions of all structs."""
    structs = {**objects(), "Meta": Meta, "Error": Error, **{record.__name__: record for record in RECORDS.values()}}
    known = sources(platforms)
    for name, struct in structs.items():
        for member in members(struct) if name in definitions else ():
            paths = {one: known[one].get(name, {}).get(member.name) for one in platforms}
            more = {
                "x-unit": member.unit,
                "x-privacy": member.privacy,
                "x-null": member.null if member.is_nullable else "",
                "x-source": {one: path for one, path in paths.items() if path},
            }
            definitions[name]["properties"][member.name].update({key: value for key, value in more.items() if value})
    return definitions


def _written(schema: dict[str, Any]) -> str:
    return json.dumps({"$schema": DIALECT, **schema}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def arrow() -> str:
    """Return the Arrow schema of every type of record, as pyarrow prints types."""
    lines = [f"# Arrow schemas, schema_version {SCHEMA_VERSION}: one per type of record, in pyarrow's notation"]
    for name, record in RECORDS.items():
        lines += ["", f"[{name}]", *(_arrow_field(member) for member in members(record))]
    return "\n".join(lines) + "\n"


def _arrow_field(member: Member) -> str:
    return f"{member.name}: {arrow_type(member.kind)}{'' if member.is_nullable else ' not null'}"


def arrow_type(kind: Any) -> str:
    """Return the name of the Arrow type that holds a type.

    >>> arrow_type(list[str]), arrow_type(dict[str, str]), arrow_type(int)
    ('list<item: string>', 'map<string, string>', 'int64')
    """
    if get_origin(kind) is Literal:
        return "string"
    if get_origin(kind) is list:
        return f"list<item: {arrow_type(get_args(kind)[0])}>"
    if get_origin(kind) is dict:
        return f"map<{', '.join(map(arrow_type, get_args(kind)))}>"
    return _ARROW.get(kind) or f"struct<{', '.join(map(_arrow_field, members(kind)))}>"


def fingerprint() -> str:
    """Return a short hash of the definition: names, types, null, units and privacy classes, but not descriptions."""
    return hashlib.sha256("\n".join(_facts()).encode()).hexdigest()[:12]


def _facts() -> Iterator[str]:
    for name, record in RECORDS.items():
        for path, member in leaves(record):
            facts = (arrow_type(member.kind), type_name(member.kind), member.is_nullable, member.unit, member.privacy)
            yield f"{name} {path} {facts}"


_HEAD = f"""# The records

Generated by `make docs` from `scraper/records/` and `spiders/*/sources.toml`; schema_version {SCHEMA_VERSION}
([changes](schema/CHANGES.md)). One line of a feed is `{{"code": 200, "router": "/api/…", "data": {{…one record…}}}}`; a
failure has `data = {{"error": {{…}}, "meta": {{…}}}}`.

The same for programs: a [JSON Schema](schema/) per type of record and one of [a line](schema/envelope.json),
[Arrow schemas](schema/arrow.txt), and the tables of [SQLite](schema/sqlite.sql) and
[PostgreSQL](schema/postgresql.sql).

A name has one type in all records. Ids are texts, `*_time` are epoch seconds in UTC, `*_ms` milliseconds. The one
exception is `meta.fetched_at`, a text in RFC 3339, for people who read a feed. Objects with the same name may have
different fields (`statistics`). Null means "not known" unless the table says more; it is never written as 0 or an empty
text.

Privacy classes: P1 identifies a person, P2 describes one, P3 is text or media that may do either. A field without a
class has the class of the field that holds its object, or none. `meta.key` is unique per record type.

The last columns name where a value comes from in the platform's answer: paths in it, or words in brackets if the
program makes the value. The paths of an object's fields start at the object. An empty cell means that the platform has
no such value.

In the database (`DATABASE_URL`) each record type is a table: [database.md](database.md)."""
