"""Feeds that are split by record type: CSV, and all feeds whose URI contains `%(record_type)s`."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlparse

from scraper.output.envelope import Envelope, Failure
from scraper.records import RECORDS
from scraper.records.columns import Column, columns
from scraper.responses.outcomes import Outcome

PLACEHOLDER = "%(record_type)s"
FAILURE, OTHER = "failure", "item"  # an item is what a user's own spider or pipeline makes
TABLE = "table"  # the format of a CSV file of one record type
_OK = Outcome.OK.value
_OF_FAILURES = (Column("code", None), Column("router", None))


def by_record_type(
    feeds: Mapping[str, Mapping[str, Any]], *, own_csv: bool = False
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the URI of each feed, the URI that it was made of, and its options, with one feed for each record type.

    Items of other kinds stay in the CSV file that the user named.

    :param own_csv: whether the user's own exporter writes CSV
    """
    for given, options in feeds.items():
        uri = str(given)  # a path is a key of FEEDS, too
        is_table = is_csv(uri, options) and not own_csv and not is_stream(uri)
        if "record_type" in options or not (is_table or PLACEHOLDER in uri):
            yield uri, uri, {**options}
            continue
        for record_type in (*RECORDS, FAILURE, OTHER):
            own = {**options, "record_type": record_type, "store_empty": False}
            if is_table and record_type != OTHER:
                arguments = {**options.get("item_export_kwargs", {}), "record_type": record_type}
                own |= {"format": TABLE, "item_export_kwargs": arguments}
            yield uri_of(uri, record_type), uri, own


def is_csv(uri: str, options: Mapping[str, Any]) -> bool:
    """Return whether a feed is in the format CSV."""
    return bool(options.get("format", PurePosixPath(uri).suffix[1:]) == "csv")


def is_table(format_: str) -> bool:
    """Return whether a format has fixed columns."""
    return format_ in (TABLE, "csv", "xlsx")


def is_stream(uri: str) -> bool:
    """Return whether a feed is standard output, a pipe or a device, which cannot be several files."""
    path = Path(uri)
    return urlparse(uri).scheme == "stdout" or (path.exists() and not path.is_file() and not path.is_dir())


def record_type_of(item: Any) -> str:
    """Return the record type of an item."""
    if isinstance(item, Envelope):
        code, data = item.code, item.data
    elif isinstance(item, Mapping) and "code" in item and "data" in item:
        code, data = item["code"], item["data"]
    else:
        return OTHER
    if code != _OK:
        return FAILURE
    meta = data.get("meta") if isinstance(data, Mapping) else data.meta
    named = meta.get("record_type") if isinstance(meta, Mapping) else getattr(meta, "record_type", None)
    return named if named in RECORDS else OTHER


def columns_of(record_type: str) -> tuple[Column, ...]:
    """Return the columns of a table."""
    return (*_OF_FAILURES, *columns(Failure)) if record_type == FAILURE else columns(RECORDS[record_type])


def uri_of(uri: str, record_type: str) -> str:
    """Return the URI of the feed of one record type."""
    if PLACEHOLDER in uri:
        return uri.replace(PLACEHOLDER, record_type)
    if record_type == OTHER:
        return uri
    folder, slash, name = uri.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    return f"{folder}{slash}{stem}.{record_type}.{suffix}" if dot else f"{uri}.{record_type}"
