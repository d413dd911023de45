"""`scrapy view`: Scrapy's command; with a platform spider, it sends the URL as one of the platform's identities."""

from scrapy.commands.view import Command as ScrapyView

from scraper.commands.scrapy_tool import ScrapyTool


class Command(ScrapyTool, ScrapyView):
    """Scrapy's command, with support for platform spiders."""
