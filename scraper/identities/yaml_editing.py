"""Change values in the text of a config.yaml, preserving comments and everything else, and write it atomically."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, SequenceNode

from scraper.identities import yaml_reading


def with_values(text: str, values: Mapping[str, str], identity: str = "") -> str:
    """Return the text with new values, at its top level, or in one of its `identities`.

    >>> print(with_values("# mine\\ncookie: 'a=1'  # old\\npace: {delay_s: 1}\\n", {"cookie": "b=2"}))
    # mine
    cookie: "b=2"  # old
    pace: {delay_s: 1}
    <BLANKLINE>

    :raises ValueError: if nothing else can be left unchanged; the message quotes nothing of the text
    """
    for name, value in values.items():
        text = _with_value(text, name, value, identity)
    return text


def _with_value(text: str, name: str, value: str, identity: str) -> str:
    try:
        before = yaml_reading.load(text)
        root = yaml_reading.compose(text)
    except yaml.YAMLError:
        raise ValueError("it is not valid YAML: fix it by hand first") from None
    if root is not None and not isinstance(root, MappingNode):
        raise ValueError("it has no `name: value` lines: fix it by hand first")
    changed = _put(text, _mapping(root, identity), name, json.dumps(value, ensure_ascii=False))
    wanted = before or {}
    entry = wanted if not identity else next(entry for entry in wanted["identities"] if entry.get("name") == identity)
    entry[name] = value
    try:
        same = yaml_reading.load(changed) == wanted
    except yaml.YAMLError:
        same = False
    if not same:
        raise ValueError(f"its `{name}:` has a form that cannot be changed safely: change it by hand")
    return changed


def _mapping(root: MappingNode | None, identity: str) -> MappingNode | None:
    if not identity:
        return root
    rows = _value(root, "identities") if root else None
    for row in rows.value if isinstance(rows, SequenceNode) else []:
        if isinstance(row, MappingNode) and (name := _value(row, "name")) is not None and name.value == identity:
            return row
    raise ValueError(f"there is no {identity!r} among its identities")


def _value(mapping: MappingNode, key: str) -> Any:
    return next((value for name, value in mapping.value if name.value == key), None)


def _put(text: str, mapping: MappingNode | None, name: str, quoted: str) -> str:
    old: Node | None = _value(mapping, name) if mapping else None
    if old is not None:
        return _replaced(text, old, quoted)
    if mapping is None or (mapping.start_mark.column == 0 and not mapping.flow_style):
        return f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{name}: {quoted}\n"
    key, _ = mapping.value[0]
    after = ", " if mapping.flow_style else "\n" + " " * key.start_mark.column
    return f"{text[: key.start_mark.index]}{name}: {quoted}{after}{text[key.start_mark.index :]}"


def _replaced(text: str, old: Node, quoted: str) -> str:
    start, end = old.start_mark.index, old.end_mark.index
    whole_lines = getattr(old, "style", None) in ("|", ">") or text[start:end].endswith("\n")
    before = text[:start] if text[:start].endswith((" ", "\t")) else f"{text[:start]} "
    return f"{before}{quoted}{chr(10) if whole_lines else ''}{text[end:]}"


def write(path: Path, text: str) -> None:
    """Write a file atomically, readable by its owner only.

    :raises OSError: if it cannot be written; the file is then unchanged
    """
    path = path.resolve()  # keep symbolic links
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(  # its mode is 0600
        prefix=f".{path.name}.", dir=path.parent
    )
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Flush a folder to disk, if the operating system can open folders."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
