"""What Scrapy has set when it calls a command of ours. A mixin: it would list a subclass of its own as a command."""

from typing import TYPE_CHECKING

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
    """A command of a project, for a class that is a ScrapyCommand as well.

    :ivar crawler_process: set unless the command says `requires_crawler_process = False`
    """

    requires_project = True
    settings: Settings  # Scrapy declares both as optional, and sets them before any call
    crawler_process: CrawlerProcessBase


def wrong_usage(message: object) -> UsageError:
    """Return the error that has Scrapy print a message, without the secrets in it."""
    return UsageError(mask(str(message)))
