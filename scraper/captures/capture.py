"""The index of a run: a line for each start of it, and one for each answer, with what the crawl made of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from scraper.identities.identity import Sent
from scraper.jobs.job import Job
from scraper.records import SCHEMA_VERSION

FOLDER, SUFFIX = "raw", ".index.jsonl"
NO_RECORD = msgspec.Raw()


class SentBy(NamedTuple):
    """What the meaning of an answer depends on, of how it was requested; see `Sent`."""

    identity: str
    login_cookie: bool
    logged_in: bool | None
    user_agent: str

    def sent(self) -> Sent:
        return Sent(*self, keys="")


class Capture(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An answer, or an input that needed no request.

    :ivar number: of the request in its run, below 0 for an input. A later line replaces an earlier one: the request was
        sent again after a kill
    :ivar job: the job, without the record that it holds
    :ivar fetched_at: when the crawl read it
    :ivar ref: the file of the body, relative to OUTPUT_DIR; None without an answer
    :ivar url: the URL of the answer, without secrets
    :ivar held: the key of the record that the job completes
    :ivar record: that record before the answer, if no answer of the run gave it: it needed no request, or an earlier
        run gave it
    :ivar kept: number of records that the crawl wrote
    :ivar awaiting: the keys of records that were completed by a further request, and the step of that request
    :ivar left_out: the keys of records that the crawl did not write, such as duplicates in a list
    :ivar only: if these are more than half, the keys of the others instead
    :ivar others: further inputs that got the same records
    :ivar stored: envelopes that cannot be read from the answer: failures, and records that this program makes
    :ivar again: for an input: router and key of the records that were written again
    """

    number: int
    job: Job
    purpose: Literal["page", "hop", "probe", "input"] = "page"
    fetched_at: str = ""
    ref: str | None = None
    status: int = 0
    headers: dict[str, str] = {}
    url: str = ""
    is_signed: bool = False
    sent: SentBy | None = None
    held: str | None = None
    record: msgspec.Raw = NO_RECORD
    kept: int = 0
    awaiting: list[tuple[str, int]] = []
    left_out: list[str] = []
    only: list[str] | None = None
    others: list[str] = []
    stored: list[msgspec.Raw] = []
    again: list[tuple[str, str]] = []

    @property
    def is_used(self) -> bool:
        """Whether the crawl wrote or kept anything of it. Otherwise a later answer took its place."""
        return bool(self.kept or self.awaiting or self.stored)


class Start(msgspec.Struct, kw_only=True):
    """A start of a run.

    :ivar feeds: its local feeds of JSON lines
    """

    spider: str
    feeds: list[str] = []
    schema_version: int = SCHEMA_VERSION


class _Line(msgspec.Struct):
    number: int | None = None
    again: list[tuple[str, str]] = []
    spider: str = ""
    feeds: list[str] = []


_decode, _decode_line = msgspec.json.Decoder(Capture).decode, msgspec.json.Decoder(_Line).decode


class RunIndex:
    """The index of one run.

    :ivar spider: the name of its spider
    :ivar feeds: its local feeds of JSON lines
    :ivar again: router and key of the records that an input got again
    :ivar damaged: the numbers of lines that cannot be read
    """

    def __init__(self, path: Path):
        self.path, self.spider = path, ""
        self.feeds: list[str] = []
        self.again: set[tuple[str, str]] = set()
        self.damaged: list[int] = []
        self._last: dict[int, int] = {}
        with path.open("rb") as lines:
            for place, line in enumerate(lines, 1):
                try:
                    read = _decode_line(line)
                except ValueError:
                    self.damaged.append(place)
                    continue
                if read.number is None:
                    self.spider, self.feeds = read.spider, read.feeds
                else:
                    self._last[read.number] = place
                    self.again.update(read.again)

    @property
    def run_id(self) -> str:
        return self.path.name.removesuffix(SUFFIX)

    def captures(self) -> Iterator[Capture]:
        """Yield the lines in their order. What cannot be read is added to `damaged`."""
        with self.path.open("rb") as lines:
            last = set(self._last.values())
            for place, line in enumerate(lines, 1):
                if place not in last:
                    continue
                try:
                    yield _decode(line)
                except ValueError:
                    self.damaged.append(place)


def index_path(output_dir: str | Path, run_id: str) -> Path:
    """Return the path of a run's index."""
    return Path(output_dir, FOLDER, f"{run_id}{SUFFIX}")
