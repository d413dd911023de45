"""`scrapy download`: the videos and pictures of any links, as files."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from scrapy.commands import ScrapyCommand
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from scraper.commands.crawl import Command as CrawlCommand
from scraper.commands.link_resolver import understood
from scraper.commands.project_command import wrong_usage
from scraper.commands.quiet_crawl import is_default
from scraper.identities.masking import mask
from scraper.inputs.standard_input import STANDARD_INPUT
from scraper.output.envelope import Envelope, EnvelopePage, page_processed
from scraper.output.exit_code import DONE
from scraper.output.progress import wanted
from scraper.output.statistics import ARCHIVED
from scraper.output.visible_text import visible
from scraper.platform.atlas import Atlas
from scraper.platform.registry import platforms_of
from scraper.records import Media
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import counted

if TYPE_CHECKING:
    from scraper.commands.download_bars import Bars

_SPIDER = "hybrid"
_ROLES = "video,image,live_photo"
_KIND = "video"  # of links that name a single post


class Command(CrawlCommand):
    """Crawl links with MEDIA. Exit codes are those of a crawl."""

    has_json = True

    def syntax(self) -> str:
        return "[options] <link, share text or id> …"

    def short_desc(self) -> str:
        return "Download videos and pictures: scrapy download https://… -o DIR"

    def long_desc(self) -> str:
        return (
            "Download the videos, with their sound, and the pictures of links, share texts and ids; of a user or"
            " another list, those of its posts. - reads standard input. Prints the path of each file."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        ScrapyCommand.add_options(self, parser)
        parser.add_argument("-o", "--output", metavar="DIR", help="folder of the files (default: MEDIA_STORE)")
        parser.add_argument("--quality", help="best (default), h264, <=1080p or other lines, or smallest")
        parser.add_argument("--with-watermark", action="store_true", help="the files with watermark if there are any")
        parser.add_argument("--max-items", metavar="N", help="the most posts of each list")
        parser.add_argument(
            "--archive", metavar="FILE", help="skip posts that FILE names, and add those that are complete"
        )
        parser.add_argument("--json", action="store_true", help="print the records of the files as JSON")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        self._as_json: bool = opts.json
        self._folder: str | None = opts.output
        self._records: list[Media] = []
        self._number = 0
        self._bars: Bars | None = None
        opts.output, opts.overwrite_output, opts.spargs = None, None, []
        super().process_options(args, opts)

    def check_usage(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the options, and have the crawl download files."""
        if not args:
            raise UsageError("give links, share texts or ids: scrapy download https://… -o DIR")
        self._check_quality(opts.quality)
        self._set_options(opts)
        opts.spargs = {"file": STANDARD_INPUT} if args == [STANDARD_INPUT] else {"url": "\n".join(args)}
        if opts.max_items:
            opts.spargs["max_items"] = opts.max_items
        args[:] = [_SPIDER]
        super().check_usage(args, opts)

    def _check_quality(self, quality: str | None) -> None:
        """
        :raises UsageError: if it is none
        """
        if quality is not None:
            from scraper.media.options import quality_of  # its libraries are loaded only if files are wanted

            try:
                quality_of(quality, "--quality")
            except ArgumentError as error:
                raise wrong_usage(error) from None

    def _set_options(self, opts: argparse.Namespace) -> None:
        settings = self.settings
        self._has_bars = bool(sys.stderr and sys.stderr.isatty()) and wanted(settings, sys.stderr)
        settings.set("SUMMARY", "off", priority="project")
        if is_default(settings, "LOG_LEVEL"):
            settings.set("LOG_LEVEL", "WARNING", priority="project")
        for name, value in {
            "MEDIA": _ROLES if is_default(settings, "MEDIA") else None,
            "MEDIA_STORE": _absolute(self._folder),
            "MEDIA_QUALITY": opts.quality,
            "MEDIA_WATERMARK": "1" if opts.with_watermark else None,
            "MEDIA_ARCHIVE": _absolute(opts.archive),
        }.items():
            if value:
                settings.set(name, value, priority="cmdline")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from scraper.media.options import media_options  # its libraries are loaded only if files are wanted

        options = media_options(self.settings)
        self._store = options.store if options else ""
        if "url" in opts.spargs and not self._leave_out_archived(opts.spargs):
            self._print_json()
            return
        super().run(args, opts)

    def _leave_out_archived(self, arguments: dict[str, str]) -> bool:
        """Remove links of posts that are in the archive, and return whether any link is left.

        :raises UsageError: if the archive cannot be read
        """
        if not self.settings["MEDIA_ARCHIVE"]:
            return True
        from scraper.media.archive import read_archive

        path = Path(self.settings["MEDIA_ARCHIVE"])
        try:
            entries = read_archive(path)
        except OSError as error:
            raise wrong_usage(f"{path}: {error.strerror}; --archive names a text file") from None
        targets = understood(arguments["url"], Atlas(platforms_of(self.settings)))
        left = [target for target in targets if target.kind != _KIND or f"{target.platform} {target.id}" not in entries]
        if archived := len(targets) - len(left):
            print(f"{counted(archived, 'post')} not downloaded: in {path}", file=sys.stderr)
            arguments["url"] = "\n".join(target.given for target in left)
        return bool(left or not targets)

    def _create_crawler(self, spider: Any) -> Crawler:
        crawler = super()._create_crawler(spider)
        crawler.signals.connect(self._keep, page_processed)
        if self._has_bars:
            from scraper.commands.download_bars import Bars

            self._bars = Bars(crawler)
        return crawler

    def _keep(self, page: EnvelopePage, items: Sequence[Any]) -> None:
        """Print the paths of finished files, and keep their records for --json."""
        for item in items:
            record = item.data if isinstance(item, Envelope) else None
            if not isinstance(record, Media):
                continue
            self._number += 1
            if self._as_json:
                self._records.append(record)
            elif record.path is not None:
                self._print(f"{self._store.rstrip('/')}/{record.path}")
            elif record.media_status != "failed":  # a failure is in the log
                print(mask(visible(f"{record.media_id}: {record.media_status}: {record.error}")), file=sys.stderr)

    def _print(self, path: str) -> None:
        if self._bars and sys.stdout.isatty():
            self._bars.write(visible(path))
        else:
            print(visible(path), flush=True)

    def report(self, crawler: Crawler) -> None:
        """Print the records, or why there is no file although nothing failed."""
        self._print_json()
        if number := crawler.stats.get_value(ARCHIVED, 0):
            print(f"{counted(number, 'post')} not downloaded: in {self.settings['MEDIA_ARCHIVE']}", file=sys.stderr)
        if not self._number and not number and self.exitcode == DONE:
            print("Nothing to download: there is no video and no picture", file=sys.stderr)

    def _print_json(self) -> None:
        if self._as_json:
            print(mask(msgspec.json.format(msgspec.json.encode(self._records), indent=1).decode()))


def _absolute(path: str | None) -> str | None:
    """Return the absolute path of a file or folder, and a URI as it is."""
    return path if not path or "://" in path else str(Path(path).absolute())
