"""`scrapy parse`, with a sentence where it is given a spider of ours."""

from scrapy.commands.parse import Command as ScrapyParse

from scraper.commands.plain_requests import PlainRequests


class Command(PlainRequests, ScrapyParse):
    """Work as Scrapy's own command."""
