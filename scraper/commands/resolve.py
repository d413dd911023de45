"""`scrapy resolve`: show how the links and ids in a text are understood. Sends requests only with `--follow`."""

import argparse
import sys
from typing import Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from scraper.commands.link_resolver import LinkResolver, describe, understood
from scraper.commands.project_command import ProjectCommand, as_json, wrong_usage
from scraper.commands.quiet_crawl import check_configuration, quieten, spider_of
from scraper.output.exit_code import DONE, USAGE
from scraper.output.visible_text import visible
from scraper.platform.atlas import Atlas
from scraper.platform.registry import platforms_of, sole_platforms
from scraper.platform.targets import SHORT_LINK, Target
from scraper.responses.exceptions import ArgumentError


class Command(ProjectCommand, ScrapyCommand):
    """Exit codes: 0, or 2 if nothing is understood."""

    has_json = True

    def syntax(self) -> str:
        return '"text with links or ids" [--follow] [--json]'

    def short_desc(self) -> str:
        return "Show how the links and ids in a text are understood"

    def long_desc(self) -> str:
        return (
            "Show the links and ids in a text and how each is understood. Sends no request unless --follow is given;"
            " - reads standard input."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--follow", action="store_true", help="resolve short links")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        quieten(self.settings)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        text = sys.stdin.read() if args == ["-"] else "\n".join(args)
        if not text.strip():
            raise UsageError('give a text with links or ids: scrapy resolve "https://…"')
        platforms = platforms_of(self.settings)
        atlas = Atlas(platforms)
        targets = understood(text, atlas)
        short = list({target.given: target for target in targets if target.kind == SHORT_LINK}.values())
        if opts.follow and short:
            rows = self._followed(targets, short, platforms)
        else:
            spiders = sole_platforms(self.settings)
            rows = [describe(target, atlas, spiders) for target in targets]
        print(as_json(rows) if opts.json else "\n".join(map(_text, rows)))
        self.exitcode = DONE if any(row["understood"] for row in rows) else USAGE

    def _followed(self, targets: list[Target], short: list[Target], platforms: list[Any]) -> list[dict[str, Any]]:
        try:
            check_configuration(self.settings, platforms)
        except ArgumentError as error:
            raise wrong_usage(error) from None
        crawler = self.crawler_process.create_crawler(spider_of(LinkResolver, platforms))
        self.crawler_process.crawl(crawler, links=short)
        self.crawler_process.start()
        spider = crawler.spider
        return list(spider.results(targets)) if isinstance(spider, LinkResolver) else []


def _text(row: dict[str, Any]) -> str:
    """Return a row as readable lines."""
    lines = [row["given"]]
    if row["hops"]:
        lines.append("  requested " + " → ".join(row["hops"]))
    if row["understood"]:
        narrowed = "".join(f", {name} {value}" for name, value in row["narrowing"].items())
        lines.append(f"  is a      {row['kind']} of {row['platform']}: {row['id']}{narrowed}")
    if row["router"]:
        lines.append(f"  gets      {row['router']}")
    elif row["kind"] == SHORT_LINK and not row["problem"]:
        lines.append("  leads to  unknown: use --follow")
    if row["problem"]:
        lines.append(f"  but       {row['problem']}")
    return "\n".join(map(visible, lines))
