"""A crawl as a Python call: `from scraper import crawl, acrawl`.

Contains the two functions, the conversion of keyword arguments to a crawl, and the thread that runs it.

Imports `crawling` and below. Start reading at `calls`, then `background`, which runs a crawl, and `inbox`, which
returns its pages.
"""
