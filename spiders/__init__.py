"""Platforms, one folder each. Scrapy's spider loader finds the spider in each folder."""
