"""A crawl as a Python call: `from scraper import crawl, acrawl`.

Here are the two functions, how keyword arguments become a crawl, and the thread that runs it. Imports `crawling` and
below. Start reading at `calls`, then `background`, which runs a crawl, and `inbox`, by which its pages come back.
"""
