"""Generate the statements that create the tables of a database. `docs/generate.py` writes them to files."""

from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from pipelines.schema import Schema
from scraper.ledger.schema import TABLES, ledger_views


def ddl(dialect: Dialect) -> str:
    """Return the statements that create the tables and views of a database."""
    schema, made = Schema(dialect), list[Any]()
    for tables, views in ((TABLES, ledger_views(dialect.name)), (schema.tables, schema.views)):
        for table in tables.sorted_tables:
            indexes = sorted(table.indexes, key=lambda index: str(index.name))
            made += [CreateTable(table), *map(CreateIndex, indexes)]
        made += [f'CREATE VIEW "{name}" AS {select}' for name, select in views.items()]
    texts = [part if isinstance(part, str) else str(part.compile(dialect=dialect)) for part in made]
    lines = [line.rstrip() for text in texts for line in f"{text.strip()};".splitlines()]
    return "\n".join([*lines, ""])
