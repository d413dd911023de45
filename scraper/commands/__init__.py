"""Our Scrapy commands, one module each, and the helpers that only commands use.

Imports every other room. Start reading at `crawl`.
"""
