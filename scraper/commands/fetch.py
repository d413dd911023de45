"""`scrapy fetch`: Scrapy's command; it rejects platform spiders."""

from scrapy.commands.fetch import Command as ScrapyFetch

from scraper.commands.plain_requests import PlainRequests


class Command(PlainRequests, ScrapyFetch):
    """Scrapy's command, without platform spiders."""
