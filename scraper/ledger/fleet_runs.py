"""The runs of a fleet that shares the database. Its tables are not the ledger's, which knows only these names."""

from sqlalchemy import ColumnElement, Connection, column, exists, inspect, select, table

from scraper.ledger.database_url import POSTGRESQL
from scraper.ledger.schema import RUN

_TARGET = table("fleet_target", column("run_id"), column("last_run_id"))


def not_of_fleet(connection: Connection) -> list[ColumnElement[bool]]:
    """Return the conditions for runs that crawl no target, and are not the last ones of a target."""
    columns = _TARGET.c if _has_fleet(connection) else ()
    return [~exists().where(known == RUN.c.run_id) for known in columns]


def runs_of_workers(connection: Connection) -> set[str]:
    """Return the ids of the runs that crawl targets: workers continue them."""
    if not _has_fleet(connection):
        return set()
    query = select(_TARGET.c.run_id).where(_TARGET.c.run_id.is_not(None))
    return {*connection.execute(query).scalars()}


def _has_fleet(connection: Connection) -> bool:
    return connection.dialect.name == POSTGRESQL and inspect(connection).has_table(_TARGET.name)
