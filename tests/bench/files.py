"""What files cost: compressed feeds against plain ones, and `scrapy convert` against DuckDB itself."""

import json
import os
import resource
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import msgspec

from scraper.conversion.converter import convert
from scraper.output.envelope import Envelope
from scraper.output.exporters import JsonLinesExporter, ZstdLinesExporter
from scraper.records import RECORDS, Record
from tests.bench.report import Ratio, Report, at_most
from tests.cases import FIXTURES

_ROWS, _PAGE, _TYPES = 100_000, 20, ("video", "comment")


def pages() -> Iterator[list[Envelope]]:
    """Yield pages of the fixtures' posts and comments, of one type each, over and over."""
    records: dict[str, list[Record]] = {name: [] for name in _TYPES}
    for golden in sorted(FIXTURES.rglob("*.expected.json")):
        for plain in json.loads(golden.read_text("utf-8")).get("records") or ():
            if (name := plain["meta"]["record_type"]) in records:
                records[name].append(msgspec.convert(plain, RECORDS[name]))
    turns = {name: cycle(records[name]) for name in _TYPES}
    while True:
        for name in _TYPES:
            yield [Envelope(200, "/api/bench", record) for record in islice(turns[name], _PAGE)]


def cpu(work: Callable[[], object]) -> float:
    """Return the seconds of CPU that some work takes, in all threads."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@dataclass(frozen=True)
class Files:
    """Each round measures all of them in turn."""

    id: str = "files"

    def run(self, rounds: int) -> Report:
        """Measure them."""
        with TemporaryDirectory() as name:
            folder = Path(name)
            feed, packed, out = folder / "out.jsonl", folder / "out.jsonl.zst", folder / "out.parquet"
            made = [*islice(pages(), _ROWS // _PAGE)]
            copy = f"COPY (SELECT * FROM read_json('{feed}')) TO '{folder}/duckdb.parquet'"
            writing, converting = [], []
            for _ in range(rounds + 1):  # the first one warms up
                plain = cpu(partial(_write, made, feed, JsonLinesExporter))
                writing.append(cpu(partial(_write, made, packed, ZstdLinesExporter)) / plain)
                duck = cpu(lambda: duckdb.connect().execute(copy))
                converting.append(cpu(partial(convert, [feed], out)) / duck)
            size, small = feed.stat().st_size, packed.stat().st_size
            lines = [
                f"files: {_ROWS} posts and comments, {size / 1e6:.0f} MB; .jsonl.zst is {size / small:.1f} × smaller",
                f"files: CPU of writing .jsonl.zst, against .jsonl: {Ratio.of(writing[1:])}",
                f"files: CPU of scrapy convert, against DuckDB's read_json and COPY: {Ratio.of(converting[1:])}",
            ]
            ratio = Ratio.of(converting[1:])
            return Report(lines, [at_most("convert 100 000 records to Parquet", 1.3, ratio.median, str(ratio), " ×")])


def _write(made: list[list[Envelope]], path: Path, exporter: type[JsonLinesExporter]) -> None:
    with path.open("wb") as file:
        lines = exporter(file, encoding="utf-8")
        for page in made:
            lines.export_page(page)
            file.flush()
        os.fdatasync(file.fileno())


FILES = Files()
