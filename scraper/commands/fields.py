"""`scrapy fields`: every field that a link offers, with its value and what it means."""

import argparse
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from scraper.commands.crawl import Command as Crawl
from scraper.commands.quiet_crawl import is_default
from scraper.commands.terminal_table import table
from scraper.identities.masking import mask
from scraper.output.envelope import Envelope, EnvelopePage, page_processed
from scraper.records import Record
from scraper.records.definition import Member, leaves
from scraper.responses.wording import counted

_MOST = 60  # characters of a value, and of a description, on a terminal
_ONE = {"max_items": "1"}


class Field(NamedTuple):
    """A field of a record.

    :ivar path: of a list, `[]` stands for its first entry
    """

    path: str
    value: Any
    member: Member


class Command(Crawl):
    """Crawl one record of a link, and of everything that `with=` follows. Failures are in the log."""

    has_json = True

    def syntax(self) -> str:
        return "[options] <link, share text or id>"

    def short_desc(self) -> str:
        return "Show every field that a link offers, with values: scrapy fields https://…"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--spider", default="hybrid", help="which spider to use (default: hybrid)")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        self._as_json: bool = opts.json
        self._examples: dict[str, Record] = {}
        super().process_options(args, opts)

    def check_usage(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the arguments, and have the crawl of one record write nothing."""
        if len(args) != 1:
            raise UsageError("give one link, share text or id: scrapy fields https://…")
        self.settings.setdict({"LEDGER_ENABLED": False, "SUMMARY": "off"}, priority="cmdline")
        if is_default(self.settings, "LOG_LEVEL"):
            self.settings.set("LOG_LEVEL", "WARNING", priority="project")
        opts.spargs = {**_ONE, **opts.spargs, "url": args[0]}
        args[:] = [opts.spider]
        super().check_usage(args, opts)
        self.settings.set("FEEDS", {}, priority="cmdline")

    def _create_crawler(self, spider: Any) -> Crawler:
        crawler = super()._create_crawler(spider)
        crawler.signals.connect(self._keep, page_processed)
        return crawler

    def _keep(self, page: EnvelopePage, items: Sequence[Any]) -> None:
        for item in items:
            data = item.data if isinstance(item, Envelope) else None
            if isinstance(data, Record):
                self._examples.setdefault(data.record_type, data)

    def report(self, crawler: Crawler) -> None:
        examples = [*self._examples.values()]
        print(mask(_as_json(examples) if self._as_json else "\n\n".join(map(_in_words, examples))))


def fields_of(record: Record) -> Iterator[Field]:
    """Yield the fields of a record, nested ones in place of their objects."""
    for path, member in leaves(type(record)):
        yield Field(path, _value(msgspec.to_builtins(record), path), member)


def _value(holder: Any, path: str) -> Any:
    """Return what is at a path. For a list, it is read from the first entry; None if there is none."""
    for name in path.split("."):
        holder = holder.get(name.removesuffix("[]")) if isinstance(holder, dict) else None
        if name.endswith("[]"):
            holder = holder[0] if holder else None
    return holder


def _as_json(examples: Sequence[Record]) -> str:
    rows = [
        {
            "record_type": record.record_type,
            "router": record.meta.router,
            "path": field.path,
            "value": field.value,
            "description": field.member.description,
            "unit": field.member.unit or None,
            "null": field.member.null,
            "privacy": field.member.privacy or None,
        }
        for record in examples
        for field in fields_of(record)
    ]
    return msgspec.json.format(msgspec.json.encode(rows), indent=1).decode()


def _in_words(record: Record) -> str:
    """Return the known fields of a record as a table, and the names of the others."""
    fields = [*fields_of(record)]
    known = [field for field in fields if field.value not in (None, [], {})]
    rows = [(field.path, _short(_text(field.value)), _short(_meaning(field.member))) for field in known]
    unknown = ", ".join(field.path for field in fields if field not in known)
    head = f"{record.record_type} by {record.meta.router}: {counted(len(known), 'field')} of {len(fields)}"
    return "\n".join([head, table(("field", "value", "what it is"), rows), f"not known here: {unknown or 'none'}"])


def _meaning(member: Member) -> str:
    return f"{member.description} ({member.unit})" if member.unit else member.description


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _MOST else f"{words[: _MOST - 1]}…"
