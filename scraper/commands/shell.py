"""`scrapy shell`: Scrapy's command; it rejects platform spiders."""

from scrapy.commands.shell import Command as ScrapyShell

from scraper.commands.plain_requests import PlainRequests


class Command(PlainRequests, ScrapyShell):
    """Scrapy's command, without platform spiders."""
