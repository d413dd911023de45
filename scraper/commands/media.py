"""`scrapy media`: check the files that crawls downloaded, and download again what failed."""

import argparse
from collections import Counter
from hashlib import sha256
from pathlib import Path

from scrapy.exceptions import UsageError
from sqlalchemy import Connection

from scraper.commands.earlier_run import database, place
from scraper.commands.project_command import as_json
from scraper.commands.retry import Command as RetryCommand
from scraper.identities.masking import mask
from scraper.ledger.owed_media import FileRow, stored_files
from scraper.ledger.retrying import add_media_retry
from scraper.ledger.run import Run, in_database
from scraper.ledger.store import first_line
from scraper.output.exit_code import DONE, SOME_FAILED
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import counted

_BLOCK = 1 << 20  # bytes
_RETRY, _VERIFY = "retry", "verify"


class Command(RetryCommand):
    """Check the files that were downloaded, or download again those of a run that failed."""

    nothing = (
        "Nothing that failed in run {} can be downloaded again. Subtitles and danmaku are not downloaded: each failure"
        " says how to crawl them again"
    )

    def syntax(self) -> str:
        return f"[options] {_VERIFY} [--json] | {_RETRY} <run_id>"

    def short_desc(self) -> str:
        return "Check downloaded files: scrapy media verify; download what failed: scrapy media retry RUN_ID"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help=f"print what {_VERIFY} found as JSON")

    def check_usage(self, args: list[str], opts: argparse.Namespace) -> None:
        if args[:1] == [_RETRY]:
            if opts.json:
                raise UsageError(f"--json is for {_VERIFY}; {_RETRY} writes to the feed of -o or -O")
            super().check_usage(args[1:], opts)
        elif args != [_VERIFY]:
            raise UsageError("give `verify`, or `retry` and a run id; `scrapy runs` lists them")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args[0] == _RETRY:
            super().run(args[1:], opts)
        else:
            self._verify(opts.json)

    def add(self, connection: Connection, run: Run, run_id: str) -> int:
        return add_media_retry(connection, run, run_id)

    def _verify(self, json: bool) -> None:
        """Compare all files with the ledger, and print those that differ.

        :raises UsageError: if no file is known, or the library that reads videos is missing
        """
        from scraper.media.plan import DiskError  # loaded only for this
        from scraper.media.remote_stores import RemoteStores

        number, problems = 0, dict[str, str]()
        remote, unchecked = RemoteStores(self.settings), Counter[str]()

        def check(connection: Connection) -> None:
            nonlocal number
            for file in stored_files(connection):
                try:
                    problem = _problem_of_size(remote.size_of(file), file) if "://" in file.store else _problem(file)
                except DiskError as error:
                    unchecked[f"{file.store}: {mask(first_line(error.reason))}"] += 1
                    continue
                number += 1
                if problem:
                    problems[path := f"{file.store}/{file.path}"] = problem
                    if not json:
                        print(f"{path}: {problem}")

        try:
            in_database(database(self.settings), check)
        except ArgumentError as error:
            raise UsageError(str(error)) from None
        if not number and not unchecked:
            raise UsageError(f"no downloaded file is known in {place(self.settings)}")
        if json:
            print(as_json({"files": number, "problems": problems, "not_checked": unchecked}))
        else:
            for reason, count in unchecked.items():
                print(f"{counted(count, 'file')} not checked: {reason}")
            print(f"{counted(number, 'file')}: {number - len(problems)} as downloaded, {len(problems)} not")
        self.exitcode = SOME_FAILED if problems or unchecked else DONE


def _problem(file: FileRow) -> str:
    """Return how a file differs from what was downloaded, "" if it does not."""
    digest = sha256()
    try:
        with Path(file.store, file.path or "").open("rb") as opened:
            while block := opened.read(_BLOCK):
                digest.update(block)
            size = opened.tell()
    except OSError as error:
        return error.strerror or str(error)
    if problem := _problem_of_size(size, file):
        return problem
    if digest.hexdigest() != file.sha256:
        return "its content changed"
    return _wrong_duration(file)


def _problem_of_size(size: int | None, file: FileRow) -> str:
    """Return how the size of a file differs from the noted one, "" if it does not.

    :param size: None if the file is not there
    """
    if size is None:
        return "it is not there"
    return "" if size == file.size else f"it has {counted(size, 'byte')} instead of {file.size}"


def _wrong_duration(file: FileRow) -> str:
    """Return how the length of a file differs from the noted one, "" if it does not, or if it has none."""
    if file.duration_ms is None:
        return ""
    from scraper.media.containers import ContainerError, check, inspect  # their libraries are loaded only for this

    path = Path(file.store, file.path or "")
    try:
        check(inspect(path), path.name, file.duration_ms, ())
    except ContainerError as error:
        return str(error)
    return ""
