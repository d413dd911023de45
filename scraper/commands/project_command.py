"""What Scrapy has set when it calls a command of ours. A mixin: it would list a subclass of its own as a command."""

from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.crawler import CrawlerProcessBase
from scrapy.settings import Settings

if TYPE_CHECKING:
    _Base = ScrapyCommand
else:
    _Base = object


class ProjectCommand(_Base):
    """A command of a project, for a class that is a ScrapyCommand as well.

    :ivar crawler_process: set unless the command says `requires_crawler_process = False`
    """

    requires_project = True
    settings: Settings  # Scrapy declares both as optional, and sets them before any call
    crawler_process: CrawlerProcessBase
