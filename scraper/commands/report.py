"""`scrapy report`: one HTML page about what was crawled, which needs no knowledge of the project."""

import argparse
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from scraper.commands.project_command import ProjectCommand, wrong_usage
from scraper.identities.masking import mask
from scraper.report.database import is_database, read_database
from scraper.report.facts import Facts
from scraper.report.feeds import read_feed
from scraper.report.page import render
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import counted

_SHOWN = 3  # missing reports of runs


class Command(ProjectCommand, ScrapyCommand):
    """Exit codes: 0; 1 if some lines of a feed could not be read; 2 if a source cannot be read, or the page written."""

    requires_crawler_process = False

    def syntax(self) -> str:
        return "<database or feed> … -o report.html"

    def short_desc(self) -> str:
        return "Make an HTML page about feeds or a database: what was crawled, and how complete it is"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-o", "--output", metavar="FILE", help="where to write the page (required)")
        parser.add_argument("--title", help="its heading (default: the names of the sources)")
        parser.add_argument("--timezone", metavar="ZONE", help="such as Asia/Shanghai (default: that of this computer)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if not args or not opts.output:
            raise UsageError("give a database or feeds, and a file: scrapy report out.jsonl -o report.html")
        if any(Path(source).resolve() == Path(opts.output).resolve() for source in args):
            raise UsageError(f"{opts.output} would be overwritten: name another file with -o")
        try:
            facts, bad_lines = Facts(_zone(opts.timezone)), 0
            for source in args:
                bad_lines += _read(source, facts, Path(self.settings["OUTPUT_DIR"]))
            names = [mask(source) if "://" in source else Path(source).name for source in args]
            _write(Path(opts.output), render(facts, opts.title or ", ".join(names), names, bad_lines))
        except ArgumentError as error:
            raise wrong_usage(error) from None
        number = sum(facts.records.values())
        print(f"{opts.output}: {counted(number, 'record')}, {counted(len(facts.lists), 'list')}")
        if facts.without_report:
            files = [f"{run_id}.run.json" for run_id in facts.without_report[:_SHOWN]]
            missing = f"{', '.join(files)}{' and more' * (len(facts.without_report) > _SHOWN)}"
            print(f"not found: {missing}. Without it, the page lacks how complete lists are: put it next to the feed")
        if bad_lines:
            words = "an envelope and is" if bad_lines == 1 else "envelopes and are"
            print(f"{counted(bad_lines, 'line')} could not be read as {words} not in the report")
            self.exitcode = 1


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ArgumentError(f"unknown time zone {name!r}; examples: Asia/Shanghai, Europe/Berlin, UTC") from None


def _read(source: str, facts: Facts, output_dir: Path) -> int:
    """Add a source, and return how many of its lines are no envelopes."""
    if is_database(source):
        read_database(source, facts)
        return 0
    return read_feed(Path(source), facts, output_dir)


def _write(path: Path, page: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, "utf-8", "replace")
    except OSError as error:
        raise ArgumentError(f"{path} cannot be written: {error.strerror}") from error
