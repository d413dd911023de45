"""Read feeds and the reports of their runs for a report."""

from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from scraper.ledger.compression import DamagedError, lines_of
from scraper.ledger.list_end import ListEnd
from scraper.output.dialect import in_dialect
from scraper.report.facts import Facts, Failed, Meta, Post, RunRow
from scraper.responses.exceptions import ArgumentError
from scraper.responses.outcomes import Outcome

_OK = Outcome.OK.value


class _Line(msgspec.Struct):
    code: int
    router: str
    data: msgspec.Raw


class _AnyMeta(Meta):
    dialect: str | None = None


class _Any(msgspec.Struct):
    meta: _AnyMeta


class _Error(msgspec.Struct):
    name: str
    message: str = ""
    remedy: str = ""
    input: str = ""


class _Failure(msgspec.Struct):
    error: _Error
    meta: Meta


class _Lists(msgspec.Struct):
    rows: list[ListEnd] = []


class _Run(RunRow):
    lists: _Lists = msgspec.field(default_factory=_Lists)


_line = msgspec.json.Decoder(_Line).decode
_record = msgspec.json.Decoder(_Any).decode
_post = msgspec.json.Decoder(Post, strict=False).decode
_failure = msgspec.json.Decoder(_Failure).decode


def read_feed(path: Path, facts: Facts, output_dir: Path) -> int:
    """Add the records and failures of a feed of JSON lines, and return how many lines are no envelopes.

    :param output_dir: OUTPUT_DIR, which may hold the reports of its runs
    :raises ArgumentError: if it cannot be read
    """
    bad = 0
    run_ids = set()
    try:
        for line in lines_of(path):
            if line.isspace():
                continue
            try:
                run_ids.add(_add_line(line, facts))
            except (msgspec.DecodeError, UnicodeDecodeError):
                bad += 1
    except DamagedError:
        bad += 1  # the page that cannot be read
    except ArgumentError as error:
        raise ArgumentError(f"{path}: {error}") from None
    except OSError as error:
        raise ArgumentError(f"{path} cannot be read: {error}") from error
    for run_id in sorted(filter(None, run_ids)):
        _add_run(path, run_id, facts, output_dir)
    return bad


def _add_line(line: bytes, facts: Facts) -> str | None:
    """Count one envelope, and return the run that it is from.

    :raises ArgumentError: if it is in a dialect
    """
    envelope = _line(line)
    if envelope.code != _OK:
        failure = _failure(envelope.data)
        error = failure.error
        facts.add_failure(
            Failed(envelope.router, error.name, error.message, error.remedy, error.input), failure.meta.run_id
        )
        return failure.meta.run_id
    facts.answered[envelope.router] += 1
    meta = _record(envelope.data).meta
    if meta.dialect:
        raise ArgumentError(f"its posts are written with {in_dialect(meta.dialect)}")
    facts.add_answer(envelope.router, meta.target, meta.run_id)
    if meta.record_type == "video":
        post = _post(envelope.data)
        if meta.key is not None and meta.fetched_time is not None:
            facts.add_counters(meta.key, meta.fetched_time, post.statistics)
        facts.add_post(post)
    else:
        facts.add_record(meta)
    return meta.run_id


def _add_run(feed: Path, run_id: str, facts: Facts, output_dir: Path) -> None:
    """Add what the report of a run tells, if it is next to the feed, in a folder there, or in OUTPUT_DIR."""
    name, folder = f"{run_id}.run.json", feed.parent
    places = (folder.glob(f"*/{name}"), folder.glob(f"output/*/{name}"), output_dir.glob(f"*/{name}"))
    for path in (folder / name, *chain.from_iterable(places)):
        if path.is_file():
            _add_report(path.read_bytes(), facts)
            return
    facts.without_report.append(run_id)


def _add_report(body: bytes, facts: Facts) -> None:
    report: Any = msgspec.json.decode(body, type=_Run, strict=False)
    facts.runs[report.run_id] = RunRow(**{name: getattr(report, name) for name in RunRow.__struct_fields__})
    for end in report.lists.rows:
        facts.add_list(end)
