"""The base of our commands: what Scrapy has set when it calls one."""

from scrapy.commands import ScrapyCommand
from scrapy.crawler import CrawlerProcessBase
from scrapy.settings import Settings


class ProjectCommand(ScrapyCommand):
    """A command of a project.

    :ivar crawler_process: set unless the command says `requires_crawler_process = False`
    """

    requires_project = True
    settings: Settings  # type: ignore[assignment]  # Scrapy declares both optional, and sets them before any call
    crawler_process: CrawlerProcessBase  # type: ignore[assignment]
