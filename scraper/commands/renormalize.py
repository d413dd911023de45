"""`scrapy renormalize`: read captured answers again with today's parsers, without a network."""

import argparse
import logging
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from scrapy.commands import ScrapyCommand
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader

from scraper.captures.comparison import ChangedField, Comparison
from scraper.captures.outputs import note_outputs
from scraper.captures.renormalizing import Renormalizing, RunResult, atlas_of, find_indexes
from scraper.commands.crawl import Command as CrawlCommand
from scraper.commands.project_command import wrong_usage
from scraper.commands.quiet_crawl import is_default
from scraper.commands.terminal_table import table
from scraper.crawling.renormalizing_spider import RenormalizingSpider
from scraper.crawling.settings_check import check
from scraper.identities.masking import mask
from scraper.ledger.backends import database_name
from scraper.ledger.files import local_path
from scraper.output import exit_code
from scraper.output.dialect import dialect_of
from scraper.output.feeds import PageFeedExporter
from scraper.output.record_changes import changes_of
from scraper.output.record_types import is_stream
from scraper.output.sinks import OUTPUT_FAILURES, shown
from scraper.output.statistics import ITEM_ERRORS, PIPELINE_ERRORS
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import counted, enumerated

logger = logging.getLogger(__name__)
_SHOWN_PROBLEMS = 20


class Command(CrawlCommand):
    """Exit codes: 0, 3 if a capture is missing or damaged, 7 if an output failed, 1 for an error of this program."""

    _runs: Renormalizing

    def syntax(self) -> str:
        return "[options] <run_id|folder>"

    def short_desc(self) -> str:
        return "Read captured answers again with today's parsers: scrapy renormalize RUN_ID -O new.jsonl"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        ScrapyCommand.add_options(self, parser)
        parser.add_argument("-o", "--output", metavar="FILE", action="append", help="append to this feed")
        parser.add_argument("-O", "--overwrite-output", metavar="FILE", action="append", help="overwrite this feed")
        parser.add_argument("--compare", metavar="FEED", help="compare with this feed; by default with the run's own")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        opts.spargs = []
        super().process_options(args, opts)

    def check_usage(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError("give one run id, or a folder with captures")
        self.settings.set("SUMMARY", "off", priority="cmdline")
        if is_default(self.settings, "LOG_LEVEL"):
            self.settings.set("LOG_LEVEL", "ERROR", priority="project")
        self.check_feeds()
        try:
            check(self.settings)
            indexes = find_indexes(args[0], self.settings["OUTPUT_DIR"])
            compared = Path(opts.compare) if opts.compare else None
            if compared:
                compared.open("rb").close()
            atlas = partial(atlas_of, get_spider_loader(self.settings))
            self._runs = Renormalizing(indexes, atlas, changes_of(self.settings), dialect_of(self.settings), compared)
            for index in indexes:
                atlas(index.spider)
                self._check_feed(self._runs.feed_of(index))
        except ArgumentError as error:
            raise wrong_usage(error) from None
        except OSError as error:
            raise wrong_usage(f"{error.filename}: {error.strerror}") from None

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        self.start(RenormalizingSpider, {"runs": self._runs})
        results = self._runs.results
        text = msgspec.json.encode([_plain(result) for result in results]).decode() if opts.json else in_words(results)
        is_used = any(is_stream(uri) for uri in self.settings.getdict("FEEDS"))
        print(mask(text), file=sys.stderr if is_used else sys.stdout)

    def report(self, crawler: Crawler) -> None:
        """Note where the records are, for `scrapy forget`."""
        feeds = crawler.get_extension(PageFeedExporter)
        uris = [result.uri for result in (feeds.results if feeds else [])]
        names = [str(path.resolve()) if (path := local_path(uri)) else shown(uri) for uri in uris]
        if self.settings["DATABASE_URL"]:
            names.append(database_name(self.settings["DATABASE_URL"]))
        for folder in {index.path.parents[1] for index in self._runs.indexes}:
            try:
                note_outputs(folder, names)
            except OSError as error:
                logger.error("scrapy forget will not know %s: %s", enumerated(names), error)

    def _check_feed(self, compared: Path | None) -> None:
        """
        :raises ArgumentError: if the feed to compare with is to be written
        """
        paths = [path.resolve() for uri in self.settings.getdict("FEEDS") if (path := local_path(uri))]
        if compared and compared.resolve() in paths:
            raise ArgumentError(f"{compared} is the feed to compare with; name another one with -O or -o")

    def _code(self, crawler: Crawler) -> int:
        stats = crawler.stats.get_stats()
        if stats.get(ITEM_ERRORS) or stats.get(PIPELINE_ERRORS) or exit_code.has_spider_exception(stats):
            return exit_code.BUG
        if stats.get(OUTPUT_FAILURES):
            return exit_code.OUTPUT
        is_whole = stats.get("finish_reason") == "finished" and not self._runs.problems
        return exit_code.DONE if is_whole else exit_code.SOME_FAILED


def _plain(result: RunResult) -> dict[str, Any]:
    compared = result.comparison
    return {
        "run_id": result.run_id,
        "answers": result.answers,
        "records": result.records,
        "failures": result.failures,
        "problems": result.problems,
        "compared": compared
        and {
            "feed": str(compared.feed),
            "same": compared.same,
            "changed": compared.changed,
            "unreadable": compared.unreadable,
            "media": compared.media,
            "fields": list(compared.fields.values()),
            "gone": compared.gone,
            "new": compared.new,
        },
    }


def in_words(results: list[RunResult]) -> str:
    """Return what came of runs, as text."""
    return "\n\n".join("\n".join(_sentences(result)) for result in results)


def _sentences(result: RunResult) -> Iterator[str]:
    counts = [counted(result.answers, "answer"), counted(result.records, "record"), counted(result.failures, "failure")]
    yield f"run {result.run_id}: {', '.join(counts)}"
    if result.comparison:
        yield from _differences(result.comparison)
    else:
        yield "not compared: the run has no local feed of JSON lines with all its records; name one with --compare"
    if result.problems:
        yield f"{counted(len(result.problems), 'capture')} could not be used:"
        yield from (f"  {problem}" for problem in result.problems[:_SHOWN_PROBLEMS])
        if len(result.problems) > _SHOWN_PROBLEMS:
            yield f"  … and {len(result.problems) - _SHOWN_PROBLEMS} more; --json lists all"


def _differences(compared: Comparison) -> Iterator[str]:
    yield f"compared with {compared.feed}: {compared.same} the same, {compared.changed} changed"
    if compared.unreadable:
        yield f"  {counted(compared.unreadable, 'line')} of that feed cannot be read"
    if compared.media:
        yield f"  not compared: {counted(compared.media, 'record')} of media files, which are in no answer"
    for name, counts in (("no more", compared.gone), ("new", compared.new)):
        for kind, number in counts.items():
            example = compared.examples[f"{'gone' if name == 'no more' else name} {kind}"]
            yield f"  {name}: {number} {kind}, such as {example}"
    fields = sorted(compared.fields.values(), key=lambda field: (field.record_type, -field.number, field.path))
    if fields:
        yield table(("record", "field", "changed", "before", "after", "in"), [_row(field) for field in fields])


def _row(field: ChangedField) -> tuple[str, ...]:
    values = [msgspec.json.encode(value).decode() for value in (field.before, field.after)]
    return field.record_type, field.path, str(field.number), *values, field.key or ""
