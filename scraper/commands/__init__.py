"""Our Scrapy commands, one module each, and the helpers that only commands use.

Imports every other room. Start reading at `crawl`.
"""

from scraper.commands.uncaught import mask_uncaught

mask_uncaught()  # before the other commands are imported, which takes a second in which Ctrl-C may come
