"""Sample the answers and records of a crawl, and compare them with earlier runs at its end."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from scraper.drift.field_counts import UNKNOWN, FieldCounts
from scraper.drift.raw_keys import RawKeys, spread
from scraper.drift.raw_sample import decoded_sample, sample_of
from scraper.drift.report import DriftReport, Group
from scraper.drift.storage import (
    Source,
    counts_of,
    earlier_runs,
    report_of,
    reports_before,
    set_counts,
    set_report,
    set_vocabulary,
    vocabularies,
)
from scraper.drift.usual_shares import Limits, changes
from scraper.inputs.hashing import hash64
from scraper.jobs.job import Job
from scraper.platform import Extra, Page, Route
from scraper.records import Record

logger = logging.getLogger(__name__)
_ALL_RECORDS = 40  # of each group are counted, then fewer
_AT_ONCE = 10  # records of a page are counted then
_FIRST_PAGES = 3  # of a list, so that runs of different length can be compared
_FIRST = (1, 4, 16, 64)
_INTERVAL = 256  # answers between two samples after these
_MOST_RECORDS = 2000  # of a group
_ODD_ANSWERS = 20  # with an odd field are read as a whole
_MOST_ODD = 50
_GROUPS = 200
_ROWS, _ROWS_OF_FIRST, _ROWS_OF_ODD = 3, 6, 40  # of an answer
_NOT_OF_THE_PLATFORM = ("listing", "placement", "edge")  # types of records that this program makes


class DriftLimits(NamedTuple):
    """
    :param compared: when a field counts as fallen
    :param exit: how much a field must fall for exit code 6, as a share of 1
    """

    compared: Limits
    exit: float


class DriftRadar:
    """
    :param run_id: of the run, which may have been started before
    :ivar report: what was found; empty until the end
    """

    def __init__(self, run_id: str, limits: DriftLimits):
        self._run_id, self._limits = run_id, limits
        self.report = DriftReport()
        self._answers: Counter[Source] = Counter()
        self._keys: dict[Source, RawKeys] = {}
        self._records: Counter[tuple[str, str, bool]] = Counter()
        self._pages: Counter[tuple[str, str, bool]] = Counter()
        self._counts: dict[Group, FieldCounts] = {}
        self._odd: Counter[tuple[str, str]] = Counter()
        self._odd_answers = 0
        self._known_odd: set[tuple[str, str]] = set()

    def see_answer(
        self, job: Job, way: Route | Extra, logged_in: bool, page: Page | None, data: Any, body: Callable[[], bytes]
    ) -> None:
        """Note the keys of an answer, if it is sampled.

        :param way: how it was requested
        :param page: what it was read as, None for an extra request
        :param data: the decoded body
        :param body: returns the body
        """
        source = job.router, way.name, logged_in
        number = self._answers[source] = self._answers[source] + 1
        odd_fields = page.odd_fields if page else ()
        for path in odd_fields:
            if (job.router, path) in self._odd or len(self._odd) < _MOST_ODD:
                self._odd[job.router, path] += 1
        is_odd = bool(odd_fields) and self._odd_answers < _ODD_ANSWERS
        if not (is_odd or _is_sampled(number)):
            return
        self._odd_answers += is_odd
        most = _ROWS_OF_ODD if is_odd else _ROWS if number > 1 else _ROWS_OF_FIRST
        sample = sample_of(data, way, most) if way.shape is None else decoded_sample(body(), way.shape.rows, most)
        if sample is not None and (keys := self._keys_of(source)) is not None:
            keys.add(sample.answer, depth=sample.depth)
            is_doubtful = page is not None and _is_doubtful(page)
            for row in sample.rows:
                keys.add(row, sample.path, is_doubtful=is_doubtful)

    def see_records(self, job: Job, surface: str, logged_in: bool, records: Sequence[Record]) -> None:
        """Count the known fields of the records of a page, if it is sampled."""
        if job.page > _FIRST_PAGES:
            return
        key = job.router, surface, logged_in
        pages = self._pages[key] = self._pages[key] + 1
        seen = self._records[key]
        if (seen >= _ALL_RECORDS and not _is_sampled(pages)) or seen >= _MOST_RECORDS:
            return
        self._count(key, spread(records, max(_ALL_RECORDS - seen, _AT_ONCE)), hash64(str(job.target.key)))

    def end(self, connection: Connection) -> None:
        """Compare the run with earlier ones, and store its samples."""
        before = reports_before(connection, self._run_id)
        samples = counts_of(connection, self._run_id)
        for group, counts in self._counts.items():
            samples.setdefault(group, FieldCounts()).merge(counts)
        for group, counts in samples.items():
            self._compare(connection, group, counts, before)
        set_counts(connection, self._run_id, samples)
        self._learn(connection)
        self.report.odd_fields = [
            {"router": router, "path": path, "number": number} for (router, path), number in sorted(self._odd.items())
        ]
        if (start := report_of(connection, self._run_id)) is not None:
            self.report.add_earlier(start)
        set_report(connection, self._run_id, self.report)
        self._known_odd = set().union(*(report.odd_paths() for report in before.values()))

    def log(self) -> None:
        """Log what was found."""
        for sentence in self.report.remarks():
            logger.info("Drift: %s", sentence)
        for sentence in self.report.warnings(self._known_odd, self._run_id):
            logger.warning("Drift: %s", sentence)

    def _keys_of(self, source: Source) -> RawKeys | None:
        """Return the keys of a source, None if there are too many sources."""
        if source not in self._keys and len(self._keys) >= _GROUPS:
            return None
        return self._keys.setdefault(source, RawKeys())

    def _count(self, key: tuple[str, str, bool], records: Sequence[Record], target: int) -> None:
        """Count records, those of each type and kind for themselves: image posts lack other fields than videos."""
        kinds: dict[tuple[str, str | None], list[Record]] = {}
        for record in records:
            kinds.setdefault((record.record_type, _kind_of(record)), []).append(record)
        for (name, kind), some in kinds.items():
            if name in _NOT_OF_THE_PLATFORM:
                continue
            self._records[key] += len(some)
            if (counts := self._counts_of(Group(*key, f"{name} {kind}" if kind else name))) is not None:
                counts.add(some, target)
            if kind and (counts := self._counts_of(Group(*key, name))) is not None:
                counts.add_kinds(len(some), len(some) if kind != UNKNOWN else 0, target)

    def _counts_of(self, group: Group) -> FieldCounts | None:
        """Return the counts of a group, None if there are too many groups."""
        if group not in self._counts and len(self._counts) >= _GROUPS:
            return None
        return self._counts.setdefault(group, FieldCounts())

    def _compare(
        self, connection: Connection, group: Group, counts: FieldCounts, before: dict[str, DriftReport]
    ) -> None:
        earlier = earlier_runs(connection, self._run_id, group, before)
        for change in changes(counts, earlier, self._limits.compared):
            if change.has_fallen:
                values = msgspec.to_builtins(change)
                del values["has_fallen"]
                self.report.fallen.append({**group._asdict(), **values})
                self.report.beyond_threshold |= change.usual - change.share >= self._limits.exit

    def _learn(self, connection: Connection) -> None:
        """Add the keys of this run to the known ones."""
        known = vocabularies(connection, self._keys)
        for source, seen in self._keys.items():
            news = known[source].learn(seen, self._run_id)
            named = dict(zip(("router", "source", "logged_in"), source, strict=True))
            self.report.new_keys += [named | entry for entry in news.keys]
            self.report.types += [named | entry for entry in news.types]
            self.report.values += [named | entry for entry in news.values]
            set_vocabulary(connection, source, known[source])


def _kind_of(record: Record) -> str | None:
    return getattr(record, "kind", None) or getattr(record, "mix_kind", None)


def _is_sampled(number: int) -> bool:
    """Return whether an answer is sampled: the first ones, then fewer and fewer, but never none.

    >>> [number for number in range(1, 800) if _is_sampled(number)]
    [1, 4, 16, 64, 256, 512, 768]
    """
    return number in _FIRST or number % _INTERVAL == 0


def _is_doubtful(page: Page) -> bool:
    """Return whether something in an answer could not be read."""
    unplaced = any(getattr(record, "kind", None) == UNKNOWN for record in page.records)
    return bool(unplaced or page.faults or page.bugs or page.left_out or page.odd_fields)
