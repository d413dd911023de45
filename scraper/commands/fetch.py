"""`scrapy fetch`, which sends a URL as an identity of the platform if the spider is ours."""

from scrapy.commands.fetch import Command as ScrapyFetch

from scraper.commands.scrapy_tool import ScrapyTool


class Command(ScrapyTool, ScrapyFetch):
    """Work as Scrapy's own command."""
