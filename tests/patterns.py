"""Every regular expression of the code, and texts that are hostile to each."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from re import _constants, _parser
from types import ModuleType
from typing import Any

import pipelines
import scraper
import spiders
from tests.cases import PLATFORMS

_NOT_IMPORTED = {"__main__"}
_LONGEST_SAMPLE = 12
_SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}]")
_CATEGORIES = {_constants.CATEGORY_DIGIT: "1", _constants.CATEGORY_SPACE: " ", _constants.CATEGORY_WORD: "a"}
_PIECES = (
    *"a1 _=&</,-.%\\\"'#?@;:[(\n+", "a1", "1,", "1.", "a=", "a ", "//", "http://a.", "<em", "&#1", "token=", "%41", "万"
)  # fmt: skip


def modules() -> Iterator[ModuleType]:
    for package in (scraper, spiders, pipelines):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if module.name.rpartition(".")[2] not in _NOT_IMPORTED:
                yield importlib.import_module(module.name)


def all_patterns() -> list[re.Pattern[Any]]:
    """Return the patterns of modules, of calls in functions, of links and of parameters, each once."""
    patterns: list[re.Pattern[Any]] = list(_declared())
    for module in modules():
        for value in vars(module).values():
            patterns += _compiled(value)
        patterns += _in_calls(module)
    return list({(pattern.pattern, pattern.flags): pattern for pattern in patterns}.values())


def _compiled(value: Any, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    """Yield the patterns in a value, also those in lists, dicts and tuples."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 3 and isinstance(value, dict | list | tuple | set | frozenset):
        for item in (*value, *value.values()) if isinstance(value, dict) else value:
            yield from _compiled(item, depth + 1)


def _in_calls(module: ModuleType) -> Iterator[re.Pattern[Any]]:
    """Yield the patterns that calls of `re` are given; one in a local name may be any text of the module's tables."""
    source = Path(str(module.__file__)).read_text("utf-8")
    for node in ast.walk(ast.parse(source)) if "import re\n" in source else ():
        if not isinstance(node, ast.Call) or not ast.unparse(node.func).startswith("re.") or not node.args:
            continue
        try:
            value = eval(ast.unparse(node.args[0]), vars(module))
        except NameError:
            yield from (re.compile(text) for text in _texts_of_tables(module) if _SPECIAL.search(text))
        else:
            if isinstance(value, str | bytes):
                yield re.compile(value)


def _texts_of_tables(module: ModuleType) -> Iterator[str]:
    tables = [value for name, value in vars(module).items() if name.isupper() and isinstance(value, tuple | list)]
    for row in (row for table in tables for row in table):
        yield from (cell for cell in ([row] if isinstance(row, str) else row) if isinstance(cell, str))


def _declared() -> Iterator[re.Pattern[Any]]:
    for platform in PLATFORMS:
        for form in platform.patterns:
            yield from (
                re.compile(expression, re.IGNORECASE)
                for expression in (form.path, *form.query.values(), *form.filters.values())
            )
        yield from (re.compile(form.regex) for form in platform.bare_ids)
        yield from (re.compile(param.regex) for endpoint in platform.endpoints for param in endpoint.params)


def hostile_texts(pattern: re.Pattern[Any], size: int) -> Iterator[Any]:
    """Yield texts of a size that begin to match a pattern over and over, and never come to an end of it."""
    is_bytes = isinstance(pattern.pattern, bytes)
    sample = _sample(_parser.parse(pattern.pattern, pattern.flags))[:_LONGEST_SAMPLE]
    starts = [sample[:length] for length in range(1, len(sample) + 1)]
    for start, piece in dict.fromkeys(
        (*(("", repeated) for repeated in (*_PIECES, *starts)), *((s, s[-1]) for s in starts))
    ):
        text = (start + piece * (size // len(piece)))[: size - 1] + "\0"
        yield text.encode("utf-8", "surrogatepass") if is_bytes else text


def _sample(parts: Iterable[Any]) -> str:
    """Return a short text that matches what the standard library's parser of patterns found."""
    return "".join(_sample_of(name, value) for name, value in parts)


def _sample_of(name: Any, value: Any) -> str:
    if name is _constants.LITERAL:
        return chr(value)
    if name in (_constants.NOT_LITERAL, _constants.ANY):
        return "a"
    if name is _constants.IN:
        return _member(value)
    if name in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
        return _sample(value[2]) * min(max(value[0], 1), _LONGEST_SAMPLE)
    if name is _constants.SUBPATTERN:
        return _sample(value[3])
    if name is _constants.ATOMIC_GROUP:
        return _sample(value)
    return _sample(value[1][0]) if name is _constants.BRANCH else ""


def _member(members: list[Any]) -> str:
    """Return a character of a class; one that few classes leave out if it says what is not in it."""
    kind, value = members[0]
    if kind is _constants.RANGE:
        return chr(value[0])
    if kind is _constants.CATEGORY:
        return _CATEGORIES.get(value, "a")
    return chr(value) if kind is _constants.LITERAL else "a"
