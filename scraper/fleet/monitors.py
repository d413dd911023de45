"""What is wrong in a fleet, by the thresholds that its owner configured.

Each monitor yields a finding for each thing that is wrong now: a target, a service, a field. Of targets it yields some
of the worst, and one finding for all the others: those that have an alarm keep it until they are well.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, text

from scraper.drift.field_counts import FieldCounts
from scraper.drift.report import DriftReport, percent
from scraper.fleet.counts import ANSWER
from scraper.fleet.monitor_config import FieldCoverage, Monitors
from scraper.fleet.overview import LATE, WORKER_STATE
from scraper.fleet.schema import SHARE
from scraper.identities.masking import mask
from scraper.records import SCHEMA_VERSION
from scraper.responses.outcomes import Outcome
from scraper.responses.wording import counted, period

MOST_TARGETS = 20
"""So many targets at most have an alarm of each monitor."""
OTHERS = "others"
"""The subject of the alarm of further targets."""
_MOST_COUNTED = 100_000
_RUNS = 200  # the last ones whose records, and 500 whose drift, are looked at
_REPORTS = 500
_DAY = 86_400
_LONGEST = 120  # characters of a link
_REFUSALS = (Outcome.CHALLENGE.name, Outcome.RATE_LIMITED.name, Outcome.SIGNATURE_REJECTED.name)
_ANSWERS = frozenset({"ok", *Outcome.__members__})
_KIND = "kind"


class Finding(NamedTuple):
    """Something that is wrong.

    :ivar subject: what it is about: with the monitor, it names the alarm
    :ivar value: the number that is beyond its threshold
    """

    monitor: str
    subject: str
    message: str
    value: float


class Look(NamedTuple):
    """What a monitor looks at.

    :ivar on: subjects that have an alarm of this monitor
    """

    connection: Connection
    monitors: Monitors
    now: float
    on: Collection[str]

    def rows(self, statement: str, **values: object) -> list[Any]:
        """Return the rows of a statement."""
        named = {"now": self.now, **values}
        used = {name: value for name, value in named.items() if f":{name}" in statement}
        return [*self.connection.execute(text(statement), used)]


def freshness(look: Look) -> Iterator[Finding]:
    """Yield the targets whose complete run is overdue."""
    if (wanted := look.monitors.freshness) is None:
        return
    late = Targets(f"{LATE} AND expected_time < :now - :late", "expected_time", {"late": float(wanted.late)})
    for row in late.worst(look):
        last = "never" if row.completed_time is None else f"{period(look.now - row.completed_time)} ago"
        overdue = look.now - row.expected_time
        message = f"{_shown(row.link)}: a complete run is overdue by {period(overdue)}; the last one was {last}"
        yield Finding("freshness", str(row.target_id), message, overdue)
    yield from late.others(look, "freshness", f"overdue by more than {period(wanted.late)}")


def completeness(look: Look) -> Iterator[Finding]:
    """Yield the targets of whose items too few were collected."""
    if (wanted := look.monitors.completeness) is None:
        return
    least = {"least": wanted.least}
    short = Targets(f"collected < declared AND {SHARE} < :least AND paused_time IS NULL", SHARE, least)
    for row in short.worst(look):
        share = row.collected / row.declared
        message = f"{_shown(row.link)}: {row.collected:,} of {row.declared:,} items were collected ({percent(share)})"
        yield Finding("completeness", str(row.target_id), message, share)
    yield from short.others(look, "completeness", f"less than {percent(wanted.least)} complete")


class Targets(NamedTuple):
    """Targets that something is wrong with.

    :ivar condition: which they are, in SQL
    :ivar order: the worst first, in SQL
    """

    condition: str
    order: str
    values: dict[str, float]

    def worst(self, look: Look) -> list[Any]:
        """Return those that have an alarm, and the worst others up to MOST_TARGETS."""
        on = [int(subject) for subject in look.on if subject != OTHERS]
        known = look.rows(f"{self._select} AND target_id = ANY(:on)", on=on, **self.values)
        more = max(0, MOST_TARGETS - len(known))
        further = f"{self._select} AND target_id <> ALL(:on) ORDER BY {self.order} LIMIT :more"
        return [*known, *look.rows(further, on=on, more=more, **self.values)]

    def others(self, look: Look, monitor: str, what: str) -> Iterator[Finding]:
        """Yield one finding if there are further ones."""
        within = f"SELECT 1 FROM fleet_target WHERE {self.condition} LIMIT {_MOST_COUNTED}"
        [row] = look.rows(f"SELECT count(*) AS number FROM ({within}) AS one", **self.values)
        if row.number > MOST_TARGETS:
            further = row.number - MOST_TARGETS
            number = counted(further, "further target is", "further targets are")
            yield Finding(monitor, OTHERS, f"{number} {what}", further)

    @property
    def _select(self) -> str:
        columns = "target_id, link, expected_time, completed_time, collected, declared"
        return f"SELECT {columns} FROM fleet_target WHERE {self.condition}"


def block_rate(look: Look) -> Iterator[Finding]:
    """Yield the services that refuse too many requests."""
    if (wanted := look.monitors.block_rate) is None:
        return
    numbers: dict[str, Counter[str]] = {}
    for row in look.rows(_ANSWERS_WITHIN, part=ANSWER, within=float(wanted.within)):
        if row.name in _ANSWERS:
            numbers.setdefault(row.source, Counter())[row.name] = int(row.number)
    for service, answers in sorted(numbers.items()):
        refused, total = sum(answers[name] for name in _REFUSALS), answers.total()
        if total >= wanted.answers and refused > wanted.most * total:
            names = ", ".join(f"{name} {answers[name]:,}" for name in _REFUSALS if answers[name])
            message = f"{service} refused {percent(refused / total)} of {total:,} requests ({names})"
            yield Finding("block_rate", service, message, refused / total)


_ANSWERS_WITHIN = """SELECT source, name, sum(number) AS number FROM fleet_count
    WHERE time > :now - :within AND part = :part GROUP BY source, name"""


def field_coverage(look: Look) -> Iterator[Finding]:
    """Yield the fields that too few records have."""
    if not look.monitors.field_coverage:
        return
    samples = _samples(look)
    for wanted in look.monitors.field_coverage:
        for router, counts in _of_field(wanted, samples):
            number, share = counts.number(wanted.field), counts.share(wanted.field)
            if number >= wanted.sample and share < wanted.least:
                what = f"{wanted.field} of {wanted.records}"
                message = f"{router}: {what} is known in {percent(share)} of {number:,} records"
                yield Finding("field_coverage", f"{router} {wanted.records} {wanted.field}", message, share)


def _samples(look: Look) -> dict[tuple[str, str, str], FieldCounts]:
    """Return the samples of the last runs, by router, type of record and kind of record."""
    samples: dict[tuple[str, str, str], FieldCounts] = {}
    for row in look.rows(_LAST_SAMPLES):
        counts = msgspec.json.decode(row.counts, type=FieldCounts)
        if counts.schema_version == SCHEMA_VERSION:
            name, _, kind = row.records.partition(" ")
            samples.setdefault((row.router, name, kind), FieldCounts()).merge(counts)
    return samples


_LAST_SAMPLES = f"""SELECT router, records, counts FROM ledger_drift JOIN ledger_drift_report USING (run_id)
    WHERE ledger_drift_report.id > (SELECT max(id) FROM ledger_drift_report) - {_RUNS}"""


def _of_field(
    wanted: FieldCoverage, samples: dict[tuple[str, str, str], FieldCounts]
) -> Iterator[tuple[str, FieldCounts]]:
    """Yield the sample of each router. Of records of several kinds, those without a kind only count the kinds."""
    routers: dict[str, FieldCounts] = {}
    for (router, name, kind), counts in samples.items():
        has_kinds = any(key[:2] == (router, name) and key[2] for key in samples)
        is_wanted = name == wanted.records and wanted.router in (None, router)
        if is_wanted and (not has_kinds or bool(kind) is (wanted.field != _KIND)):
            routers.setdefault(router, FieldCounts()).merge(counts)
    yield from sorted(routers.items())


def cookie_expiry(look: Look) -> Iterator[Finding]:
    """Yield the identities in use whose cookie expires soon."""
    if (wanted := look.monitors.cookie_expiry) is None:
        return
    for row in look.rows(_EXPIRING, within=wanted.days * _DAY):
        left = row.cookie_expires_time - look.now
        when = f"expires in {period(left)}" if left > 0 else f"expired {period(-left)} ago"
        yield Finding("cookie_expiry", row.identity, f"{row.service}, {row.name}: the cookie {when}", left / _DAY)


_EXPIRING = f"""SELECT identity, service, name, cookie_expires_time FROM fleet_identity
    WHERE cookie_expires_time < :now + :within AND next_time > :now - {_DAY} ORDER BY service, name, identity"""


def drift(look: Look) -> Iterator[Finding]:
    """Yield the changes of a platform that the runs of the last day report, and nobody accepted."""
    if not look.monitors.drift:
        return
    sentences: dict[str, list[str]] = {}
    for row in look.rows(_LAST_REPORTS):
        for entry, sentence in msgspec.json.decode(row.report, type=DriftReport).changes():
            sentences.setdefault(f"{entry['router']} {entry['path']}", []).append(
                f"{sentence}: scrapy drift {row.run_id}"
            )
    for subject, known in sentences.items():
        yield Finding("drift", subject, known[0], len(known))


_LAST_REPORTS = f"""SELECT run_id, drift.report FROM ledger_drift_report AS drift JOIN run USING (run_id)
    WHERE accepted = 0 AND ended_time > :now - {_DAY}
    AND id > (SELECT max(id) FROM ledger_drift_report) - {_REPORTS} ORDER BY id DESC"""


def worker_gone(look: Look) -> Iterator[Finding]:
    """Yield the workers that are gone, if none was started in their place on the same host."""
    if (wanted := look.monitors.worker_gone) is None:
        return
    rows = look.rows(_LAST_WORKERS)
    starts = {row.worker: row for row in rows}
    for gone in (row for row in rows if row.state == "gone"):
        place = next(
            (row for row in starts.values() if row.host == gone.host and row.started_time > gone.seen_time), None
        )
        if place is not None:
            del starts[place.worker]
        elif look.now - gone.seen_time > wanted.after:
            away = period(look.now - gone.seen_time)
            message = f"the worker on {gone.host} (process {gone.process}) is gone: it was seen {away} ago"
            yield Finding("worker_gone", gone.worker, message, look.now - gone.seen_time)


_LAST_WORKERS = f"""SELECT worker, host, process, started_time, seen_time, {WORKER_STATE} AS state FROM fleet_worker
    WHERE ended_time IS NULL OR ended_time > :now - {_DAY} ORDER BY seen_time"""
MONITORS: tuple[Callable[[Look], Iterator[Finding]], ...] = (
    worker_gone, block_rate, cookie_expiry, drift, field_coverage, freshness, completeness,
)  # fmt: skip
"""All monitors. Their names are those of their alarms, and of their keys in the file."""


def _shown(link: str) -> str:
    plain = mask(" ".join(link.split()))
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"
