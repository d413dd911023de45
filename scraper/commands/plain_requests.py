"""Commands of Scrapy that send plain requests: a spider of ours has no use in them, and says so in one sentence."""

import argparse

from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader

from scraper.commands.project_command import ProjectCommand
from scraper.crawling.spider import PlatformSpider


class PlainRequests(ProjectCommand):
    """Refuse `--spider` with a spider of ours: it takes links as arguments, and signs and sends them its own way."""

    requires_project = False

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        loader = get_spider_loader(self.settings)
        if not opts.spider:
            return
        if opts.spider not in loader.list():
            raise UsageError(f"unknown spider {opts.spider}; spiders are {', '.join(loader.list())}", print_help=False)
        if issubclass(loader.load(opts.spider), PlatformSpider):
            link = args[0] if args else "LINK"
            raise UsageError(
                f"{opts.spider} takes links as arguments: scrapy crawl {opts.spider} -a url={link};"
                " to see a page as it is, leave --spider out",
                print_help=False,
            )
