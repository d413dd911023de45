"""Cut the feeds of a resumed run back to what its ledger knows to be complete."""

import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from scraper.inputs.command_line import written
from scraper.inputs.times import LAST
from scraper.ledger.compression import COMPRESSIONS, DamagedError, decompressed, read_tail
from scraper.ledger.files import local_path
from scraper.ledger.progress import FeedPosition
from scraper.ledger.run import Run
from scraper.responses.exceptions import ArgumentError

logger = logging.getLogger(__name__)
_MADE_AT_THE_END = "xlsx"  # of lines
_LINES = ("jsonlines", "jsonl", "jl", *COMPRESSIONS, _MADE_AT_THE_END)
_TABLES = ("csv", "table")
_APPENDABLE = (*_LINES, *_TABLES, "pprint", "pickle", "marshal")
_STEP = 1 << 16
_RUN_ID_COLUMN = b"meta.run_id"
_CUT = "%s: %s removed, since run %s was killed meanwhile; since=last gives them again"
_RUN_ID = re.compile(rb"\b\d{8}T\d{6}Z-[0-9a-f]{4}\b")


def can_continue(options: Mapping[str, Any]) -> bool:
    """Return whether a feed with these options can be cut off and continued: if it is plain lines or rows."""
    is_plain = not options.get("postprocessing") and not options.get("batch_item_count")
    return is_plain and options.get("format") in _APPENDABLE


def feeds_to_go_on(run: Run) -> dict[str, dict[str, Any]]:
    """Check and cut the feeds of a run, and return the setting FEEDS that appends to them.

    :raises ArgumentError: if a feed was changed, or its format has an end; nothing is cut then
    """
    for uri, position in run.progress.feeds.items():
        _check(run, uri, position)
    for position in run.progress.feeds.values():
        if _size(Path(position.path)) > position.size:
            os.truncate(position.path, position.size)
    appended = [uri for uri in run.progress.feeds if local_path(uri)]
    return {
        uri: options | {"overwrite": options["format"] == _MADE_AT_THE_END} if uri in appended else options
        for uri, options in run.feeds.items()
    }


def cut_killed(run: Run) -> None:
    """Cut what a run wrote just before it was killed, and what its ledger does not know: items, and the start of one.

    The next run with `since=last` gives their items again. Items without their run's id are left as they are: nothing
    shows who wrote them.
    """
    for uri, options in run.feeds.items():
        position = run.progress.feeds.get(uri) or _before_commit(run, uri)
        if position is None or position.closed is not None or not can_continue(options):
            continue
        with suppress(ArgumentError, DamagedError):
            _check(run, uri, position)
            if (number := _items_beyond(run.run_id, position, options["format"])) is not None:
                os.truncate(position.path, position.size)
                cut = f"the last {number} items were" if number else "the start of an item was"
                logger.warning(_CUT, position.path, cut, run.run_id)


def _before_commit(run: Run, uri: str) -> FeedPosition | None:
    """Return the position of a file that a run was to overwrite, if it may have, but has committed nothing of it."""
    options, local = run.feeds[uri], local_path(uri)
    if not options.get("overwrite") or options.get("format") == _MADE_AT_THE_END or local is None:
        return None
    path = Path(run.folder, local)
    is_newer = path.is_file() and path.stat().st_mtime >= run.started_time
    return FeedPosition(str(path), start=0, size=0, items=0, file=(0, 0)) if is_newer else None


def _check(run: Run, uri: str, position: FeedPosition) -> None:
    options: Mapping[str, Any] = run.feeds.get(uri, {})
    other = f"crawl it anew: {written(run.spider, run.arguments)}"
    if not can_continue(options):
        raise ArgumentError(f"{uri}: only plain feeds of lines or rows can be continued, such as .jsonl; {other}")
    path = Path(position.path)
    if not position.size and not path.exists():
        return  # it was not written yet, or what was is not complete
    try:
        about = path.stat()
    except OSError:
        raise ArgumentError(f"{uri}: the file is gone; put it back, or {other}") from None
    if about.st_size < position.size or not _is_ours(path, position, run.run_id, options["format"]):
        raise ArgumentError(f"{uri}: the file was replaced since the run stopped; put it back, or {other}")
    if position.closed is None:
        is_ours = _ends_ours(path, position, run.run_id, options["format"])
    else:
        is_ours = about.st_size in (position.closed, position.size)  # or was cut before
    if not is_ours:
        raise ArgumentError(f"{uri}: {_added(run, uri, path, position)}")


