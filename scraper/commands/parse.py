"""`scrapy parse`: Scrapy's command; it rejects platform spiders."""

from scrapy.commands.parse import Command as ScrapyParse

from scraper.commands.plain_requests import PlainRequests


class Command(PlainRequests, ScrapyParse):
    """Scrapy's command, without platform spiders."""
