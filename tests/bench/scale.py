"""What a watch list of a thousand to a million targets costs: the tables of docs/scale.md.

    python -m tests.bench.scale [--targets 1000 1000000] [--only size take updates rates commits records]

The server syncs each commit to the disk. Targets are made by SQL; what is done with them is the code of the workers.
"""

import argparse
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from multiprocessing import get_context
from tempfile import TemporaryDirectory

from sqlalchemy import text

from scraper.fleet import membership
from scraper.fleet.database import FleetDatabase
from scraper.fleet.due import RunResult, lease, note_run, number_queued, requeue_lost, settle, take_due
from scraper.fleet.identity_statements import RESERVE
from scraper.ledger import backends
from tests import postgres
from tests.bench import database
from tests.fleet.rows import Rows, rows_of

SIZES, PROCESSES = (1_000, 10_000, 100_000, 1_000_000), (1, 2, 4)
EVERY_S = 21_600
_SECONDS = 5.0
_RUNS_S, _AT_ONCE = 185, 50  # four times what a million targets with every=6h need
_CRAWLS = 10  # of 2 000 posts each
_NEVER = 99_999_999_999
_FILL = """INSERT INTO fleet_target (key, spider, link, arguments, priority, every, added_time, due_time, expected_time,
        lease, attempts)
    SELECT (('x' || substr(md5(n::text), 1, 15))::bit(60))::bigint, 'toys', 'https://www.toys.test/@a.user.' || n,
        '{{"since":"last","tags":"team=t' || n % 50 || '"}}', {priority}, 21600, 1, {due}, {due}, 0, 0
    FROM generate_series(1, {number}) AS n"""
# As take_due, lease, note_run and settle do it, but for several targets in one transaction.
_ROUND = (
    "UPDATE fleet_target SET queued_time = 5 WHERE target_id BETWEEN :first AND :last",
    """UPDATE fleet_target SET holder = 'one', lease = lease + 1, last_started_time = 6
        WHERE target_id BETWEEN :first AND :last""",
    """UPDATE fleet_target SET run_id = '20261130T084722Z-' || substr(md5((lease + target_id)::text), 1, 4)
        WHERE target_id BETWEEN :first AND :last""",
    """UPDATE fleet_target SET holder = NULL, queued_time = NULL, last_run_id = run_id, run_id = NULL, stopped = 'end',
        exit_code = 0, last_ended_time = 7, completed_time = 6, due_time = 99999999999 + target_id + lease,
        expected_time = 99999999999 + target_id + lease, collected = 20 WHERE target_id BETWEEN :first AND :last""",
)
DUE: dict[str, tuple[str, str]] = {
    "all are due": ("1000 + n", "0"),
    "the last 1 000 are due": (f"CASE WHEN n > {{number}} - 1000 THEN 1000 ELSE {_NEVER} + n END", "0"),
    "none is due": (f"{_NEVER} + n", "0"),
    "all are due, 2 001 priorities": ("1000 + n", "n % 2001 - 1000"),
}


def fill(rows: Rows, number: int, due: str = "1000 + n", priority: str = "0") -> None:
    """Replace all targets by new ones."""
    rows.clear()
    rows.sql(_FILL.format(number=number, due=due.format(number=number), priority=priority))
    rows.worker()
    rows.sql("ANALYZE fleet_target")


def size(rows: Rows) -> str:
    """Return how large the table and its indexes are."""
    ((table, indexes),) = rows.sql("SELECT pg_table_size('fleet_target'), pg_indexes_size('fleet_target')")
    return f"table {table / 1e6:.1f} MB, indexes {indexes / 1e6:.1f} MB"


def milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def measure_take(rows: Rows, number: int) -> Iterator[str]:
    """Yield how long it takes to queue a thousand targets."""
    for state, (due, priority) in DUE.items():
        fill(rows, number, due, priority)
        first, *further = [milliseconds(lambda: rows.run(take_due)) for _ in range(5)]
        yield f"  {state}: first {first:.0f} ms, then {min(further):.0f} to {max(further):.0f} ms"
    queued = milliseconds(lambda: rows.run(number_queued))
    yield f"  number_queued {queued:.1f} ms, requeue_lost {milliseconds(lambda: rows.run(requeue_lost)):.1f} ms"


