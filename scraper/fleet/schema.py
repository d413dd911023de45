"""The tables of the fleet, in the database of the records. Times are epoch seconds of the database's clock."""

from sqlalchemy import BigInteger, Boolean, Column, Double, Identity, Index, Integer, MetaData, Table, Text, text

from scraper.ledger.layout import Layout, with_dates

TABLES = MetaData()
NOW = "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"
"""The present in SQL: a worker's own clock may be wrong."""
SHARE = "collected::double precision / declared"
"""How complete the lists of a target are, in SQL."""

WORKER = Table(
    "fleet_worker",
    TABLES,
    Column("worker", Text, primary_key=True),  # new at each start, and after its leases expired
    Column("host", Text, nullable=False),
    Column("process", Integer, nullable=False),
    Column("concurrency", Integer, nullable=False),  # targets at a time
    Column("started_time", Double, nullable=False),
    Column("seen_time", Double, nullable=False),
    Column("expires_time", Double, nullable=False),  # its leases end then, unless it is seen again before
    Column("ended_time", Double),  # when it was stopped
    Column("running", Integer, nullable=False),  # targets that it crawls
    Column("finished", BigInteger, nullable=False),  # targets that it crawled
    Column("requests", BigInteger, nullable=False),
)
TARGET = Table(
    "fleet_target",
    TABLES,
    Column("target_id", BigInteger, Identity(), primary_key=True),
    Column("key", BigInteger, nullable=False, unique=True),  # a hash of the spider, the link and the router
    Column("spider", Text, nullable=False),
    Column("link", Text, nullable=False),  # as the user gave it
    Column("arguments", Text, nullable=False),  # JSON: those of a crawl of this target alone, but its url
    Column("priority", Integer, nullable=False),  # of few different values, which `take_due` tries in turn
    Column("every", BigInteger),  # seconds between two runs; null if there is a cron expression, or for once
    Column("cron", Text),  # five fields and a time zone
    Column("paused_time", Double),  # when its owner paused it
    Column("added_time", Double, nullable=False),
    Column("due_time", Double),  # null: never again
    Column("expected_time", Double),  # when a run has to be complete: `due_time` as it was set last by a complete one
    Column("queued_time", Double),  # when it was given to the engine; null if it is not there
    Column("holder", Text),  # the worker that crawls it
    Column("lease", BigInteger, nullable=False),  # raised whenever a worker takes it
    Column("run_id", Text),  # the run that crawls it, or is to be resumed
    Column("last_run_id", Text),  # the last one that ended
    Column("last_started_time", Double),
    Column("last_ended_time", Double),
    Column("completed_time", Double),  # the start of the last run that was complete
    Column("stopped", Text),  # why the last run ended: see `Stop`
    Column("exit_code", Integer),
    Column("collected", BigInteger),  # items of its lists in the last run that read more than what is new
    Column("declared", BigInteger),  # what they would be if all lists were complete; null if unknown
    Column("attempts", Integer, nullable=False),  # in a row that did not complete it
    Column("error", Text),  # what failed in the last run
    Index(
        "fleet_target_due",
        text("priority DESC"),
        "due_time",
        postgresql_where="queued_time IS NULL AND due_time IS NOT NULL AND paused_time IS NULL",
    ),
    Index("fleet_target_queued", "queued_time", postgresql_where="queued_time IS NOT NULL AND holder IS NULL"),
    Index("fleet_target_held", "holder", postgresql_where="holder IS NOT NULL"),
    Index("fleet_target_run", "run_id", postgresql_where="run_id IS NOT NULL"),
    Index("fleet_target_paused", "paused_time", postgresql_where="paused_time IS NOT NULL"),
    Index("fleet_target_expected", "expected_time", postgresql_where="expected_time IS NOT NULL"),
    Index("fleet_target_short", text(f"({SHARE})"), postgresql_where="collected < declared"),
    Index("fleet_target_failed", "last_ended_time", postgresql_where="attempts > 0"),
)
IDENTITY = Table(
    "fleet_identity",
    TABLES,
    Column("identity", Text, primary_key=True),  # a hash of its service and cookies; of its name if it has none
    Column("service", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("holder", Text),  # the worker that uses it
    Column("lease", BigInteger, nullable=False),  # raised whenever a worker takes it
    Column("next_time", Double, nullable=False),  # no request is sent before
    Column("sent", BigInteger, nullable=False),  # requests
    Column("login", Boolean, nullable=False),  # whether it has the cookie of a login
    Column("cookie_expires_time", Double),  # null if unknown
    Column("stopped", Text),  # the outcome that stopped it everywhere
    Column("message", Text),
    Column("stopped_time", Double),
    Column("rested_time", Double),  # when it may be tried again
    Column("stops", Integer, nullable=False),
)
SENT = Table(
    "fleet_sent",
    TABLES,
    Column("identity", Text, nullable=False),
    Column("time", Double, nullable=False),
    Index("fleet_sent_identity", "identity", "time"),
)
"""The requests of the last hour, of identities with `per_hour`."""
ALARM = Table(
    "fleet_alarm",
    TABLES,
    Column("monitor", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("value", Double),
    Column("message", Text, nullable=False),
    Column("since_time", Double, nullable=False),
    Column("sent_time", Double),  # when the webhook took it; null if it did not yet
    Column("cleared_time", Double),  # when it cleared; the row is removed as soon as the webhook took that
)
MONITORING = Table(
    "fleet_monitoring",
    TABLES,
    Column("one", Boolean, primary_key=True),  # true: there is one row
    Column("evaluated_time", Double, nullable=False),
    Column("problem", Text),  # why the webhook did not take the last message
)
COUNT = Table(
    "fleet_count",
    TABLES,
    Column("time", BigInteger, primary_key=True, autoincrement=False),  # the start of ten minutes
    Column("worker", Text, primary_key=True),
    Column("part", Text, primary_key=True),  # see `counts`: run, line, answer
    Column("source", Text, primary_key=True),  # the spider of runs, the router of lines, the service of answers
    Column("name", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
)
"""What the runs of the last two days did. Each worker adds to rows of its own."""


def layout(dialect: str) -> Layout:
    """Return the layout of the fleet's tables."""
    tables = {"v_fleet_worker": WORKER, "v_fleet_target": TARGET, "v_fleet_identity": IDENTITY}
    return Layout("fleet", TABLES, {name: with_dates(table, dialect) for name, table in tables.items()})
