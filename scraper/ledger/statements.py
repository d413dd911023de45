"""The statements that write the ledger, compiled for one database."""

from typing import Any

from sqlalchemy import Dialect, Insert, Table, bindparam, delete, insert, literal_column, update

from scraper.ledger.schema import FAILURE, LIST, LIST_RUN, LOOKUP, MARK, PAGE, REQUEST, RUN, SHARED
from scraper.ledger.step import FailureRow
from scraper.ledger.store import Statement, insert_for, once_for_each_kind

_LIST_ROW = ("router", "target", "declared", "declared_by_record", "collected", "pages", "gaps", "undelivered",
             "stopped", "cursor", "arguments")  # fmt: skip


class Statements:
    """All statements. Each takes rows of the values named here."""

    def __init__(self, dialect: Dialect):
        def made(clause: Any, *names: str) -> Statement:
            return Statement(clause, names, dialect)

        one = (REQUEST.c.run_id == bindparam("run"), REQUEST.c.number == bindparam("one"))
        self.add_request = made(insert(REQUEST).values(_values("number purpose job unanswered run_id")), "number",
                                "purpose", "job", "unanswered", "run_id")  # fmt: skip
        self.drop_request = made(delete(REQUEST).where(*one), "run", "one")
        self.settle = made(update(REQUEST).where(*one).values(unanswered=literal_column("0")), "run", "one")
        failed = update(REQUEST).where(*one).values(failure=bindparam("why"))
        self.give_up = made(failed, "run", "one", "why")
        self.set_list = made(_upsert(LIST, "state", dialect), "run_id", "walk", "state")
        walk = (LIST.c.run_id == bindparam("run"), LIST.c.walk == bindparam("list"))
        self.drop_list = made(delete(LIST).where(*walk), "run", "list")
        walk = (PAGE.c.run_id == bindparam("run"), PAGE.c.walk == bindparam("list"))
        self.drop_pages = made(delete(PAGE).where(*walk), "run", "list")
        self.add_page = made(
            insert(PAGE).values(_values("run_id walk cursor keys")), "run_id", "walk", "cursor", "keys"
        )
        self.add_mark = made(insert(MARK).values(_values("run_id kind numbers")), "run_id", "kind", "numbers")
        self.add_shared = made(insert(SHARED).values(_values("run_id walk input")), "run_id", "walk", "input")
        self.set_lookup = made(_upsert(LOOKUP, "hints", dialect), "run_id", "source", "hints")
        source = (LOOKUP.c.run_id == bindparam("run"), LOOKUP.c.source == bindparam("of"))
        self.drop_lookup = made(delete(LOOKUP).where(*source), "run", "of")
        ended = ("run_id", *_LIST_ROW)
        self.add_list_run = made(insert(LIST_RUN).values(_values(" ".join(ended))), *ended)
        failed_row = ("run_id", *FailureRow._fields)
        self.add_failure = made(insert(FAILURE).values(_values(" ".join(failed_row))), *failed_row)
        progress = update(RUN).where(RUN.c.run_id == bindparam("run")).values(progress=bindparam("so_far"))
        self.set_progress = made(progress, "run", "so_far")


statements_of = once_for_each_kind(Statements)


def list_row(run_id: str, row: dict[str, Any], arguments: str | None) -> tuple[Any, ...]:
    """Return the values of `add_list_run`."""
    return (run_id, *(arguments if name == "arguments" else row[name] for name in _LIST_ROW))


def _values(names: str) -> dict[str, Any]:
    return {name: bindparam(name) for name in names.split()}


def _upsert(table: Table, name: str, dialect: Dialect) -> Insert:
    """Return the statement that inserts a row, or replaces one column of it."""
    added = insert_for(dialect)(table).values({column.name: bindparam(column.name) for column in table.c})
    changed: Insert = added.on_conflict_do_update(
        index_elements=[*table.primary_key], set_={name: added.excluded[name]}
    )
    return changed
