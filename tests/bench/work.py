"""What the clients of one run do: the same requests for each, as chains in which one follows another."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Self

import msgspec

from tests.bench.subjects import SUBJECTS, Ask


class Chain(NamedTuple):
    """Requests that follow each other, for one target.

    :param subject: name of the subject
    :param link: that the crawl is given
    :param id: of the target
    """

    subject: str
    link: str
    id: str
    asks: list[Ask]


class WorkSize(NamedTuple):
    """How much of which subjects is crawled; `delay_s` and `jitter_s` are the latency of every answer."""

    subjects: Sequence[str]
    targets: int
    pages: int = 1
    delay_s: float = 0.0
    jitter_s: float = 0.0

    def work(self) -> "Work":
        """Return the requests, and the ids of the records that they lead to."""
        chains, ids = [], []
        for number in range(self.targets):
            for subject in map(SUBJECTS.__getitem__, self.subjects):
                asks = subject.asks(number, self.pages)
                chains.append(Chain(subject.name, subject.link(number), subject.target(number).id, asks))
                ids += subject.ids(number, self.pages)
        return Work(list(self.subjects), chains, ids)


class Work(NamedTuple):
    """
    :param ids: of the records that the output must hold
    """

    subjects: list[str]
    chains: list[Chain]
    ids: list[str]

    @property
    def requests(self) -> int:
        return sum(len(chain.asks) for chain in self.chains)

    @property
    def spider(self) -> str:
        """The name of the spider that crawls all of it."""
        platforms = {SUBJECTS[name].platform for name in self.subjects}
        return platforms.pop() if len(platforms) == 1 else "hybrid"

    def save(self, path: Path) -> None:
        path.write_bytes(msgspec.json.encode(self))

    @classmethod
    def load(cls, path: Path) -> Self:
        return msgspec.json.decode(path.read_bytes(), type=cls)


def written(path: Path, subjects: Sequence[str]) -> list[str]:
    """Return the ids in a file of JSON lines: records of a crawl or raw items. A failure has none."""
    keys = [key for name in subjects for key in (SUBJECTS[name].record_key, SUBJECTS[name].key)]
    ids = []
    with path.open("rb") as lines:
        for line in lines:
            item = msgspec.json.decode(line)
            item = item["data"] if "router" in item else item
            ids.append(str(next((item[key] for key in keys if key in item), "")))
    return ids
