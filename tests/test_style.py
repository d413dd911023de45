"""Phrases that we agreed to avoid in documentation, docstrings, comments and messages."""

import ast
import re
import tokenize
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from tests.every import every

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md"), *ROOT.glob("config/*/*.yaml")]
)
GENERATED = {"records.md", "routers.md", "routes.md", "links.md", "coverage.md"}  # their words are those of the code
CODE = sorted(path for folder in ("spiders", "pipelines") for path in (ROOT / folder).rglob("*.py"))
MESSAGES = sorted((ROOT / "scraper").rglob("*.py"))

PROGRAM = sorted([*CODE, *MESSAGES, *(path for folder in ("docs", "tests") for path in (ROOT / folder).rglob("*.py"))])
NO_INFORMATION = {"each", "found", "said", "told"}  # as names of local variables and parameters

EVERYWHERE = (
    r"wire contract|what is of\b|which one it is|\bis had\b|\bbe had\b|\bgo on with\b|\basked of\b|\bneeded are\b"
)
IN_PROSE = (
    r"\bwants? (?:a|an|the|to)\b|\bis told\b|\bas far as\b|\bbeside the\b|\bno blank\b"
    r"|, where (?:it|that|there) (?:is|are)\b"
    r"|\bit goes on\b|\bfor people came\b|\bone of too low\b|\bnothing but that\b|\bgrown-ups\b|\bof no form\b"
)
IN_MESSAGES = (
    r"\bwants? (?:a|an|the|to)\b|\bis told\b|\bno host of\b|\bnot asked\b|\bmend it\b|\bcut short\b"
    r"|\bgrown-ups\b|\bof no form\b"
    r"|\bthere is no (?:argument|service|such endpoint)\b|\bfor people\b|\bis not told\b"
)

IN_CODE = (
    r"\bsaid\b|\btold\b|\bas far as\b|\bbeside\b|\b(?:go|goes|went) on\b|\bserves\b|\bblanks?\b|\bsay whether\b"
    r"|\bwhat is (?:of|no|not|said|asked|known)\b|\bthat of (?:a|an|the)\b|\bwhich one\b|\bwants?\b|\bis told\b"
    r"|:raises [\w.]+: where\b|\b(?:none|empty|\"\"|;|,) where (?:there|it|that|this|none|nothing|not|no|a|an|the)\b"
    r"|\bthere is no(?:ne)? of\b|\bleft word\b|\bof ours?\b|\bis none of\b|\bfor people\b"
)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def phrases(pattern: str, texts: Iterator[tuple[int, str]]) -> list[str]:
    regex = re.compile(pattern, re.IGNORECASE)
    return [f"line {line}: {match[0]}" for line, text in texts if (match := regex.search(text))]


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    yield from enumerate(path.read_text("utf-8").splitlines(), 1)


def strings_of(path: Path, docstrings: bool) -> Iterator[tuple[int, str]]:
    """Yield the docstrings of a module, or else its other strings."""
    tree = ast.parse(path.read_text("utf-8"))
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    owners = [node for node in ast.walk(tree) if isinstance(node, kinds) and ast.get_docstring(node)]
    documented = {id(node.body[0].value) for node in owners if isinstance(node.body[0], ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and (id(node) in documented) is docstrings:
            yield node.lineno, node.value


def comments_of(path: Path) -> Iterator[tuple[int, str]]:
    with path.open("rb") as source:
        for token in tokenize.tokenize(source.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def empty_names_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the local names that carry no information, and `given` as a name for arguments."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in NO_INFORMATION:
            yield node.lineno, node.id
        elif isinstance(node, ast.arguments):
            variadic = [parameter for parameter in (node.vararg, node.kwarg) if parameter]
            for parameter in (*node.posonlyargs, *node.args, *node.kwonlyargs, *variadic):
                kind = ast.unparse(parameter.annotation) if parameter.annotation else ""
                are_arguments = parameter in variadic or kind.startswith(("Mapping[", "dict["))
                if parameter.arg in NO_INFORMATION or (parameter.arg == "given" and are_arguments):
                    yield parameter.lineno, parameter.arg


@every(PAGES, name_of)
def test_a_page_avoids_them(page: Path) -> None:
    pattern = EVERYWHERE if page.name in GENERATED else f"{EVERYWHERE}|{IN_PROSE}"
    assert phrases(pattern, lines_of(page)) == []


@every([*CODE, *MESSAGES], name_of)
def test_docstrings_and_comments_avoid_them(module: Path) -> None:
    texts = chain(strings_of(module, docstrings=True), comments_of(module))
    assert phrases(f"{EVERYWHERE}|{IN_PROSE}|{IN_CODE}", texts) == []


@every([*CODE, *MESSAGES], name_of)
def test_messages_avoid_them(module: Path) -> None:
    assert phrases(f"{EVERYWHERE}|{IN_MESSAGES}", strings_of(module, docstrings=False)) == []


@every(PROGRAM, name_of)
def test_local_names_carry_information(module: Path) -> None:
    assert list(empty_names_of(module)) == []


def test_a_name_without_information_is_found(tmp_path: Path) -> None:
    code = "def parse(given: Mapping[str, str], link: str, **said: str):\n    return [each for each in given]\n"
    (module := tmp_path / "module.py").write_text(code, "utf-8")
    assert sorted(empty_names_of(module)) == [(1, "given"), (1, "said"), (2, "each")]


def test_a_phrase_is_found() -> None:
    assert phrases(IN_MESSAGES, iter([(3, "site.test is no host of it: not asked")])) == ["line 3: no host of"]


def test_a_phrase_in_a_comment_is_found(tmp_path: Path) -> None:
    (module := tmp_path / "module.py").write_text("page = 1  # what is said of it\n", "utf-8")
    assert phrases(IN_CODE, comments_of(module)) == ["line 1: what is said"]
