"""The clients of the benchmark do what they are compared for. How fast they are is for `make bench` to tell."""

from collections.abc import Iterator

import pytest

from tests.bench.clients import BARE, LIMIT, OURS, RAW, STOCK, STOCK_ITEMS
from tests.bench.runner import Bench, bench
from tests.bench.server import WorldSize
from tests.bench.work import posts


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    with bench(WorldSize(creators=2, videos=60), posts) as made:
        yield made


@pytest.mark.parametrize("client", [OURS, BARE, STOCK, STOCK_ITEMS, RAW, LIMIT])
def test_a_client_gives_what_the_world_holds(running: Bench, client: str) -> None:
    used = running.run(client)  # which checks the records
    assert used.answers >= running.work.requests == 4
