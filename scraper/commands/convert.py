"""`scrapy convert`: turn feeds into Parquet, DuckDB, CSV, Excel or SQLite files after a crawl."""

import argparse
import sys
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from scraper.commands.project_command import ProjectCommand, wrong_usage
from scraper.conversion.converter import Converted, convert
from scraper.conversion.writers import DATABASE
from scraper.output import exit_code
from scraper.output.record_types import FAILURE
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import counted

_SHOWN = 20  # lines that are named


class Command(ProjectCommand, ScrapyCommand):
    """Exit codes: 0; 3 if some lines, or all, are no records; 2 for wrong usage; 7 if a file cannot be written."""

    requires_crawler_process = False

    def syntax(self) -> str:
        return "FEED [FEED …] -o FILE.parquet|.csv|.xlsx|.duckdb|.db"

    def short_desc(self) -> str:
        return "Convert feeds (.jsonl, .jsonl.gz, .jsonl.zst) to Parquet, DuckDB, CSV, Excel or SQLite"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-o", "--output", metavar="FILE", help="the file to write; its ending sets the format")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if not args or not opts.output:
            raise UsageError("give feeds and a file: scrapy convert out.jsonl -o out.parquet")
        if missing := next((feed for feed in args if not Path(feed).is_file()), None):
            raise UsageError(f"{missing}: there is no such file")
        try:
            done = convert([Path(feed) for feed in args], Path(opts.output))
        except ArgumentError as error:
            raise wrong_usage(error) from None
        except OSError as error:
            print(f"{opts.output} was not written: {error}", file=sys.stderr)
            self.exitcode = exit_code.OUTPUT
            return
        self._report(done, Path(opts.output))

    def _report(self, done: Converted, target: Path) -> None:
        for record_type, rows in done.rows.items():
            is_left_out = record_type == FAILURE and target.suffix == DATABASE
            print(f"{record_type}: {counted(rows, 'row')}" + (", left out: they are in feeds only" * is_left_out))
        print(
            "written: " + ", ".join(map(str, done.files)) if done.files else "nothing was written: no line is a record"
        )
        if done.files and not done.rows:
            print(f"{done.files[0]} is empty: no line is a record", file=sys.stderr)
        for sentence in done.bad[:_SHOWN]:
            print(sentence, file=sys.stderr)
        if done.bad:
            print(f"{counted(len(done.bad), 'line')} could not be converted", file=sys.stderr)
        if done.bad or not done.rows:
            self.exitcode = exit_code.SOME_FAILED
