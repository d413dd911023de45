"""Mixin that types what Scrapy sets on a command. It is no ScrapyCommand itself, or Scrapy would list it."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.crawler import CrawlerProcessBase
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from scraper.identities.masking import mask

if TYPE_CHECKING:
    _Base = ScrapyCommand
else:
    _Base = object


class ProjectCommand(_Base):
    """Base of commands that need a project, used together with ScrapyCommand.

    :cvar has_json: whether it has the option `--json`
    :ivar crawler_process: set unless the command has `requires_crawler_process = False`
    """

    requires_project = True
    has_json: ClassVar[bool] = False
    settings: Settings  # Scrapy declares both as optional, and sets them before any call
    crawler_process: CrawlerProcessBase

    @property
    def name(self) -> str:
        """The word that calls the command: Scrapy takes it from the module."""
        return type(self).__module__.rpartition(".")[2]

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        if self.has_json:
            parser.add_argument("--json", action="store_true", help="print JSON")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the options. If the caller closed standard error, the log goes nowhere."""
        if sys.stderr is None:
            sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  it stays open
        super().process_options(args, opts)


def wrong_usage(message: object) -> UsageError:
    """Return the error that has Scrapy print a message, without the secrets in it."""
    return UsageError(mask(str(message)))


def as_json(value: Any) -> str:
    """Return what `--json` prints."""
    return json.dumps(value, ensure_ascii=False, indent=1)
