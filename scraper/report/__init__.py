"""The page of `scrapy report`: what was crawled, how complete it is, and what it shows.

Imports `output` and below. Start reading at `facts`, which counts; `feeds` and `database` read, `page` renders.
"""
