"""What reads hostile text takes a time that grows with it, and not with its square: 100 kB against 10 kB."""

import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

import pytest

from scraper.identities.masking import Secrets, mask
from scraper.output.emitter import masked
from scraper.responses.values import count, duration_ms, title
from spiders.tiktok.embedded_data import has_data
from tests.bounded import bounded
from tests.every import every
from tests.patterns import all_patterns, hostile_texts

SIZES = (4_000, 10_000, 100_000)  # a short text that tells whether to compare, and the two compared
MOST_RATIO = 40  # 10 is linear, 100 is quadratic
NEGLIGIBLE_S = 0.002  # of a probe: what is quadratic takes some 8 million steps
BOUND_S = 1  # of the processor; linear reading takes some 0.02
TRIES = 3
PIECES = (
    "a",
    "1",
    "_",
    "token",
    "sess",
    "a=",
    "=",
    " ",
    "<em",
    "</em",
    "<em ",
    "&",
    "&#1",
    "1:",
    "1,",
    "1.",
    "万",
    "a1",
    "/",
    "\\/",
    "%2F",
    "%252F",
    "://",
    "-",
    "'",
)
SECRETS = Secrets()
for secret in ("a1" * 20, "aB3/+x|z9=é~q.Zk7-w", "/" * 20 + "x", "token=token=token"):
    SECRETS.keep(secret)
READERS: dict[str, Callable[[str], Any]] = {
    "masked": masked,
    "mask": mask,
    "secrets": SECRETS.mask,
    "title": title,
    "title with highlights": lambda text: title(f"<em>{text}"),
    "count": count,
    "duration_ms": duration_ms,
    "has_data": lambda text: has_data(text.encode()),
}
PATTERNS = all_patterns()


def seconds(call: Callable[[Any], Any], text: Any) -> float:
    """Return the shortest of some times of the processor, which other processes only lengthen."""
    best = float("inf")
    for _ in range(TRIES):
        start = time.thread_time()
        call(text)
        best = min(best, time.thread_time() - start)
        if best < NEGLIGIBLE_S:
            break
    return best


def ratio(call: Callable[[Any], Any], short: Any, long: Any) -> float:
    """Return how many times as long the long text takes, the least of some tries."""
    best = float("inf")
    for _ in range(TRIES):
        best = min(best, seconds(call, long) / max(seconds(call, short), 1e-5))
        if best < MOST_RATIO:
            break
    return best


def quadratic_text(
    call: Callable[[Any], Any],
    texts: Callable[[int], Iterator[Any]],
    sizes: tuple[int, ...] = SIZES,
) -> str | None:
    """Return the beginning of a text whose reading takes too long, None if there is no such text."""
    for probe, short, long in zip(*map(texts, sizes), strict=True):
        try:
            with bounded(BOUND_S):
                if seconds(call, probe) > NEGLIGIBLE_S and ratio(call, short, long) >= MOST_RATIO:
                    return repr(probe[:40])
        except TimeoutError as error:
            return f"{probe[:40]!r}: {error}"
    return None


def uses(pattern: re.Pattern[Any]) -> Callable[[Any], Any]:
    def use(text: Any) -> None:
        pattern.fullmatch(text)
        deque(pattern.finditer(text), maxlen=0)

    return use


@every(PATTERNS, attrgetter("pattern"))
def test_a_pattern_is_linear(expression: re.Pattern[Any]) -> None:
    text = quadratic_text(uses(expression), lambda size: hostile_texts(expression, size))
    assert text is None, f"{expression.pattern} on {text}"


@pytest.mark.parametrize("name", READERS)
def test_a_reader_is_linear(name: str) -> None:
    assert quadratic_text(READERS[name], lambda size: (piece * (size // len(piece)) for piece in PIECES)) is None


@pytest.mark.parametrize("text", [r"\s*,", r"<a[^>]*>", r"(?:a|aa)+b", rb"\d+;"])
def test_a_pattern_that_is_not_linear_is_found(text: str | bytes) -> None:
    pattern = re.compile(text)
    assert quadratic_text(uses(pattern), lambda size: hostile_texts(pattern, size), (4_000, 1_000, 10_000)) is not None


def test_the_patterns_of_every_place_are_found() -> None:
    expressions = {pattern.pattern for pattern in PATTERNS}
    assert "[\ud800-\udfff]" in expressions, "compiled in a module"
    assert r"</?em[^<>]{0,200}>" in expressions, "written in a function"
    assert r"^[\x00-\x20]*" not in expressions
    assert len(expressions) > 200


def test_secrets_are_masked_by_their_names() -> None:
    text = "refused: msToken=abc; sessionid=def bili_jct=ghi csrf_token=jkl password=mno cookie=pqr aweme_id=7"
    assert masked(text) == "refused: msToken=…; sessionid=… bili_jct=… csrf_token=… password=… cookie=… aweme_id=7"
