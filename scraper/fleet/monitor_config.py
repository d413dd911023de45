"""The monitors that the user configured: `CONFIG_DIR/monitors/config.yaml`."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from scraper.identities.yaml_reading import read_mapping
from scraper.inputs import times
from scraper.output.webhook import check_webhook
from scraper.records import RECORDS
from scraper.records.definition import leaves, members
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import unknown

Share = Annotated[float, Meta(gt=0, le=1)]
_WHOLE = Annotated[int, Meta(ge=1)]


class Seconds(float):
    """A period, which the file has as a text such as `6h`."""


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Freshness(_Strict, frozen=True, kw_only=True):
    """
    :param late: how long a complete run may be overdue
    """

    late: Seconds


class Completeness(_Strict, frozen=True, kw_only=True):
    """
    :param least: the share of the items of complete lists that must be collected
    """

    least: Share


class BlockRate(_Strict, frozen=True, kw_only=True):
    """
    :param most: the share of answers that may be refusals
    :param answers: least number of answers that are judged
    """

    most: Share
    within: Seconds = Seconds(3600)
    answers: _WHOLE = 50


class FieldCoverage(_Strict, frozen=True, kw_only=True):
    """
    :param records: their type
    :param field: its path, such as `statistics.digg_count`
    :param least: the share of records that must have it
    :param router: None for all
    :param sample: least number of records that are judged
    """

    records: str
    field: str
    least: Share
    router: str | None = None
    sample: _WHOLE = 100


class CookieExpiry(_Strict, frozen=True, kw_only=True):
    days: Annotated[float, Meta(gt=0)]


class WorkerGone(_Strict, frozen=True, kw_only=True):
    after: Seconds


class Monitors(_Strict, frozen=True, kw_only=True):
    """The contents of the file. A monitor that is None is off."""

    webhook: str | None = None
    every: Seconds = Seconds(60)
    freshness: Freshness | None = None
    completeness: Completeness | None = None
    block_rate: BlockRate | None = None
    field_coverage: list[FieldCoverage] = []
    cookie_expiry: CookieExpiry | None = None
    drift: bool = False
    worker_gone: WorkerGone | None = None


def read_monitors(folder: str | Path) -> Monitors | None:
    """Return the monitors, None if there is no file.

    :param folder: CONFIG_DIR
    :raises ArgumentError: names the file and the wrong key
    """
    path = Path(folder, "monitors", "config.yaml")
    if not (data := read_mapping(path)):
        return None
    try:
        monitors = msgspec.convert(data, Monitors, dec_hook=_seconds)
        check_webhook(monitors.webhook, "webhook")
        for wanted in monitors.field_coverage:
            _check_field(wanted)
    except (msgspec.ValidationError, ArgumentError) as error:
        raise ArgumentError(f"{path}: {error}; compare it with config.example.yaml") from None
    return monitors


def _seconds(kind: type, value: Any) -> Seconds:
    try:
        return Seconds(times.every(str(value)))
    except ArgumentError as error:
        raise ValueError(str(error).partition("=")[2]) from None


def _check_field(wanted: FieldCoverage) -> None:
    """
    :raises ArgumentError: if there are no such records, or they have no such field
    """
    if (record := RECORDS.get(wanted.records)) is None:
        raise ArgumentError(f"field_coverage: {unknown('type of records', wanted.records, RECORDS, 'they')}")
    paths = [path for path, _ in leaves(record)]
    objects = [f"{path}{'[]' * member.is_list}" for member in members(record) for path in (member.name,)]
    parts = dict.fromkeys(path.rpartition(".")[0] for path in paths if "." in path)
    known = {*paths, *objects, *(path.removesuffix("[]") for path in parts), *parts, *(m.name for m in members(record))}
    if wanted.field not in known:
        raise ArgumentError(f"field_coverage: {unknown(f'field of {wanted.records}', wanted.field, paths, 'fields')}")
