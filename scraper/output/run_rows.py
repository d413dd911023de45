"""The runs that the ledgers know, how each ended, and the command that continues it or repeats what failed."""

from collections.abc import Iterator
from typing import Any

from scrapy.settings import BaseSettings

from scraper.ledger.database_url import shown_url
from scraper.ledger.fleet_runs import runs_of_workers
from scraper.ledger.run import FINISHED, RUNNING, Run, in_database, runs_with_failures
from scraper.ledger.run_lock import is_alive, unfinished_runs
from scraper.ledger.store import default_url
from scraper.output.statistics import records


def run_rows(settings: BaseSettings) -> list[dict[str, Any]]:
    """Return a row for each run, the latest first, of the ledger in STATE_DIR and of the databases that are known.

    :raises scraper.responses.exceptions.ArgumentError: if a database cannot be read
    """
    return sorted(_rows(settings), key=lambda row: (row["started_time"], row["run_id"]), reverse=True)


def _rows(settings: BaseSettings) -> Iterator[dict[str, Any]]:
    folder = settings["STATE_DIR"]
    own = default_url(folder)
    known = settings["DATABASE_URL"]
    urls = [known, own, *(url for _, url in unfinished_runs(folder, known))]
    for url in dict.fromkeys(filter(None, urls)):
        of_workers = in_database(url, runs_of_workers) or ()
        for run, failures, of_retry in in_database(url, runs_with_failures) or ():
            state = "alive" if run.run_id in of_workers else _state(run, folder)
            yield _row(run, failures, of_retry, state, None if url == own else shown_url(url))


def _state(run: Run, folder: str) -> str:
    """Return alive, killed, unfinished or finished."""
    if run.state != FINISHED and is_alive(folder, run.run_id):
        return "alive"
    return "killed" if run.state == RUNNING else run.state


def _row(run: Run, failures: int, of_retry: int, state: str, database: str | None) -> dict[str, Any]:
    command = {"killed": "resume", "unfinished": "resume", FINISHED: "retry" if of_retry else ""}.get(state)
    return {
        "run_id": run.run_id,
        "spider": run.spider,
        "state": state,
        "stopped": run.stopped,
        "exit_code": run.exit_code,
        "started_time": run.started_time,
        "ended_time": run.ended_time,
        "records": sum(records(run.progress.counts).values()),
        "failures": failures,
        "command": f"scrapy {command} {run.run_id}" if command else None,
        "retry_of": run.retry_of,
        "report": run.report,
        "database": database,
    }