def measure_updates(rows: Rows, number: int, seconds: float) -> Iterator[str]:
    """Yield what updates at a steady rate leave of the table, with autovacuum as it is by default."""
    fill(rows, number, f"{_NEVER} + n")
    yield f"  new: {size(rows)}"
    started, runs_, largest = time.monotonic(), 0, 0
    while (used := time.monotonic() - started) < seconds:
        if runs_ > used * _RUNS_S:
            time.sleep(0.05)
            continue
        first = runs_ % number + 1
        for statement in _ROUND:
            rows.sql(statement, first=first, last=first + _AT_ONCE - 1)
        runs_ += _AT_ONCE
        largest = max(largest, rows.sql("SELECT pg_total_relation_size('fleet_target')")[0][0])
    ((vacuums,),) = rows.sql("SELECT autovacuum_count FROM pg_stat_user_tables WHERE relname = 'fleet_target'")
    yield f"  after {runs_:,} runs in {used:.0f} s, {vacuums} vacuums: {size(rows)}, at most {largest / 1e6:.1f} MB"
    rows.sql("UPDATE fleet_target SET due_time = 1000 WHERE target_id % (:number / 1000) = 0", number=number)
    yield f"  then, to queue a thousand: {milliseconds(lambda: rows.run(take_due)):.0f} ms"


def until_it_is_over(work: Callable[[int], object]) -> float:
    """Return how often a second some work is done."""
    started = time.perf_counter()
    for number in count(1):
        work(number)
        if (used := time.perf_counter() - started) >= _SECONDS:
            return number / used
    raise AssertionError


def runs(url: str, process: int, processes: int) -> float:
    """Return how many targets a process leases, notes a run of, and settles, in a second."""
    fleet = FleetDatabase(url)

    def work(number: int) -> None:
        target = fleet.do(partial(lease, target_id=number * processes + process + 1, worker="one"))
        assert target
        fleet.do(partial(note_run, target_id=target.target_id, lease=target.lease, run_id=f"20261130T084722Z-{number}"))
        result = RunResult(exit_code=0, stopped="end", collected=20)
        assert fleet.do(partial(settle, target_id=target.target_id, lease=target.lease, result=result))

    return until_it_is_over(work)


def renewals(url: str, process: int, processes: int) -> float:
    """Return how many heartbeats a process sends in a second."""
    fleet = FleetDatabase(url)
    values = {"worker": f"w{process}", "lease": 30.0, "running": 1, "finished": 1, "requests": 1}
    return until_it_is_over(lambda number: fleet.do(lambda connection: connection.execute(membership._RENEW, values)))


def reservations(url: str, process: int, processes: int) -> float:
    """Return for how many requests a process reserves the time in a second."""
    fleet = FleetDatabase(url)
    values = {"identity": f"i{process}", "worker": f"w{process}", "lease": 1, "pace": 0.0}
    return until_it_is_over(lambda number: fleet.do(lambda connection: connection.execute(RESERVE, values).one()))


def commits(url: str, process: int, processes: int, *, locks: bool = True) -> float:
    """Return how many pages of 20 posts a process commits in a second."""
    if not locks:
        backends._begin_postgresql = lambda connection: None
    with TemporaryDirectory() as folder:
        pages = database.pages_of(f"run-{process}") * 10
        started = time.perf_counter()
        database.write(url, pages, folder, f"run-{process}")
        return len(pages) / (time.perf_counter() - started)


def prepared(server: postgres.Server, *, syncs: bool) -> str:
    """Return a new database with the tables of the records and the ledger."""
    url = server.new_database()
    if not syncs:
        with server.connect("postgres") as connection:
            connection.execute(f'ALTER DATABASE "{url.rpartition("/")[2]}" SET synchronous_commit = off')
    with TemporaryDirectory() as folder:
        database.write(url, [], folder)
    return url


def rate(work: Callable[..., float], url: str, processes: int) -> float:
    """Return the sum of the rates of several processes."""
    with get_context("spawn").Pool(processes) as pool:
        return sum(pool.starmap(work, [(url, process, processes) for process in range(processes)]))


