"""`scrapy shell`: Scrapy's command; with a platform spider, it sends the URL as one of the platform's identities."""

from scrapy.commands.shell import Command as ScrapyShell

from scraper.commands.scrapy_tool import ScrapyTool


class Command(ScrapyTool, ScrapyShell):
    """Scrapy's command, with support for platform spiders."""
