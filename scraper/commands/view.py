"""`scrapy view`, with a sentence where it is given a spider of ours."""

from scrapy.commands.view import Command as ScrapyView

from scraper.commands.plain_requests import PlainRequests


class Command(PlainRequests, ScrapyView):
    """Work as Scrapy's own command."""
