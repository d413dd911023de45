"""Read files that a user wrote: text of limited size, and YAML with plain values only."""

import stat
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import Node, ScalarNode

from scraper.responses.exceptions import ArgumentError

_MOST_BYTES = 4 * 1024 * 1024  # the largest browser exports are below 1 MB
_LARGEST_INT = 2**63
_PLAIN = ("null", "bool", "int", "float", "str", "seq", "map")


class _PlainLoader(yaml.SafeLoader):
    """SafeLoader without dates and sets: `cookie: 2020-13-45` is text."""

    yaml_constructors = {
        f"tag:yaml.org,2002:{name}": getattr(yaml.SafeLoader, f"construct_yaml_{name}") for name in _PLAIN
    } | {None: yaml.SafeLoader.construct_undefined}
    yaml_implicit_resolvers = {  # noqa: RUF012
        letter: [(tag, pattern) for tag, pattern in rows if not tag.endswith(":timestamp")]
        for letter, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_int(self, node: ScalarNode) -> int | str:
        """Return an int, or the text if it is not an int of at most 64 bits."""
        try:
            number: int = self.construct_yaml_int(node)
        except ValueError:  # `!!int x`, or more digits than Python reads
            return str(node.value)
        return number if abs(number) < _LARGEST_INT else str(node.value)

    def construct_float(self, node: ScalarNode) -> float | str:
        """Return a float, or the text if it is not valid."""
        try:
            number: float = self.construct_yaml_float(node)
        except ValueError:
            return str(node.value)
        return number

    def construct_bool(self, node: ScalarNode) -> bool | str:
        """Return a bool, or the text if it is not valid."""
        return self.bool_values.get(str(node.value).lower(), str(node.value))


for _name in ("int", "float", "bool"):
    _PlainLoader.add_constructor(f"tag:yaml.org,2002:{_name}", getattr(_PlainLoader, f"construct_{_name}"))


def load(text: str) -> Any:
    """Parse a YAML document: dicts, lists, texts, numbers of at most 64 bits, bools and None.

    >>> load("cookie: 2020-13-45")
    {'cookie': '2020-13-45'}

    :raises yaml.YAMLError: if it is not YAML, or nested too deeply
    """
    try:
        return yaml.load(text, _PlainLoader)
    except RecursionError:
        raise yaml.YAMLError("nested too deeply") from None


def compose(text: str) -> Node | None:
    """Return the root node of a YAML document that `load` can read."""
    return yaml.compose(text, _PlainLoader)


def read_text(path: Path) -> str:
    """Return the text of a file.

    :raises FileNotFoundError: if there is no file
    :raises ArgumentError: says in one sentence why it cannot be read
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ArgumentError(f"{path} is not a regular file")
        if status.st_size > _MOST_BYTES:
            raise ArgumentError(f"{path} is too large: {status.st_size:,} bytes, of at most {_MOST_BYTES:,}")
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise
    except UnicodeDecodeError:
        raise ArgumentError(f"{path} cannot be read: it is not UTF-8 text") from None
    except OSError as error:
        raise ArgumentError(f"{path} cannot be read: {error.strerror}") from None


def read_mapping(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file; empty if there is no file.

    :raises ArgumentError: says in one sentence what is wrong with the file, without quoting its values
    """
    try:
        data = load(read_text(path))
    except FileNotFoundError:
        return {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else f" ({error})"
        raise ArgumentError(f"{path} is not valid YAML{where}; compare it with config.example.yaml") from None
    if data is not None and not isinstance(data, dict):
        raise ArgumentError(f"{path} has no `name: value` lines; compare it with config.example.yaml")
    return data or {}
