"""`scrapy shell`, which sends a URL as an identity of the platform if the spider is ours."""

from scrapy.commands.shell import Command as ScrapyShell

from scraper.commands.scrapy_tool import ScrapyTool


class Command(ScrapyTool, ScrapyShell):
    """Work as Scrapy's own command."""