def measure_rates(rows: Rows) -> Iterator[str]:
    """Yield how much is done in a second by several processes."""
    fill(rows, 400_000)
    for process in range(max(PROCESSES)):
        rows.worker(f"w{process}", lasts_s=3_600)
        rows.sql(
            """INSERT INTO fleet_identity (identity, service, name, holder, lease, next_time, sent, login, stops)
            VALUES (:identity, 's', 'n', :worker, 1, 0, 0, false, 0)""",
            identity=f"i{process}",
            worker=f"w{process}",
        )
    for name, work in {"lease, note and settle": runs, "heartbeats": renewals, "reservations": reservations}.items():
        shown = []
        for processes in PROCESSES:
            rows.sql("UPDATE fleet_worker SET expires_time = expires_time + 3600")
            rows.sql("UPDATE fleet_target SET due_time = 1000 WHERE due_time > 2000000")
            shown.append(f"{rate(work, rows.url, processes):,.0f}")
        yield f"  {name}: {', '.join(shown)} a second from {PROCESSES} processes"


@contextmanager
def fleet(server: postgres.Server) -> Iterator[Rows]:
    with rows_of(server.new_database()) as rows:
        yield rows


def measure_commits(server: postgres.Server) -> Iterator[str]:
    """Yield how many pages are committed in a second, with the lock of all writers and without."""
    free = partial(commits, locks=False)
    ways = (("with the lock", commits, True), ("without", free, True), ("synchronous_commit = off", commits, False))
    for name, work, syncs in ways:
        shown = [f"{rate(work, prepared(server, syncs=syncs), processes):,.0f}" for processes in PROCESSES]
        yield f"  {name}: {', '.join(shown)} pages a second from {PROCESSES} processes"


def measure_records(server: postgres.Server) -> Iterator[str]:
    """Yield how many bytes a post takes in each table, with one snapshot of its counters."""
    url = prepared(server, syncs=False)
    before, posts = table_sizes(url), 0
    for crawl in range(_CRAWLS):
        with TemporaryDirectory() as folder:
            pages = database.pages_of(f"run-{crawl}")
            database.write(url, pages, folder, f"run-{crawl}")
            posts += sum(map(len, pages))
    grown = {table: (size - before[table]) / posts for table, size in table_sizes(url).items()}
    shown = ", ".join(f"{table} {size:,.0f}" for table, size in sorted(grown.items()) if size >= 1)
    yield f"  {sum(grown.values()):,.0f} bytes a post, of {posts:,}: {shown}"


def table_sizes(url: str) -> dict[str, int]:
    """Return the sizes of all tables with their indexes, in bytes."""
    query = text(
        """SELECT relname, pg_total_relation_size(oid) FROM pg_class
        WHERE relkind = 'r' AND relnamespace = CAST('public' AS regnamespace)"""
    )
    return FleetDatabase(url).do(lambda connection: {row[0]: row[1] for row in connection.execute(query)})


def identities(number: int, every_s: int, delay_s: float) -> int:
    """Return how many identities request a page of each target in time.

    >>> identities(1_000_000, 21_600, 3.0)
    139
    """
    return math.ceil(number * delay_s / every_s)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--targets", type=int, nargs="+", default=SIZES)
    parts = ("size", "take", "updates", "rates", "commits", "records")
    parser.add_argument("--only", nargs="+", choices=parts, default=parts)
    parser.add_argument("--seconds", type=float, default=540, help="for which the table is updated")
    options = parser.parse_args()
    updates = partial(measure_updates, seconds=options.seconds)
    with postgres.running(syncs=True) as server:
        for number in options.targets:
            with fleet(server) as rows:
                needed = [identities(number, every_s, 3.0) for every_s in (EVERY_S, 86_400)]
                print(f"{number:,} targets: {needed[0]} identities for every=6h, {needed[1]} for every=1d", flush=True)
                for part, measure in (("size", None), ("take", measure_take), ("updates", updates)):
                    if part not in options.only:
                        continue
                    if measure is None:
                        fill(rows, number)
                        print(f"  {size(rows)}", flush=True)
                        continue
                    for line in measure(rows, number):
                        print(line, flush=True)
        if "rates" in options.only:
            with fleet(server) as rows:
                print("rates", *measure_rates(rows), sep="\n", flush=True)
        if "commits" in options.only:
            print("commits", *measure_commits(server), sep="\n", flush=True)
        if "records" in options.only:
            print("records", *measure_records(server), sep="\n", flush=True)


if __name__ == "__main__":
    main()
