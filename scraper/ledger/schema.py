"""The tables of the ledger. They have a database of their own, or share the records'. Times are epoch seconds."""

from functools import cache

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text

from scraper.ledger.layout import Layout, with_dates

TABLES = MetaData()
_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # which counts only by INTEGER

RUN = Table(
    "run",
    TABLES,
    Column("run_id", Text, primary_key=True),
    Column("spider", Text, nullable=False),
    Column("arguments", Text, nullable=False),  # JSON, as given
    Column("settings", Text, nullable=False),  # JSON: those of the command line that are no secrets
    Column("folder", Text, nullable=False),  # the working directory
    Column("input", Text),  # JSON: size and SHA-256 of the target file
    Column("feeds", Text, nullable=False),  # JSON: the options of each feed by its URI
    Column("code_version", Text, nullable=False),
    Column("started_time", BigInteger, nullable=False),
    Column("ended_time", BigInteger),
    Column("state", Text, nullable=False),  # running, unfinished, finished
    Column("stopped", Text),  # see `Stop`
    Column("exit_code", Integer),
    Column("report", Text),  # path of its run.json
    Column("retry_of", Text),  # the run whose failures it crawls again
    Column("progress", Text, nullable=False),  # JSON: see `Progress`
)
REQUEST = Table(
    "ledger_request",
    TABLES,
    Column("run_id", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("purpose", Text, nullable=False),
    Column("job", LargeBinary, nullable=False),
    Column("unanswered", Integer, nullable=False),  # whether its input has no answer yet
    Column("failure", LargeBinary),  # why it was given up for now
    sqlite_with_rowid=False,
)
LIST = Table(
    "ledger_list",
    TABLES,
    Column("run_id", Text, primary_key=True),
    Column("walk", LargeBinary, primary_key=True),
    Column("state", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
PAGE = Table(
    "ledger_page",
    TABLES,
    Column("id", _NUMBER, primary_key=True),
    Column("run_id", Text, nullable=False),
    Column("walk", LargeBinary, nullable=False),
    Column("cursor", Text, nullable=False),
    Column("keys", LargeBinary, nullable=False),  # hashes of its records, 8 bytes each
    Index("ledger_page_walk", "run_id", "walk"),
)
MARK = Table(
    "ledger_mark",
    TABLES,
    Column("id", _NUMBER, primary_key=True),
    Column("run_id", Text, nullable=False),
    Column("kind", Text, nullable=False),  # asked, led, repeated
    Column("numbers", LargeBinary, nullable=False),  # 8 bytes each
    Index("ledger_mark_run", "run_id"),
)
SHARED = Table(
    "ledger_shared",
    TABLES,
    Column("id", _NUMBER, primary_key=True),
    Column("run_id", Text, nullable=False),
    Column("walk", LargeBinary, nullable=False),
    Column("input", Text, nullable=False),
    Index("ledger_shared_run", "run_id"),
)
LOOKUP = Table(
    "ledger_lookup",
    TABLES,
    Column("run_id", Text, primary_key=True),
    Column("source", Text, primary_key=True),  # see `LookupCache`
    Column("hints", Text, nullable=False),  # JSON
    sqlite_with_rowid=False,
)
LIST_RUN = Table(
    "list_run",
    TABLES,
    Column("id", _NUMBER, primary_key=True),
    Column("run_id", Text, ForeignKey("run.run_id"), nullable=False),
    Column("router", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("declared", BigInteger),
    Column("declared_by_record", BigInteger),
    Column("collected", BigInteger, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("gaps", Integer, nullable=False),
    Column("undelivered", BigInteger),  # that an exact total counts, and the list did not show to its end
    Column("stopped", Text, nullable=False),
    Column("cursor", Text),
    Column("arguments", Text),  # JSON: those that continue it
    Index("list_run_run", "run_id"),
)
FAILURE = Table(
    "failure",
    TABLES,
    Column("id", _NUMBER, primary_key=True),
    Column("run_id", Text, ForeignKey("run.run_id"), nullable=False),
    Column("router", Text, nullable=False),
    Column("input", Text, nullable=False),
    Column("target", Text),  # the key of the record that led to it
    Column("title", Text),  # of that record
    Column("code", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("arguments", Text),  # JSON: those that crawl it alone
    Column("job", LargeBinary),  # what `scrapy retry` requests
    Column("number", BigInteger),  # of the request that `scrapy resume` sends again
    Index("failure_run", "run_id"),
)
WATCHED = Table(
    "watched_list",
    TABLES,
    Column("list", BigInteger, primary_key=True, autoincrement=False),  # a hash of what identifies it
    Column("router", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("parts", LargeBinary),  # what was walked of it without a hole: see `Part`
    Column("completed_time", BigInteger),  # the start of the last run that walked it completely
    Column("run_id", Text),  # the run that walks it, or did so last
    Column("expires", BigInteger, nullable=False),  # when that run loses it
    sqlite_with_rowid=False,
)
SEEN = Table(
    "seen_item",
    TABLES,
    Column("list", BigInteger, primary_key=True, autoincrement=False),
    Column("item", BigInteger, primary_key=True, autoincrement=False),  # a hash of its key
    Column("key", Text),
    Column("time", BigInteger),
    Column("state", Integer, nullable=False),  # pinned 1, gone 2
    Column("content", BigInteger, nullable=False),  # see `item_content`
    sqlite_with_rowid=False,
)
DRIFT = Table(
    "ledger_drift",
    TABLES,
    Column("run_id", Text, primary_key=True),
    Column("router", Text, primary_key=True),
    Column("surface", Text, primary_key=True),
    Column("logged_in", Boolean, primary_key=True),
    Column("records", Text, primary_key=True),  # their type, and their kind if they have one
    Column("counts", Text, nullable=False),  # JSON: see `FieldCounts`
    Index("ledger_drift_router", "router", "surface", "logged_in", "records", "run_id"),
    sqlite_with_rowid=False,
)
DRIFT_REPORT = Table(
    "ledger_drift_report",
    TABLES,
    Column("id", _NUMBER, primary_key=True),  # in the order of the ends of runs
    Column("run_id", Text, nullable=False, unique=True),
    Column("report", Text, nullable=False),  # JSON: see `DriftReport`
    Column("accepted", Integer, nullable=False),  # whether what fell counts as usual from now on
)
VOCABULARY = Table(
    "ledger_vocabulary",
    TABLES,
    Column("router", Text, primary_key=True),
    Column("source", Text, primary_key=True),  # the route, or the extra request
    Column("logged_in", Boolean, primary_key=True),
    Column("keys", Text, nullable=False),  # JSON: see `Vocabulary`
)
OWED_MEDIA = Table(
    "ledger_media",
    TABLES,
    Column("id", _NUMBER, primary_key=True),
    Column("run_id", Text, nullable=False),
    Column("plan", LargeBinary, nullable=False),  # see `scraper.media.plan.Plan`
    Index("ledger_media_run", "run_id"),
)
MEDIA_POST = Table(
    "ledger_media_post",
    TABLES,
    Column("run_id", Text, primary_key=True),
    Column("video_id", Text, primary_key=True),
    Column("post", LargeBinary, nullable=False),  # see `scraper.media.plan.Post`
    sqlite_with_rowid=False,
)
MEDIA_FILE = Table(
    "media_file",
    TABLES,
    Column("key", Text, primary_key=True),  # of its record
    Column("post", Text, nullable=False),  # key of the record that it belongs to
    Column("run_id", Text, nullable=False),
    Column("store", Text, primary_key=True),  # MEDIA_STORE, without a password
    Column("path", Text),  # in it; null if there is no file
    Column("size", BigInteger),
    Column("sha256", Text),
    Column("source", Text),  # SHA-256 of what was downloaded, before anything was added to it
    Column("mime", Text),
    Column("duration_ms", BigInteger),
    Column("plan", LargeBinary),  # what `scrapy media retry` downloads; null if there is a file
    Index("media_file_source", "source"),
    sqlite_with_rowid=False,
)
JOB = Table(
    "ledger_job",
    TABLES,
    Column("run_id", Text, primary_key=True),
    Column("state", Text, nullable=False),  # see `JobState`
    Column("error", Text),  # why it could not be run
    Index("ledger_job_state", "state"),
    sqlite_with_rowid=False,
)
OF_A_RUN_UNDER_WAY = (REQUEST, LIST, PAGE, MARK, SHARED, LOOKUP, OWED_MEDIA, MEDIA_POST)
"""Emptied when a run is finished."""


@cache
def layout(dialect: str) -> Layout:
    """Return the layout of the ledger."""
    return Layout("ledger", TABLES, ledger_views(dialect))


def ledger_views(dialect: str) -> dict[str, str]:
    """Return the definitions of the ledger's views, by name."""
    return {"v_run": with_dates(RUN, dialect)}
