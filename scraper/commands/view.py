"""`scrapy view`, which sends a URL as an identity of the platform if the spider is ours."""

from scrapy.commands.view import Command as ScrapyView

from scraper.commands.scrapy_tool import ScrapyTool


class Command(ScrapyTool, ScrapyView):
    """Work as Scrapy's own command."""
