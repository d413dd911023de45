"""A reader of the part of JSON Schema that msgspec writes."""

from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
    "number": (int, float),
    "integer": (int,),
}
_KNOWN = {
    "$ref", "$defs", "anyOf", "type", "enum", "items", "properties", "required", "additionalProperties", "default",
    "title", "description", "$schema", "x-unit", "x-privacy", "x-null", "x-source",
}  # fmt: skip


def violations(value: Any, schema: dict[str, Any], root: dict[str, Any] | None = None, path: str = "") -> list[str]:
    """Return where a value breaks a schema."""
    root = root or schema
    assert not set(schema) - _KNOWN, f"the schema uses {set(schema) - _KNOWN}, which is not read here"
    if "$ref" in schema:
        return violations(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, path)
    if "anyOf" in schema:
        tried = [violations(value, option, root, path) for option in schema["anyOf"]]
        return [] if [] in tried else [f"{path} fits none of {len(tried)}"]
    if "enum" in schema:
        return [] if value in schema["enum"] else [f"{path} is none of {schema['enum']}"]
    kind = schema.get("type")
    if kind and (not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return [f"{path} is no {kind}"]
    if isinstance(value, list):
        return [
            violation
            for n, item in enumerate(value)
            for violation in violations(item, schema["items"], root, f"{path}[{n}]")
        ]
    return _object(value, schema, root, path) if isinstance(value, dict) else []


def _object(value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], path: str) -> list[str]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    problems = [f"{path}.{name} is missing" for name in schema.get("required", []) if name not in value]
    for name, item in value.items():
        if name in known:
            problems += violations(item, known[name], root, f"{path}.{name}")
        elif isinstance(others, dict):
            problems += violations(item, others, root, f"{path}.{name}")
    return problems
