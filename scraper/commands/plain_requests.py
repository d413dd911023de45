"""Base of Scrapy's commands that send plain requests. Platform spiders do not work with them."""

import argparse

from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader

from scraper.commands.project_command import ProjectCommand
from scraper.crawling.spider import PlatformSpider
from scraper.responses.wording import unknown


class PlainRequests(ProjectCommand):
    """Reject `--spider` with a platform spider, which takes links as arguments and signs its own requests."""

    requires_project = False

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        loader = get_spider_loader(self.settings)
        if not opts.spider:
            return
        if opts.spider not in loader.list():
            raise UsageError(unknown("spider", opts.spider, loader.list()), print_help=False)
        if issubclass(loader.load(opts.spider), PlatformSpider):
            link = args[0] if args else "LINK"
            raise UsageError(
                f"{opts.spider} takes links as arguments: scrapy crawl {opts.spider} -a url={link};"
                " to see the raw page, omit --spider",
                print_help=False,
            )
