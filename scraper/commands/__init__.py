"""The commands beside Scrapy's own: a module each, and what only commands use.

Imports every other room. Start reading at `crawl`.
"""
