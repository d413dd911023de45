"""Readers of hostile text take a time that grows with it, and not with its square: 100 kB against 10 kB."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from scraper.output.emitter import masked
from scraper.responses.values import count, duration_ms, title

MOST_RATIO = 40  # 10 is linear, 100 is quadratic
NEGLIGIBLE_S = 0.02
PIECES = ("a", "1", "_", "token", "sess", "a=", "=", " ", "<em", "</em", "<em ", "&", "&#1", "1:", "1,", "1.", "万")


def seconds(call: Callable[[str], Any], text: str) -> float:
    start = time.perf_counter()
    call(text)
    return time.perf_counter() - start


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("reader", [masked, title, count, duration_ms])
def test_a_reader_is_linear(reader: Callable[[str], Any], piece: str) -> None:
    long = min(seconds(reader, piece * (100_000 // len(piece))) for _ in range(3))
    if long > NEGLIGIBLE_S:
        assert long / max(seconds(reader, piece * (10_000 // len(piece))), 1e-6) < MOST_RATIO


def test_secrets_are_masked_by_their_names() -> None:
    said = "refused: msToken=abc; sessionid=def bili_jct=ghi csrf_token=jkl password=mno cookie=pqr aweme_id=7"
    assert masked(said) == "refused: msToken=…; sessionid=… bili_jct=… csrf_token=… password=… cookie=… aweme_id=7"
