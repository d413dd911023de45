"""`scrapy view`: Scrapy's command; it rejects platform spiders."""

from scrapy.commands.view import Command as ScrapyView

from scraper.commands.plain_requests import PlainRequests


class Command(PlainRequests, ScrapyView):
    """Scrapy's command, without platform spiders."""
