"""What the ledger keeps for the drift radar."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, or_, select, update

from scraper.drift.field_counts import FieldCounts
from scraper.drift.report import DriftReport, Group
from scraper.drift.usual_shares import RUNS, Earlier
from scraper.drift.vocabulary import Vocabulary
from scraper.ledger.schema import DRIFT, DRIFT_REPORT, VOCABULARY
from scraper.records import SCHEMA_VERSION

T = TypeVar("T")
_LARGEST = 2**62
_REPORTS = 100
Source = tuple[str, str, bool]
"""A router, a route or an extra request of it, and whether the session was logged in."""


def counts_of(connection: Connection, run_id: str) -> dict[Group, FieldCounts]:
    """Return the samples of a run."""
    query = select(DRIFT).filter_by(run_id=run_id).order_by(DRIFT.c.router, DRIFT.c.surface, DRIFT.c.records)
    return {_group(row): _decoded(row["counts"], FieldCounts) for row in connection.execute(query).mappings()}


def set_counts(connection: Connection, run_id: str, samples: Mapping[Group, FieldCounts]) -> None:
    """Replace the samples of a run."""
    connection.execute(delete(DRIFT).filter_by(run_id=run_id))
    rows = [{"run_id": run_id, "counts": _text(counts), **group._asdict()} for group, counts in samples.items()]
    if rows:
        connection.execute(insert(DRIFT), rows)


def earlier_runs(
    connection: Connection, run_id: str, group: Group, reports: Mapping[str, DriftReport]
) -> list[Earlier]:
    """Return the samples of the last runs that ended before a run. Those of another schema cannot be compared.

    :param reports: the reports of earlier runs that were not accepted
    """
    query = select(DRIFT.c.run_id, DRIFT.c.counts).join(DRIFT_REPORT, DRIFT.c.run_id == DRIFT_REPORT.c.run_id)
    query = query.where(*(DRIFT.c[name] == value for name, value in group._asdict().items()))
    query = query.where(_is_before(run_id)).order_by(DRIFT_REPORT.c.id.desc()).limit(RUNS)
    return [
        Earlier(counts, reports[row.run_id].has_fallen(group) if row.run_id in reports else ())
        for row in connection.execute(query)
        if (counts := _decoded(row.counts, FieldCounts)).schema_version == SCHEMA_VERSION
    ]


def reports_before(connection: Connection, run_id: str) -> dict[str, DriftReport]:
    """Return the reports of the last runs before a run that were not accepted."""
    query = select(DRIFT_REPORT.c.run_id, DRIFT_REPORT.c.report).filter_by(accepted=0).where(_is_before(run_id))
    query = query.order_by(DRIFT_REPORT.c.id.desc()).limit(_REPORTS)
    return {row.run_id: _decoded(row.report, DriftReport) for row in connection.execute(query)}


def report_of(connection: Connection, run_id: str) -> DriftReport | None:
    """Return the report of a run, None if it has none."""
    row = connection.execute(select(DRIFT_REPORT.c.report).filter_by(run_id=run_id)).first()
    return _decoded(row.report, DriftReport) if row else None


def set_report(connection: Connection, run_id: str, report: DriftReport) -> None:
    """Replace the report of a run, which is the last one from now on."""
    connection.execute(delete(DRIFT_REPORT).filter_by(run_id=run_id))
    connection.execute(insert(DRIFT_REPORT).values(run_id=run_id, report=_text(report), accepted=0))


def accept(connection: Connection, run_id: str) -> None:
    """Let the shares of a run, and of those that ended before it, count as usual."""
    further = or_(DRIFT_REPORT.c.run_id == run_id, _is_before(run_id))
    connection.execute(update(DRIFT_REPORT).where(further).values(accepted=1))


def last_run(connection: Connection) -> str | None:
    """Return the last run that has a report."""
    row = connection.execute(select(DRIFT_REPORT.c.run_id).order_by(DRIFT_REPORT.c.id.desc())).first()
    return row.run_id if row else None


def _is_before(run_id: str) -> ColumnElement[bool]:
    """Return the condition that a report is older than a given run's; all are, if the run has none."""
    own = select(DRIFT_REPORT.c.id).filter_by(run_id=run_id).scalar_subquery()
    return DRIFT_REPORT.c.id < func.coalesce(own, _LARGEST)


def vocabularies(connection: Connection, sources: Iterable[Source]) -> dict[Source, Vocabulary]:
    """Return the known keys of the answers of some sources."""
    known = {}
    for source in sources:
        query = select(VOCABULARY.c["keys"]).filter_by(**_named(source))
        row = connection.execute(query).first()
        known[source] = _decoded(row[0], Vocabulary) if row else Vocabulary()
    return known


def set_vocabulary(connection: Connection, source: Source, vocabulary: Vocabulary) -> None:
    """Replace the known keys of the answers of a source."""
    connection.execute(delete(VOCABULARY).filter_by(**_named(source)))
    connection.execute(insert(VOCABULARY).values(**_named(source), keys=_text(vocabulary)))


def _named(source: Source) -> dict[str, object]:
    return dict(zip(("router", "source", "logged_in"), source, strict=True))


def _group(row: RowMapping) -> Group:
    return Group(row["router"], row["surface"], bool(row["logged_in"]), row["records"])


def _text(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()


def _decoded(text: str, kind: type[T]) -> T:
    return msgspec.json.decode(text, type=kind)
