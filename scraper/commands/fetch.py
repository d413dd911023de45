"""`scrapy fetch`, with a sentence where it is given a spider of ours."""

from scrapy.commands.fetch import Command as ScrapyFetch

from scraper.commands.plain_requests import PlainRequests


class Command(PlainRequests, ScrapyFetch):
    """Work as Scrapy's own command."""
