"""`scrapy shell`, with a sentence where it is given a spider of ours."""

from scrapy.commands.shell import Command as ScrapyShell

from scraper.commands.plain_requests import PlainRequests


class Command(PlainRequests, ScrapyShell):
    """Work as Scrapy's own command."""
