"""`scrapy fetch`: Scrapy's command; with a platform spider, it sends the URL as one of the platform's identities."""

from scrapy.commands.fetch import Command as ScrapyFetch

from scraper.commands.scrapy_tool import ScrapyTool


class Command(ScrapyTool, ScrapyFetch):
    """Scrapy's command, with support for platform spiders."""
