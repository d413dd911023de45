"""What the fleet shows of a target of its watch list."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection

from scraper.fleet.engine_jobs import ATTEMPTS, QUEUE, has_jobs
from scraper.identities.masking import mask

_COLUMNS = """target_id, spider, link, completed_time, due_time, :now - expected_time AS late_s, collected, declared,
    attempts, stopped, exit_code, error, coalesce(run_id, last_run_id) AS run_id"""
_IS_ENDED = f"""holder IS NULL AND EXISTS (SELECT FROM procrastinate_jobs AS job WHERE job.queue_name = '{QUEUE}'
    AND job.status = 'failed' AND job.queueing_lock = '{QUEUE}-' || fleet_target.target_id)"""
_ENDED = f"errors ended it {ATTEMPTS} times; the logs of the workers have them"


class TargetView(msgspec.Struct, kw_only=True):
    """A target.

    :ivar late_s: seconds since it should have been complete
    :ivar run_id: its unfinished run, else the last one
    :ivar retry: the command that crawls it again now; None while it is crawled, paused, or due anyway
    """

    target_id: int
    spider: str
    link: str
    completed_time: float | None
    due_time: float | None
    late_s: float | None
    collected: int | None
    declared: int | None
    attempts: int
    stopped: str | None
    exit_code: int | None
    error: str | None
    run_id: str | None
    retry: str | None


def selected(connection: Connection) -> str:
    """Return the statement that selects targets for `target_of`, up to its condition."""
    is_ended = _IS_ENDED if has_jobs(connection) else "false"
    can_be = f"holder IS NULL AND paused_time IS NULL AND (due_time IS NULL OR due_time > :now OR {is_ended})"
    return f"SELECT {_COLUMNS}, {is_ended} AS is_ended, {can_be} AS can_be_retried FROM fleet_target WHERE"


def target_of(row: Mapping[str, Any]) -> TargetView:
    """Return a target for those who watch the fleet.

    :param row: see `selected`
    """
    values = masked(row)
    is_ended, can_be_retried = values.pop("is_ended"), values.pop("can_be_retried")
    if is_ended:
        values["error"] = _ENDED
    return TargetView(retry=f"scrapy jobs --retry {row['target_id']}" if can_be_retried else None, **values)


def masked(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row whose texts show no secret."""
    return {name: mask(value) if isinstance(value, str) else value for name, value in row.items()}
