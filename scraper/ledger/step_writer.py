"""Write steps to the tables of the ledger, in the transaction of their records."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from scraper.ledger.run import Run
from scraper.ledger.statements import list_row, statements_of
from scraper.ledger.step import FailureRow, Step, encode_job, packed
from scraper.ledger.watched import watch_statements_of


class StepWriter:
    """Writes the steps of one run."""

    def __init__(self, connection: Connection, run: Run):
        self._run_id, self._began = run.run_id, run.started_time
        self._statements, self._watch_statements = (
            statements_of(connection.dialect),
            watch_statements_of(connection.dialect),
        )

    def write(self, connection: Connection, steps: Sequence[Step], progress: str) -> None:
        """Write steps, and how far the run has come with them."""
        for step in steps:
            if step.capture:
                step.capture()
        run, statements = self._run_id, self._statements
        answered = [(run, step.answered) for step in steps if step.answered > 0 and step.failure is None]
        new = {request.number: request for step in steps for request in step.requests}
        statements.drop_request.run(connection, [row for row in answered if row[1] not in new])
        for _, number in answered:
            new.pop(number, None)  # it was answered in the same transaction
        rows = [(number, made.purpose, encode_job(made.job), int(made.unanswered), run) for number, made in new.items()]
        statements.add_request.run(connection, rows)
        statements.settle.run(connection, [(run, number) for step in steps for number in step.settled])
        given_up = [(run, step.answered, step.failure) for step in steps if step.failure is not None]
        given_up += [(run, number, made.failure) for number, made in new.items() if made.failure is not None]
        statements.give_up.run(connection, given_up)
        self._write_lists(connection, steps)
        marks = [(run, kind, packed(numbers)) for step in steps for kind, numbers in step.marks.items() if numbers]
        statements.add_mark.run(connection, marks)
        shared = [(run, msgspec.msgpack.encode(walk), given) for step in steps for walk, given in step.shared]
        statements.add_shared.run(connection, shared)
        self._write_lookups(connection, steps)
        self.add_failures(connection, [failure for step in steps for failure in step.failures])
        statements.set_progress.run(connection, [(run, progress)])
        for step in steps:
            if step.work:
                step.work(connection)

    def add_failures(self, connection: Connection, failures: Sequence[FailureRow]) -> None:
        """Add failures of the run."""
        self._statements.add_failure.run(connection, [(self._run_id, *failure) for failure in failures])

    def _write_lookups(self, connection: Connection, steps: Sequence[Step]) -> None:
        last = {source: hints for step in steps for source, hints in step.lookups.items()}
        kept = [(self._run_id, source, hints) for source, hints in last.items() if hints is not None]
        rows = [(run, source, msgspec.json.encode(hints).decode()) for run, source, hints in kept]
        self._statements.set_lookup.run(connection, rows)
        gone = [(self._run_id, source) for source, hints in last.items() if hints is None]
        self._statements.drop_lookup.run(connection, gone)

    def _write_lists(self, connection: Connection, steps: Sequence[Step]) -> None:
        run, statements = self._run_id, self._statements
        changes = [change for step in steps for change in step.lists]
        walks = {change.walk: msgspec.msgpack.encode(change.walk) for change in changes}
        last = {change.walk: change.state for change in changes}
        pages = [
            (run, walks[change.walk], change.cursor, packed(change.keys))
            for change in changes
            if last[change.walk] is not None and (change.keys or change.cursor)
        ]
        statements.add_page.run(connection, pages)
        kept = [(run, walks[walk], state) for walk, state in last.items() if state is not None]
        statements.set_list.run(connection, kept)
        gone = [(run, walks[walk]) for walk, state in last.items() if state is None]
        statements.drop_list.run(connection, gone)
        statements.drop_pages.run(connection, gone)
        ended = [
            list_row(run, row, row["arguments"] and msgspec.json.encode(row["arguments"]).decode())
            for step in steps
            for row in step.ended
        ]
        statements.add_list_run.run(connection, ended)
        watched = [change.watched for change in changes if change.watched]
        self._watch_statements.write(connection, run, self._began, watched)
