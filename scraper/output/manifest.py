"""The manifest of a run: `<STATE_DIR>/runs/<run_id>.json`, with its lists in `….listings.jsonl`.

Lists are written as they end, so that memory stays flat; the manifest has their totals.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scraper import __version__
from scraper.output.emitter import masked, now
from scraper.output.feed_storage import try_folder
from scraper.output.sinks import OutputError
from scraper.output.statistics import outcomes, records
from scraper.records import SCHEMA_VERSION

_INDENT = 1


class Manifest:
    """The manifest of one run.

    :param arguments: the arguments of the crawl
    :param failed: called with the reason if something cannot be written
    """

    def __init__(
        self,
        folder: Path,
        run_id: str,
        spider: str,
        arguments: Mapping[str, str],
        failed: Callable[[OutputError], None],
    ):
        self._failed = failed
        self._path = folder / f"{run_id}.json"
        self._lists = folder / f"{run_id}.listings.jsonl"
        self._head = {
            "run_id": run_id,
            "spider": spider,
            "arguments": {name: masked(value) for name, value in arguments.items()},
            "code_version": __version__,
            "schema_version": SCHEMA_VERSION,
            "started_at": now(),
        }
        self._stopped: Counter[str] = Counter()
        self._sums: Counter[str] = Counter()

    def add(self, listing: dict[str, Any]) -> None:
        """Write the result of a list."""
        self._stopped[listing["stopped"]] += 1
        declared = listing["declared"] if listing["declared"] is not None else listing["declared_by_record"]
        self._sums["declared"] += declared or 0
        self._sums["undeclared"] += declared is None
        for name in ("collected", "pages"):
            self._sums[name] += listing[name]
        self._write(self._lists, "a", json.dumps(listing, ensure_ascii=False) + "\n")

    def close(self, reason: str, stats: Mapping[str, Any]) -> None:
        """Write the manifest.

        :param reason: Scrapy's reason why the crawl ended; `finished` if nothing stopped it
        :param stats: the stats of the crawl
        """
        lists = {"file": self._lists.name if self._stopped else None, "number": self._stopped.total()}
        manifest = {
            **self._head,
            "ended_at": now(),
            "reason": reason,
            "records": records(stats),
            "failures": {outcome.name: number for outcome, number in outcomes(stats).items() if outcome.value != 200},
            "listings": {**lists, **self._sums, "stopped": dict(self._stopped)},
        }
        self._write(self._path, "w", json.dumps(manifest, ensure_ascii=False, indent=_INDENT) + "\n")

    def try_out(self) -> None:
        """Check the folder before the crawl.

        :raises OutputError: if it cannot be written
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try_folder(self._path.parent)
        except OSError as error:
            raise OutputError(str(self._path.parent), error) from error

    def _write(self, path: Path, mode: str, text: str) -> None:
        """Write text. If that fails, the crawl continues, since records matter more."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open(mode, encoding="utf-8", errors="replace") as file:
                file.write(text)
        except OSError as error:
            self._failed(OutputError(str(path), error))