def _added(run: Run, uri: str, path: Path, position: FeedPosition) -> str:
    """Return what was added to a feed since a run stopped, and what to do."""
    added = b""
    with suppress(DamagedError):
        added = b"\n".join(_lines_beyond(path, position, run.feeds[uri]["format"]))
    others = sorted({*_RUN_ID.findall(added)} - {run.run_id.encode()})
    who = f"run {others[0].decode()} has added to it" if others else "something else was added"
    goes_on = run.arguments.get("since") == LAST or run.arguments.get("due") == "1"
    rest = "the next crawl with the same arguments gives its rest" if goes_on else "crawl its targets anew"
    crawl, forget = f"{written(run.spider, run.arguments)} -o …", f"scrapy runs --forget {run.run_id}"
    return f"{who} since run {run.run_id} stopped, so that run cannot be resumed; {rest}: {crawl}. To drop it: {forget}"


def _is_ours(path: Path, position: FeedPosition, run_id: str, kind: str) -> bool:
    """Return whether a file is the one that the run wrote, even if it was copied."""
    about = path.stat()
    if (about.st_dev, about.st_ino) == position.file or position.size == position.start:
        return True
    try:
        tail = _complete(path, position, kind)
    except DamagedError:
        return False
    return run_id.encode() in tail and (kind not in _LINES or tail.endswith(b"\n"))


def _ends_ours(path: Path, position: FeedPosition, run_id: str, kind: str) -> bool:
    """Return whether what follows the complete items of a file is from the run: items of it, and the start of one."""
    if kind not in _LINES:
        beyond = _beyond(path, position)
        return {*_RUN_ID.findall(beyond)} <= {run_id.encode()} and (
            kind not in _TABLES or not _names_runs(path) or all(_is_line_of(run_id, row) for row in _rows(beyond))
        )
    try:
        last, lines = _complete(path, position, kind).splitlines()[-1:], _lines_beyond(path, position, kind)
    except DamagedError:
        return False
    if last and run_id.encode() not in last[0]:
        return True  # a pipeline or the option `fields` removes it from all lines
    return all(_is_line_of(run_id, line) for line in lines)


def _names_runs(path: Path) -> bool:
    """Return whether a table has a column of run ids."""
    with path.open("rb") as file:
        return _RUN_ID_COLUMN in file.readline()


def _rows(beyond: bytes) -> Iterator[bytes]:
    """Yield the complete rows of a table but for its header: a line end between quotes is a part of a value.

    >>> [*_rows(b'name,meta.run_id\\n"a\\n",1\\nb,2\\n"c')]
    [b'"a\\n",1\\n', b'b,2\\n']
    """
    row = b""
    for line in beyond.splitlines(keepends=True):
        row += line
        if line.endswith(b"\n") and row.count(b'"') % 2 == 0:
            if _RUN_ID_COLUMN not in row:
                yield row
            row = b""


def _items_beyond(run_id: str, position: FeedPosition, kind: str) -> int | None:
    """Return how many whole items of a run follow the complete ones, None if nothing or something else does."""
    path = Path(position.path)
    beyond = _beyond(path, position)
    if kind not in _LINES:
        number = beyond.count(run_id.encode())  # each item names its run once
        is_ours = number > 0 or b"\n" not in beyond
    else:
        lines = _lines_beyond(path, position, kind)
        number, is_ours = len(lines), all(_is_line_of(run_id, line) for line in lines)
    return number if beyond and is_ours else None


def _is_line_of(run_id: str, line: bytes) -> bool:
    return run_id.encode() in line or b"\0" in line  # zeros are what a power failure leaves


def _lines_beyond(path: Path, position: FeedPosition, kind: str) -> list[bytes]:
    """
    :raises DamagedError: if they are compressed, and cannot be read
    """
    beyond = _beyond(path, position)
    return (read_tail(beyond, kind) if kind in COMPRESSIONS else beyond).split(b"\n")[:-1]


def _beyond(path: Path, position: FeedPosition) -> bytes:
    """Return what follows the complete items of a file."""
    if not path.exists():
        return b""
    with path.open("rb") as file:
        file.seek(position.size)
        return file.read()


def _complete(path: Path, position: FeedPosition, kind: str) -> bytes:
    """Return the last of the complete lines that a run wrote.

    :raises DamagedError: if they are compressed, and cannot be read
    """
    with path.open("rb") as file:
        if kind not in COMPRESSIONS:
            file.seek(max(position.start, position.size - _STEP))
            return file.read(position.size - file.tell())
        file.seek(position.start)
        tail = b""
        for piece in decompressed(file, kind):
            tail = (tail + piece.data)[-_STEP:]
            if piece.whole >= position.size:
                break
        return tail


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
