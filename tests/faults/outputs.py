"""The outputs of the matrix: how each is given to a crawl, and how what is in it is read, which must be whole rows."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import boto3
from moto.server import ThreadedMotoServer

from tests.crawling import Crawl
from tests.postgres import Server

FILES, STORES, SERVERS = ("jsonl", "csv", "stdout"), ("s3", "sqlite"), ("postgres",)
_KEPT = re.compile(r"the local copy is in (\S+?)(?: \(|$)", re.M)


class Row(NamedTuple):
    """A row of an output.

    :ivar data: the record, or what tells of a failure
    """

    code: int
    key: str | None
    data: Mapping[str, Any]


class Database:
    """An empty database of a PostgreSQL server."""

    def __init__(self, server: Server):
        self.server, self.url = server, server.new_database()
        self.name = self.url.rpartition("/")[2]

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement, which is committed at once, and return its rows."""
        with self.server.connect(self.name) as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def rows(self) -> Iterator[Row]:
        """Read the records."""
        columns = "SELECT table_name, column_name FROM information_schema.columns"
        there = set(self.execute(columns))
        for table in ("video", "comment"):
            if (table, f"{table}_id") in there:
                for key, ident in self.execute(f"SELECT key, {table}_id FROM {table}"):
                    assert str(key).endswith(f":{ident}"), "the row holds another's record"
                    yield Row(200, str(key), {})
            elif (table, "key") in there:  # of another program
                assert not self.execute(f"SELECT * FROM {table}")


@dataclass(frozen=True)
class Place:
    """Where a crawl writes: `name` is one of FILES, STORES or SERVERS.

    :ivar folder: of a local output, which may not exist
    :ivar database: of a server; also one in addition to a file
    """

    name: str
    folder: Path
    bucket: str = field(default_factory=lambda: f"cell-{uuid4().hex}")
    database: Database | None = None

    @property
    def path(self) -> Path:
        """The local file of the output."""
        return self.folder / ("out.db" if self.name == "sqlite" else f"out.{self.name}")

    @property
    def uri(self) -> str:
        """What a sentence about the output calls it."""
        uris = {"stdout": "stdout:", "s3": f"s3://{self.bucket}/out.jsonl", "sqlite": f"sqlite:///{self.path}"}
        if self.name == "postgres" and self.database:
            return self.database.url.replace("owner:owner-secret@", "")
        return uris.get(self.name, str(self.path))

    @property
    def words(self) -> list[str]:
        """The options of the command that name it."""
        if self.name == "postgres":
            return []
        if self.name == "sqlite":
            return [f"--set=DATABASE_URL={self.uri}"]
        given = {"stdout": "-:jsonl", "s3": f"{self.uri}:jsonl"}.get(self.name, f"{self.path}")
        return [f"--overwrite-output={given}"]

    def rows(self, done: Crawl, store: Store | None) -> list[Row]:
        """Read the output where it is, or where a sentence of the log says that it was kept."""
        if self.name == "postgres":
            assert self.database
            return [*self.database.rows()]
        if self.name == "sqlite":
            return [*_of_database(self.path)]
        if self.name == "csv":
            return [row for path in sorted(self.folder.glob("out.*.csv")) for row in _of_table(path)]
        if self.name == "stdout":
            return [*of_lines(done.out.encode())]
        if self.name == "s3":
            assert store
            return [*of_lines(store.read(self.bucket) or _kept(done.err))]
        return [*of_lines(_bytes(self.path))]

    def failures(self, done: Crawl, store: Store | None) -> list[Row]:
        """Read the failures, which a database leaves to the feed beside it."""
        if self.name not in ("sqlite", "postgres"):
            return [row for row in self.rows(done, store) if row.code != 200]
        feeds = [body for name, body in sorted(done.files.items()) if name.startswith("output/") and name.endswith("l")]
        return [row for body in feeds for row in of_lines(body) if row.code != 200]


class Store:
    """A server of the S3 protocol, with a bucket for each cell."""

    def __init__(self, address: str):
        self.settings = {"AWS_ENDPOINT_URL": address, "AWS_REGION_NAME": "us-east-1"}
        self.settings |= {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
        keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
        self.client: Any = boto3.client("s3", endpoint_url=address, **keys)

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Store]:
        """Serve on a port of this machine."""
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
        server.start()
        host, port = server.get_host_and_port()
        try:
            yield cls(f"http://{host}:{port}")
        finally:
            server.stop()

    def read(self, bucket: str) -> bytes:
        """The object of a bucket, empty if there is none."""
        missing = self.client.exceptions
        try:
            body: bytes = self.client.get_object(Bucket=bucket, Key="out.jsonl")["Body"].read()
        except (missing.NoSuchKey, missing.NoSuchBucket):
            return b""
        return body

    def remove(self, bucket: str) -> None:
        """Remove a bucket and what is in it."""
        for stored in self.client.list_objects_v2(Bucket=bucket).get("Contents", ()):
            self.client.delete_object(Bucket=bucket, Key=stored["Key"])
        self.client.delete_bucket(Bucket=bucket)


def of_lines(body: bytes) -> Iterator[Row]:
    """Read JSON lines, each of which must be whole."""
    assert not body or body.endswith(b"\n"), body[-200:]
    for line in body.splitlines():
        envelope = json.loads(line)
        assert list(envelope) == ["code", "router", "data"]
        yield _row(envelope["code"], envelope["data"])


def _of_table(path: Path) -> Iterator[Row]:
    body = _bytes(path)
    assert not body or body.endswith(b"\r\n"), body[-200:]
    rows = list(csv.reader(io.StringIO(body.decode(), newline=""), strict=True))
    assert {len(row) for row in rows} <= {len(rows[0])} if rows else True
    for row in rows[1:]:
        data: dict[str, Any] = {}
        for name, cell in zip(rows[0], row, strict=True):
            *outer, last = name.split(".")
            reduce(lambda nested, part: nested.setdefault(part, {}), outer, data)[last] = _read(cell)
        yield _row(int(data.get("code", 200)), data)


def _read(cell: str) -> Any:
    return None if cell == "" else json.loads(cell) if cell[0] in "[{" or cell in ("true", "false") else cell


def _row(code: int, data: Mapping[str, Any]) -> Row:
    key = data["meta"]["key"]
    if code == 200 and key:
        kind, ident = key.split(":", 1)[1].split(":", 1)
        assert data[f"{kind}_id"] == ident, "the row holds another's record"
    return Row(code, key, data)


def _of_database(path: Path) -> Iterator[Row]:
    if not path.is_file() or not _bytes(path).startswith(b"SQLite format 3\0"):
        return
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in there & {"video", "comment"}:
            columns = {column for _, column, *_ in connection.execute(f"PRAGMA table_info({table})")}
            if f"{table}_id" not in columns:  # of another program
                assert not connection.execute(f"SELECT * FROM {table}").fetchall()
                continue
            for key, ident in connection.execute(f"SELECT key, {table}_id FROM {table}"):
                assert key.endswith(f":{ident}"), "the row holds another's record"
                yield Row(200, key, {})


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _kept(log: str) -> bytes:
    named = _KEPT.search(log)
    return Path(named[1]).read_bytes() if named else b""
